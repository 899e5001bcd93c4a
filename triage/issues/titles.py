"""A short title for an issue, from its first contact or record."""

import re

from triage.domain.contact import Contact
from triage.domain.record import Record
from triage.domain.subject import is_marked, unmarked

LONGEST = 60
_RE_WRITTEN = re.compile(r"\s*re ", re.IGNORECASE)
_EMPTY = re.compile(r"^\W*(?:no subject|none|n/a)?\W*$", re.IGNORECASE)
_GREETING = re.compile(
    r"^(?:dear [^,.\n]{1,40}[,.\n]|(?:hello|hi|hiya|hey|good (?:morning|afternoon|evening|day)|morning|afternoon|evening)"
    r"(?: (?:all|there|team|again|both))?\b[,.! ]*)\s*",
    re.IGNORECASE,
)


def bare_subject(subject: str) -> str:
    """A subject without reply and forward marks, and without tags that a mail system sets; empty where it says nothing."""
    bare = unmarked(subject)
    return "" if _EMPTY.match(bare) else bare


def is_reply(subject: str) -> bool:
    """Whether the subject is of a thread that is answered or passed on: as mail programs mark it, or "Re ..." as people write it."""
    return is_marked(subject) or bool(_RE_WRITTEN.match(subject))


def title_of(item: Contact | Record) -> str:
    """At most 60 characters: the subject, else the first words of the sender's own text, else the record's text or reference."""
    if isinstance(item, Record):
        return _short(item.text) or (item.ref or item.kind.value.replace("_", " "))
    words = bare_subject(item.subject) or item.own_text.strip() or item.text.strip()
    return _short(_GREETING.sub("", words)) or _short(words) or item.channel.value.replace("_", " ")


def _short(text: str) -> str:
    line = " ".join(text.split())
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0].rstrip(".")
    if len(sentence) <= LONGEST:
        return sentence
    return sentence[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
