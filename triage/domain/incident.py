"""The record of a confirmed incident (records B.1): what people decided, on what words, and what was known at that moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from triage.domain.policy import Policy
from triage.domain.review import Answer, VisitPlanned

UNKNOWN = "not known"


class Attribution(StrEnum):
    """Whose words a quotation is (records B.1)."""

    OWN = "own"
    QUOTED = "quoted"
    REPORTED = "reported"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """The exact words that were evidence, and whose they are. Empty ``words``: they are with safeguarding."""

    code: str
    words: str
    attribution: Attribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A contact behind the record: a pointer to it and the hash of what came in, never a copy."""

    contact_id: str
    channel: str
    received: datetime
    role: str
    sha256: str | None
    quotations: tuple[Quotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the machine suggested, beside what the person answered."""

    code: str
    model: str | None
    score: float | None
    evidence: str
    answer: Answer
    reason: str
    limb: str | None = None
    limb_evidence: str | None = None
    out_of_character: str | None = None

    @property
    def agrees(self) -> bool:
        return self.answer is Answer.YES


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known at the moment of the decision: our side first."""

    late: tuple[str, ...]
    owed: tuple[str, ...]
    last_reply: datetime | None
    complaint_stage: str | None
    final_decision: datetime | None
    inspections: tuple[str, ...]
    circumstances: tuple[str, ...]
    adjustments: tuple[str, ...]
    restrictions: tuple[str, ...]
    earlier: tuple[str, ...]
    cannot_judge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRecord:
    """Written once a behaviour is confirmed; taken back with the decision. ``earlier`` records are named by their ids.

    Safeguarding never enters it (C31): no card of it, and no word.
    """

    id: str
    flag_id: str
    review_id: str
    created: datetime
    policy: str
    customer_ref: str
    household_ref: str | None
    address: str | None
    sources: tuple[Source, ...]
    candidates: tuple[Candidate, ...]
    targets: tuple[str, ...]
    known: Known
    cards: tuple[str, ...]
    statements: tuple[str, ...]
    visit_planned: VisitPlanned | None
    next_step: str | None
    less_intrusive: str
    proportionality: str
    equality: str
    decided_by: str
    second_by: str | None
    not_involved: bool
    withdrawn: datetime | None = None

    def missing(self, *, weighty: bool) -> tuple[str, ...]:
        """The fields that records B.1 wants filled and that are not known, in its order; more of them for a ``weighty`` step."""
        quotations = [quotation for source in self.sources for quotation in source.quotations]
        wanted = [
            ("hash of the message", bool(self.sources) and all(source.sha256 for source in self.sources)),
            ("target", bool(self.targets)),
            ("the words themselves", any(quotation.words for quotation in quotations)),
            ("model version", any(candidate.model for candidate in self.candidates)),
            ("statement of the member of staff", bool(self.statements)),
            ("last reply of ours", self.known.last_reply is not None),
            ("whether a visit is planned", self.visit_planned is not VisitPlanned.UNKNOWN),
            ("what was weighed (proportionality)", bool(self.proportionality.strip())),
        ]
        if weighty:
            wanted += [
                ("less intrusive options considered", bool(self.less_intrusive.strip())),
                ("Equality Act check", bool(self.equality.strip())),
                ("second person", self.second_by is not None),
                ("declaration of not being involved", self.not_involved),
            ]
        missing = [name for name, known in wanted if not known]
        return (*missing, *(f"anything that needs fresh records ({code})" for code in self.known.cannot_judge))


def warning_to_discuss(earlier: Iterable[IncidentRecord], policy: Policy, now: datetime) -> str:
    """Whether a yes to abuse would be one of so many that people should talk about a written warning (behaviours A.2); or empty.

    A sentence beside the decision and nothing else: whether a warning is given is for two people to say.
    """
    numbers = policy.clause("A2").thresholds
    since = now - timedelta(days=numbers["evidence_window_days"])
    confirmed = sum(
        since <= record.created <= now and any(one.code == "A2" and one.agrees for one in record.candidates)
        for record in earlier
    )
    if confirmed + 1 < numbers["warning_discussion_count"]:
        return ""
    return (
        f"Verbal abuse by this person was confirmed {'once' if confirmed == 1 else f'{confirmed} times'} in the last "
        f"{numbers['evidence_window_days']:.0f} days. If you confirm it again, talk with a colleague about a written warning."
    )


class SupportStep(StrEnum):
    """What was done for a member of staff at whom it was aimed (requirement C35)."""

    TOLD = "told that a record exists"
    OFFERED = "debrief offered"
    TAKEN = "debrief taken"
    DECLINED = "debrief declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """One step of support; ``staff`` is a role or pseudonym."""

    id: str
    flag_id: str
    staff: str
    step: SupportStep
    noted_by: str
    at: datetime
