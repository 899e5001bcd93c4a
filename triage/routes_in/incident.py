"""A staff incident form: the only way in for animals that are not controlled and for what is said on a doorstep.

Its fields are those of the incident record (domain notes B.1) that somebody who was there can know: no score, no clause.
"""

from typing import Literal

from pydantic import Field

from triage.domain.contact import Channel, Contact, Delivery, Direction, Segment, SegmentKind
from triage.intake import clean, moment
from triage.routes_in.rows import Identifier, Line, Row, When, Words

PLACES = {
    "visit": "at a visit",
    "doorstep": "on a doorstep",
    "office": "in an office or a shared area",
    "telephone": "on the telephone",
    "online": "online",
    "elsewhere": "elsewhere",
}
SPEAKERS = {
    "customer": "the customer",
    "household": "another person of the household",
    "visitor": "a visitor of theirs",
    "animal": "an animal of theirs",
    "unknown": "somebody unknown",
}
ATTRIBUTIONS = {
    "own": "I saw or heard it myself",
    "quoted": "it was quoted to me by the customer",
    "reported": "a colleague or contractor told me",
    "unclear": "it is not clear who said or did it",
}


class IncidentRow(Row):
    """What a member of staff says happened. ``said`` holds words as they were spoken, ``happened`` the writer's own."""

    id: Identifier
    at: When
    place: Literal["visit", "doorstep", "office", "telephone", "online", "elsewhere"]
    by: Literal["customer", "household", "visitor", "animal", "unknown"] = Field(description="Who said or did it.")
    attribution: Literal["own", "quoted", "reported", "unclear"]
    target: Line = Field(min_length=1, description="The role of who was spoken to or affected; no name is needed.")
    customer_ref: Line | None = None
    customer_name: Line | None = None
    address: Line | None = None
    said: Words = ""
    happened: Words = Field(min_length=1)
    injury_or_damage: Line = ""
    effect: Words = Field(default="", description="What it did to the person affected, in their words.")
    asked_before: Line = Field(default="", description="Whether it was asked before to stop, or to secure the animal.")
    visit_planned: Line = Field(default="", description="Whether and when somebody goes to the address next.")
    police_ref: Line = ""
    written_by: Line = Field(default="", description="A role or pseudonym of who writes this.")


def contact_of_incident(row: IncidentRow, contact_id: str, source: str) -> Contact:
    """The form as a visit note. What happened and what was said is read by the model; the other fields are shown folded.

    What somebody else told or quoted is marked as such in the words, so that reported speech is not taken for heard.
    """
    at = moment(row.at)
    heard = {
        "own": "",
        "quoted": "This was quoted to the writer and not heard. ",
        "reported": "This was told by a colleague and not heard by the writer. ",
        "unclear": "Who said or did it is not clear. ",
    }[row.attribution]
    told = clean(f"{heard}{row.happened.strip()}\n")
    told += clean(f"Said, word for word: “{row.said.strip()}”\n") if row.said.strip() else ""
    facts = "".join(f"{name}: {clean(value)}\n" for name, value in _facts(row) if value)
    segments = (
        Segment(start=0, end=len(told), kind=SegmentKind.OWN, reason="What the member of staff says happened."),
        Segment(
            start=len(told),
            end=len(told) + len(facts),
            kind=SegmentKind.DISCLAIMER,
            reason="The other fields of the incident form.",
        ),
    )
    return Contact(
        id=contact_id,
        at=at,
        received=at,
        direction=Direction.IN,
        channel=Channel.VISIT_NOTE,
        deliveries=(Delivery(route="incident form", received=at, account=source, uid=row.id),),
        from_name=row.customer_name or None,
        subject=f"Incident {PLACES[row.place]}",
        text=told + facts,
        segments=segments,
    )


def _facts(row: IncidentRow) -> list[tuple[str, str | None]]:
    return [
        ("Where", PLACES[row.place]),
        ("Said or done by", SPEAKERS[row.by]),
        ("How the writer knows", ATTRIBUTIONS[row.attribution]),
        ("Towards", row.target),
        ("Customer", row.customer_ref),
        ("Address", row.address),
        ("Injury or damage", row.injury_or_damage),
        ("Effect on the person", row.effect),
        ("Asked before", row.asked_before),
        ("Next visit", row.visit_planned),
        ("Police reference", row.police_ref),
        ("Written by", row.written_by),
    ]
