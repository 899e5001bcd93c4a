"""Builds the incident record of a confirmed decision from what is in the store at that moment (records B.1)."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

from triage.domain.contact import Contact, Direction, SegmentKind, Speaker
from triage.domain.flag import Flag, FlaggedCode, FlagKind, FlagState
from triage.domain.incident import Attribution, Candidate, IncidentRecord, Known, Quotation, Source
from triage.domain.issue import Entry
from triage.domain.policy import Admissible, Policy
from triage.domain.record import Record, RecordKind
from triage.domain.restriction import WHAT
from triage.domain.review import Answer, ClauseDecision, Review, VisitPlanned
from triage.domain.score import Span
from triage.domain.signal import Assessment
from triage.domain.workdays import LONDON
from triage.store import Unit

STAGES = {
    RecordKind.STAGE1_RESPONSE: "stage 1 answered",
    RecordKind.STAGE2_RESPONSE: "stage 2 answered",
    RecordKind.FINAL_RESPONSE: "final response given",
}
INSPECTIONS = {
    RecordKind.INSPECTION_NO_FAULT: "inspection: no fault found",
    RecordKind.INSPECTION_FAULT_FOUND: "inspection: fault found",
    RecordKind.REPAIR_COMPLETED: "repair completed",
    RecordKind.REPAIR_FAILED: "repair failed",
}
SECRET_CIRCUMSTANCE = "With safeguarding"


def incident_record(unit: Unit, flag: Flag, review: Review, policy: Policy, *, second_by: str | None) -> IncidentRecord:
    """What was decided, on which words, and what was known; what is not known stays empty and is shown as missing."""
    entries = unit.contacts.of_issue(flag.issue_id)
    issue = unit.issues.get(flag.issue_id)
    confirmed = [decision for decision in review.decisions if decision.answer is Answer.YES]
    people = {flag.customer_ref} | ({issue.household_ref} if issue else set())
    customers = unit.landlord.customers_by_ref(people)
    visits = [decision.visit_planned for decision in confirmed if decision.visit_planned is not None]
    return IncidentRecord(
        id=uuid4().hex,
        flag_id=flag.id,
        review_id=review.id,
        created=review.at,
        policy=f"{policy.id} {policy.version}",
        customer_ref=flag.customer_ref,
        household_ref=issue.household_ref if issue else None,
        address=next((person.address for person in customers.values() if person.address), None),
        sources=tuple(_sources(unit, flag, entries, confirmed)),
        candidates=tuple(_candidate(flag, entries, decision, policy) for decision in review.decisions),
        targets=tuple(dict.fromkeys(decision.target for decision in confirmed if decision.target)),
        known=_known(unit, flag, entries, review),
        cards=tuple(
            card.id
            for card in unit.flags.listed(
                states=(FlagState.OPEN, FlagState.DECIDED),
                kinds=(FlagKind.HAZARD, FlagKind.STAFF_SAFETY),
                issue_id=flag.issue_id,
            )
        ),
        statements=tuple(statement.id for statement in unit.flags.statements(flag.id)),
        visit_planned=VisitPlanned.YES if VisitPlanned.YES in visits else next(iter(visits), None),
        next_step=review.next_step,
        less_intrusive=review.less_intrusive,
        proportionality=review.circumstances_weighed,
        equality=review.equality,
        decided_by=review.reviewer,
        second_by=second_by,
        not_involved=review.not_involved,
    )


def _sources(unit: Unit, flag: Flag, entries: Sequence[Entry], confirmed: Sequence[ClauseDecision]) -> Iterator[Source]:
    codes = [flagged for decision in confirmed if (flagged := flag.code(decision.code)) is not None]
    wanted = {contact for code in codes for contact in code.contacts}
    secret = unit.contacts.safeguarded(sorted(wanted))
    hashes = unit.contacts.hashes(wanted)
    for entry in entries:
        contact = entry.contact
        if contact.id not in wanted:
            continue
        yield Source(
            contact_id=contact.id,
            channel=contact.channel.value,
            received=contact.received,
            role=entry.who.role.value,
            sha256=hashes.get(contact.id),
            quotations=tuple(_quotations(entry, codes, hidden=contact.id in secret)),
        )


def _quotations(entry: Entry, codes: Sequence[FlaggedCode], *, hidden: bool) -> Iterator[Quotation]:
    for code in codes:
        if entry.scores is None or entry.contact.id not in code.contacts:
            continue
        for span in entry.scores.spans.get(code.code, ()):
            words = "" if hidden else span.text
            yield Quotation(code=code.code, words=words, attribution=_attribution(entry.contact, span))


def _attribution(contact: Contact, span: Span) -> Attribution:
    """Whose words they are: by the segment of a written contact, by the speaker of a spoken one."""
    if str(span.part) == "subject":
        return Attribution.OWN
    if str(span.part).isdecimal():
        turn = contact.turns[int(span.part)] if int(span.part) < len(contact.turns) else None
        if turn is None or not turn.certain:
            return Attribution.UNCLEAR
        return Attribution.OWN if turn.speaker is Speaker.CUSTOMER else Attribution.REPORTED
    kinds = {segment.kind for segment in contact.segments if segment.start < span.end and span.start < segment.end}
    if kinds <= {SegmentKind.OWN}:
        return Attribution.OWN
    return Attribution.QUOTED if kinds <= {SegmentKind.QUOTED, SegmentKind.FORWARDED} else Attribution.UNCLEAR


def _candidate(flag: Flag, entries: Sequence[Entry], decision: ClauseDecision, policy: Policy) -> Candidate:
    code = flag.code(decision.code)
    contacts = code.contacts if code else ()
    models = (entry.scores.model for entry in reversed(entries) if entry.scores and entry.contact.id in contacts)
    return Candidate(
        code=decision.code,
        model=next(models, None) if policy.clause(decision.code).admissible is Admissible.WORDS else None,
        score=code.probability if code else None,
        evidence=code.why if code else "",
        answer=decision.answer,
        reason=decision.reason,
        limb=decision.limb,
        limb_evidence=decision.limb_evidence,
        out_of_character=decision.out_of_character.value if decision.out_of_character else None,
    )


def _known(unit: Unit, flag: Flag, entries: Sequence[Entry], review: Review) -> Known:
    last = unit.issues.last_assessment(flag.issue_id)
    records = [record for record in unit.landlord.records_of_issue(flag.issue_id) if record.at <= review.at]
    replies = [entry.contact.at for entry in entries if entry.contact.direction is Direction.OUT]
    people = {flag.customer_ref}
    customers = unit.landlord.customers_by_ref(people)
    late, owed = _owed(last, review)
    return Known(
        late=late,
        owed=owed,
        last_reply=max((at for at in replies if at <= review.at), default=None),
        complaint_stage=next((STAGES[record.kind] for record in reversed(records) if record.kind in STAGES), None),
        final_decision=next(
            (record.at for record in reversed(records) if record.kind is RecordKind.FINAL_RESPONSE), None
        ),
        inspections=tuple(_dated(record, INSPECTIONS[record.kind]) for record in records if record.kind in INSPECTIONS),
        circumstances=tuple(
            text for text in (last.circumstances if last else ()) if text.rstrip(".") != SECRET_CIRCUMSTANCE
        ),
        adjustments=tuple(text for person in customers.values() for text in person.adjustments),
        restrictions=tuple(
            _dated(record, WHAT[record.kind])
            for record in records
            if record.kind in WHAT and (record.due is None or record.due > review.at)
        ),
        earlier=tuple(item.id for item in unit.outcomes.records(people=people)),
        cannot_judge=last.cannot_judge if last else (),
    )


def _owed(last: Assessment | None, review: Review) -> tuple[tuple[str, ...], tuple[str, ...]]:
    late, owed = [], []
    for item in last.owed if last else ():
        if item.overdue_at(review.at):
            days = (review.at - item.due).days
            late.append(f"{item.sentence} Late by {days} day{'' if days == 1 else 's'}.")
        elif item.open_at(review.at):
            owed.append(item.sentence)
    return tuple(late), tuple(owed)


def _dated(record: Record, what: str) -> str:
    return f"{what}, {record.at.astimezone(LONDON):%d %B %Y}"
