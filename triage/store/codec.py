"""Domain values to JSON and back, checked by their own types; NUL and lone surrogates never reach a text column."""

from functools import lru_cache
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")
REMEMBERED: Final = 8_192
"""Values of each kind that are kept as read: more than the longest issue of one person has contacts."""


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def pack(value: Any) -> str:
    """JSON of a domain value. Raises nothing on odd text: the parser has already replaced what cannot be stored."""
    return _adapter(type(value)).dump_json(value).decode()


def unpack(kind: type[T], body: str) -> T:
    """The domain value of that type; raises pydantic's ValidationError on a body that this version did not write."""
    value: T = _adapter(kind).validate_json(body)
    return value


def unpack_known(kind: type[T], body: str) -> T:
    """Like ``unpack``, for what is read again whenever its issue is looked at: the same body gives the same frozen value."""
    kept = _kept.get(kind)
    if kept is None:
        kept = _kept.setdefault(kind, lru_cache(maxsize=REMEMBERED)(_adapter(kind).validate_json))
    value: T = kept(body)
    return value


_kept: dict[type[Any], Any] = {}
