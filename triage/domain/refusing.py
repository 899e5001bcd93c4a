"""P2: refusing to accept an outcome after a final decision whose next route was told (behaviours A.11). Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.domain import our_words, words
from triage.domain.clocks import day_of
from triage.domain.contact import Channel
from triage.domain.counting import Case, Reason, Weighed, is_counted, list_of, share_while_late
from triage.domain.findings import element, look, nothing, unknown
from triage.domain.growing import after, those
from triage.domain.issue import Entry
from triage.domain.judging import is_fresh
from triage.domain.record import RecordKind
from triage.domain.signal import Element, ElementState, Pattern

WITH_THE_DECISION = timedelta(days=2)
"""How far the letter that tells a decision may lie from its record."""
_DECISIONS = frozenset({RecordKind.FINAL_RESPONSE, RecordKind.STAGE2_RESPONSE})


def can_be_refused(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    """Whether there is a decision that could be refused."""
    return bool(case.decisions)


def refused_outcome(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    """Enough contacts that press the decided point with nothing new, once the decision and its next route were told."""
    decided = max(case.decisions, default=None)
    if decided is None:
        missing = element("A final decision", False, "No final decision on this issue is on record.")
        return nothing(
            "P2", person, "No final decision was given.", (missing,), "A final decision would be needed first."
        )
    told, route = _next_route(case)
    until = decided + case.days("P2", "window_days")
    since = [w for w in after(weighed, max(told or decided, decided)) if w.at <= until]
    reopened = _reopened(case, decided, since)
    pressing = [w for w in since if _presses(w) and (reopened is None or w.at < reopened)]
    share, needed = share_while_late(since, decided), case.number("P2", "contacts_count")
    dampened = share >= case.number("P2", "late_share")
    elements = (
        element("A final decision", True, f"Given on {day_of(decided)}."),
        route,
        element(
            "Not open again",
            reopened is None,
            "Still final." if reopened is None else f"Looked at again on {day_of(reopened)}.",
        ),
        element(
            "The same point pressed", len(pressing) >= needed, f"{len(pressing)} counted since, {needed:.0f} needed."
        ),
        element("We were not mostly late", not dampened, f"{share:.0%} of what would count fell while we were late."),
    )
    contacts = tuple(w.contact.id for w in pressing)
    untold = route.state is ElementState.NOT_MET
    if len(pressing) < needed or dampened or untold or not is_fresh(case, "P2", pressing):
        change = f"Raised at {needed:.0f} contacts with nothing new within {case.number('P2', 'window_days'):.0f} days."
        why = f"{len(pressing)} that count after the decision, {needed:.0f} needed."
        return nothing("P2", person, route.sentence if untold else why, elements, change, towards=contacts)
    why = (
        f"{len(pressing)} contacts with nothing new after the final decision of {day_of(decided)}: {list_of(pressing)}."
    )
    change = "Not raised had one of them brought something new, or had the decision's next route not been told."
    return look("P2", person, why, contacts, elements, change)


def _next_route(case: Case) -> tuple[datetime | None, Element]:
    """When they were told where to go next, and what is known of it: a decision that leads nowhere is none that can be refused (A.11).

    Without words of ours to read, whoever looks has to check the letter.
    """
    name, decided = "The next route was told", min(case.decisions)
    records = [r for r in case.history.records if r.kind in _DECISIONS and decided <= r.at <= case.now]
    letters = after(those(case.outbound, _is_letter), decided - WITH_THE_DECISION)
    told = [r.at for r in records if our_words.tells_next_route(r.text)]
    told += [entry.at for entry in letters if our_words.tells_next_route(entry.contact.landlord_words)]
    if told:
        first = max(decided, min(told))
        return first, element(name, True, f"By {day_of(first)}, in our words or on record.")
    if any(our_words.denies_next_route(r.text) for r in records):
        return None, element(name, False, "Our record says that no next route was told.")
    with_it = [entry for entry in letters if entry.at <= decided + WITH_THE_DECISION]
    if with_it:
        return None, element(name, False, f"Our letter of {day_of(with_it[0].at)} names none.")
    return None, unknown(name, "The decision is on record, its letter is not: check that it names the next route.")


def _is_letter(entry: Entry) -> bool:
    """Ours, and no call and no program's."""
    return entry.contact.channel is not Channel.CALL and not entry.contact.auto


def _reopened(case: Case, decided: datetime, since: Sequence[Weighed]) -> datetime | None:
    """When we took the decided matter up again: by finding a fault, or in our words after something new was brought."""
    moments = [
        r.at for r in case.history.records if r.kind is RecordKind.INSPECTION_FAULT_FOUND and decided < r.at <= case.now
    ]
    new = min((w.at for w in since if w.reason is Reason.NEW), default=None)
    if new is not None:
        moments += [entry.at for entry in after(those(case.outbound, _reopens), new)]
    return min(moments, default=None)


def _reopens(entry: Entry) -> bool:
    return our_words.reopens(entry.contact.landlord_words)


def _presses(w: Weighed) -> bool:
    """Presses the decided point: counted, or a reply of theirs or a wish for a further review that brings nothing new."""
    said = w.contact.own_text
    if words.accepts(said):
        return False
    by_model = w.entry.scores is not None and w.entry.scores.has("P2")
    again = w.reason is Reason.ANSWER and (by_model or words.contests(said) or words.says_nothing_new(said))
    exhausted = w.reason is Reason.ESCALATION and not words.complains(said) and not w.adds.is_new
    return is_counted(w) or again or exhausted
