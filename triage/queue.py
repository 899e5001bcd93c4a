"""Flags: raised and joined from assessments, claimed, decided and reopened by people; nothing here acts on a customer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from triage.domain.acknowledging import Hours, first_look_by
from triage.domain.errors import ConflictError, NotFoundError
from triage.domain.flag import Flag, FlaggedCode, FlagKind, FlagState, kind_of
from triage.domain.policy import Policy
from triage.domain.signal import Assessment, Finding
from triage.store import Unit
from triage.store.flags import Raised, Statement

CLAIM_FOR = timedelta(minutes=10)
QUIET_AFTER_DECISION = timedelta(days=28)
LAPSES_AFTER = timedelta(days=28)
PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an assessment changed in the queue; ``open`` are the issue's flags of behaviour and of service that stay open."""

    raised: tuple[Raised, ...] = ()
    lapsed: tuple[str, ...] = ()
    open: tuple[Flag, ...] = ()


def settle(unit: Unit, assessment: Assessment, policy: Policy, hours: Hours | None = None) -> Settled:
    """Puts an assessment's findings before people: one open flag per person, issue and kind.

    A code whose own words raised it is raised again by each new contact; a pattern once per person and issue, and
    evidence that joins an open flag raises nothing. A flag whose patterns have ended lapses, in the customer's favour.
    """
    raised: list[Raised] = []
    for finding in assessment.findings:
        raised += _put(unit, finding, assessment, policy, hours or Hours())
    lapsed, still_open = _lapse(unit, assessment)
    return Settled(raised=tuple(raised), lapsed=lapsed, open=still_open)


def _put(unit: Unit, finding: Finding, assessment: Assessment, policy: Policy, hours: Hours) -> list[Raised]:
    kind = kind_of(finding.code)
    if finding.event is not None and unit.flags.was_raised(
        finding.customer_ref, assessment.issue_id, finding.code, finding.event
    ):
        return []
    last = unit.flags.latest(finding.customer_ref, assessment.issue_id, kind)
    if last is not None and last.state is FlagState.OPEN:
        flag = _joined(last, finding, assessment, policy, hours)
        if flag is None:
            return []
        unit.flags.update(flag, was=last.version)
    elif last is not None and _is_quiet(last, finding, assessment.at):
        return []
    elif last is not None and last.state is FlagState.UNDONE:
        flag = opened_again(last, _opened(finding, kind, assessment, policy, hours))
        unit.flags.update(flag, was=last.version)
    else:
        flag = _opened(finding, kind, assessment, policy, hours)
        unit.flags.add(flag)
    return _announce(unit, flag, finding, assessment)


def _announce(unit: Unit, flag: Flag, finding: Finding, assessment: Assessment) -> list[Raised]:
    if finding.event is None and unit.flags.was_raised(finding.customer_ref, assessment.issue_id, finding.code):
        return []
    raised = Raised(
        code=finding.code,
        at=assessment.at,
        contacts=finding.contacts,
        customer_ref=finding.customer_ref,
        issue_id=assessment.issue_id,
        why=finding.why,
        event=finding.event,
    )
    unit.flags.note_raised(flag.id, raised)
    detail = {"code": finding.code, "policy": assessment.policy, "issue": assessment.issue_id}
    unit.audit.append(at=assessment.at, actor=PIPELINE, action="flag.raised", subject=flag.id, detail=detail)
    return [raised]


def _is_quiet(last: Flag, finding: Finding, now: datetime) -> bool:
    """A pattern that a person has just decided does not come back at once; new words always do.

    A failure of ours lapses at once when we have answered: what is found again then was not answered after all.
    """
    if finding.event is not None or last.state is FlagState.UNDONE:
        return False
    if last.kind is FlagKind.SERVICE_FAILURE and last.state is FlagState.LAPSED:
        return False
    code = last.code(finding.code)
    if code is None:
        return False
    nothing_new = set(finding.contacts) <= set(code.contacts)
    return nothing_new or (last.state is FlagState.DECIDED and now - last.updated < QUIET_AFTER_DECISION)


def _opened(finding: Finding, kind: FlagKind, assessment: Assessment, policy: Policy, hours: Hours) -> Flag:
    return Flag(
        id=uuid4().hex,
        kind=kind,
        customer_ref=finding.customer_ref,
        issue_id=assessment.issue_id,
        state=FlagState.OPEN,
        opened=assessment.at,
        updated=assessment.at,
        urgency=policy.clause(finding.code).urgency,
        codes=(_coded(finding, assessment),),
        due=first_look_by(finding.code, assessment.at, policy, hours),
    )


def opened_again(last: Flag, fresh: Flag) -> Flag:
    """A flag whose evidence had gone elsewhere, raised on other evidence: the same flag, with what it once held set aside."""
    return replace(fresh, id=last.id, version=last.version + 1, set_aside=(*last.set_aside, *last.codes))


def _coded(finding: Finding, assessment: Assessment) -> FlaggedCode:
    return FlaggedCode(
        code=finding.code,
        raised_at=assessment.at,
        policy=assessment.policy,
        why=finding.why,
        contacts=tuple(dict.fromkeys(finding.contacts)),
        last_evidence_at=assessment.at,
        probability=finding.probability,
    )


def _joined(flag: Flag, finding: Finding, assessment: Assessment, policy: Policy, hours: Hours) -> Flag | None:
    """The flag with this evidence in it; None where it adds nothing."""
    known = flag.code(finding.code)
    if known is None:
        codes = (*flag.codes, _coded(finding, assessment))
    elif set(finding.contacts) <= set(known.contacts):
        return None
    else:
        contacts = tuple(dict.fromkeys((*known.contacts, *finding.contacts)))
        more = replace(
            known,
            contacts=contacts,
            why=finding.why,
            last_evidence_at=assessment.at,
            probability=finding.probability or known.probability,
        )
        codes = tuple(more if code.code == finding.code else code for code in flag.codes)
    dues = [due for due in (flag.due, first_look_by(finding.code, assessment.at, policy, hours)) if due]
    urgency = min(policy.clause(code.code).urgency for code in codes)
    return replace(
        flag, codes=codes, urgency=urgency, due=min(dues, default=None), updated=assessment.at, version=flag.version + 1
    )


def _lapse(unit: Unit, assessment: Assessment) -> tuple[tuple[str, ...], tuple[Flag, ...]]:
    """The flags that have ended, and those that have not."""
    lapsed, still_open = [], []
    still = {(finding.customer_ref, finding.code) for finding in assessment.findings}
    for flag in unit.flags.listed(issue_id=assessment.issue_id, kinds=(FlagKind.BEHAVIOUR, FlagKind.SERVICE_FAILURE)):
        if all(_has_ended(unit, flag, code, still, assessment.at) for code in flag.codes):
            unit.flags.update(
                replace(flag, state=FlagState.LAPSED, updated=assessment.at, version=flag.version + 1), was=flag.version
            )
            unit.audit.append(at=assessment.at, actor=PIPELINE, action="flag.lapsed", subject=flag.id)
            lapsed.append(flag.id)
        else:
            still_open.append(flag)
    return tuple(lapsed), tuple(still_open)


def _has_ended(unit: Unit, flag: Flag, code: FlaggedCode, still: set[tuple[str, str]], now: datetime) -> bool:
    if (flag.customer_ref, code.code) in still:
        return False
    if code.code == "service_failure":
        return True
    return now - code.last_evidence_at >= LAPSES_AFTER and not any(
        unit.flags.was_raised(flag.customer_ref, flag.issue_id, code.code, contact) for contact in code.contacts
    )


# what people do


def claim(unit: Unit, flag_id: str, person: str, now: datetime) -> Flag:
    """Takes a flag for ten minutes, or renews the claim; raises ConflictError while somebody else holds it."""
    flag = _get(unit, flag_id)
    if flag.claimed_by not in (None, person) and flag.claimed_until is not None and flag.claimed_until > now:
        raise ConflictError(f"{flag.claimed_by} is looking at this flag until {flag.claimed_until:%H:%M}.")
    claimed = replace(flag, claimed_by=person, claimed_until=now + CLAIM_FOR, version=flag.version)
    unit.flags.update(claimed, was=flag.version)
    if flag.claimed_by != person:
        unit.audit.append(at=now, actor=person, action="flag.claimed", subject=flag.id)
    return claimed


def open_context(unit: Unit, flag_id: str, person: str, now: datetime) -> Flag:
    """Notes that a person has opened the flag with its context, which a decision needs; every view is logged (C27)."""
    flag = _get(unit, flag_id)
    unit.flags.note_view(flag_id, person, now)
    unit.audit.append(at=now, actor=person, action="flag.viewed", subject=flag_id)
    return flag


def state_effect(unit: Unit, *, flag_id: str, staff: str, text: str, written_by: str, now: datetime) -> Statement:
    """Adds what a member of staff says of the effect on them; the machine never writes one."""
    _get(unit, flag_id)
    statement = Statement(id=uuid4().hex, flag_id=flag_id, staff=staff, written_by=written_by, at=now, text=text)
    unit.flags.add_statement(statement)
    unit.audit.append(
        at=now, actor=written_by, action="statement.added", subject=flag_id, detail={"statement": statement.id}
    )
    return statement


def visible_kinds(*, safeguarding: bool) -> Iterable[FlagKind]:
    """Safeguarding cards are for the safeguarding role, which in turn sees nothing else beside them (C27, A.13)."""
    return (
        (FlagKind.SAFEGUARDING,)
        if safeguarding
        else tuple(kind for kind in FlagKind if kind is not FlagKind.SAFEGUARDING)
    )


def _get(unit: Unit, flag_id: str) -> Flag:
    flag = unit.flags.get(flag_id)
    if flag is None:
        raise NotFoundError("There is no such flag.")
    return flag
