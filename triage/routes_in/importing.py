"""A file of rows, from beginning to end: read, kept, refused rows written beside it, and put on record."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage.domain.errors import InputError
from triage.intake import moment
from triage.ports import Progress
from triage.routes_in.files import read_rows, write_rejects
from triage.routes_in.rows import CHANNELS, RowKind
from triage.routes_in.taking import take_in
from triage.store import Store
from triage.store.arrivals import Noted, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did; ``rejects`` is the file of refused rows, None where there was none."""

    noted: Noted
    refused: tuple[Refused, ...]
    rejects: Path | None


def import_file(
    store: Store,
    file: Path,
    kind: str,
    *,
    source: str,
    channel: str | None,
    as_of: str | None,
    now: datetime,
    progress: Progress | None = None,
) -> Imported:
    """Raises InputError for an unknown kind or channel, a time that is none, and a file that cannot be read at all.

    The reject file is written before anything is kept, so that no row can be lost between the two.
    """
    if kind not in set(RowKind):
        raise InputError(f"The kind {kind!r} is none of {', '.join(RowKind)}.")
    if channel is not None and channel not in CHANNELS:
        raise InputError(f"The channel {channel!r} is none of {', '.join(CHANNELS)}.")
    try:
        told = moment(as_of) if as_of else None
    except ValueError as error:
        raise InputError(f"--as-of {as_of!r} is no ISO 8601 time ({error}).") from error
    found = read_rows(file, RowKind(kind), source=source, now=now, channel=channel, progress=progress)
    rejects = write_rejects(file, found.refused)
    written = told or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    with store.begin() as unit:
        noted = Noted()
        if found.rows or not found.refused:  # a file of which nothing could be used makes no feed fresh
            noted = take_in(unit, source=source, kind=RowKind(kind), rows=found.rows, now=now, as_of=written)
        unit.arrivals.refuse(found.refused)
        detail = {
            "source": source,
            "kind": kind,
            "new": str(noted.new),
            "changed": str(noted.changed),
            "refused": str(len(found.refused)),
        }
        unit.audit.append(at=now, actor="command line", action="rows.imported", subject=file.name, detail=detail)
    return Imported(noted=noted, refused=tuple(found.refused), rejects=rejects)
