"""Which words of a contact are the customer's own, part by part; everything else is context."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from triage_models.labels import Speaker
from triage_models.scorer import Part, ScoringInput
from triage_models.speech import customers, speaker_line

MOST_READ: Final = 100_000
"""Characters of a contact's own words that a model reads (a call of two hours has about as many): cost stays bounded. Of more, the first
and the last half of so many are read, because people say last what they mean to do."""
Stretch = tuple[Part, str, int]
"""Words of a part, with their offset in it."""


def every_part(contact: ScoringInput) -> dict[Part, str]:
    """The whole words of each part, whoever they are of: what a span's offsets count in."""
    parts: dict[Part, str] = {"subject": contact.subject or "", "text": contact.text or ""}
    return parts | {index: turn.text for index, turn in enumerate(contact.turns)}


def speaks(contact: ScoringInput, speaker: Speaker) -> bool:
    """Whether a turn of the call or chat is theirs and holds words."""
    return any(turn.speaker == speaker and turn.text.strip() for turn in contact.turns)


def voice_of(contact: ScoringInput) -> Speaker:
    """Whose turns are read: the customer's; where the customer says nothing in a call, a third party's. An interpreter or a relative is then
    the one who calls, and harm that they tell of must not go unread."""
    others_alone = speaks(contact, Speaker.THIRD_PARTY) and not speaks(contact, Speaker.CUSTOMER) and not contact.text
    return Speaker.THIRD_PARTY if others_alone else Speaker.CUSTOMER


def with_own_words(contact: ScoringInput, change: Callable[[str], str]) -> ScoringInput:
    """The contact with its subject, its text and the turns that are read as `change` gives them back."""
    voice = voice_of(contact)
    turns = tuple(replace(turn, text=change(turn.text)) if turn.speaker == voice else turn for turn in contact.turns)
    subject, text = (words and change(words) for words in (contact.subject, contact.text))
    return replace(contact, subject=subject, text=text, turns=turns)


def customer_parts(contact: ScoringInput) -> tuple[list[Stretch], list[str], bool]:
    """The parts the customer spoke or wrote (part, words, offset in the part), the others' words, and whether a call's
    speakers are unknown. A call given as plain text is parted at lines such as `Agent:`; without them all of it is read."""
    own: list[Stretch] = []
    others: list[str] = []
    if contact.subject:
        own.append(("subject", contact.subject, 0))
    unknown = False
    if contact.text:
        marks = (
            list(speaker_line().finditer(contact.text)) if contact.channel in ("call_transcript", "live_chat") else []
        )
        if marks:
            ends = [mark.start() for mark in marks[1:]] + [len(contact.text)]
            for mark, end in zip(marks, ends, strict=True):
                words = contact.text[mark.end() : end]
                if mark["who"].lower() in customers():
                    own.append(("text", words, mark.end()))
                else:
                    others.append(words)
        else:
            unknown = contact.channel == "call_transcript" and not contact.turns
            own.append(("text", contact.text, 0))
    voice = voice_of(contact)
    for index, turn in enumerate(contact.turns):
        if turn.speaker == voice:
            own.append((index, turn.text, 0))
        elif turn.speaker == Speaker.AGENT:
            others.append(turn.text)
    return own, others, unknown


def read_parts(own: Sequence[Stretch]) -> list[Stretch]:
    """As much of the customer's parts as a model reads: all, or the first and the last half of `MOST_READ` characters."""
    total, half = _length(own), MOST_READ // 2
    return list(own) if total <= MOST_READ else [*_between(own, 0, half), *_between(own, total - half, total)]


def unread_parts(own: Sequence[Stretch]) -> list[Stretch]:
    """The rest: what lies between the two ends that are read."""
    return _between(own, MOST_READ // 2, _length(own) - MOST_READ // 2) if _length(own) > MOST_READ else []


def _length(own: Sequence[Stretch]) -> int:
    return sum(len(words) for _, words, _ in own)


def _between(own: Sequence[Stretch], start: int, end: int) -> list[Stretch]:
    """The characters `start` to `end` of all the parts one after the other."""
    found: list[Stretch] = []
    at = 0
    for part, words, offset in own:
        first, last = max(start - at, 0), min(end - at, len(words))
        if first < last:
            found.append((part, words[first:last], offset + first))
        at += len(words)
    return found
