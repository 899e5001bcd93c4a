"""Rows as CSV for a spreadsheet: a cell that a spreadsheet would take for a formula is made plain text."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")


def neutral(cell: str) -> str:
    """``cell`` without control characters, and with an apostrophe before what would be run as a formula (OWASP, CSV injection)."""
    plain = _CONTROL.sub(" ", cell)
    return f"'{plain}" if _FORMULA.match(plain) else plain


def sheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A whole file: UTF-8 with its mark, so that spreadsheets read it as such; every cell quoted and neutral."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()
