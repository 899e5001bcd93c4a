"""Answers that are not the page asked for: each says what happened and what to do, and none says how it came about (S22)."""

from dataclasses import dataclass


@dataclass(slots=True)
class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """An answer with a status, a heading and a sentence that says what to do."""

    status: int
    heading: str
    sentence: str


def not_found(what: str) -> Refusal:
    return Refusal(
        404, f"No such {what}", f"There is no {what} at this address, or it is not yours to see. Go back to your list."
    )
