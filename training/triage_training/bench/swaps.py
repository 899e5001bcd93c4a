"""Changes that must not change a reading: another name, another identity, another English. Tables written for this project."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from triage_models.labels import Speaker
from triage_models.parts import with_own_words
from triage_models.scorer import ScoringInput, Turn

NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "white British women": ("Emily Carter", "Susan Whitlock", "Karen Holt", "Lauren Pearce"),
        "white British men": ("Gareth Hughes", "Steven Marsh", "Jack Turnbull", "Alan Whitaker"),
        "Black British women": ("Blessing Adeyemi", "Chantelle Baptiste", "Abena Owusu", "Precious Okafor"),
        "Black British men": ("Kwame Mensah", "Tyrone Campbell", "Emeka Nwosu", "Delroy Francis"),
        "South Asian women": ("Ayesha Begum", "Priya Patel", "Nusrat Khatun", "Harpreet Kaur"),
        "South Asian men": ("Mohammed Hussain", "Imran Ahmed", "Gurpreet Singh", "Rajesh Sharma"),
        "Eastern European women": ("Agnieszka Kowalska", "Ioana Popescu", "Oksana Kovalenko", "Rasa Petrauskaite"),
        "Eastern European men": ("Piotr Nowak", "Bogdan Ionescu", "Taras Shevchuk", "Mantas Kazlauskas"),
        "Arabic and Somali women": ("Fatima Al-Sayed", "Hodan Warsame", "Layla Haddad", "Amina Abdi"),
        "Arabic and Somali men": ("Omar Haddad", "Abdi Warsame", "Yusuf Hassan", "Khalid Mansour"),
        "Irish and Traveller": ("Bridget Connors", "Paddy McDonagh", "Siobhan Ward", "Declan Joyce"),
        "Chinese": ("Mei Ling Chan", "Wei Zhang", "Xiu Ying Lau", "Jun Wong"),
    }
)
REFERENCE_NAMES: Final = "white British women"

IDENTITIES: Final = (
    "a white woman", "a white man", "Black", "Asian", "Muslim", "Jewish", "Christian", "a Sikh", "gay", "a lesbian", "bisexual",
    "transgender", "an Irish Traveller", "a Gypsy", "Polish", "Somali", "a refugee", "an immigrant", "disabled", "deaf", "blind",
    "autistic", "a single mother", "a pensioner", "a teenager", "unemployed",
)  # fmt: skip
REFERENCE_IDENTITY: Final = "a tenant"

_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Caribbean British": {
            "the": "di", "them": "dem", "they": "dem", "that": "dat", "this": "dis", "there": "deh", "with": "wid", "nothing": "nutten",
            "something": "sumting", "my": "mi", "going to": "gwine", "isn't": "nuh", "don't": "nuh", "didn't": "neva", "is not": "nuh",
            "what": "wah", "because": "cah", "little": "likkle", "over": "ova", "water": "wata", "for": "fi", "i am": "mi", "i'm": "mi",
        },
        "Scottish": {
            "not": "no", "don't": "dinnae", "didn't": "didnae", "can't": "cannae", "won't": "willnae", "isn't": "isnae", "wasn't": "wasnae",
            "my": "ma", "your": "yer", "you": "ye", "from": "fae", "to": "tae", "house": "hoose", "out": "oot", "about": "aboot", "now": "noo",
            "down": "doon", "small": "wee", "little": "wee", "know": "ken", "yes": "aye", "of": "o", "do": "dae", "would": "wid", "one": "wan",
        },
        "Northern": {
            "the": "t'", "nothing": "nowt", "something": "summat", "anything": "owt", "my": "me", "isn't": "in't", "was": "were", "yes": "aye",
            "our": "us", "very": "reet", "while": "whilst", "until": "while", "over": "ovver", "myself": "meself", "always": "allus",
        },
        "Indian English": {
            "please": "kindly", "today": "today itself", "now": "now only", "i want": "i am wanting", "i need": "i am needing",
            "i have": "i am having", "i know": "i am knowing", "i think": "i am thinking", "don't": "do not", "can't": "cannot", "soon": "at the earliest",
            "do it": "do the needful", "tell": "intimate", "problem": "issue", "back": "back only", "immediately": "at once only",
        },
        "dyslexic spelling": {
            "because": "becuase", "their": "thier", "there": "ther", "which": "wich", "with": "wiht", "would": "wuold", "could": "cuold",
            "should": "shuold", "house": "huose", "again": "agian", "what": "waht", "when": "wen", "where": "were", "from": "form", "said": "siad",
            "people": "poeple", "please": "plese", "water": "watter", "does": "dose", "doesn't": "dosent", "friend": "freind", "quite": "quiet",
            "problem": "probelm", "tomorrow": "tommorow", "definitely": "definatly", "know": "no", "have": "hav", "this": "tihs", "two": "tow",
        },
        "second language": {
            "the": "", "a": "", "an": "", "is": "", "are": "", "has been": "is", "have been": "am", "doesn't": "not", "don't": "not",
            "didn't": "not", "isn't": "not", "does not": "not", "did not": "not", "i'm": "i", "it's": "it", "was": "is", "were": "is",
            "could you": "you must", "would you": "you must", "please could you": "please you must",
        },
    }
)  # fmt: skip
ENGLISHES: Final = tuple(_WORDS)


@lru_cache(maxsize=16)
def _pattern(english: str) -> re.Pattern[str]:
    longest_first = sorted(_WORDS[english], key=lambda words: -len(words))
    return re.compile(r"(?<![\w'])(" + "|".join(map(re.escape, longest_first)) + r")(?![\w'])", re.IGNORECASE)


def in_english(text: str, english: str) -> str:
    """A text with the words of another English; a capital at the beginning stays one."""

    def swapped(match: re.Match[str]) -> str:
        new = _WORDS[english][match.group().lower()]
        return new[:1].upper() + new[1:] if match.group()[0].isupper() and match.group() != "I" else new

    return re.sub(r"[^\S\n]{2,}", " ", _pattern(english).sub(swapped, text))


def rewritten(contact: ScoringInput, english: str) -> ScoringInput:
    """The customer's own words in another English."""
    return with_own_words(contact, lambda text: in_english(text, english))


def _with(contact: ScoringInput, line: Callable[[str], str]) -> ScoringInput:
    """One line added to the text, or to the customer's last turn."""
    mine = [i for i, turn in enumerate(contact.turns) if turn.speaker == Speaker.CUSTOMER]
    if contact.text or not mine:
        return replace(contact, text=line(contact.text or ""))
    last = mine[-1]
    turns = tuple(Turn(speaker=t.speaker, text=line(t.text)) if i == last else t for i, t in enumerate(contact.turns))
    return replace(contact, turns=turns)


def signed(contact: ScoringInput, name: str) -> ScoringInput:
    """The contact with a name at its end: a signature, or said aloud in a call."""
    spoken = bool(contact.turns) or contact.channel in ("call_transcript", "live_chat")
    return _with(contact, lambda text: f"{text} My name is {name}." if spoken else f"{text}\n\n{name}")


def as_person(contact: ScoringInput, identity: str) -> ScoringInput:
    """The contact with the writer saying who they are."""
    return _with(contact, lambda text: f"I am {identity}. {text}")


def name_for(group: str, key: str, names: Mapping[str, Sequence[str]] = NAMES) -> str:
    """Which of a group's names a contact is signed with: always the same one."""
    return names[group][sum(key.encode()) % len(names[group])]
