"""What an issue of many contacts keeps, and a deadline that falls on the very moment of a look."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from triage.domain.clocks import Clock, OwedReply
from triage.domain.owed import next_deadline
from triage.domain.signal import Assessment, Counted, Finding, Side, Signal
from triage.store.tables import assessment

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 5, 4, 12, tzinfo=LONDON)


def test_what_is_kept_of_an_issue_grows_with_its_contacts_and_not_with_their_square(desk):
    sizes = []
    newest = select(func.max(assessment.c.id)).scalar_subquery()
    older = select(func.sum(func.length(assessment.c.body))).where(assessment.c.id < newest)
    for number in range(1, 41):
        day = datetime(2026, 5, 4, 9, tzinfo=LONDON) + timedelta(hours=7 * number)
        desk.contact(day.isoformat(timespec="minutes")[:16], f"The boiler is still broken, when do you come? {number}")
        if number in (20, 40):
            with desk.store.read() as unit:
                sizes.append(unit.connection.execute(older).scalar_one())
    assert len(desk.issues()) == 1
    assert sizes[1] < 2.4 * sizes[0]


def test_an_older_assessment_keeps_its_own_words_and_what_the_newest_does_not_say(desk):
    contact = desk.contact("2026-05-04T09:00", "The boiler is broken, when do you come?")
    (issue_id,) = desk.issues()
    words = Finding(code="A2", customer_ref="c-ivy", why="words", contacts=(contact,), event=contact)
    counted = (Counted(contact_id=contact, counted=True, why="because"),)
    pattern = Finding(code="P1", customer_ref="c-ivy", why="many", contacts=(contact,), counted=counted)
    ended = Finding(code="P3", customer_ref="c-ivy", why="routes", contacts=(contact,), counted=counted)
    read = Signal(code="A2", side=Side.FOR, sentence="read", source="model:x")
    counts = Signal(code="P1", side=Side.FOR, sentence="counts", source="pattern:P1")
    owed = OwedReply(clock=Clock.CASE, source=contact, since=NOON, due=NOON, sentence="owed")
    common = {"at": NOON, "issue_id": issue_id, "policy": "p"}
    older = Assessment(
        **common, contact_id=contact, findings=(words, pattern, ended), signals=(read, counts), owed=(owed,)
    )
    newer = Assessment(**common, findings=(pattern,), signals=(counts,), owed=(owed,))
    with desk.store.begin() as unit:
        unit.issues.put_assessment(older)
        assert unit.issues.assessment_of(contact) == older
        unit.issues.put_assessment(newer)
        kept = unit.issues.assessment_of(contact)
        assert unit.issues.last_assessment(issue_id) == newer
    assert kept is not None
    assert (kept.findings, kept.signals, kept.owed) == ((words, ended), (read,), ())


def test_a_deadline_at_the_moment_of_the_look_is_still_waited_for():
    reply = OwedReply(clock=Clock.GENERAL_REPLY, source="m1", since=NOON - timedelta(days=7), due=NOON, sentence="")
    assert not reply.overdue_at(NOON)
    assert next_deadline([reply], NOON) == NOON
    assert next_deadline([reply], NOON + timedelta(seconds=1)) is None


def test_only_contacts_whose_newest_scores_are_anothers_are_read_again(desk):
    contact = desk.contact("2026-05-04T09:00", "The boiler is broken, when do you come?")
    mine = desk.pipeline.reader.model
    with desk.store.begin() as unit:
        assert unit.contacts.read_by_another(mine) == []
        assert [found.contact.id for found in unit.contacts.read_by_another("other/1")] == [contact]
        scores = unit.contacts.get(contact).scores
        other = type(scores)(model="other/1", probabilities={}, flagged=())
        unit.contacts.put_scores(contact, other, NOON + timedelta(days=1))
        assert [found.contact.id for found in unit.contacts.read_by_another(mine)] == [contact]
        assert unit.contacts.read_by_another("other/1") == []
        unit.contacts.put_scores(contact, scores, NOON + timedelta(days=2))
        assert unit.contacts.read_by_another(mine) == []
