"""Roles, and the tenant on whose behalf an advocate, relative, councillor or neighbour writes (behaviours A.12)."""

import re
from collections.abc import Callable, Collection

from triage.domain.contact import Contact
from triage.domain.customer import Role
from triage.identity.directory import Directory
from triage.identity.normal import plain
from triage.identity.words import Said

_ADVOCATE = re.compile(
    r"\b(?:constituent|citizens advice|my client|our client|i act for|we act for|authority to act|on behalf of|caseworker|"
    r"solicitor for|advocate for|office of .{0,30} mp|shelter adviser|law centre)\b"
)
ENOUGH = 2.0


def role_in_words(contact: Contact, said: Said) -> Role:
    """The role of somebody who is not in the directory, from what they call themselves."""
    if said.speaks_as is not Role.CUSTOMER:
        return said.speaks_as
    text = plain(f"{contact.from_name or ''} {contact.from_addr or ''}\n{said.text}")
    return Role.ADVOCATE if _ADVOCATE.search(text) else Role.CUSTOMER


def tenant_for(contact: Contact, said: Said, directory: Directory, ref: str, role: Role) -> str | None:
    """The tenant an identified person writes for; None for a tenant's own contact, or where nothing says whom."""
    if role is Role.CUSTOMER:
        return None
    scores: dict[str, float] = {}

    def add(tenants: Collection[str], weight: float) -> None:
        for tenant in tenants:
            if tenant != ref and tenant in directory.customers and directory.role(tenant) is Role.CUSTOMER:
                scores[tenant] = scores.get(tenant, 0.0) + weight / max(1, len(tenants))

    add(tuple(directory.household(ref)), 3.0)
    for tenant, count in directory.represented_by(ref).items():
        add((tenant,), 2.0 + min(1.0, 0.2 * count))
    for message_id in (contact.in_reply_to, *contact.references):
        if owner := directory.owner_of_message(message_id):
            add((owner,), 3.0)
            for tenant in directory.represented_by(owner):
                add((tenant,), 1.0)
    for reference in said.references:
        add(tuple(directory.owners_of_ref(reference)), 5.0)
        add(tuple(directory.of_tenancy(reference)), 5.0)
    _from_names_and_places(said, directory, add)
    best = max(sorted(scores), key=lambda tenant: scores[tenant], default=None)
    return best if best is not None and scores[best] >= ENOUGH else None


def _from_names_and_places(said: Said, directory: Directory, add: Callable[[Collection[str], float], None]) -> None:
    found: dict[str, float] = {}
    for unit in said.units:
        words = [token.word for token in unit]
        for index, word in enumerate(words):
            for tenant in directory.called(last=word) if len(directory.called(last=word)) <= 30 else ():
                firsts = directory.firsts(tenant)
                before = words[max(0, index - 2) : index]
                strong = any(other in firsts or other in {first[:1] for first in firsts} for other in before)
                titled = any(other in {"mr", "mrs", "ms", "miss", "dr"} for other in before)
                weight = 5.0 if strong else 3.0 if titled else 2.0
                found[tenant] = max(
                    found.get(tenant, 0.0), weight / (1 if strong else len(directory.called(last=word)))
                )
    for words_ in said.places:
        for index, word in enumerate(words_):
            for street in directory.streets_from(word):
                if words_[index : index + len(street)] != street:
                    continue
                number = words_[index - 1] if index else ""
                here = directory.at(street, number)
                add(tuple(here), 5.0)
                if not here and len(street) > 1:
                    add(tuple(directory.at(street)), 2.0)
    for tenant, weight in found.items():
        add((tenant,), weight)
