"""People on screen: a stable pseudonym instead of a name, so that the first look is at what was said."""

import hashlib

from triage.domain.customer import Role

_ROLES = {
    Role.CUSTOMER: "Customer",
    Role.HOUSEHOLD: "Household member",
    Role.CARER: "Carer",
    Role.ADVOCATE: "Advocate",
    Role.COUNCILLOR: "Councillor or MP",
    Role.NEIGHBOUR: "Neighbour",
}


def pseudonym(ref: str, role: Role = Role.CUSTOMER) -> str:
    """The same reference always reads the same, for example "Customer 4F2-A9C". It hides, it does not protect (C27)."""
    mark = hashlib.sha256(ref.encode()).hexdigest()[:6].upper()
    return f"{_ROLES[role]} {mark[:3]}-{mark[3:]}"
