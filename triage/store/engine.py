"""Opening the store: SQLite in WAL with full durability, migrated on opening; writers take the lock at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DatabaseError

from triage.domain.errors import StoreError
from triage.store.unit import Unit

BUSY_MS = 30_000


class Store:
    """A database of contacts, flags and decisions. ``durable=False`` is for throw-away replays alone."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        try:
            self.engine = _engine(url, durable)
        except (ArgumentError, ImportError) as error:
            raise StoreError("The database in the settings is no address; write sqlite:/// and a path.") from error
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
            raise StoreError(f"The database {self._name} cannot be used: {error.orig}.") from error
        return self

    @contextmanager
    def begin(self) -> Iterator[Unit]:
        """One transaction that may write: all of it is kept, or none."""
        with self.engine.connect().execution_options(triage_writes=True) as connection, connection.begin():
            yield Unit(connection)

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """A consistent view to read from."""
        with self.engine.connect() as connection, connection.begin():
            yield Unit(connection)

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
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("triage_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
