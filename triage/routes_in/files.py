"""Files of rows, CSV or JSON lines: what can be used, and each row that cannot with its line and a sentence."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from triage.domain.errors import InputError
from triage.ports import Progress, Unwatched
from triage.routes_in.rows import Row, RowKind, faults, row_model
from triage.store.arrivals import Refused

LARGEST_FILE = 200 * 1024 * 1024
LARGEST_CELL = 1024 * 1024
_LISTS = frozenset({"to", "cc", "emails", "phones", "adjustments"})
_FLAGS = frozenset({"auto", "cancelled"})
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
Raw = Mapping[str, Any] | str


@dataclass(slots=True, kw_only=True)
class FileRead:
    """What a file gave."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_rows(
    path: Path,
    kind: RowKind,
    *,
    source: str,
    now: datetime,
    channel: str | None = None,
    progress: Progress | None = None,
) -> FileRead:
    """Reads a file; a bad row costs itself alone. ``channel`` is for contacts that name none.

    CSV has the fields' names in its first line, lists joined with semicolons; what begins with ``{`` is JSON lines, also
    as `write_rejects` wrote them. Raises InputError for a file that is not there, too large, or has no rows at all.
    """
    found, model, progress = FileRead(), row_model(kind), progress or Unwatched()
    text = _text(path)
    progress.expect(text.count("\n"))
    for line, raw in _raw_rows(text):
        progress.step()
        try:
            if isinstance(raw, str):
                raise InputError(raw)
            extra = {"channel": channel} if channel and kind is RowKind.CONTACTS and not raw.get("channel") else {}
            found.rows.append(model.model_validate({**raw, **extra}))
        except (InputError, ValidationError) as error:
            reason = faults(error) if isinstance(error, ValidationError) else str(error)
            body = json.dumps(raw, ensure_ascii=True, default=str)
            found.refused.append(Refused(source=source, file=path.name, line=line, reason=reason, body=body, at=now))
    return found


def write_rejects(path: Path, refused: Iterable[Refused]) -> Path | None:
    """Writes ``<file>.rejected.jsonl`` beside the file: correct the rows in it and import that. None where none was refused."""
    refused = list(refused)
    if not refused:
        return None
    target = path.with_name(f"{path.name.removesuffix('.rejected.jsonl')}.rejected.jsonl")
    lines = [json.dumps({"line": row.line, "reason": row.reason, "row": json.loads(row.body)}) for row in refused]
    try:
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
        target.chmod(0o600)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}; nothing was imported.") from error
    return target


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} is larger than {LARGEST_FILE // 1024 // 1024} MB; split it.")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if not text.strip():
        raise InputError(f"{path} is empty; export it again.")
    return text


def _raw_rows(text: str) -> Iterator[tuple[int, Raw]]:
    """(line, row) or, for a line that is no row, (line, why)."""
    return _json_lines(text) if text.lstrip().startswith("{") else _csv_rows(text)


def _json_lines(text: str) -> Iterator[tuple[int, Raw]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "It is not JSON; write one object a line."
            continue
        if isinstance(row, dict) and set(row) == {"line", "reason", "row"}:
            row = row["row"]
        yield number, row if isinstance(row, dict) else "It is not a JSON object."


def _csv_rows(text: str) -> Iterator[tuple[int, Raw]]:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield reader.line_num, f"It is not CSV ({error}); check its quotation marks."
            continue
        if row is None:
            return
        if None in row:
            yield reader.line_num, "It has more cells than the first line has names."
        elif any(value is None for value in row.values()):
            yield reader.line_num, "It has fewer cells than the first line has names."
        else:
            yield (
                reader.line_num,
                {name.strip(): _cell(name.strip(), value) for name, value in row.items() if value.strip()},
            )


def _cell(name: str, value: str) -> Any:
    if name in _LISTS:
        return [part.strip() for part in value.split(";") if part.strip()]
    if name in _FLAGS and value.strip().lower() in _YES | _NO:
        return value.strip().lower() in _YES
    return value
