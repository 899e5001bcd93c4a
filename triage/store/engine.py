"""Opening the store: SQLite in WAL with full durability, migrated on opening; writers take the lock at once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from triage.domain.errors import StoreError
from triage.domain.team import EVERYTHING, Sight
from triage.store.together import Together
from triage.store.unit import Unit

T = TypeVar("T")
BUSY_MS = 30_000
TRIES_EVERY_MS: Final = 3
"""How often a writer asks for the lock anew. SQLite itself would sleep up to 100 ms between two tries, and be passed by others."""
LOG_BYTES = 4 * 1024 * 1024
"""How much the write-ahead log may grow before it is copied into the database."""


class Store:
    """A database of contacts, flags and decisions. ``durable=False`` is for throw-away replays alone."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        try:
            self.engine = _engine(url, durable)
        except (ArgumentError, ImportError) as error:
            raise StoreError("The database in the settings is no address; write sqlite:/// and a path.") from error
        self._shared: Unit | None = None
        self._together = Together(self.begin)
        self._copying, self._copied = Lock(), 0
        self._name = self.engine.url.render_as_string(hide_password=True)

    def migrate(self) -> "Store":
        """Brings the tables to this version of the package (Alembic); safe to call at every start, also twice at once.

        Raises StoreError where the database cannot be opened, is none, or was written by a newer version.
        """
        try:
            with as_file(files("triage.store").joinpath("migrations")) as scripts, self.begin() as unit:
                config = Config()
                config.set_main_option("script_location", str(scripts))
                config.attributes["connection"] = unit.connection
                command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"The database {self._name} was written by another version of this service ({error}); install that version."
            ) from error
        except DatabaseError as error:
            raise StoreError(f"The database {self._name} cannot be used: {error.orig}.{self._hint()}") from error
        return self

    def _hint(self) -> str:
        """What to do where SQLite's own words do not say it."""
        folder = Path(self._name.removeprefix("sqlite:///")).parent
        return "" if folder.is_dir() else f" Make the folder {folder}, or correct `database` in the settings."

    @contextmanager
    def begin(self, sight: Sight = EVERYTHING) -> Iterator[Unit]:
        """One transaction that may write: all of it is kept, or none. ``sight``: what the person it is for may know of."""
        if self._shared is not None:
            yield self._shared
            return
        with self.engine.connect().execution_options(triage_writes=True) as connection, connection.begin():
            yield Unit(connection, sight)
        self._copy_log()

    def together(self, act: Callable[[Unit], T]) -> T:
        """A small write, such as who looked at what, in one commit with those of other threads; kept when this returns."""
        result: T = self._together.write(act)
        return result

    @contextmanager
    def read(self, sight: Sight = EVERYTHING) -> Iterator[Unit]:
        """A consistent view to read from. ``sight``: what the person it is for may know of."""
        if self._shared is not None:
            yield self._shared
            return
        with self.engine.connect() as connection, connection.begin():
            yield Unit(connection, sight)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Everything begun meanwhile is one transaction, for one thread on a throw-away store: all of it is kept, or none."""
        with self.engine.connect().execution_options(triage_writes=True) as connection, connection.begin():
            self._shared = Unit(connection)
            try:
                yield
            finally:
                self._shared = None
        self._copy_log()

    def _copy_log(self) -> None:
        """Copies a grown write-ahead log into the database while nobody can commit; readers are not waited for.

        SQLite's own checkpoint after a commit can meet another connection's commit that starts the log anew, and then lose pages
        (https://sqlite.org/wal.html, "the WAL-reset bug", up to 3.51.2). See ADR 0010.
        """
        name = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or not name or not self._copying.acquire(blocking=False):
            return
        try:
            log = Path(f"{name}-wal")
            size = log.stat().st_size if log.exists() else 0
            if size < self._copied:  # it has begun anew
                self._copied = 0
            if size - self._copied >= LOG_BYTES:
                self._copied = size
                self._copy_whole_log()
        except (SQLAlchemyError, sqlite3.Error):  # a pool without a free connection is one too
            pass  # what was committed is safe in the log; it is copied after a later commit
        finally:
            self._copying.release()

    def _copy_whole_log(self) -> None:
        copier = self.engine.raw_connection()  # before the lock is taken: whoever waits for the lock holds connections
        try:
            with self.engine.connect().execution_options(triage_writes=True) as held, held.begin():
                copier.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            copier.close()

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str, durable: bool) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event below opens transactions
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MS}",
            "wal_autocheckpoint=0",  # see Store._copy_log
            "journal_size_limit=0",  # the log's size then says how much of it is not yet copied
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("triage_writes", False):
            _take_lock(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _take_lock(connection: Connection) -> None:
    """Begins a transaction that may write, once the lock is free; raises OperationalError where it was not for half a minute."""
    driver: Any = connection.connection.driver_connection
    ends = monotonic() + BUSY_MS / 1000
    driver.execute(f"PRAGMA busy_timeout={TRIES_EVERY_MS}")
    try:
        while monotonic() < ends:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break  # said again below, as SQLAlchemy says it
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
