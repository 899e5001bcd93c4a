"""A flag in plain English, as a text that can leave the landlord: why it was put before a person, what was decided, what one can do (C5)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from triage.domain.policy import Policy
from triage.domain.review import Answer, ClauseDecision, Review
from triage.domain.signal import ElementState
from triage.domain.workdays import LONDON
from triage.reports.flag_views import ClauseView, FlagPage
from triage.reports.marked import seen
from triage.reports.owed import OwedState

STATES = {ElementState.MET: "met", ElementState.NOT_MET: "not met", ElementState.CANNOT_KNOW: "cannot be known"}
ANSWERS = {Answer.YES: "yes, this happened", Answer.NO: "no, this did not happen", Answer.UNSURE: "unsure"}
OWED = {
    OwedState.LATE: "late",
    OwedState.DUE: "not due yet",
    OwedState.TRIED: "we came in time, and nobody was in",
    OwedState.DONE_LATE: "done late",
    OwedState.DONE: "done in time",
}
WHAT_NOW = (
    "You can say that something here is wrong, or add what should be known.",
    "You can ask for another person to look at it again.",
    "You can complain at any time, and take a complaint to the Housing Ombudsman.",
    "You can ask for what is held about you.",
    "None of this is held against anybody. Emergencies, safeguarding, payments and repairs stay open to everybody.",
)


def explained(view: FlagPage, policy: Policy) -> str:
    """The whole text, in the order of the flag page: what we owed before what was said. Names are masked as on the page.

    Statements of staff and at whom it was aimed are left out: they are about others.
    """
    parts = [
        [
            f"Why this was put before a person: {seen(view.title)}",
            f"{view.who}. Number {view.flag.id}. Raised on {_day(view.flag.opened)}. It is {view.flag.state.value}.",
            "A program read contacts and suggested that a person look. It decides nothing, sends nothing and scores "
            "nobody, and what it suggests can be wrong.",
            "For whoever gives this out: read it through first, and take out what is about others.",
        ],
        ["1. What we owed", *(_items(_owed(view)) or ["- Nothing that we know of."])],
        [
            "2. What we knew of circumstances",
            *(
                _items([*view.adjustments, *view.circumstances])
                or ["- Nothing on file. That does not mean that there is nothing."]
            ),
        ],
        ["3. What was suggested, and why"],
        *(_clause(clause, policy) for clause in view.clauses),
        ["4. What a person decided", *(_decided(view.reviews, policy) or ["Nobody has decided it yet."])],
        ["5. What you say of it", *(_said(view) or ["Nothing is noted."])],
        ["6. What you can do", *_items(_appeal(view)), *_items(WHAT_NOW)],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _owed(view: FlagPage) -> Iterator[str]:
    for item in view.owed:
        yield f"{item.what}: asked for on {_day(item.since)}, due by {_day(item.due)}, {OWED[item.state]}."


def _clause(clause: ClauseView, policy: Policy) -> list[str]:
    code = "" if clause.code.islower() else f"{clause.code} "
    lines = [
        f"{code}{clause.clause.title}",
        f"The policy ({clause.policy}) says: “{clause.clause.quote}” ({clause.clause.quote_ref})",
    ]
    if clause.withheld:
        return [*lines, "What raised it is with safeguarding, and not told here."]
    if clause.why:
        lines.append(f"Why: {seen(clause.why)}")
    for element in clause.elements:
        lines.append(f"- {seen(element.name)}: {STATES[element.state]}. {seen(element.sentence)}".rstrip())
    lines += _counted(clause)
    lines += [
        "What speaks for it:",
        *(_items(signal.sentence for signal in clause.signals_for) or ["- Nothing beyond what is above."]),
    ]
    lines += [
        "What speaks against it:",
        *(_items(signal.sentence for signal in clause.signals_against) or ["- Nothing was found."]),
    ]
    changes = [one.sentence for one in clause.otherwise] or [clause.what_would_change]
    if any(changes):
        lines += ["What would have changed it:", *_items(change for change in changes if change)]
    return lines


def _counted(clause: ClauseView) -> Iterator[str]:
    """Which contacts were counted, and why the others were not: the list that anybody is owed who is told of a pattern (A.14)."""
    counted = sum(one.counted for one, _ in clause.counted)
    if clause.counted:
        yield f"Contacts counted: {counted} of {len(clause.counted)}."
    for one, contact in clause.counted:
        what = f"{contact.channel}, {_day(contact.at)}" if contact else "An earlier contact"
        yield f"- {what}: {'counted' if one.counted else 'not counted'}. {seen(one.why)}"


def _decided(reviews: Iterable[Review], policy: Policy) -> list[str]:
    lines = []
    for review in reviews:
        back = " This decision was taken back and counts as nothing." if review.withdrawn else ""
        lines.append(f"{seen(review.reviewer)}, {_day(review.at)}.{back}")
        lines += _items(_answer(decision, policy) for decision in review.decisions)
        if review.circumstances_weighed:
            lines.append(f"- Circumstances weighed: {seen(review.circumstances_weighed)}")
        lines.append(f"- Next step, by a person: {review.next_step or 'none'}.")
    return lines


def _answer(decision: ClauseDecision, policy: Policy) -> str:
    limb = f" It met this part of the policy: {policy.limbs[decision.limb]}." if decision.limb else ""
    title = policy.clause(decision.code).title
    return f"{title}: {ANSWERS[decision.answer]}. The reason, which is this person’s opinion: {seen(decision.reason)}{limb}"


def _said(view: FlagPage) -> list[str]:
    lines = []
    for one in view.representations:
        day = f"{one.received.day} {one.received:%B %Y}"
        lines.append(f"- From {one.made_by.value}, received {day}, {one.asks.value}: {seen(one.text)}")
        if one.answer:
            answer = f"  {seen(one.answer.reviewer)}, who took no part in the decision, {_day(one.answer.at)}: "
            lines.append(f"{answer}{one.answer.outcome.value}. The reason: {seen(one.answer.reason)}")
        elif one.waits:
            lines.append("  This appeal has no answer yet. Somebody who took no part in the decision gives it.")
    return lines


def _appeal(view: FlagPage) -> Iterator[str]:
    if view.appeal_by is not None:
        yield (
            f"You can appeal until {_day(view.appeal_by)} at least; somebody who took no part in the decision answers. "
            "An appeal that comes later is heard all the same."
        )


def _items(lines: Iterable[str]) -> list[str]:
    return [f"- {seen(line)}" for line in lines]


def _day(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}"
