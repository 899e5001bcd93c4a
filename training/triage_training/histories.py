"""Customers' contacts of invented histories as examples: what mail is like as it comes in, most of which shows nothing.

A history says which flags are due in it and when, not what each of its contacts shows. So little is decided of one contact, and the rest
stays unknown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from triage_models.labels import Speaker
from triage_training.errors import BadExample
from triage_training.examples import Example, contact_of, lines_of

NAMED: Final = ("A1", "A2", "A4", "A5", "S0")
"""What a history's writer names wherever it is: where it is not due, no contact of the history shows it."""
HAZARD: Final = "hazard"
"""The flag of label HZ. A hazard may be told in passing, so it is absent only where the writer says that it must not be raised."""


def read_histories(paths: Iterable[Path]) -> list[Example]:
    """The customers' contacts of timelines (training/housing/README.md), in order, those in which a customer is heard; BadExample names
    the line that cannot be used."""
    return [example for path in paths for example in _in_file(path)]


def _in_file(path: Path) -> Iterator[Example]:
    for number, row in lines_of(path):
        try:
            yield from _in_history(row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadExample(f"{path.name} line {number} is no history: {error!s} ({type(error).__name__})") from error


def _in_history(row: Mapping[str, Any]) -> Iterator[Example]:
    due: dict[str, set[str]] = defaultdict(set)
    for flag in row["expected"]:
        due["HZ" if flag["code"] == HAZARD else flag["code"]].add(flag["earliest"])
    absent = {label for label in NAMED if label not in due}
    if HAZARD in row["not_expected"] and "HZ" not in due:
        absent.add("HZ")
    for place, event in enumerate(row["events"]):
        if event["kind"] != "contact" or event["direction"] != "in":
            continue
        contact = contact_of({**event, "id": f"{row['id']}/{place}"})
        if contact.text or any(turn.speaker is Speaker.CUSTOMER for turn in contact.turns):
            shown = {label for label in (*NAMED, "HZ") if event["at"] in due.get(label, ())}
            yield Example(
                contact=contact,
                labels=MappingProxyType(dict.fromkeys(absent, False) | dict.fromkeys(shown, True)),
                evidence=MappingProxyType({}),
                origin=row["id"].rpartition("-")[0],
            )
