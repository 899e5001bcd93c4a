"""`triage score`: lines of contacts in, lines of predictions out, in the formats of the tools; and such lines as a Reader."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from triage.domain.contact import Contact
from triage.domain.errors import InputError
from triage.domain.score import Scores, Span
from triage.history import row_of
from triage.history_file import Lines, LinesById
from triage.intake import contact_of_row, with_quotes_checked
from triage.ports import Reader

T = TypeVar("T")
BATCH = 64
GIVEN = "given/scores"
DEFAULTS = {"at": "2000-01-01T00:00+00:00", "direction": "in"}


def score_lines(lines: Iterable[str], reader: Reader) -> Iterator[dict[str, Any]]:
    """One row per input line, in order; a line that cannot be read gives a row that says why and stops no other."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        read = [_contact(number, line) for number, line in batch]
        contacts = [item[0] for item in read if isinstance(item, tuple) and not item[0].not_scored]
        scores = dict(zip((id(contact) for contact in contacts), reader.read(contacts), strict=True))
        for item in read:
            yield item if isinstance(item, dict) else _row(*item, scores.get(id(item[0])))


def _contact(number: int, line: str) -> tuple[Contact, Mapping[str, Any]] | dict[str, Any]:
    """A line's contact and what it was made of; or, where there is none, its row."""
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
        return with_quotes_checked(contact, ()), row
    except (InputError, KeyError) as error:
        reason = f"It needs the key {error}." if isinstance(error, KeyError) else str(error)
        return {"id": None, "line": number, "scores": {}, "flagged": [], "evidence": {}, "not_scored": reason}


def _row(contact: Contact, given: Mapping[str, Any], scores: Scores | None) -> dict[str, Any]:
    reason, caveat = contact.not_scored or (_why_not(scores) if scores else None), scores.caveat if scores else None
    row: dict[str, Any] = {"id": contact.id, "scores": {}, "flagged": [], "evidence": {}}
    if scores is not None and not reason:
        evidence = {label: [_given(span, given) for span in scores.spans.get(label, ())] for label in scores.flagged}
        row |= {
            "scores": {label: round(value, 6) for label, value in scores.probabilities.items()},
            "flagged": list(scores.flagged),
            "evidence": {label: words for label, words in evidence.items() if words},
        }
    return row | {key: value for key, value in (("not_scored", reason), ("caveat", caveat)) if value}


def _why_not(scores: Scores) -> str | None:
    """Why a contact counts as not scored: it was not read, or labels were not judged and the safety rules found nothing either."""
    if scores.not_scored and scores.flagged:
        return f"{scores.not_scored.rstrip('.')}. The safety and hazard rules found {', '.join(scores.flagged)}."
    return scores.not_scored or (scores.caveat if scores.abstained and not scores.flagged else None)


def _given(span: Span, given: Mapping[str, Any]) -> str:
    """The words as the line gave them: a character that no column can hold was read as another in its place."""
    words = given["turns"][span.part]["text"] if isinstance(span.part, int) else given[span.part]
    return str(words[span.start : span.end])


class GivenScores:
    """A Reader whose scores were worked out before (lines as `triage score` writes them): replaying runs no model.

    A contact without a line is *not scored*, in a sentence. Spans are found again where the evidence stands in the words.
    Raises InputError for a line that is no prediction.
    """

    def __init__(self, lines: Iterable[str], model: str = GIVEN) -> None:
        self.model = model
        known = {id: line for line, id in _predictions((line, line) for line in lines)}
        self._row_of: Callable[[str], Mapping[str, Any] | None] = lambda id: row_of(known[id]) if id in known else None

    @classmethod
    def of_file(cls, file: BinaryIO, model: str = GIVEN) -> "GivenScores":
        """The same from a file that stays open, of any length: only where each line begins is kept."""
        reader, lines = cls((), model), Lines(file)
        known = LinesById(lines, _predictions(lines.each()))
        reader._row_of = lambda id: next((row for row in map(row_of, known.candidates(id)) if row["id"] == id), None)
        return reader

    def read(self, contacts: Sequence[Contact]) -> list[Scores]:
        return [self._read(contact) for contact in contacts]

    def _read(self, contact: Contact) -> Scores:
        row = self._row_of(contact.id)
        if row is None:
            return Scores(model=self.model, not_scored="The file of scores has no line for it.")
        flagged = tuple(str(label) for label in row.get("flagged") or ())
        evidence = row.get("evidence") or {}
        spans = {label: tuple(_found(contact, evidence.get(label) or ())) for label in flagged}
        return Scores(
            model=self.model,
            probabilities={str(label): float(value) for label, value in row["scores"].items()},
            flagged=flagged,
            spans={label: found for label, found in spans.items() if found},
            not_scored=None if row.get("caveat") else row.get("not_scored"),
            caveat=row.get("caveat"),
        )


def _predictions(lines: Iterable[tuple[T, str]]) -> Iterator[tuple[T, str]]:
    """What stands beside each line of the scores, with its id; raises InputError for a line that is no prediction."""
    for number, (beside, line) in enumerate(lines, 1):
        if line.strip():
            row = row_of(line)
            if not isinstance(row.get("id"), str) or not isinstance(row.get("scores"), Mapping):
                raise InputError(f"Line {number} of the scores needs id and scores, as triage score writes them.")
            yield beside, row["id"]


def _found(contact: Contact, quotes: Iterable[str]) -> Iterator[Span]:
    """Each quotation where it first stands in the words."""
    parts: list[tuple[str | int, str]] = [("subject", contact.subject), ("text", contact.text)]
    parts += list(enumerate(turn.text for turn in contact.turns))
    for quote in quotes:
        place = next(((part, words.find(quote)) for part, words in parts if quote and quote in words), None)
        if place is not None:
            part, start = place
            yield Span(part=part, start=start, end=start + len(quote), text=quote)
