"""Word classes read from rules/lexicon.toml: what a word may stand for in a pattern."""

import tomllib
from collections import defaultdict
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


@lru_cache(maxsize=1)
def word_classes() -> MappingProxyType[str, tuple[str, ...]]:
    """Class name to its words and phrases, lower case, as written in the file."""
    return MappingProxyType({name: tuple(dict.fromkeys(words)) for name, words in _lexicon()["classes"].items()})


@lru_cache(maxsize=1)
def evadable_words() -> tuple[frozenset[str], dict[tuple[str, int], tuple[str, ...]]]:
    """The single words people disguise, and the same by first letter and length."""
    classes = word_classes()
    words = dict.fromkeys(
        word for name in _lexicon()["evadable"] for word in classes[name] if word.isalpha() and len(word) > 2
    )
    by_shape: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word in words:
        by_shape[word[0], len(word)].append(word)
    return frozenset(words), {shape: tuple(same) for shape, same in by_shape.items()}


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, dict[str, list[str]]]:
    text = files("triage_models").joinpath("rules/lexicon.toml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return loaded
