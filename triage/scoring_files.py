"""`triage score`: lines of contacts in, lines of predictions out, in the formats of the tools."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from triage.domain.contact import Contact
from triage.domain.errors import InputError
from triage.domain.score import Scores
from triage.history import row_of
from triage.intake import contact_of_row, with_quotes_checked
from triage.ports import Reader

BATCH = 64
DEFAULTS = {"at": "2000-01-01T00:00+00:00", "direction": "in"}


def score_lines(lines: Iterable[str], reader: Reader) -> Iterator[dict[str, Any]]:
    """One row per input line, in order; a line that cannot be read gives a row that says why and stops no other."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        read = [_contact(number, line) for number, line in batch]
        contacts = [contact for contact in read if isinstance(contact, Contact) and not contact.not_scored]
        scores = dict(zip((id(contact) for contact in contacts), reader.read(contacts), strict=True))
        for item in read:
            yield item if isinstance(item, dict) else _row(item, scores.get(id(item)))


def _contact(number: int, line: str) -> Contact | dict[str, Any]:
    try:
        row = row_of(line)
        contact = contact_of_row(
            {
                **DEFAULTS,
                "channel": row["channel"],
                "id": row["id"],
                **{key: row.get(key) for key in ("subject", "text", "turns")},
            }
        )
        return with_quotes_checked(contact, ())
    except (InputError, KeyError) as error:
        reason = f"It needs the key {error}." if isinstance(error, KeyError) else str(error)
        return {"id": None, "line": number, "scores": {}, "flagged": [], "evidence": {}, "not_scored": reason}


def _row(contact: Contact, scores: Scores | None) -> dict[str, Any]:
    reason = contact.not_scored or (scores.not_scored if scores else None)
    row: dict[str, Any] = {"id": contact.id, "scores": {}, "flagged": [], "evidence": {}}
    if scores is not None and not reason:
        evidence = {label: [span.text for span in scores.spans.get(label, ())] for label in scores.flagged}
        row |= {
            "scores": {label: round(value, 6) for label, value in scores.probabilities.items()},
            "flagged": list(scores.flagged),
            "evidence": {label: words for label, words in evidence.items() if words},
        }
    return {**row, "not_scored": reason} if reason else row
