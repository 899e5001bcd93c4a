"""Demands and allegations that need recorded facts beside the words: D2 to D4 and A3 (behaviours A.3, A.7 to A.9), beside D1 (`insisting`). Pure."""

from collections.abc import Sequence
from datetime import datetime

from triage.domain import our_words, words
from triage.domain.clocks import Clock, day_of, hour_of
from triage.domain.contact import Channel
from triage.domain.counting import Case, Reason, Weighed, is_counted, list_of
from triage.domain.customer import Role
from triage.domain.deadlines import deadline_demanded
from triage.domain.findings import element
from triage.domain.growing import after, those
from triage.domain.insisting import can_insist, named_person
from triage.domain.issue import Entry
from triage.domain.judging import DOUBT, Possible, Rule, flagged, is_said, judged, likely, unscored
from triage.domain.owed import reports_hazard, surely_hazard
from triage.domain.record import Record, RecordKind
from triage.domain.remembered import remembered
from triage.domain.signal import Pattern
from triage.domain.workdays import MINUTES_A_DAY

ALLEGES_AGAIN = 0.2
"""A probability from all contacts, of which few allege anything. Asked only after two allegations that were looked into, when a
further one is several times likelier; of 194 written allegations 168 reach it, of 4,225 other contacts 53."""
MOST_SHOWN = 12
"""Of the deadlines demanded so many of the latest are told one by one."""


# D2.


def _can_set_deadlines(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    return bool(_short(case, person, weighed))


def _short(case: Case, person: str, weighed: Sequence[Weighed]) -> Sequence[Weighed]:
    share = case.number("D2", "standard_share")
    return those(those(weighed, is_said), lambda w: _demands_sooner(case, w, share), ("D2", person))


def _short_deadlines(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    told = _standard_told(case)
    short = _short(case, person, weighed)
    since = after(short, told) if told is not None else []
    recent = after(since, since[-1].at - case.days("D2", "window_days")) if since else []
    needed = case.number("D2", "deadlines_count")
    shown = "; ".join(_told(case, w) for w in short[-MOST_SHOWN:]) or "None"
    at = [w.at for w in recent or short[-1:]] or [case.now]
    standard = " or ".join(dict.fromkeys(_standard_of(case, moment)[1] for moment in at))
    elements = (
        element(
            "Told the standard",
            told is not None,
            f"On {day_of(told)}." if told else "No word of ours tells them when they would hear.",
        ),
        element(
            "Deadlines below half of the standard",
            len(recent) >= needed,
            f"{len(recent)} since, {needed:.0f} needed. The standard was {standard}. {shown}.",
        ),
    )
    why = f"{len(recent)} deadlines below half of the standard of {standard}, after having been told it: {list_of(recent)}."
    change = "Not raised had the hurry been a hazard's, a court's or another body's, or had we been late or promised that time."
    return judged(case, "D2", person, recent, needed, elements, why, change)


def _standard_told(case: Case) -> datetime | None:
    """When our words first named the standard or a date of ours, in a mail, a receipt or a call."""
    telling = those(
        case.entries, lambda e: our_words.tells_when(e.contact.landlord_words, e.at, case.workdays), "tells when"
    )
    if telling:
        return telling[0].at
    dated = [
        r.at
        for r in case.history.records
        if r.kind in (RecordKind.OWNER_TOLD, RecordKind.ACKNOWLEDGED) and r.due is not None and r.at <= case.now
    ]
    return min(dated, default=None)


def _deadline(case: Case, w: Weighed) -> datetime | None:
    return deadline_demanded(w.contact.said, w.at, case.workdays, surely=flagged(w.entry, "D2"))


def _told(case: Case, w: Weighed) -> str:
    due = _deadline(case, w)
    if due is None:
        return f"{day_of(w.at)}: the model reads a demand for an early answer; the words name no day or hour that the program can read"
    return f"{day_of(w.at)}: by {hour_of(due)}"


def _standard_of(case: Case, at: datetime) -> tuple[int, str]:
    """The standard for the type of what was open on the issue then, in working days and in words; nothing of its own open: the general one.

    While a hazard is open no hurry counts at all (behaviours A.7), so its hours are nothing to compare with.
    """
    standards = case.history.promised
    of_type = {
        Clock.STAGE2: (standards.stage2_working_days, "complaint stage 2"),
        Clock.STAGE1: (standards.stage1_working_days, "complaint stage 1"),
        Clock.COMPLAINT_ACK: (standards.complaint_ack_working_days, "acknowledging a complaint"),
    }
    known = case.running if at == case.now else case.owed  # of a long issue nearly all is done
    running = {reply.clock for reply in known if reply.open_at(at)}
    days, what = next(
        (of_type[clock] for clock in of_type if clock in running), (standards.general_reply_working_days, "")
    )
    return days, f"{days} working days ({what})" if what else f"{days} working days"


def _demands_sooner(case: Case, w: Weighed, share: float) -> bool:
    """Whether an answer is demanded in less than ``share`` of the time that the standard gives.

    Where no moment can be read in the words, a model that thinks a short deadline more likely than not is taken at its word.
    """
    said = w.contact.said
    if words.rests_on_outside_date(said) or reports_hazard(w.entry):
        return False
    due = _deadline(case, w)
    if due is None:
        return likely(w.entry, "D2")
    promised = any(
        reply.clock is Clock.PROMISE
        and reply.since < w.at
        and reply.open_at(w.at)
        and reply.tried_at is None
        and reply.due <= due
        for reply in case.owed
    )
    days, _ = _standard_of(case, w.at)
    return not promised and case.workdays.minutes(w.at, due) < share * MINUTES_A_DAY * days


# D3.


def _can_be_unfounded(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    return any(record.kind is RecordKind.INSPECTION_NO_FAULT for record in case.history.records)


def _unfounded(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    examined = _clean_examinations(case)
    needed, reports_needed = case.number("D3", "no_fault_count"), case.number("D3", "reports_after_count")
    since = examined[-1].at if examined and len(examined) >= needed else None
    reports = after(those(weighed, is_counted), since) if since is not None else []
    barred = _never_unfounded(case, examined)
    elements = (
        element(
            "Examined and no fault found",
            since is not None,
            f"{len(examined)} examinations within six months, {needed:.0f} needed.",
        ),
        element(
            "Of a kind that can be unfounded",
            not barred,
            barred or "No hazard, damp, gas, electrics, water, fire or security in it.",
        ),
        element(
            "Reported again with nothing new",
            len(reports) >= reports_needed,
            f"{len(reports)} since the last examination.",
        ),
    )
    why = f"Reported again on {list_of(reports)} after {len(examined)} examinations that found no fault, with nothing new."
    change = "Not raised with a new symptom, photograph or survey, after a failed repair, or for damp, gas, electrics, fire, water or security."
    return judged(case, "D3", person, reports, reports_needed, elements, why, change)


def _clean_examinations(case: Case) -> list[Record]:
    """Competent no-fault outcomes within the window, none since a fault or a failed repair; "no access" is none."""
    records = sorted((r for r in case.history.records if r.at <= case.now), key=lambda r: r.at)
    clean: list[Record] = []
    for record in records:
        if record.kind in (RecordKind.INSPECTION_FAULT_FOUND, RecordKind.REPAIR_FAILED, RecordKind.REPAIR_COMPLETED):
            clean = []
        elif record.kind is RecordKind.INSPECTION_NO_FAULT and not our_words.was_not_examined(record.text):
            clean.append(record)
    return [r for r in clean if clean[-1].at - r.at <= case.days("D3", "window_days")]


def _never_unfounded(case: Case, examined: Sequence[Record]) -> str:
    """Why the matter can never be called unfounded; empty where nothing speaks against it.

    A hazard that a model read into words counts until somebody competent has examined the matter since and found no fault.
    """
    hazards = those(case.inbound, surely_hazard)
    if after(hazards, examined[-1].at) if examined else hazards:
        return "A hazard was reported in it that nobody has examined since."
    named = those(case.inbound, _is_founded)
    return _founded_by_words(named[0].contact.said) if named else ""


def _is_founded(entry: Entry) -> bool:
    return bool(_founded_by_words(entry.contact.said))


@remembered
def _founded_by_words(said: str) -> str:
    if words.is_never_unfounded(said):
        return "The words name damp, gas, electrics, fire, water or security."
    return "The fault comes and goes." if words.comes_and_goes(said) else ""


# D4.


def _can_be_outside_remit(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    return _remit_letter(case) is not None


def _outside_remit(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    letter = _remit_letter(case)
    window, needed = case.days("D4", "window_days"), case.number("D4", "demands_count")
    since = after(weighed, letter) if letter is not None else []
    demands = [w for w in since if letter is not None and w.at <= letter + window and is_said(w) and not _asks_who(w)]
    shared = next(iter(after(those(weighed, _disputes), letter)), None) if letter is not None else None
    others = {w.entry.who.customer_ref for w in those(weighed, _is_anothers)}
    elements = (
        element(
            "Told in writing why not and who can help",
            letter is not None,
            f"On {day_of(letter)}." if letter else "No such letter is on record.",
        ),
        element(
            "Demanded again",
            len(demands) >= needed,
            f"{len(demands)} since, {needed:.0f} needed: {list_of(demands) or 'none'}.",
        ),
        element(
            "Not shared or disputed",
            shared is None,
            "No clause or other body named."
            if shared is None
            else f"The contact of {day_of(shared.at)} names a clause or another body's refusal.",
        ),
        element("Nobody else raises it", len(others) < 2, f"{len(others)} other people raise the same thing."),
    )
    why = f"{len(demands)} demands after the letter of {day_of(letter)}: {list_of(demands)}." if letter else ""
    change = (
        "Not raised had the customer shown a clause, had the other body sent them back, or had others raised it too."
    )
    return judged(case, "D4", person, demands, needed, elements, why, change)


def _remit_letter(case: Case) -> datetime | None:
    """The latest such letter on record, or the first of ours that says so in words."""
    records = [r.at for r in case.history.records if r.kind is RecordKind.REMIT_LETTER and r.at <= case.now]
    if records:
        return min(records)
    said = those(case.outbound, _says_outside_remit)
    return said[0].at if said else None


def _says_outside_remit(entry: Entry) -> bool:
    written = entry.contact.channel in (Channel.EMAIL, Channel.LETTER)
    return written and our_words.says_outside_remit(entry.contact.landlord_words)


def _disputes(w: Weighed) -> bool:
    return words.disputes_remit(w.contact.said)


def _is_anothers(w: Weighed) -> bool:
    return w.reason is Reason.SOMEBODY_ELSE and w.entry.who.role in (Role.CUSTOMER, Role.NEIGHBOUR)


def _asks_who(w: Weighed) -> bool:
    return words.asks_who_can_help(w.contact.said)


# A3.


def _can_allege_again(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    known = (*case.history.records, *case.history.elsewhere)
    return any(record.kind is RecordKind.ALLEGATION_NOT_UPHELD for record in known)


def _allegations(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    """A series of allegations runs over all issues of a person; the one after it is on this issue (behaviours A.3)."""
    window, needed = case.days("A3", "window_days"), case.number("A3", "not_upheld_count")
    elsewhere = [r for r in case.history.elsewhere if r.customer_ref == person]
    known = [r for r in (*case.history.records, *elsewhere) if r.at <= case.now]
    upheld = [r for r in known if r.kind is RecordKind.ALLEGATION_UPHELD]
    refused = sorted(
        (r for r in known if r.kind is RecordKind.ALLEGATION_NOT_UPHELD and case.now - window <= r.at),
        key=lambda r: r.at,
    )
    others = sum(r in elsewhere for r in refused)
    since = refused[-1].at if refused and len(refused) >= needed else None
    again = [w for w in after(weighed, since) if _alleges(w)] if since is not None else []
    repeats = case.number("A3", "repeat_count")
    elements = (
        element(
            "Investigated and not upheld",
            since is not None,
            f"{len(refused)} outcomes in {case.number('A3', 'window_days'):.0f} days, {needed:.0f} needed"
            + (f"; {others} of them on other issues of theirs." if others else "."),
        ),
        element("None upheld", not upheld, f"{len(upheld)} upheld."),
        element("Alleged again without particulars", len(again) >= repeats, f"{len(again)} since the last outcome."),
    )
    why = f"A further allegation on {list_of(again)} after {len(refused)} that were investigated and not upheld, without new particulars."
    change = "Not raised with new particulars, or while any allegation has not been looked into."
    return judged(case, "A3", person, again, repeats, elements, why, change)


def _alleges(w: Weighed) -> bool:
    said = w.contact.said
    own = w.reason not in (Reason.SOMEBODY_ELSE, Reason.UNSURE, Reason.AUTOMATIC, Reason.SAFEGUARDING, Reason.REPEATED)
    probability = w.entry.chance("A3", 0.0)
    doubtful = unscored(w.entry) or probability >= DOUBT
    serious = flagged(w.entry, "A3") or probability >= ALLEGES_AGAIN or (doubtful and words.accuses(said))
    protected = words.discloses(said) or words.gives_particulars(said) or words.shows_something(said)
    return own and serious and not protected


DEMANDS: tuple[tuple[Rule, Possible], ...] = (
    (named_person, can_insist),
    (_short_deadlines, _can_set_deadlines),
    (_unfounded, _can_be_unfounded),
    (_outside_remit, _can_be_outside_remit),
    (_allegations, _can_allege_again),
)
"""One rule for each clause, with what must hold for it to find anything."""
