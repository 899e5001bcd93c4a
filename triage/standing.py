"""Flags after links have changed: a code stands while its evidence is on the flag's issue and from the flag's person.

Of words each contact stands by itself; a pattern stands whole or not at all, and is measured anew.
"""

from dataclasses import replace
from datetime import datetime

from triage.domain.assess import RAISED_BY_WORDS
from triage.domain.contact import Direction
from triage.domain.flag import Flag, FlaggedCode, FlagKind, FlagState
from triage.domain.issue import Entry, Issue
from triage.store import Unit

ACTOR = "pipeline"


def check_flags(unit: Unit, issue: Issue, now: datetime) -> None:
    """Sets aside what no longer stands on an issue's open flags, and takes back what stands again; decided ones stay.

    A flag of which nothing stands is *undone*: no count and no list shows it, and undoing the ruling opens it again.
    """
    entries = {entry.contact.id: entry for entry in unit.contacts.of_issue(issue.id)}
    people = {issue.household_ref} | {entry.who.customer_ref for entry in entries.values()}
    for flag in unit.flags.listed(states=(FlagState.OPEN, FlagState.UNDONE), issue_id=issue.id):
        codes = (*flag.set_aside, *flag.codes)
        left = [_what_stands(flag, code, entries, people) for code in codes]
        fallen = [code for code, stands in zip(codes, left, strict=True) if stands != code]
        _settle(unit, flag, [code for code in left if code is not None], fallen, now)


def _what_stands(flag: Flag, code: FlaggedCode, entries: dict[str, Entry], people: set[str]) -> FlaggedCode | None:
    if flag.customer_ref not in people:
        return None
    contacts = tuple(contact_id for contact_id in code.contacts if _is_evidence(flag, entries.get(contact_id)))
    if contacts == code.contacts:
        return code
    return replace(code, contacts=contacts) if contacts and code.code in RAISED_BY_WORDS else None


def _is_evidence(flag: Flag, entry: Entry | None) -> bool:
    if entry is None or flag.kind is not FlagKind.BEHAVIOUR or entry.contact.direction is not Direction.IN:
        return entry is not None
    return entry.who.customer_ref == flag.customer_ref


def _settle(unit: Unit, flag: Flag, stand: list[FlaggedCode], fallen: list[FlaggedCode], now: datetime) -> None:
    kept: dict[str, FlaggedCode] = {}
    for code in stand:
        known = kept.get(code.code)
        kept[code.code] = code if known is None else _of_two(known, code)
    if kept:
        state, codes, aside = FlagState.OPEN, tuple(kept.values()), tuple(fallen)
    else:
        state, codes, aside = FlagState.UNDONE, (*flag.set_aside, *flag.codes), ()
    if (state, codes, aside) == (flag.state, flag.codes, flag.set_aside):
        return
    if state is FlagState.OPEN and flag.state is FlagState.UNDONE and _another_is_open(unit, flag):
        return
    for code in fallen:
        evidence = {contact for other in stand if other.code == code.code for contact in other.contacts}
        unit.flags.set_aside(flag.id, code.code, set(code.contacts) - evidence)
    for code in kept.values():
        unit.flags.take_back(flag.id, code.code, code.contacts)
    version = flag.version + 1
    unit.flags.update(
        replace(flag, state=state, codes=codes, set_aside=aside, updated=now, version=version), was=flag.version
    )
    if state is not flag.state:
        action = "flag.undone" if state is FlagState.UNDONE else "flag.restored"
        unit.audit.append(at=now, actor=ACTOR, action=action, subject=flag.id)


def _of_two(known: FlaggedCode, code: FlaggedCode) -> FlaggedCode:
    """Of two versions of one code: words of both; of a pattern the fuller one, of equals the older."""
    if code.code in RAISED_BY_WORDS:
        contacts = tuple(dict.fromkeys((*known.contacts, *code.contacts)))
        return replace(known, contacts=contacts, last_evidence_at=max(known.last_evidence_at, code.last_evidence_at))
    return code if len(code.contacts) > len(known.contacts) else known


def _another_is_open(unit: Unit, flag: Flag) -> bool:
    newest = unit.flags.latest(flag.customer_ref, flag.issue_id, flag.kind)
    return newest is not None and newest.state is FlagState.OPEN
