"""What every measurement gives: a table for people and the same figures as JSON."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of figures. `note` says what was counted and what not: it is shown wherever the figures are."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def markdown(self) -> str:
        """The table in Markdown, its note below it."""
        lines = [f"### {self.title}", "", _line(self.columns), _line(["---"] * len(self.columns))]
        lines += [_line([_shown(cell) for cell in row]) for row in self.rows]
        return "\n".join([*lines, "", self.note, ""])

    def as_json(self) -> dict[str, Any]:
        """The figures by column name; a figure that is not a number is null."""
        plain = [[None if isinstance(c, float) and not math.isfinite(c) else c for c in row] for row in self.rows]
        rows = [dict(zip(self.columns, row, strict=True)) for row in plain]
        return {"title": self.title, "note": self.note, "rows": rows}


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _shown(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "—"
    return f"{cell:.3f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)


def write_tables(path: Path, tables: Sequence[Table]) -> None:
    """All tables in one JSON file."""
    content = [table.as_json() for table in tables]
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
