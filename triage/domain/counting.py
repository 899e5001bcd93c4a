"""Whether each contact counts towards a pattern, and why or why not (behaviours A.14): one reason per contact, in order."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from heapq import heappop, heappush

from triage.domain import our_words, words
from triage.domain.acts import EVEN
from triage.domain.adding import Adding, Adds
from triage.domain.clocks import OwedReply, day_of
from triage.domain.contact import Channel, Contact, Direction, Speaker
from triage.domain.customer import Role, Zone
from triage.domain.deeds import is_substantive
from triage.domain.gist import Gist
from triage.domain.growing import Growing, after, those
from triage.domain.issue import Entry, History
from triage.domain.owed import final_decisions, surely_hazard
from triage.domain.policy import Policy
from triage.domain.record import Record, RecordKind
from triage.domain.remembered import remembered
from triage.domain.signal import Counted
from triage.domain.workdays import EVER, WorkingDays

SURE = 0.9
ALIKE = 0.9
COMPARED = 2_000
"""Characters of two texts that are compared: the cost grows with their product."""
HAZARD_STAYS = timedelta(days=28)
MAY_BE_SAFEGUARDING = 0.3
"""A sign's likelihood from which its contact is never counted. Of 149 patterns of continual contact 125 are found and not 119, with none more in
vain; the sign's own card is raised at its own, lower threshold whatever is counted."""
_AGREED = frozenset({RecordKind.ADJUSTMENT_AGREED, RecordKind.CONTACT_AGREEMENT})
_HAZARD_ENDS = frozenset({RecordKind.REPAIR_COMPLETED, RecordKind.INSPECTION_NO_FAULT, RecordKind.REMIT_LETTER})


class Reason(StrEnum):
    """Why a contact is not counted; COUNTED where nothing speaks against it."""

    COUNTED = "counted"
    UNSURE = "unsure"
    SOMEBODY_ELSE = "somebody_else"
    AUTOMATIC = "automatic"
    SAFEGUARDING = "safeguarding"
    HAZARD = "hazard"
    REPEATED = "repeated"
    DROPPED = "dropped"
    VISIT = "visit"
    CLOSING = "closing"
    ESCALATION = "escalation"
    OUTSIDE = "outside"
    DATA_REQUEST = "data_request"
    ADJUSTMENT = "adjustment"
    LATE = "late"
    ANSWER = "answer"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One contact in, with the reason for which it is counted or not, and the line that says so."""

    entry: Entry
    reason: Reason
    line: Counted
    adds: Adds

    @property
    def contact(self) -> Contact:
        return self.entry.contact

    @property
    def at(self) -> datetime:
        return self.entry.contact.at


def is_counted(w: Weighed) -> bool:
    return w.reason is Reason.COUNTED


def is_late(w: Weighed) -> bool:
    return w.reason is Reason.LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One issue at one moment with what every rule asks of it, worked out once; `triage.domain.following` lets it grow.

    ``running`` is what is owed and was open until ``now``, ``decisions`` are the final ones by then, ``adds`` is what each contact adds.
    """

    history: History
    owed: Sequence[OwedReply]
    policy: Policy
    now: datetime
    workdays: WorkingDays
    running: Sequence[OwedReply]
    entries: Growing[Entry]
    inbound: Growing[Entry]
    outbound: Growing[Entry]
    decisions: list[datetime]
    agreed: tuple[Record, ...]
    safeguarding: list[datetime]
    hazards: list[tuple[datetime, datetime]]
    late_at: dict[datetime, OwedReply]
    adds: Adding

    def number(self, code: str, name: str) -> float:
        return self.policy.clause(code).thresholds[name]

    def days(self, code: str, name: str) -> timedelta:
        return timedelta(days=self.number(code, name))


def frame(
    history: History,
    owed: tuple[OwedReply, ...],
    policy: Policy,
    now: datetime,
    workdays: WorkingDays,
    adding: Adding | None = None,
) -> Case:
    """Sets one issue up for weighing as seen at ``now``: nothing later is looked at. ``adding``: of its entries, where it is at hand."""
    entries = Growing(sorted((e for e in history.entries if e.contact.at <= now), key=lambda e: e.contact.at))
    inbound = Growing([e for e in entries if e.contact.direction is Direction.IN])
    late = [reply for reply in owed if reply.went_late(now)]
    return Case(
        history=history,
        owed=owed,
        policy=policy,
        now=now,
        workdays=workdays,
        running=[reply for reply in owed if reply.met_at is None or reply.met_at >= now],
        entries=entries,
        inbound=inbound,
        outbound=Growing([e for e in entries if e.contact.direction is Direction.OUT]),
        decisions=[at for at in final_decisions(history) if at <= now],
        agreed=tuple(record for record in history.records if record.kind in _AGREED),
        safeguarding=_alarms(entries, timedelta(days=policy.clause("S0").thresholds["evidence_window_days"])),
        hazards=list(_hazard_spells(entries, history)),
        late_at=_late_at([e.contact.at for e in entries], late),
        adds=Adding(entries) if adding is None else adding,
    )


def _late_at(moments: Iterable[datetime], late: Sequence[OwedReply]) -> dict[datetime, OwedReply]:
    """For each of these moments (in time order) at which we were late, the first of ``late`` that was overdue then."""
    waiting = sorted(range(len(late)), key=lambda place: late[place].due, reverse=True)
    running: list[int] = []
    found: dict[datetime, OwedReply] = {}
    for moment in moments:
        while waiting and late[waiting[-1]].due < moment:
            heappush(running, waiting.pop())
        while running and not late[running[0]].overdue_at(moment):
            heappop(running)  # met by then, and so at every later moment
        if running:
            found[moment] = late[running[0]]
    return found


@remembered
def line_of(contact_id: str, counted: bool, why: str) -> Counted:
    """What is said of one contact; the same object for the same words."""
    return Counted(contact_id=contact_id, counted=counted, why=why)


def _hazard_spells(entries: Iterable[Entry], history: History) -> Iterator[tuple[datetime, datetime]]:
    """From each likely hazard until it was mended or examined and found to be none, or for some weeks where neither is on record."""
    mended = sorted(r.at for r in history.records if r.kind in _HAZARD_ENDS and not our_words.was_not_examined(r.text))
    until = EVER
    for entry in entries:
        at = entry.contact.at
        if at > until and entry.contact.direction is Direction.IN and surely_hazard(entry):
            until = next((moment for moment in mended if moment >= at), at + HAZARD_STAYS)
            until = min(until, at + HAZARD_STAYS)
            yield at, until


def persons(case: Case) -> list[str]:
    """The customers whose own contacts this issue holds, in order of first sure appearance."""
    return list(dict.fromkeys(e.who.customer_ref for e in case.inbound if is_persons_own(e) and not e.contact.auto))


def is_persons_own(entry: Entry) -> bool:
    who = entry.who
    return who.role is Role.CUSTOMER and who.writes_for is None and who.zone is Zone.SURE and who.probability >= SURE


def weigh(case: Case, customer_ref: str) -> Growing[Weighed]:
    """Every contact in on the issue, in time order, each with its reason as seen for one person."""
    weighed = Growing[Weighed]()
    for entry in case.inbound:
        weigh_next(case, entry, customer_ref, weighed)
    return weighed


def weigh_next(case: Case, entry: Entry, customer_ref: str, before: Growing[Weighed]) -> None:
    """Weighs the contact that follows those ``before`` it, and adds it to them."""
    reason, why = _reason(case, entry, customer_ref, before)
    line = line_of(entry.contact.id, reason is Reason.COUNTED, why)
    before.append(Weighed(entry=entry, reason=reason, line=line, adds=case.adds[entry.contact.id]))


def _reason(case: Case, entry: Entry, customer_ref: str, before: Sequence[Weighed]) -> tuple[Reason, str]:
    contact = entry.contact
    if contact.auto:
        return Reason.AUTOMATIC, "Sent by a program, as its headers say: an auto-reply, bounce, list or calendar mail."
    if not is_persons_own(entry) and entry.who.role is Role.CUSTOMER and entry.who.writes_for is None:
        return (
            Reason.UNSURE,
            f"Not sure enough who it is from (probability {entry.who.probability:.2f}; needed {SURE}).",
        )
    if entry.who.customer_ref != customer_ref or not is_persons_own(entry):
        return Reason.SOMEBODY_ELSE, f"Made by somebody else ({entry.who.role.value}): never this person's persistence."
    for rule in (_protected, _technical, _accepted, _ours):
        found = rule(case, entry, before)
        if found is not None:
            return found
    doubt = (
        " A sign of safeguarding, more likely none, was read in it: its card comes first, with whoever sees safeguarding cards."
        if has_safeguarding(entry)
        else ""
    )
    return Reason.COUNTED, f"The customer's own, we were not late, and nothing new was brought.{doubt}"


def _protected(case: Case, entry: Entry, before: Sequence[Weighed]) -> tuple[Reason, str] | None:
    at = entry.contact.at
    if _is_protected(entry) or _is_near(at, case.safeguarding, case.days("S0", "evidence_window_days")):
        return Reason.SAFEGUARDING, "With safeguarding: never counted."
    if surely_hazard(entry) or any(start <= at < end for start, end in case.hazards):
        return Reason.HAZARD, "About a hazard or an emergency that was not yet put right."
    return None


def _is_near(at: datetime, alarms: Sequence[datetime], window: timedelta) -> bool:
    """Whether one of these moments, which are in order, lies within ``window`` before ``at``, or at it."""
    place = bisect_right(alarms, at)
    return place > 0 and at <= alarms[place - 1] + window


def _is_protected(entry: Entry) -> bool:
    """A sign of safeguarding that may well be one takes its contact out of every count; one that is most likely none raises its card,
    and is told where the contact is counted."""
    return has_safeguarding(entry) and entry.chance("S0", 1.0) >= MAY_BE_SAFEGUARDING


def has_safeguarding(entry: Entry) -> bool:
    """Signs of it, and no decision that it is none; a decision that is reopened or taken back counts no longer."""
    return not entry.no_concern and signs_safeguarding(entry)


def signs_safeguarding(entry: Entry) -> bool:
    """The model's word; where no model read it, its safety rules' or a small keyword net (C37)."""
    contact, scores = entry.contact, entry.scores
    if contact.direction is Direction.OUT and contact.channel is not Channel.VISIT_NOTE:
        return False
    if scores is not None and (scores.has("S0") or not scores.not_scored):
        return scores.has("S0")
    return words.suggests_harm_to_a_person(contact.said)


def _alarms(entries: Iterable[Entry], window: timedelta) -> list[datetime]:
    """The contacts that are more likely than not with safeguarding: by themselves, or with others within ``window`` before.

    They set the whole issue apart, because it is never counted (behaviours A.14). A sign that is likelier to be none raises its card
    and takes its own contact out of the count, no other: else a turn of phrase would hide what a person has to see. Several such
    signs together are taken as one that is real.
    """
    signs: list[tuple[datetime, float]] = []
    alarms: set[datetime] = set()
    for entry in entries:
        alarms |= sound(entry, signs, window)
    return sorted(alarms)


def sound(entry: Entry, signs: list[tuple[datetime, float]], window: timedelta) -> set[datetime]:
    """The contacts that are alarms, by themselves or together, once this one is heard after the ``signs`` before it."""
    if not has_safeguarding(entry):
        return set()
    signs.append((entry.contact.at, entry.chance("S0", 1.0)))
    return _together(signs, entry.contact.at - window)


def _together(signs: Sequence[tuple[datetime, float]], since: datetime) -> set[datetime]:
    """The latest of ``signs`` of which one is more likely than not real; none where all since then leave it in doubt."""
    found: set[datetime] = set()
    none_real = 1.0
    for at, chance in reversed(signs):
        if at < since:
            break
        found.add(at)
        none_real *= 1.0 - chance
        if 1.0 - none_real >= EVEN:
            return found
    return set()


def _technical(case: Case, entry: Entry, before: Sequence[Weighed]) -> tuple[Reason, str] | None:
    contact = entry.contact
    if contact.channel is Channel.VISIT_NOTE:
        return Reason.VISIT, "Our own note of meeting them: no approach of theirs."
    again = timedelta(minutes=case.number("P1", "duplicate_minutes"))
    for earlier in reversed(before):
        gap = contact.at - earlier.at
        if gap > again:
            break
        if earlier.entry.who.customer_ref != entry.who.customer_ref:
            continue
        if contact.channel is earlier.contact.channel is Channel.CALL:
            if earlier.reason is not Reason.DROPPED and gap < timedelta(minutes=case.number("P1", "redial_minutes")):
                return Reason.REPEATED, "Rung again within minutes of the last call: one approach."
        elif alike(contact.said, earlier.contact.said):
            return Reason.REPEATED, "Nearly the same message within half an hour: one approach."
    if contact.channel is Channel.CALL and _was_dropped(contact):
        return Reason.DROPPED, "The call was dropped or not answered."
    if case.adds[contact.id].closes:
        return Reason.CLOSING, "Says thank you or that it is mended, and asks for nothing."
    return None


@remembered
def alike(one: str, other: str) -> bool:
    """Nearly the same words, whatever the case, spacing and stops."""
    left, right = (" ".join(re.findall(r"\w+", text.lower())) for text in (one, other))
    if left == right or not left or not right:
        return bool(left) and left == right
    if 2 * min(len(left), len(right)) < ALIKE * (len(left) + len(right)):
        return False
    return SequenceMatcher(None, left[:COMPARED], right[:COMPARED], autojunk=False).ratio() >= ALIKE


def _was_dropped(contact: Contact) -> bool:
    if not contact.turns:
        return False
    heard = any(turn.speaker is Speaker.AGENT for turn in contact.turns)
    system = " ".join(turn.text for turn in contact.turns if turn.speaker is Speaker.SYSTEM)
    queued = any(turn.speaker is Speaker.SYSTEM for turn in contact.turns)
    theirs = [turn.text for turn in contact.turns if turn.speaker is Speaker.CUSTOMER]
    at_last = len(theirs) > 1 and words.was_cut_off(theirs[-1])  # said at first, it is of another call
    unheard = queued and not heard and not (theirs and our_words.takes_a_message(system))
    return unheard or our_words.says_call_dropped(system) or at_last


def _accepted(case: Case, entry: Entry, before: Sequence[Weighed]) -> tuple[Reason, str] | None:
    by_model = entry.scores is not None and entry.scores.has("SAR")
    accepted = Reason.DATA_REQUEST if by_model else _accepted_route(entry.contact.said, entry.contact.gist)
    if accepted is Reason.DATA_REQUEST:
        return Reason.DATA_REQUEST, "Asks for their data, reasons or records: a right."
    if accepted is Reason.ESCALATION:
        return Reason.ESCALATION, "Makes a complaint or asks for its next stage: an accepted route."
    if accepted is Reason.OUTSIDE:
        return (
            Reason.OUTSIDE,
            "Goes to, or comes with, the Ombudsman, an MP, an adviser or a solicitor: an accepted route.",
        )
    agreed = contact_adjustments(case, entry.who.customer_ref, entry.contact.at)
    if agreed:
        return Reason.ADJUSTMENT, f"Within what was agreed with them: {agreed[0]}."
    return None


@remembered
def _accepted_route(said: str, gist: Gist | None) -> Reason | None:
    if words.requests_records(said, gist):
        return Reason.DATA_REQUEST
    if words.complains(said) or words.asks_next_stage(said, gist):
        return Reason.ESCALATION
    return Reason.OUTSIDE if words.refers_outside(said, gist) else None


_ABOUT_CONTACT = re.compile(
    r"\b(?:contacts?|messages?|calls?|rings?|phones?|telephone|e-?mails?|texts?|writes?|letters?|routes?|repeat\w*|remind\w*|short|"
    r"memory|autis\w+|adhd|anxi\w+|dementia|named|one person|woman|female|speak\w*|talk\w*|plan|agreement|brain injury|learning)\b",
    re.IGNORECASE,
)


def contact_adjustments(case: Case, customer_ref: str, at: datetime) -> tuple[str, ...]:
    """Adjustments and contact plans agreed by then that concern how, when or with whom this person is in touch."""
    customer = case.history.customers.get(customer_ref)
    agreed = list(customer.adjustments) if customer else []
    for record in case.agreed:
        if record.at > at or record.customer_ref not in (None, customer_ref):
            continue
        if record.kind is RecordKind.ADJUSTMENT_AGREED:
            agreed.append(record.text)
        elif record.kind is RecordKind.CONTACT_AGREEMENT and (record.due is None or record.due >= at):
            agreed.append(record.text or "contact agreement")
    return tuple(text.rstrip(".") for text in agreed if _ABOUT_CONTACT.search(text))


def _ours(case: Case, entry: Entry, before: Sequence[Weighed]) -> tuple[Reason, str] | None:
    late = case.late_at.get(entry.contact.at)
    if late is not None:
        return Reason.LATE, f"Sent while we were late: {late.sentence}"
    adds = case.adds[entry.contact.id]
    if adds.is_reply:
        return Reason.ANSWER, "Gives what we had asked for."
    if adds.is_new:
        return Reason.NEW, "Brings new information or evidence."
    return None


def first_in_time_answer(case: Case) -> datetime | None:
    """When we first answered on this issue without being late; None where we never did."""
    ours = those(case.outbound, lambda entry: _answers_in_time(case, entry), "answers in time")
    return ours[0].at if ours else None


def _answers_in_time(case: Case, entry: Entry) -> bool:
    return entry.contact.at not in case.late_at and is_substantive(entry.contact, case.workdays)


def share_while_late(weighed: Sequence[Weighed], since: datetime) -> float:
    """The dampener's share (A.14): of what would be counted after ``since``, how much fell while we were late; 0 for nothing."""
    late, counted = (len(after(those(weighed, rule), since)) for rule in (is_late, is_counted))
    return late / (late + counted) if late else 0.0


def list_of(weighed: Sequence[Weighed]) -> str:
    """The days of contacts, for a sentence."""
    return ", ".join(dict.fromkeys(day_of(w.at) for w in weighed))
