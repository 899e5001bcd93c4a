"""The draft of a letter that a restriction has ended: a person completes and sends it; this service sends nothing (C14)."""

from datetime import datetime

from triage.domain.restriction import Restriction
from triage.domain.workdays import LONDON

OPEN = "emergencies and repairs, safeguarding, payments, complaints, the Housing Ombudsman, and requests for your own records"


def letter_that_it_has_ended(one: Restriction) -> str:
    """In plain words, without a name or an address: whoever sends it knows them."""
    return (
        "DRAFT. Complete it, check how this person wants to be written to, and send it yourself.\n\n"
        "Dear [name]\n\n"
        f"On {_day(one.at)} we wrote to you about a {one.what}. It has ended. Nothing of it applies any more, and nothing of it "
        "will be held against you when you contact us.\n\n"
        f"{_why(one)}"
        f"You can contact us as everybody can: {OPEN} were open to you all along.\n\n"
        "If you think that we got this wrong, tell us: somebody who took no part in it will look at it. You can also complain, and "
        "take a complaint to the Housing Ombudsman.\n\n"
        "[Your name, team and how to reach you]\n"
    )


def _why(one: Restriction) -> str:
    if one.review_by is None:
        return ""
    return f"We should have looked at it again by {_day(one.review_by)} and did not, so it ended in your favour. We are sorry that we did not tell you sooner.\n\n"


def _day(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}"
