"""Step 4 of the one path: who a contact is from or, for our replies, to. Pure; explained step by step."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from triage.domain.contact import Contact, Direction, SenderProof
from triage.domain.customer import Customer, Identification, LinkEvidence, Role, Zone, could_also_be
from triage.domain.ruling import Ruling, RulingKind
from triage.identity.directory import Directory
from triage.identity.evidence import DECIDES_ALONE, NAMES, SENT_AS, Case, crowd, posterior
from triage.identity.gather import Gatherer
from triage.identity.normal import address_key
from triage.identity.represents import role_in_words, tenant_for
from triage.identity.words import Said, said_in

SURE, ASK = 0.9, 0.3
NOT_VERIFIED = 0.5


def identify(contact: Contact, directory: Directory, rulings: Sequence[Ruling] = ()) -> Identification:
    """Who made a contact, or who our own message is to.

    ``sure`` (0.9 and over) joins; ``ask`` names the likeliest person for somebody to confirm and counts nowhere (C30);
    somebody who is not in the directory gets ``addr:`` and their address (sure: the same address is the same unknown
    person) or, without an address, ``contact:`` and the contact's id. A sender whose address failed our mail server's
    check is never sure: what may be forged counts against nobody until a person has confirmed it. ``rulings`` are what
    people have said of this contact, oldest first: the last one decides.
    """
    said = next((ruling for ruling in reversed(rulings) if ruling.kind is RulingKind.FROM), None)
    if said is not None and said.person is not None:
        return _by_ruling(contact, directory, said, said.person)
    never = {ruling.person for ruling in rulings if ruling.kind is RulingKind.NOT_FROM and ruling.person}
    who = _identify(contact, directory, never)
    if contact.sender_proof is not SenderProof.FAILED or contact.direction is not Direction.IN or who.zone is Zone.NO:
        return who
    step = LinkEvidence(
        kind="sender not verified",
        weight=0.0,
        sentence="The check of the sender's address failed: it may be forged, so a person has to confirm who wrote.",
    )
    return replace(who, zone=Zone.ASK, probability=min(who.probability, NOT_VERIFIED), evidence=(*who.evidence, step))


def _by_ruling(contact: Contact, directory: Directory, ruling: Ruling, ref: str) -> Identification:
    """A person has said who wrote; on whose behalf is still read from the words."""
    ref = directory.person(ref)
    role = directory.role(ref)
    step = LinkEvidence(kind="ruling", weight=0.0, sentence=f"{ruling.by} has said that it is from them.")
    return Identification(
        customer_ref=ref,
        zone=Zone.SURE,
        probability=1.0,
        evidence=(step,),
        role=role,
        writes_for=_for(contact, said_in(contact), directory, ref, role),
    )


def _identify(contact: Contact, directory: Directory, never: Collection[str]) -> Identification:
    said = said_in(contact)
    key = address_key(contact.from_addr) if contact.from_addr else None
    never = {directory.person(ref) for ref in never}
    cases = {
        ref: case
        for ref, case in Gatherer(directory, contact, said).cases().items()
        if directory.person(ref) not in never and not directory.is_apart(key, ref)
    }
    spoken_for = _spoken_for(cases, said, directory)
    if spoken_for:
        cases = _who_may_speak(cases, spoken_for)
    of_refs = posterior({ref: case.total for ref, case in cases.items()})
    chances = _of_people(of_refs, directory)
    best = max(sorted(chances), key=lambda ref: chances[ref], default=None)
    if best is not None:
        cases[best] = cases[max(_refs_of(best, of_refs, directory), key=lambda ref: of_refs[ref])]
    if best is None or chances[best] < ASK:
        return _stranger(contact, said, directory)
    if _only_answers(contact, cases[best]):
        stranger = _stranger(contact, said, directory)
        return replace(stranger, evidence=(*stranger.evidence, ONLY_ANSWERS))
    probability = chances[best]
    evidence = cases[best].waterfall()
    if probability >= SURE and (doubt := _doubt(contact, cases[best], said, named=bool(spoken_for))) is not None:
        probability = 0.85
        evidence = (*evidence, doubt)
    rivals = [ref for ref in chances if ref != best and chances[ref] >= 0.05]
    if rivals:
        evidence = (*evidence, could_also_be(_called(directory.customers.get(ref), ref) for ref in sorted(rivals)))
    role = directory.role(best)
    return Identification(
        customer_ref=best,
        zone=Zone.SURE if probability >= SURE else Zone.ASK,
        probability=round(probability, 4),
        evidence=evidence,
        role=role,
        writes_for=_for(contact, said, directory, best, role),
    )


def _who_may_speak(cases: dict[str, Case], spoken_for: Set[str]) -> dict[str, Case]:
    """Where somebody plainly speaks for a tenant whom they name, neither that tenant nor whoever only lives there."""
    speaks = DECIDES_ALONE | NAMES
    return {ref: case for ref, case in cases.items() if ref not in spoken_for and speaks & case.steps.keys()}


def _spoken_for(cases: Mapping[str, Case], said: Said, directory: Directory) -> set[str]:
    """The tenants whose name whoever speaks for another gives, and whose own address it is not."""
    if said.speaks_as is Role.CUSTOMER:
        return set()
    named = {"name of another", "name mentioned"}
    return {
        ref
        for ref, case in cases.items()
        if directory.role(ref) is Role.CUSTOMER and named & case.steps.keys() and not SENT_AS & case.steps.keys()
    }


def _of_people(of_refs: dict[str, float], directory: Directory) -> dict[str, float]:
    """The chances of people: two references that are one person are no rivals."""
    chances: dict[str, float] = {}
    for ref, chance in of_refs.items():
        person = directory.person(ref)
        chances[person] = chances.get(person, 0.0) + chance
    return chances


def _refs_of(person: str, refs: Iterable[str], directory: Directory) -> list[str]:
    return [ref for ref in sorted(refs) if directory.person(ref) == person]


ONLY_ANSWERS = LinkEvidence(
    kind="only the thread",
    weight=0.0,
    sentence="It answers a message of somebody else's and nothing more: a sender chooses what a mail answers.",
)


ONLY_OF_SOMEBODY = frozenset({Role.HOUSEHOLD, Role.NEIGHBOUR})
"""What everybody is to somebody: a stranger who writes of "my son Ben" is taken for a relative only where a tenant is meant."""
PLACE_ONLY = LinkEvidence(
    kind="place, not person",
    weight=0.0,
    sentence="The words say where, which family or which case, not who: a person has to confirm.",
)
ONE_NAME = LinkEvidence(
    kind="name of either",
    weight=0.0,
    sentence="They speak for somebody and give one name, which may be either's: a person has to confirm.",
)


def _only_answers(contact: Contact, case: Case) -> bool:
    """Whether a mail from an unknown address has nothing for a person but In-Reply-To or References (RFC 5322, 3.6.4)."""
    speaks = {kind for kind, step in case.steps.items() if step.weight > 0}
    return contact.direction is Direction.IN and contact.from_addr is not None and speaks == {"thread"}


def _called(customer: Customer | None, ref: str) -> str:
    return customer.name if customer and customer.name else ref


def _may_decide(contact: Contact, case: Case, said: Said) -> bool:
    """Whether the evidence names a person: a place, a case or a thread alone never does, nor one who speaks for another."""
    if contact.direction is Direction.OUT:
        return True
    kinds = set(case.steps)
    if "speaks for them" in kinds:
        return False
    if kinds & DECIDES_ALONE:
        return True
    if kinds & NAMES == {"surname"}:
        named = "agent names them" in kinds and not said.noted  # whom our note names may be a neighbour of theirs
        return named or bool(kinds & {"case reference", "thread", "agent names their home"})
    return bool(kinds & NAMES) and bool(kinds - NAMES)


def _doubt(contact: Contact, case: Case, said: Said, *, named: bool) -> LinkEvidence | None:
    """Why evidence that weighs enough is still for a person; ``named``: for whom they speak is named, and is somebody else."""
    if not _may_decide(contact, case, said):
        return PLACE_ONLY
    if said.for_another and said.speaks_as is not Role.CUSTOMER and not named and not SENT_AS & case.steps.keys():
        return ONE_NAME
    return None


def _stranger(contact: Contact, said: Said, directory: Directory) -> Identification:
    """A stable key for somebody who is not in the directory."""
    address = contact.from_addr if contact.direction is Direction.IN else next(iter((*contact.to, *contact.cc)), None)
    key = address_key(address) if address else None
    role = role_in_words(contact, said)
    if role in ONLY_OF_SOMEBODY and not said.for_another and _for(contact, said, directory, "", role) is None:
        role = Role.CUSTOMER
    if key is None:
        step = LinkEvidence(
            kind="withheld",
            weight=-crowd(len(directory.customers)),
            sentence="No address, number or name that is in the directory: it stands alone.",
        )
        return Identification(
            customer_ref=f"contact:{contact.id}",
            zone=Zone.NO,
            probability=0.0,
            evidence=(step,),
            role=role,
            writes_for=_for(contact, said, directory, "", role),
        )
    step = LinkEvidence(
        kind="same address",
        weight=3.0,
        sentence=f"{address} is not in the directory; everything from it is taken to be from one person.",
    )
    ref = f"addr:{key}"
    if (person := directory.person(ref)) != ref:
        step = LinkEvidence(kind="ruling", weight=3.0, sentence=f"People have said that {address} is theirs.")
        ref, role = person, directory.role(person)
    return Identification(
        customer_ref=ref,
        zone=Zone.SURE,
        probability=0.95,
        evidence=(step,),
        role=role,
        writes_for=_for(contact, said, directory, ref, role),
    )


def _for(contact: Contact, said: Said, directory: Directory, ref: str, role: Role) -> str | None:
    tenant = None if role is Role.CUSTOMER else tenant_for(contact, said, directory, ref, role)
    return directory.person(tenant) if tenant is not None else None
