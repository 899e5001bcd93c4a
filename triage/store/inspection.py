"""Looking at a database from outside, changing nothing: is it there, whole, of this version, and has it room."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import NullPool

from triage.store.tables import audit, ledger

CHECKED_UP_TO = 2 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFound:
    """What was found. ``problem`` is a sentence; sizes in bytes; ``path`` None for what is no SQLite file.

    ``revision`` is the database's version of the tables and ``wanted`` this package's; ``is_whole`` None where the file was
    too large to check; ``last_written`` the newest moment in it, by the clock of whoever wrote it.
    """

    path: Path | None = None
    problem: str | None = None
    is_there: bool = True
    revision: str | None = None
    wanted: str | None = None
    is_known: bool = True
    journal: str = ""
    size: int = 0
    wal_size: int = 0
    free: int = 0
    is_whole: bool | None = None
    last_written: datetime | None = None


def inspect_database(url: str) -> DatabaseFound:
    """Opens the file read-only; never raises for what is wrong with it, and makes none where there is none."""
    try:
        place = make_url(url)
    except ArgumentError:
        return DatabaseFound(problem="The database in the settings is no address; write sqlite:/// and a path.")
    if not place.drivername.startswith("sqlite") or not place.database:
        return DatabaseFound(problem="Only a SQLite file can be looked at from here.")
    path = Path(place.database)
    if not path.parent.is_dir():
        return DatabaseFound(path=path, problem=f"There is no folder {path.parent}; make it.")
    free = shutil.disk_usage(path.parent).free
    if not path.is_file():
        return DatabaseFound(path=path, is_there=False, free=free)
    try:
        return _looked(path, free)
    except DatabaseError as error:
        return DatabaseFound(path=path, free=free, problem=f"The database {path} cannot be read: {error.orig}.")


def _looked(path: Path, free: int) -> DatabaseFound:
    size, log = path.stat().st_size, path.with_name(f"{path.name}-wal")
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection, as_file(files("triage.store").joinpath("migrations")) as scripts:
        journal = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
        revision = MigrationContext.configure(connection).get_current_revision()
        config = Config()
        config.set_main_option("script_location", str(scripts))
        directory = ScriptDirectory.from_config(config)
        wanted = directory.get_current_head()
        known = {script.revision for script in directory.walk_revisions()}
        whole = None
        if size <= CHECKED_UP_TO:
            whole = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() == "ok"
        newest = None
        if revision is not None:
            moments = [connection.execute(select(func.max(c))).scalar() for c in (audit.c.at, ledger.c.stored_at)]
            newest = max((moment for moment in moments if moment is not None), default=None)
    return DatabaseFound(
        path=path,
        revision=revision,
        wanted=wanted,
        is_known=revision is None or revision in known,
        journal=journal,
        size=size,
        wal_size=log.stat().st_size if log.is_file() else 0,
        free=free,
        is_whole=whole,
        last_written=newest,
    )
