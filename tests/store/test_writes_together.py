"""Small writes of several threads are one commit: each is kept when it returns, and one that fails takes no other with it."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from triage.store import Store

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}", durable=False).migrate()
    yield store
    store.close()


def _line(unit, subject):
    return unit.audit.append(at=AT, actor="Kim Lee", action="flag.viewed", subject=subject).seq


def _subjects(store):
    with store.read() as unit:
        unit.audit.verify()
        return [entry.subject for entry in unit.audit.entries()]


def _write_while_the_lock_is_held(store, acts):
    """What each act gave, or raised, where all of them had to wait for another writer."""

    def outcome(act):
        try:
            return store.together(act)
        except ValueError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        with store.begin():
            waiting = [pool.submit(outcome, act) for act in acts]
            while len(store._together._waiting) < len(acts):
                threading.Event().wait(0.01)
        return [one.result() for one in waiting]


def test_what_waited_for_another_writer_is_committed_at_once_and_in_one_chain(store):
    begun = []
    begin = store._together._begin
    store._together._begin = lambda: begun.append(1) or begin()
    given = _write_while_the_lock_is_held(store, [lambda unit, n=n: _line(unit, f"f{n}") for n in range(6)])
    assert sorted(given) == list(range(1, 7))
    assert sorted(_subjects(store)) == [f"f{n}" for n in range(6)]
    assert len(begun) == 1


def test_it_is_on_record_for_others_when_it_returns(store, tmp_path):
    store.together(lambda unit: _line(unit, "f1"))
    with sqlite3.connect(tmp_path / "t.sqlite") as other:
        assert other.execute("SELECT subject FROM audit").fetchall() == [("f1",)]


def test_one_that_fails_takes_no_other_with_it(store):
    def fails(unit):
        _line(unit, "lost")
        raise ValueError("not this one")

    given = _write_while_the_lock_is_held(
        store, [lambda unit: _line(unit, "f1"), fails, lambda unit: _line(unit, "f2")]
    )
    assert [str(one) for one in given if isinstance(one, ValueError)] == ["not this one"]
    assert sorted(_subjects(store)) == ["f1", "f2"]


def test_many_threads_writing_all_the_time_lose_nothing(store):
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: store.together(lambda unit: _line(unit, f"f{n}")), range(120)))
    assert sorted(numbers) == list(range(1, 121))
    assert len(set(_subjects(store))) == 120
