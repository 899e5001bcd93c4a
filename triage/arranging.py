"""How people share the queue out: assigned, put off, marked as duplicates. Nothing of it decides a flag, and all can be undone."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triage import queue
from triage.domain.errors import ConflictError
from triage.domain.flag import Flag, FlagState
from triage.domain.policy import Policy
from triage.store import Unit
from triage.store.working import DeskMark

SNOOZE_AT_MOST = timedelta(days=14)
ABUSE = ("A1", "A2", "A3", "A4", "A5")
"""What may be aimed at a member of staff: nobody reviews it who is that person (C34)."""
_TITLES = r"(?:mr|mrs|ms|miss|mx|dr)\.?"


def assign(unit: Unit, flags: Sequence[Flag], to: str | None, person: str, now: datetime) -> int:
    """Gives flags to a colleague, or to nobody; a claim goes before it, and anybody can still open them."""
    for flag in flags:
        unit.working.put_mark(replace(_mark(unit, flag), assigned_to=to))
        _note(unit, flag, "flag.assigned", person, now, {"to": to or ""})
    return len(flags)


def snooze(unit: Unit, flags: Sequence[Flag], days: int, person: str, now: datetime) -> int:
    """Puts flags off for some days. New evidence brings them back at once; one with a clock cannot be put off.

    Raises ConflictError where a flag has a clock or is not open, and then puts none off.
    """
    until = now + min(timedelta(days=max(days, 1)), SNOOZE_AT_MOST)
    _refuse_clocks(flags, "put off")
    for flag in flags:
        unit.working.put_mark(replace(_mark(unit, flag), version=flag.version, snoozed_until=until))
        _note(unit, flag, "flag.snoozed", person, now, {"until": until.date().isoformat()})
    return len(flags)


def mark_duplicates(unit: Unit, flags: Sequence[Flag], person: str, now: datetime) -> int:
    """Folds flags of one kind under the oldest of them. They stay open beneath it, and new evidence brings them back.

    Raises ConflictError for fewer than two, for several kinds and for a flag with a clock.
    """
    if len(flags) < 2:
        raise ConflictError("Pick two flags or more: the oldest stays, and the others are folded under it.")
    if len({flag.kind for flag in flags}) > 1:
        raise ConflictError("Only flags of one kind can be duplicates of each other.")
    oldest, *others = sorted(flags, key=lambda flag: (flag.opened, flag.id))
    _refuse_clocks(others, "folded away")
    for flag in others:
        unit.working.put_mark(replace(_mark(unit, flag), version=flag.version, duplicate_of=oldest.id))
        _note(unit, flag, "flag.marked_duplicate", person, now, {"of": oldest.id})
    return len(others)


def bring_back(unit: Unit, flags: Sequence[Flag], person: str, now: datetime) -> int:
    """Takes back what was put off or folded; who has it stays."""
    for flag in flags:
        unit.working.put_mark(replace(_mark(unit, flag), snoozed_until=None, duplicate_of=None))
        _note(unit, flag, "flag.brought_back", person, now, {})
    return len(flags)


def stay(unit: Unit, flag: Flag, person: str, now: datetime) -> Flag:
    """A page that is still open says so: others see who is looking, and a claim of one's own goes on."""
    unit.working.note_presence(flag.id, person, now)
    held = flag.claimed_until is not None and flag.claimed_until > now
    if flag.claimed_by == person and held and flag.state is FlagState.OPEN:
        return queue.claim(unit, flag.id, person, now)
    return flag


def release(unit: Unit, flag: Flag, person: str, now: datetime) -> Flag:
    """Gives a claim of one's own back before its time; raises ConflictError for another's."""
    if flag.claimed_by != person:
        raise ConflictError("This flag is not claimed by you, so it is not yours to give back.")
    freed = replace(flag, claimed_by=None, claimed_until=None)
    unit.flags.update(freed, was=flag.version)
    _note(unit, flag, "flag.released", person, now, {})
    return freed


def clocked(policy: Policy) -> frozenset[int]:
    """The urgencies of clauses with a clock: threat, staff safety, hazard and safeguarding come before all others."""
    return frozenset(
        clause.urgency for clause in policy.clauses.values() if clause.thresholds.get("first_look_minutes")
    )


def aimed_at(unit: Unit, flag: Flag, person: str) -> bool:
    """Whether the abuse on this flag may be aimed at this very person: named in the words, or in a statement on it (C34).

    The full name counts, and the surname after a title. A name alone is often another's, so this errs on neither side.
    """
    codes = [code for code in flag.codes if code.code in ABUSE]
    if not codes:
        return False
    if any(item.staff.casefold() == person.casefold() for item in unit.flags.statements(flag.id)):
        return True
    name = _named(person)
    if name is None:
        return False
    contacts = unit.contacts.some({contact for code in codes for contact in code.contacts})
    return any(name.search(contact.own_text) for contact in contacts.values())


def _named(person: str) -> re.Pattern[str] | None:
    parts = person.split()
    if len(parts) < 2:
        return None
    full = r"\s+".join(re.escape(part) for part in parts)
    return re.compile(rf"\b(?:{full}|{_TITLES}\s+{re.escape(parts[-1])})\b", re.IGNORECASE)


def refuse_aimed(unit: Unit, flag: Flag, person: str) -> None:
    """Raises ConflictError where a person would claim or decide what is aimed at them."""
    if aimed_at(unit, flag, person):
        raise ConflictError(
            "These words may be aimed at you, so another person reviews them. You can add a statement, and you are offered a debrief."
        )


def _refuse_clocks(flags: Sequence[Flag], what: str) -> None:
    if any(flag.due is not None for flag in flags):
        raise ConflictError(f"A flag with a clock cannot be {what}: somebody has to look first. Nothing was changed.")
    if any(flag.state is not FlagState.OPEN for flag in flags):
        raise ConflictError(f"Only open flags can be {what}. Nothing was changed.")


def _mark(unit: Unit, flag: Flag) -> DeskMark:
    kept = unit.working.marks([flag.id]).get(flag.id)
    if kept is None:
        return DeskMark(flag_id=flag.id, version=flag.version)
    return kept if kept.version == flag.version else replace(kept, snoozed_until=None, duplicate_of=None)


def _note(unit: Unit, flag: Flag, action: str, person: str, now: datetime, detail: dict[str, str]) -> None:
    unit.audit.append(at=now, actor=person, action=action, subject=flag.id, detail=detail)
