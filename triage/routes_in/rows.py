"""The rows that other systems may give, field by field: one vocabulary for the API, for imports and for the desk."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from triage.domain.customer import Role
from triage.domain.record import RecordKind
from triage.intake import moment

LONGEST_WORDS: Final = 200_000
MOST_TURNS: Final = 5_000


class RowKind(StrEnum):
    """What a delivery of rows is about."""

    CONTACTS = "contacts"
    INCIDENTS = "incidents"
    CUSTOMERS = "customers"
    VISITS = "visits"
    RECORDS = "records"


FEEDS: Final = frozenset({RowKind.CUSTOMERS, RowKind.VISITS, RowKind.RECORDS})
"""Kinds whose age matters: a delivery says how old its facts are, also when it holds no row."""

ContactChannel = Literal[
    "webform", "sms", "live_chat", "social_media_dm", "letter_scan", "visit_note", "call_transcript"
]
CHANNELS: Final[tuple[str, ...]] = ContactChannel.__args__  # type: ignore[attr-defined]


def kinds_that_may_be_allowed() -> tuple[str, ...]:
    """What a token may be made for: each channel of contacts, incidents, and each of the landlord's own exports."""
    return (*CHANNELS, *(kind.value for kind in RowKind if kind is not RowKind.CONTACTS))


def _is_moment(value: str) -> str:
    moment(value)
    return value


Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(max_length=500)]
Words = Annotated[str, StringConstraints(max_length=LONGEST_WORDS)]
When = Annotated[
    str,
    StringConstraints(min_length=8, max_length=40),
    AfterValidator(_is_moment),
    Field(description="ISO 8601; without an offset it is Europe/London wall-clock time."),
]


class Row(BaseModel):
    """A field that is not asked for is refused: it is more often a misspelling than a surplus."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TurnRow(Row):
    speaker: Literal["agent", "customer", "third_party", "system"]
    text: Words
    start_ms: int | None = Field(default=None, ge=0, lt=10**9)
    end_ms: int | None = Field(default=None, ge=0, lt=10**9)


class ContactRow(Row):
    """One approach by a customer, or one reply of ours. ``id`` is the source's own: the same id again is a correction."""

    id: Identifier
    at: When
    channel: ContactChannel
    direction: Literal["in", "out"] = "in"
    route: Line | None = Field(default=None, description="The team, page, line or number reached; else the source.")
    from_addr: Line | None = Field(default=None, description="Address, number or handle used; left out if withheld.")
    from_name: Line | None = None
    customer_ref: Line | None = Field(default=None, description="The landlord's own reference, where it is known.")
    to: list[Line] = Field(default_factory=list, max_length=200)
    cc: list[Line] = Field(default_factory=list, max_length=200)
    subject: Line = ""
    text: Words = ""
    turns: list[TurnRow] = Field(default_factory=list, max_length=MOST_TURNS)
    message_id: Line | None = None
    in_reply_to: Line | None = None
    auto: bool = False

    @model_validator(mode="after")
    def _has_words(self) -> "ContactRow":
        if not (self.text.strip() or self.subject.strip() or any(turn.text.strip() for turn in self.turns)):
            raise ValueError("it has no words; give text, a subject or turns")
        return self


class RecordRow(Row):
    """A fact of the landlord's side; the kinds are those of docs/data-flow.md."""

    id: Identifier
    at: When
    record: RecordKind
    customer_ref: Line | None = None
    ref: Line | None = Field(default=None, description="The landlord's case number.")
    due: When | None = None
    text: Words = ""


class CustomerRow(Row):
    """A person in the landlord's directory; the same customer_ref again replaces what was known."""

    customer_ref: Identifier
    role: Role = Role.CUSTOMER
    name: Line | None = None
    emails: list[Line] = Field(default_factory=list, max_length=50)
    phones: list[Line] = Field(default_factory=list, max_length=50)
    tenancy_ref: Line | None = None
    address: Line | None = None
    adjustments: list[Line] = Field(default_factory=list, max_length=50)
    safe_contact: Line | None = Field(default=None, description="How this person can be reached safely.")


class VisitRow(Row):
    """A planned visit; given again with ``cancelled`` it will not take place."""

    id: Identifier
    at: When
    until: When | None = None
    customer_ref: Line | None = None
    address: Line | None = None
    staff: Line | None = Field(default=None, description="A role or pseudonym of who goes.")
    text: Line = ""
    cancelled: bool = False


def row_model(kind: RowKind) -> type[Row]:
    """The model that a row of this kind follows."""
    from triage.routes_in.incident import IncidentRow

    models: dict[RowKind, type[Row]] = {
        RowKind.CONTACTS: ContactRow,
        RowKind.INCIDENTS: IncidentRow,
        RowKind.CUSTOMERS: CustomerRow,
        RowKind.VISITS: VisitRow,
        RowKind.RECORDS: RecordRow,
    }
    return models[kind]


def faults(error: ValidationError) -> str:
    """What is wrong with a row, as sentences that name each field and never repeat what a customer wrote."""
    sentences = []
    for fault in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in fault["loc"]) or "the row"
        match fault["type"]:
            case "missing":
                sentences.append(f"{field} is missing.")
            case "extra_forbidden":
                sentences.append(f"{field} is not a field of this kind of row; take it out or correct its name.")
            case "enum" | "literal_error":
                sentences.append(f"{field} must be one of {fault['ctx']['expected']}.")
            case "value_error":
                sentences.append(f"{field}: {str(fault['ctx']['error']).rstrip('.')}.")
            case _:
                sentences.append(f"{field}: {fault['msg'][:1].lower()}{fault['msg'][1:]}.")
    return " ".join(sentences)
