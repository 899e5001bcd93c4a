"""Which words of a contact are the customer's own, part by part; everything else is context."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from triage_models.labels import Speaker
from triage_models.scorer import Part, ScoringInput
from triage_models.speech import customers, speaker_line

LONGEST_PART: Final = 20_000
"""Characters of one part that are read; a longer part is read this far and no further (cost stays bounded)."""


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


def customer_parts(contact: ScoringInput) -> tuple[list[tuple[Part, str, int]], list[str], bool]:
    """The parts the customer spoke or wrote (part, words, offset in the part), the others' words, and whether a call's
    speakers are unknown. A call given as plain text is parted at lines such as `Agent:`; without them all of it is read."""
    own: list[tuple[Part, str, int]] = []
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
