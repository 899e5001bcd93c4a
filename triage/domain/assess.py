"""Gathers what speaks for and against each clause on one issue at one moment: an assessment, never an action. Pure.

Words alone raise S0, hazard, staff_safety, A1, A2, A4 and A5, once, from the contact that is new; everything else needs a pattern.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from triage.domain import words
from triage.domain.clocks import OwedReply
from triage.domain.contact import Channel, Contact, Direction
from triage.domain.counting import has_safeguarding, signs_safeguarding
from triage.domain.growing import after, those
from triage.domain.issue import Entry, History
from triage.domain.owed import reports_hazard
from triage.domain.persistence import NEEDS_RECORDS
from triage.domain.policy import Policy
from triage.domain.record import RecordKind
from triage.domain.score import Scores, Span
from triage.domain.signal import Assessment, Element, ElementState, Finding, Judgement, Pattern, Side, Signal

EVENT_LABELS = {"S0": "S0", "HZ": "hazard", "A1": "A1", "A2": "A2", "A4": "A4", "A5": "A5"}
"""Which label of the model raises which clause from one contact's words; all other labels are cues only."""
RAISED_BY_WORDS = frozenset({*EVENT_LABELS.values(), "staff_safety"})
"""The clauses that each contact's words raise by themselves."""
CLEAR_SPEECH = 0.85
CIRCUMSTANCES_FOR = timedelta(days=90)
MOST_DONE = 100
"""Of what was owed and done so many of the latest are kept with an assessment."""
_CARDS = frozenset({"S0", "hazard", "staff_safety", "service_failure"})


def assess(
    history: History,
    owed: tuple[OwedReply, ...],
    patterns: tuple[Pattern, ...],
    policy: Policy,
    now: datetime,
    contact_id: str | None = None,
    *,
    explained: bool = True,
) -> Assessment:
    """The assessment of one issue under one policy version.

    ``contact_id`` names the contact that is new and scored: only its words can raise an event, so that each is raised once.
    None when a record or a deadline woke us: then only patterns speak. Not ``explained``, it says only what is found and
    owed, for where nobody keeps the reasons.
    """
    entry = (
        None if contact_id is None else next((e for e in reversed(history.entries) if e.contact.id == contact_id), None)
    )
    findings = [*_events(entry), *(_of_pattern(p) for p in patterns if p.judgement is Judgement.LOOK)]
    findings.sort(key=lambda finding: policy.clause(finding.code).urgency)
    of_interest = _still_of_interest(owed)
    circumstances: tuple[str, ...] = ()
    signals: list[Signal] = []
    if explained:
        circumstances = _circumstances(history, now)
        signals += _model_signals(entry) if entry is not None else ()
        signals += _pattern_signals(patterns)
        signals += _lessening(findings, of_interest, circumstances, now)
    return Assessment(
        at=now,
        issue_id=history.issue.id,
        policy=f"{policy.id} {policy.version}",
        contact_id=contact_id,
        findings=tuple(findings),
        cannot_judge=() if history.feed_fresh else NEEDS_RECORDS,
        signals=tuple(signals),
        owed=of_interest,
        circumstances=circumstances,
    )


def _still_of_interest(owed: Sequence[OwedReply]) -> tuple[OwedReply, ...]:
    """Whatever is open, and of what was done the latest: with all of a very long issue each look would cost its length."""
    earlier, latest = owed[:-MOST_DONE], owed[-MOST_DONE:]
    return (*[reply for reply in earlier if reply.met_at is None], *latest)


# What one contact's words raise.


def _events(entry: Entry | None) -> Iterator[Finding]:
    if entry is None or not is_heard(entry.contact):
        return
    passed_on = passes_on_threat(entry)
    if passed_on:
        why = "Passes on somebody else's threat towards staff. The person who tells us has done nothing wrong."
        yield _event(entry, "staff_safety", why, entry.scores.probabilities.get("QA") if entry.scores else None, "QA")
    if entry.scores is None or entry.scores.not_scored:
        yield from _keyword_events(entry)
        return
    for label, code in EVENT_LABELS.items():
        if entry.scores.has(label) and not _why_not(entry, label, passed_on):
            yield _event(entry, code, _WHY[code], entry.scores.probabilities.get(label), label)


def is_heard(contact: Contact) -> bool:
    """Whether a contact holds a customer's words: what came in, a call either way, and what staff noted on a visit.

    Automatic mail as well: whoever writes such headers over a threat, or a cry for help, is not passed over. Only a
    report of a mail server and our own automatic replies are not heard.
    """
    spoken = contact.channel in (Channel.CALL, Channel.VISIT_NOTE)
    return not contact.report and (contact.direction is Direction.IN or spoken)


_WHY = {
    "S0": "The words suggest that somebody may come to harm. A person must look at once.",
    "hazard": "The words report a hazard or an emergency.",
    "A1": "The words read as a threat towards staff or contractors.",
    "A2": "The words read as abusive, derogatory or personal towards somebody identifiable.",
    "A4": "The words read as a sexual remark or advance towards staff.",
    "A5": "The words tell of an animal that was not controlled around staff, or that is held out as a menace.",
}


SENT_BY_PROGRAM = "Sent by a program, as its headers say."


def _event(entry: Entry, code: str, why: str, probability: float | None, label: str) -> Finding:
    return Finding(
        code=code,
        customer_ref=entry.who.customer_ref,
        why=f"{why} {SENT_BY_PROGRAM}" if entry.contact.auto else why,
        contacts=(entry.contact.id,),
        event=entry.contact.id,
        probability=probability,
        spans=entry.scores.spans.get(label, ()) if entry.scores else (),
        what_would_change="Not raised were the words quoted, said of a thing, or somebody else's.",
    )


def _keyword_events(entry: Entry) -> Iterator[Finding]:
    """Without a model safeguarding and hazard are still looked for (C37); nothing else is raised."""
    if has_safeguarding(entry):
        yield _event(entry, "S0", _WHY["S0"] + " (Found by keyword: no model was at hand.)", None, "S0")
    if reports_hazard(entry):
        yield _event(entry, "hazard", _WHY["hazard"] + " (Found by keyword: no model was at hand.)", None, "HZ")


def passes_on_threat(entry: Entry) -> bool:
    """Somebody else's threat to staff: by the words together with the model's sign of reported speech (C36).

    In a visit note staff report themselves, so that the words do unless the model reads a threat by the customer.
    """
    scores = entry.scores
    if scores is None or scores.not_scored or not words.passes_on_threat(entry.contact.said):
        return False
    return scores.has("QA") or (entry.contact.channel is Channel.VISIT_NOTE and not scores.has("A1"))


def _why_not(entry: Entry, label: str, passed_on: bool) -> str:
    """Why a flagged A label still raises nothing; empty where it does. Cards are never held back."""
    scores = entry.scores
    if scores is None or not label.startswith("A"):
        return ""
    if passed_on and label == "A1" and not words.threatens_in_own_voice(entry.contact.said):
        return "The threat is somebody else's, passed on by the writer."
    if scores.has("QA") and scores.probabilities.get("QA", 0.0) > scores.probabilities.get(label, 0.0):
        return "The words are rather quoted or reported than the writer's own."
    if _speaker_unsure(entry.contact, scores.spans.get(label, ())):
        return "It is not certain who spoke these words: listen to the call first."
    return ""


def _speaker_unsure(contact: Contact, spans: Sequence[Span]) -> bool:
    turns = [
        contact.turns[span.part] for span in spans if isinstance(span.part, int) and span.part < len(contact.turns)
    ]
    return bool(turns) and not any(turn.certain for turn in turns)


def _of_pattern(pattern: Pattern) -> Finding:
    return Finding(
        code=pattern.code,
        customer_ref=pattern.customer_ref,
        why=pattern.why,
        contacts=pattern.contacts,
        elements=pattern.elements,
        counted=pattern.counted,
        what_would_change=pattern.what_would_change,
    )


# What speaks for and against.


def _model_signals(entry: Entry) -> Iterator[Signal]:
    scores = entry.scores
    if scores is None or scores.not_scored or not is_heard(entry.contact):
        return
    passed_on = passes_on_threat(entry)
    for label in scores.flagged:
        yield from _signals_of_label(entry, scores, label, passed_on)


def _signals_of_label(entry: Entry, scores: Scores, label: str, passed_on: bool) -> Iterator[Signal]:
    code, contact = EVENT_LABELS.get(label, label), entry.contact
    spans = scores.spans.get(label, ())
    cue = "" if label in EVENT_LABELS else " A cue only: it raises nothing by itself."
    yield Signal(
        code=code,
        side=Side.FOR,
        sentence=f"The model reads {label} in the words of this contact.{cue}",
        source=f"model:{scores.model}",
        contacts=(contact.id,),
        spans=spans,
    )
    for reason in scores.reasons.get(label, ()):
        yield Signal(
            code=code,
            side=Side.FOR if reason.weight >= 0 else Side.AGAINST,
            sentence=reason.sentence,
            source=f"model:{scores.model}:{reason.kind}:{reason.id}",
            contacts=(contact.id,),
            spans=reason.spans,
            weight=reason.weight,
        )
    if contact.auto:
        yield Signal(
            code=code, side=Side.AGAINST, sentence=SENT_BY_PROGRAM, source="rule:automatic", contacts=(contact.id,)
        )
    held_back = _why_not(entry, label, passed_on)
    if held_back:
        yield Signal(
            code=code, side=Side.AGAINST, sentence=held_back, source="rule:voice", contacts=(contact.id,), spans=spans
        )
    if _unclear(contact, spans):
        sentence = "The recogniser was unsure of these words: listen before deciding."
        yield Signal(
            code=code, side=Side.AGAINST, sentence=sentence, source="rule:audio", contacts=(contact.id,), spans=spans
        )


def _unclear(contact: Contact, spans: Sequence[Span]) -> bool:
    heard = [contact.turns[s.part].confidence for s in spans if isinstance(s.part, int) and s.part < len(contact.turns)]
    return any(confidence is not None and confidence < CLEAR_SPEECH for confidence in heard)


def _pattern_signals(patterns: Iterable[Pattern]) -> Iterator[Signal]:
    for pattern in patterns:
        looked = pattern.judgement is Judgement.LOOK
        if not looked and not any(e.state is ElementState.MET for e in pattern.elements):
            continue
        for each in pattern.elements:
            yield _signal_of_element(pattern, each)


def _signal_of_element(pattern: Pattern, each: Element) -> Signal:
    side = Side.FOR if each.state is ElementState.MET else Side.AGAINST
    unknown = "cannot be known now. " if each.state is ElementState.CANNOT_KNOW else ""
    sentence = f"{each.name}: {unknown}{each.sentence}"
    return Signal(
        code=pattern.code, side=side, sentence=sentence, source=f"pattern:{pattern.code}", contacts=pattern.contacts
    )


def _lessening(
    findings: Sequence[Finding], owed: Iterable[OwedReply], circumstances: Sequence[str], now: datetime
) -> Iterator[Signal]:
    """Circumstances and our own lateness: only ever against a behaviour, never against a card (C8)."""
    late = [reply for reply in owed if reply.met_at is None and reply.overdue_at(now)]
    for code in dict.fromkeys(finding.code for finding in findings if finding.code not in _CARDS):
        for circumstance in circumstances:
            yield Signal(code=code, side=Side.AGAINST, sentence=circumstance, source="circumstance:known")
        for reply in late:
            source = f"owed:{reply.clock.value}"
            yield Signal(code=code, side=Side.AGAINST, sentence=f"We are late: {reply.sentence}", source=source)


def _circumstances(history: History, now: datetime) -> tuple[str, ...]:
    """What is on file or was said of the people in this issue; nothing is taken from the words of a safeguarding contact."""
    found: list[str] = []
    for ref in dict.fromkeys([history.issue.household_ref, *history.customers]):
        customer = history.customers.get(ref)
        found += [f"On file: {text}." for text in (customer.adjustments if customer else ())]
    for record in history.records:
        if record.at <= now and record.kind is RecordKind.ADJUSTMENT_AGREED:
            found.append(f"Agreed as an adjustment: {record.text.rstrip('.')}.")
    telling = after(those(history.entries, _tells_circumstances), now - CIRCUMSTANCES_FOR)
    heard = [entry for entry in telling if entry.at <= now]
    if any(has_safeguarding(e) for e in heard):
        found.append("With safeguarding.")
    for entry in heard:
        if not signs_safeguarding(entry):
            found += [f"Mentions {name}." for name in words.circumstances_in(entry.contact.said)]
            if entry.scores is not None and entry.scores.has("AR"):
                found.append("Asks for an adjustment or mentions a disability.")
    return tuple(dict.fromkeys(found))


def _tells_circumstances(entry: Entry) -> bool:
    if not is_heard(entry.contact):
        return False
    asks = entry.scores is not None and entry.scores.has("AR")
    return asks or has_safeguarding(entry) or bool(list(words.circumstances_in(entry.contact.said)))
