"""The flag page in the order of its questions: risk, what we owe, circumstances, and only then what was said (A.0)."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.deciding import given_on, visible_reviews
from triage.domain.audit import AuditEntry
from triage.domain.customer import Role
from triage.domain.flag import Flag, FlaggedCode, FlagKind, FlagState
from triage.domain.incident import IncidentRecord, warning_to_discuss
from triage.domain.issue import Entry
from triage.domain.policy import Admissible, Policy
from triage.domain.score import LABEL_OF_CODE, Span
from triage.domain.signal import Assessment, Finding, Side, Signal
from triage.domain.workdays import WorkingDays
from triage.queue import PIPELINE
from triage.reports.appeals import appeal_by, representations_of
from triage.reports.changes import AskModel, asked_code, changes
from triage.reports.contacts import ContactView, view_of
from triage.reports.flag_views import Card, ClauseView, FlagPage, Moment, SignalView, WeighedView
from triage.reports.marked import seen
from triage.reports.otherwise import otherwise_views
from triage.reports.our_side import told_records
from triage.reports.owed import OwedState, owed_views
from triage.reports.people import pseudonym
from triage.reports.precedents import precedents
from triage.reports.queue import KINDS, freshness
from triage.reports.restrictions import of_issue
from triage.reports.timeline import timeline
from triage.reports.veil import WITH_SAFEGUARDING, Veil, circumstances
from triage.reports.visits import planned_visits
from triage.reports.volume import volume_of_flag
from triage.reports.weighing import counted_by_any
from triage.store import Unit

HIGH, MEDIUM = 0.85, 0.6
_RULE = re.compile(r"^Rule (\S+): (.)")
_READS = re.compile(r"^The model reads \w+ in the words of this contact\.")
STRONG = 1.5


WORDS_AT_MOST = 12


def flag_page(
    unit: Unit,
    flag: Flag,
    policy: Policy,
    *,
    kinds: Collection[FlagKind],
    now: datetime,
    safeguarding: bool,
    ask: AskModel | None = None,
    person: str = "",
    blind: bool = False,
    workdays: WorkingDays | None = None,
) -> FlagPage:
    """Everything that ``person`` needs to decide this flag; ``kinds`` are those that they may see.

    ``ask`` reads a contact again without its loudest words; without it the page says nothing of that. ``blind`` leaves out
    whatever the model said: marks, reasons, confidence, precedents. ``workdays`` are needed to say what would have changed
    a pattern.
    """
    entries = unit.contacts.of_issue(flag.issue_id)
    veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=safeguarding)
    issue = unit.issues.get(flag.issue_id)
    last = unit.issues.last_assessment(flag.issue_id)
    evidence = _evidence(unit, flag, None if blind else last, blind=blind)
    views = _words(flag, entries, evidence, veil, blind=blind)
    by_id = _listed(evidence, entries, veil) | {view.id: view for view in views}
    clauses = tuple(_clause(code, policy, evidence, last, by_id, veil) for code in flag.codes)
    if blind:
        clauses = tuple(replace(clause, why="", band=None) for clause in clauses)
    by_words = {code.code: code for code in flag.codes if policy.clause(code.code).admissible is Admissible.WORDS}
    clauses = tuple(
        replace(
            clause,
            without=changes(flag, entries, veil, ask) if clause.code == asked_code(flag) else (),
            precedents=precedents(
                unit, flag, by_words[clause.code], entries, veil, kinds=kinds, safeguarding=safeguarding
            ),
        )
        if clause.code in by_words and not clause.withheld and not blind
        else clause
        for clause in clauses
    )
    otherwise = otherwise_views(unit, flag, policy, workdays, veil) if workdays else {}
    clauses = tuple(
        clause if clause.withheld else replace(clause, otherwise=otherwise.get(clause.code, ())) for clause in clauses
    )
    records = unit.landlord.records_of_issue(flag.issue_id)
    records = records if safeguarding else told_records(records, veil)
    owed = owed_views(last, now, records)
    counted = counted_by_any(line for clause in clauses for line in clause.counted)
    people = {flag.customer_ref} | ({issue.household_ref} if issue else set())
    customers = unit.landlord.customers_by_ref(people).values()
    reviews = unit.flags.reviews(flag.id)
    given = given_on(flag, reviews)
    return FlagPage(
        flag=flag,
        kind=KINDS[flag.kind],
        title=seen(veil.title(issue.title)) if issue and issue.title else "No subject",
        who=pseudonym(flag.customer_ref, _role(flag, entries)),
        household=pseudonym(issue.household_ref) if issue else "",
        clauses=clauses,
        at_risk=_at_risk(unit, flag, kinds),
        visits=planned_visits(unit, [code.code for code in flag.codes], people, now),
        others=_others(unit, flag, kinds),
        owed=owed,
        late=any(item.state is OwedState.LATE for item in owed),
        circumstances=circumstances(last.circumstances if last else (), safeguarding=safeguarding),
        adjustments=tuple(dict.fromkeys(seen(text) for customer in customers for text in customer.adjustments)),
        cannot_judge=last.cannot_judge if last and not safeguarding else (),
        words=views[-WORDS_AT_MOST:],
        more_words=max(0, len(views) - WORDS_AT_MOST),
        timeline=timeline(entries, records, owed, counted, veil, now),
        statements=tuple(unit.flags.statements(flag.id)),
        reviews=visible_reviews(flag, reviews, person),
        history=tuple(_moment(entry) for entry in unit.audit.entries(subject=flag.id)),
        freshness=freshness(unit, now),
        claimed_by=flag.claimed_by if flag.claimed_until and flag.claimed_until > now else None,
        overdue=flag.state is FlagState.OPEN and flag.due is not None and flag.due < now and not reviews,
        safe_contact=tuple(dict.fromkeys(seen(one.safe_contact) for one in customers if one.safe_contact)),
        restrictions=() if safeguarding else of_issue(unit, flag.issue_id, records, policy, now),
        records=() if safeguarding else _incident_records(unit, flag),
        support=tuple(unit.outcomes.support(flag.id)),
        awaits=flag.awaits,
        given=any(review.reviewer == person for review in given),
        may_undo=bool(given) and given[-1].reviewer == person,
        blind=blind,
        to_discuss=_to_discuss(unit, flag, policy, now),
        representations=representations_of(unit, flag.id),
        appeal_by=appeal_by(flag, reviews, workdays),
        volume=None if blind else volume_of_flag(unit, flag),
        model=next((entry.scores.model for entry in reversed(entries) if entry.scores), None),
    )


def _to_discuss(unit: Unit, flag: Flag, policy: Policy, now: datetime) -> str:
    if flag.code("A2") is None:
        return ""
    earlier = [record for record in unit.outcomes.records(people={flag.customer_ref}) if record.flag_id != flag.id]
    return warning_to_discuss(earlier, policy, now)


def _role(flag: Flag, entries: Sequence[Entry]) -> Role:
    return next((entry.who.role for entry in entries if entry.who.customer_ref == flag.customer_ref), Role.CUSTOMER)


# what was found, and where


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """Findings and signals per code: of the last assessment, and of those that the evidence itself caused."""

    findings: Mapping[str, Sequence[Finding]]
    signals: Mapping[str, Sequence[Signal]]


def _incident_records(unit: Unit, flag: Flag) -> tuple[tuple[str, datetime, bool], ...]:
    found: list[IncidentRecord] = unit.outcomes.records(flag_id=flag.id, withdrawn=True)
    return tuple((record.id, record.created, record.withdrawn is not None) for record in found)


def _evidence(unit: Unit, flag: Flag, last: Assessment | None, *, blind: bool) -> _Evidence:
    """The last look at the issue counts; an older one adds what it read in the words of its own contact, and a pattern that has ended."""
    if blind:
        return _Evidence(findings=dict.fromkeys(_codes(flag), ()), signals=dict.fromkeys(_codes(flag), ()))
    codes = {code.code for code in flag.codes}
    ids = dict.fromkeys(contact for code in flag.codes for contact in code.contacts)
    caused = [unit.issues.assessment_of(contact_id) for contact_id in ids]
    ended = unit.issues.last_to_find(flag.issue_id, {(flag.customer_ref, code) for code in codes})
    told = {(item.at, item.contact_id): item for item in (*caused, *ended) if item is not None and item != last}
    older = sorted(told.values(), key=lambda item: item.at, reverse=True)
    findings: dict[str, list[Finding]] = {code: [] for code in codes}
    signals: dict[str, dict[tuple[str, str], Signal]] = {code: {} for code in codes}
    for assessment in (*([last] if last else []), *older):
        for finding in assessment.findings:
            if finding.code in codes and finding.customer_ref == flag.customer_ref:
                findings[finding.code].append(finding)
        bare = {code for code in codes if not signals[code]}
        for signal in assessment.signals:
            if signal.code in codes and (signal.code in bare or _is_of_words(signal)):
                signals[signal.code].setdefault((signal.side, signal.sentence), signal)
    return _Evidence(findings=findings, signals={code: list(rows.values()) for code, rows in signals.items()})


def _codes(flag: Flag) -> list[str]:
    return [code.code for code in flag.codes]


def _is_of_words(signal: Signal) -> bool:
    return signal.source.split(":", 1)[0] in ("model", "rule")


def _words(
    flag: Flag, entries: Iterable[Entry], evidence: _Evidence, veil: Veil, *, blind: bool
) -> tuple[ContactView, ...]:
    wanted = {contact for code in flag.codes for contact in code.contacts}
    codes = [code.code for code in flag.codes]
    return tuple(
        view_of(
            entry.contact,
            entry.who,
            veil,
            scores=entry.scores,
            codes=[] if blind else [code.code for code in flag.codes if entry.contact.id in code.contacts],
            spans=_spans(entry.contact.id, codes, evidence),
        )
        for entry in entries
        if entry.contact.id in wanted
    )


def _listed(evidence: _Evidence, entries: Iterable[Entry], veil: Veil) -> dict[str, ContactView]:
    """Every contact of which a clause says whether it was counted."""
    ids = {
        line.contact_id for findings in evidence.findings.values() for found in findings[:1] for line in found.counted
    }
    return {e.contact.id: view_of(e.contact, e.who, veil) for e in entries if e.contact.id in ids}


def _spans(contact_id: str, codes: Iterable[str], evidence: _Evidence) -> list[tuple[str, Span]]:
    found: list[tuple[str, Span]] = []
    for code in codes:
        found += [
            (code, span) for finding in evidence.findings[code] if finding.event == contact_id for span in finding.spans
        ]
        found += [
            (code, span)
            for signal in evidence.signals[code]
            if signal.contacts == (contact_id,) and signal.weight is None
            for span in signal.spans
        ]
    return found


def _clause(
    code: FlaggedCode,
    policy: Policy,
    evidence: _Evidence,
    last: Assessment | None,
    views: Mapping[str, ContactView],
    veil: Veil,
) -> ClauseView:
    findings = evidence.findings[code.code]
    finding = next(iter(findings), None)
    withheld = veil.hides_all(code.contacts) or (
        finding is not None and finding.event is not None and veil.hides(finding.event)
    )
    elements = () if withheld or finding is None else finding.elements
    listed = {f"{element.name}: {element.sentence}" for element in elements}
    signals = [
        signal
        for signal in evidence.signals[code.code]
        if not veil.hides_any(signal.contacts)
        and signal.sentence not in listed
        and signal.sentence.rstrip(".") != WITH_SAFEGUARDING
    ]
    return ClauseView(
        clause=policy.clause(code.code),
        policy=code.policy,
        why="" if withheld else seen(code.why),
        raised_at=code.raised_at,
        band=None if withheld else band(code.probability),
        withheld=withheld,
        elements=elements,
        counted=() if finding is None else tuple((item, views.get(item.contact_id)) for item in finding.counted),
        signals_for=tuple(_signal(signal) for signal in signals if signal.side is Side.FOR and not _is_weighed(signal)),
        signals_against=tuple(
            _signal(signal) for signal in signals if signal.side is Side.AGAINST and not _is_weighed(signal)
        ),
        weighed=tuple(
            WeighedView(sentence=seen(signal.sentence), weight=signal.weight or 0.0)
            for signal in sorted(signals, key=lambda signal: -abs(signal.weight or 0.0))
            if _is_weighed(signal)
        ),
        what_would_change="" if withheld or finding is None else would_change(finding.what_would_change),
        now_found=last is not None and any(item.code == code.code for item in last.findings),
    )


def would_change(text: str) -> str:
    """A clause's *Not raised had we …* as a whole sentence."""
    for short, whole in (("Not raised ", "This would not have been raised "), ("Raised ", "This would be raised ")):
        if text.startswith(short):
            return whole + seen(text.removeprefix(short))
    return seen(text)


def _is_weighed(signal: Signal) -> bool:
    """A single contribution within the model's reading: folded away, because a word's weight alone tells little."""
    return signal.weight is not None and ":rule:" not in signal.source


def band(probability: float | None) -> str | None:
    """A probability as a word; a bare number reads as more than it is (C3)."""
    if probability is None:
        return None
    return "high" if probability >= HIGH else "medium" if probability >= MEDIUM else "low"


SOURCES = {
    "model": "model",
    "rule": "rule",
    "pattern": "count of contacts",
    "record": "our records",
    "owed": "what we owe",
    "circumstance": "circumstances",
}


def _signal(signal: Signal) -> SignalView:
    source = signal.source.split(":", 1)[0]
    weight = "" if signal.weight is None else "strong" if abs(signal.weight) >= STRONG else "some"
    sentence = _READS.sub("The model reads this in the words of the contact.", seen(signal.sentence))
    named = "" if source == "model" and sentence.startswith("The model") else SOURCES.get(source, source)
    if rule := _RULE.match(sentence):
        sentence, named = _RULE.sub(lambda found: found[2].upper(), sentence, count=1), f"rule {rule[1]}"
    return SignalView(sentence=sentence, source=named, band=weight)


ACTS = {
    "flag.raised": "Raised",
    "flag.lapsed": "Lapsed, because the pattern ended",
    "flag.viewed": "Opened",
    "flag.claimed": "Claimed",
    "flag.decided": "Decided",
    "flag.reopened": "Reopened",
    "flag.undone": "Decision taken back",
    "flag.acknowledged": "Taken on",
    "incident.recorded": "Incident record written",
    "support.noted": "Support of staff noted",
    "statement.added": "Staff statement added",
    "representation.noted": "What the customer says was noted",
    "appeal.answered": "Appeal answered",
}


def _moment(entry: AuditEntry) -> Moment:
    code = str(entry.detail.get("code", "")) if entry.action == "flag.raised" else ""
    what = ACTS.get(entry.action, entry.action.rpartition(".")[2].replace("_", " ").capitalize())
    return Moment(
        at=entry.at,
        what=f"{what}: {code}" if code and not code.islower() else what,
        who="the service" if entry.actor == PIPELINE else entry.actor,
    )


# what stands beside it


def _at_risk(unit: Unit, flag: Flag, kinds: Collection[FlagKind]) -> tuple[Card, ...]:
    """Cards of safety on the same issue, or on another of the same person: a person at risk comes first (A.0)."""
    safety = [FlagKind.SAFEGUARDING, *(kind for kind in (FlagKind.STAFF_SAFETY, FlagKind.HAZARD) if kind in kinds)]
    found = {card.id: card for card in unit.flags.listed(kinds=safety, issue_id=flag.issue_id)}
    found |= {card.id: card for card in unit.flags.listed(kinds=safety, customer_ref=flag.customer_ref)}
    found.pop(flag.id, None)
    told = {card.id for card in unit.seen.flags(list(found.values()))}
    cards = [card for card in found.values() if card.id in told or card.kind is FlagKind.SAFEGUARDING]
    return tuple(_card(card, kinds) for card in sorted(cards, key=lambda card: (card.urgency, card.opened)))


def _others(unit: Unit, flag: Flag, kinds: Collection[FlagKind]) -> tuple[Card, ...]:
    states = (FlagState.OPEN, FlagState.DECIDED)
    visible = [kind for kind in kinds if kind in (FlagKind.BEHAVIOUR, FlagKind.SERVICE_FAILURE)]
    flags = unit.flags.listed(states=states, kinds=visible, customer_ref=flag.customer_ref)
    return tuple(_card(other, kinds) for other in unit.seen.flags(flags) if other.id != flag.id)


def _card(card: Flag, kinds: Collection[FlagKind]) -> Card:
    if card.kind not in kinds:
        return Card(label="With safeguarding", since=card.opened, flag_id=None)
    codes = ", ".join(code.code for code in card.codes if code.code not in LABEL_OF_CODE and not code.code.islower())
    label = f"{KINDS[card.kind]}{f' ({codes})' if codes else ''}"
    return Card(label=label, since=card.opened, flag_id=card.id, state=card.state.value)
