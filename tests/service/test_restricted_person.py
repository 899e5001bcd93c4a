"""New issues of a restricted person are new issues (C18): linking, counting and flagging never ask for a restriction."""

import pytest

from triage.domain.flag import FlagKind
from triage.domain.restriction import RestrictionState, restrictions

BENCH = "The bench by the pond"
BOILER = "Boiler has broken down"
BOILER_SAID = {
    "b1": ("2026-03-02T09:00", "The boiler has broken down and there is no hot water."),
    "b2": ("2026-03-11T10:00", "Is there any news of the boiler?"),
    "b3": ("2026-03-12T10:00", "The boiler again. Nobody has come yet, when will you?"),
}


def tell(desk, kind):
    """A bench, settled and restricted by a record of that kind or by none, and three weeks later a boiler that nobody sees to."""
    asks, answer = (
        "Would you move the bench by the pond? It faces the wrong way.",
        "The bench by the pond stays where it is.",
    )
    desk.contact("2026-02-02T10:00", asks, subject=BENCH, id="a1")
    desk.reply("2026-02-03T10:00", answer, subject=f"Re: {BENCH}", id="a2")
    desk.contact("2026-02-05T10:00", "Move the bench by the pond, I insist.", subject=BENCH, id="a3")
    if kind is not None:
        text = "One letter a week about the bench by the pond."
        desk.record("2026-02-10T10:00", kind, id="r1", due="2026-05-10", text=text)
    for id, (at, words) in BOILER_SAID.items():
        desk.contact(at, words, subject=BOILER, id=id)
    desk.pass_time("2026-03-12T12:00")


def judged(desk):
    """Of the boiler's issue: what is on it, what is owed since when, what counts in P1 and the open flags."""
    with desk.store.read() as unit:
        issue = unit.issues.get(unit.issues.of_item("b1"))
        history, owed, patterns, _ = desk.pipeline._judged(unit, issue, desk.clock(), None, None)
        (persistence,) = (pattern for pattern in patterns if pattern.code == "P1")
        flags = unit.flags.listed(issue_id=issue.id)
        return {
            "on it": [entry.contact.id for entry in history.entries] + [record.id for record in history.records],
            "owed": [(reply.clock, reply.source, reply.due, reply.met_at) for reply in owed],
            "counted": [(line.contact_id, line.counted, line.why) for line in persistence.counted],
            "flags": [(flag.kind, code.code, code.contacts) for flag in flags for code in flag.codes],
        }


@pytest.fixture
def unrestricted(desk_of):
    desk = desk_of("unrestricted")
    tell(desk, None)
    return judged(desk)


@pytest.mark.parametrize("kind", ["contact_agreement", "warning"])
def test_a_new_issue_of_a_restricted_person_is_judged_as_anybodys(desk, unrestricted, kind):
    tell(desk, kind)
    found = judged(desk)
    assert found == unrestricted
    assert found["on it"] == list(BOILER_SAID)
    assert FlagKind.SERVICE_FAILURE in {flag[0] for flag in found["flags"]}
    with desk.store.read() as unit:
        records = unit.landlord.records_of_issue(unit.issues.of_item("a1"))
    assert [one.state for one in restrictions(records, (), desk.clock())] == [RestrictionState.IN_FORCE]
