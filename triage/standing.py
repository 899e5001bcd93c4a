"""Flags after links have changed: a code stands while its evidence is on the flag's issue and from the flag's person."""

from dataclasses import replace
from datetime import datetime

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
        stand = [code for code in codes if _stands(flag, code, entries, people)]
        _settle(unit, flag, stand, [code for code in codes if code not in stand], now)


def _stands(flag: Flag, code: FlaggedCode, entries: dict[str, Entry], people: set[str]) -> bool:
    if flag.customer_ref not in people or not set(code.contacts) <= entries.keys():
        return False
    theirs = (entries[contact_id] for contact_id in code.contacts)
    return flag.kind is not FlagKind.BEHAVIOUR or all(
        entry.who.customer_ref == flag.customer_ref for entry in theirs if entry.contact.direction is Direction.IN
    )


def _settle(unit: Unit, flag: Flag, stand: list[FlaggedCode], fallen: list[FlaggedCode], now: datetime) -> None:
    kept: dict[str, FlaggedCode] = {}
    for code in stand:  # of two versions of one code the fuller one, of equals the older
        if code.code not in kept or len(code.contacts) > len(kept[code.code].contacts):
            kept[code.code] = code
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
    for code_name in kept:
        unit.flags.take_back(flag.id, code_name)
    version = flag.version + 1
    unit.flags.update(
        replace(flag, state=state, codes=codes, set_aside=aside, updated=now, version=version), was=flag.version
    )
    if state is not flag.state:
        action = "flag.undone" if state is FlagState.UNDONE else "flag.restored"
        unit.audit.append(at=now, actor=ACTOR, action=action, subject=flag.id)


def _another_is_open(unit: Unit, flag: Flag) -> bool:
    newest = unit.flags.latest(flag.customer_ref, flag.issue_id, flag.kind)
    return newest is not None and newest.state is FlagState.OPEN
