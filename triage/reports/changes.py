"""What would have changed it: whether the model would raise a contact without the words that spoke most for it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.domain.contact import Contact
from triage.domain.flag import Flag
from triage.domain.issue import Entry
from triage.reports.contacts import CHANNELS
from triage.reports.marked import seen
from triage.reports.veil import Veil

AskModel = Callable[[Contact, str], str | None]
MOST_ASKED = 3
"""Contacts that are read again for one page, the latest."""
_BY_WORDS = re.compile(r"A\d|S0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One contact's answer, in a sentence."""

    contact_id: str
    channel: str
    at: datetime
    sentence: str


def asked_code(flag: Flag) -> str | None:
    """The flag's first code that single contacts' words can raise: it alone is asked about."""
    return next((code.code for code in flag.codes if _BY_WORDS.fullmatch(code.code)), None)


def changes(flag: Flag, entries: Sequence[Entry], veil: Veil, ask: AskModel | None) -> tuple[ChangeView, ...]:
    """The answers for the latest contacts behind `asked_code`; none of a contact that is hidden from this reader."""
    code = flag.code(asked_code(flag) or "")
    if code is None or ask is None:
        return ()
    chosen = [
        entry.contact
        for entry in entries
        if entry.contact.id in code.contacts
        and not veil.hides(entry.contact.id)
        and entry.scores is not None
        and entry.scores.has(code.code)
    ]
    return tuple(_answers(chosen[-MOST_ASKED:], code.code, ask))


def _answers(contacts: Sequence[Contact], label: str, ask: AskModel) -> Iterator[ChangeView]:
    for contact in contacts:
        sentence = ask(contact, label)
        if sentence is not None:
            yield ChangeView(
                contact_id=contact.id, channel=CHANNELS[contact.channel], at=contact.at, sentence=seen(sentence)
            )
