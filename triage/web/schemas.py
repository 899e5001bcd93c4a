"""What may be sent to us: forms and JSON, with no field more than is asked for (S18)."""

from collections.abc import Mapping
from typing import Annotated, Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.domain.errors import DecisionRefusedError
from triage.domain.incident import SupportStep
from triage.domain.review import Answer, ClauseDecision, OutOfCharacter, VisitPlanned
from triage.web.edge import LARGEST_BODY
from triage.web.refusals import Refusal

LONGEST_TEXT: Final = 4000
PageNumber = Annotated[int, Query(ge=1, le=10_000)]
FIELDS_AT_MOST: Final = 200
_OF_YES: Final = ("limb", "limb_evidence", "out_of_character", "target", "visit_planned")
_PER_CODE: Final = ("answer", "reason", *_OF_YES)


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DecisionIn(_Sent):
    """One clause's answer, as a person gave it."""

    code: str = Field(max_length=16)
    answer: Answer
    reason: str = Field(default="", max_length=LONGEST_TEXT)
    limb: str | None = Field(default=None, max_length=40)
    limb_evidence: str | None = Field(default=None, max_length=LONGEST_TEXT)
    out_of_character: OutOfCharacter | None = None
    target: str | None = Field(default=None, max_length=200)
    visit_planned: VisitPlanned | None = None

    def decision(self) -> ClauseDecision:
        return ClauseDecision(
            code=self.code,
            answer=self.answer,
            reason=self.reason.strip(),
            limb=self.limb,
            limb_evidence=self.limb_evidence,
            out_of_character=self.out_of_character,
            target=self.target,
            visit_planned=self.visit_planned,
        )


class ReviewIn(_Sent):
    """A decision on one version of a flag. Who decides is who is signed in, so there is no field for it."""

    flag_version: int
    decisions: tuple[DecisionIn, ...] = Field(default=(), max_length=20)
    circumstances_weighed: str = Field(default="", max_length=LONGEST_TEXT)
    next_step: str | None = Field(default=None, max_length=200)
    less_intrusive: str = Field(default="", max_length=LONGEST_TEXT)
    equality: str = Field(default="", max_length=LONGEST_TEXT)
    not_involved: bool = False


class TokenForm(_Sent):
    """A button: nothing but the form's token."""

    token: str = Field(max_length=100)


class RetryForm(TokenForm):
    """One message of the quarantine by its number; without one, all that wait."""

    id: int | None = Field(default=None, ge=1, lt=2**31)


class SignInForm(_Sent):
    sign_in: str = Field(max_length=200)


class PasswordForm(_Sent):
    account: str = Field(max_length=100)
    password: str = Field(max_length=200)
    code: str = Field(max_length=10)


class EnrolForm(_Sent):
    enrolment: str = Field(max_length=200)
    password: str = Field(max_length=200)
    code: str = Field(max_length=10)


class ReasonForm(TokenForm):
    reason: str = Field(min_length=8, max_length=LONGEST_TEXT)


class StatementForm(TokenForm):
    staff: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class SupportForm(TokenForm):
    staff: str = Field(min_length=1, max_length=200)
    step: SupportStep


class PromoteForm(ReasonForm):
    name: str = Field(max_length=100)
    version: str = Field(max_length=100)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a plain form, each given once; files are never taken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refusal(415, "Not a form", "Send this from the page's own form.")
    body = await request.body()
    try:
        pairs = parse_qsl(body[:LARGEST_BODY].decode(), keep_blank_values=True, max_num_fields=FIELDS_AT_MOST)
    except ValueError:
        raise Refusal(422, "The form cannot be read", "Open the page again and send it from there.") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refusal(422, "A field was sent twice", "Open the page again and send it from there.")
    return {name: value.replace("\x00", "").replace("\r\n", "\n").strip() for name, value in pairs}


Form = Annotated[dict[str, str], Depends(read_form)]


Sent = TypeVar("Sent", bound=BaseModel)


def checked(kind: type[Sent], fields: Mapping[str, str]) -> Sent:
    """A form's fields as ``kind``; raises Refusal 422 that names each field at fault."""
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        raise Refusal(422, "Something is missing", f"Go back and correct this: {' '.join(faults_of(error))}") from None


def review_of(fields: Mapping[str, str]) -> ReviewIn:
    """The decision in a form's fields. Raises DecisionRefusedError in sentences, also for a field that is not asked for.

    A limb beside an answer other than *yes* is what the page had folded away, and is left out.
    """
    rest = {name: value for name, value in fields.items() if name != "token" and "-" not in name and value}
    decisions: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        field, dash, code = name.partition("-")
        if not dash:
            continue
        if field not in _PER_CODE:
            rest[name] = value
        elif value:
            decisions.setdefault(code, {"code": code})[field] = value
    for decision in decisions.values():
        if decision.get("answer") != Answer.YES:
            for name in _OF_YES:
                decision.pop(name, None)
    answered = [decision for decision in decisions.values() if "answer" in decision]
    try:
        return ReviewIn.model_validate({**rest, "decisions": answered})
    except ValidationError as error:
        raise DecisionRefusedError(" ".join(faults_of(error))) from None


def faults_of(error: ValidationError) -> list[str]:
    """One sentence for each fault, without repeating what was sent."""
    return [
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}."
        for fault in error.errors(include_input=False)
    ]
