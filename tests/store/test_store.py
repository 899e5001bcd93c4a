"""The store keeps what it was given, refuses what it cannot hold, and its audit chain shows any change."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from triage.domain.contact import Channel, Contact, Delivery, Direction, Segment, SegmentKind, Speaker, Turn
from triage.domain.customer import Identification, LinkEvidence, Zone
from triage.domain.errors import AuditBrokenError
from triage.domain.issue import Issue, IssueLink
from triage.domain.score import Reason, Scores, Span
from triage.store import Store
from triage.store.access import IDLE, LONGEST, Duty

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'triage.sqlite'}").migrate()
    yield store
    store.close()


def full_contact(**changes):
    wanted = {
        "id": "m1",
        "at": NOW,
        "received": NOW + timedelta(minutes=1),
        "direction": Direction.IN,
        "channel": Channel.EMAIL,
        "deliveries": (
            Delivery(
                route="repairs@x.example",
                received=NOW,
                account="repairs@x.example",
                folder="INBOX",
                uidvalidity=7,
                uid="12",
            ),
        ),
        "from_addr": "a@b.example",
        "to": ("repairs@x.example",),
        "subject": "Ünïcode =HYPERLINK(…)",
        "text": "own\n> quoted",
        "segments": (
            Segment(start=0, end=3, kind=SegmentKind.OWN),
            Segment(start=4, end=12, kind=SegmentKind.QUOTED, reason="marked with >"),
        ),
        "turns": (
            Turn(
                speaker=Speaker.CUSTOMER, text="hello", start_ms=10, end_ms=20, confidence=0.5, masked=1, certain=False
            ),
        ),
        "message_id": "<1@b.example>",
    }
    return Contact(**{**wanted, **changes})


def test_a_contact_with_its_link_and_scores_comes_back_as_it_was(store):
    contact = full_contact()
    who = Identification(
        customer_ref="c1",
        zone=Zone.SURE,
        probability=0.99,
        evidence=(LinkEvidence(kind="email", weight=3.0, sentence="The address is on file."),),
    )
    span = Span(part=0, start=0, end=5, text="hello")
    scores = Scores(
        model="m/1",
        probabilities={"A1": 0.25},
        flagged=("A1",),
        spans={"A1": (span,)},
        reasons={"A1": (Reason(kind="rule", id="r", weight=1.0, sentence="s", spans=(span,)),)},
    )
    with store.begin() as unit:
        unit.issues.add(Issue(id="i1", household_ref="c1", opened=NOW))
        unit.contacts.put(contact, "f")
        unit.contacts.place("m1", who, "i1", IssueLink(issue_id="i1", probability=1.0))
        unit.contacts.put_scores("m1", scores, NOW)
    with store.read() as unit:
        placed = unit.contacts.get("m1")
        assert (placed.contact, placed.who, placed.issue_id, placed.scores) == (contact, who, "i1", scores)


def test_the_scores_shown_are_the_newest(store):
    with store.begin() as unit:
        unit.contacts.put(full_contact(), "f")
        unit.contacts.place("m1", Identification(customer_ref="c1", zone=Zone.NO, probability=0.1), None, None)
        for model, hour in (("m/2", 2), ("m/1", 1)):
            unit.contacts.put_scores("m1", Scores(model=model), NOW + timedelta(hours=hour))
        assert unit.contacts.get("m1").scores.model == "m/2"
        assert [found.contact.id for found in unit.contacts.read_by_another("m/1")] == ["m1"]
        assert unit.contacts.read_by_another("m/2") == []


def test_a_transaction_that_fails_keeps_nothing(store):
    def half_way():
        with store.begin() as unit:
            unit.contacts.put(full_contact(), "f")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with store.read() as unit:
        assert unit.contacts.counts() == {"in": 0, "out": 0, "not_scored": 0}


def test_a_moment_without_a_time_zone_is_refused(store):
    with pytest.raises(Exception, match="time zone"), store.begin() as unit:
        unit.contacts.put(full_contact(at=datetime(2026, 1, 1)), "f")  # noqa: DTZ001 (what is refused)


def test_the_tables_are_those_of_the_migrations(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from triage.store.tables import metadata

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_again_changes_nothing(store):
    with store.begin() as unit:
        unit.audit.append(at=NOW, actor="a", action="b", subject="c")
    assert store.migrate() is store
    with store.read() as unit:
        assert unit.audit.verify() == 1


def test_sqlite_is_durable_and_shared(store):
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET actor = 'x' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
        'UPDATE audit SET detail = \'{"a": "9"}\' WHERE seq = 3',
        "DELETE FROM audit WHERE seq = 1",
    ],
)
def test_an_edited_or_missing_audit_entry_is_seen(store, tampering):
    with store.begin() as unit:
        for number in range(3):
            unit.audit.append(at=NOW, actor="Ana", action="flag.viewed", subject="f", detail={"a": str(number)})
    with store.begin() as unit:
        unit.connection.execute(text(tampering))
    with pytest.raises(AuditBrokenError, match="altered"), store.read() as unit:
        unit.audit.verify()


def test_a_sign_in_works_once_and_only_in_time(store):
    with store.begin() as unit:
        token = unit.access.invite("Ana", Duty.REVIEWER, expires=NOW + timedelta(hours=1))
        assert unit.access.sign_in(token, NOW + timedelta(hours=2)) is None
        secret, person = unit.access.sign_in(token, NOW)
        assert (person.name, person.duty) == ("Ana", Duty.REVIEWER)
        assert unit.access.sign_in(token, NOW) is None
        assert unit.access.who(secret, NOW) == person
        assert unit.access.who("guess", NOW) is None


def test_a_session_ends_when_idle_when_old_and_on_signing_out(store):
    with store.begin() as unit:
        secret, _ = unit.access.sign_in(unit.access.invite("Ana", Duty.MANAGER, expires=NOW + IDLE), NOW)
        assert unit.access.who(secret, NOW + IDLE) is None
        unit.access.touch(secret, NOW + LONGEST - timedelta(minutes=1))
        assert unit.access.who(secret, NOW + LONGEST - timedelta(seconds=1)) is not None
        assert unit.access.who(secret, NOW + LONGEST) is None
        unit.access.sign_out(secret)
        assert unit.access.who(secret, NOW) is None


def test_no_token_is_kept_in_the_database(store, tmp_path):
    with store.begin() as unit:
        token = unit.access.invite("Ana", Duty.ANALYST, expires=NOW + IDLE)
        secret, _ = unit.access.sign_in(token, NOW)
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token.encode() not in kept
    assert secret.encode() not in kept
