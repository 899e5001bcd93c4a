"""The write-ahead log is copied into the database by the store itself, while nobody can commit."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime

from triage.store import Store, engine

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def _note(store, number):
    with store.begin() as unit:
        unit.audit.append(at=AT, actor="Kim Lee", action="view", subject=f"{number} " + "x" * 20_000)


def _size(path):
    return path.stat().st_size if path.exists() else 0


def test_a_log_that_has_grown_is_copied_and_begins_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "LOG_BYTES", 200_000)
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}").migrate()
    before = _size(tmp_path / "t.sqlite")
    for number in range(40):
        _note(store, number)
    assert _size(tmp_path / "t.sqlite") > before + 400_000
    assert _size(tmp_path / "t.sqlite-wal") < 600_000


def test_a_reader_holds_up_no_writer_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "LOG_BYTES", 100_000)
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}").migrate()
    with store.read() as seen:
        first = seen.audit.verify()
        for number in range(30):
            _note(store, number)
        assert seen.audit.verify() == first
    with store.read() as seen:
        assert seen.audit.verify() == first + 30


def test_many_writers_at_once_leave_a_whole_database(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "LOG_BYTES", 50_000)
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}", durable=False).migrate()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: _note(store, number), range(160)))
    store.close()
    with sqlite3.connect(tmp_path / "t.sqlite") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("SELECT count(*) FROM audit WHERE action = 'view'").fetchone() == (160,)


def test_a_copy_that_finds_no_free_connection_fails_nothing_that_was_committed(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "LOG_BYTES", 10_000)
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}").migrate()
    pool = store.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.1)
    with ExitStack() as others:
        for _ in range(pool.size() + pool._max_overflow - 1):
            others.enter_context(store.read())
        _note(store, 1)
    with store.read() as seen:
        assert seen.audit.verify() == 1
