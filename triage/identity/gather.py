"""Collects the evidence for every candidate of one contact."""

from collections import defaultdict
from collections.abc import Set
from functools import cached_property
from math import log

from rapidfuzz.distance import OSA

from triage.domain.contact import Channel, Contact, Direction
from triage.domain.customer import Role
from triage.domain.reference import whole
from triage.identity.directory import Directory
from triage.identity.evidence import TRUST, Case, crowd, weigh
from triage.identity.names import SHORTEST, NameFinder, short_for
from triage.identity.normal import (
    Place,
    address_key,
    is_mobile,
    name_of,
    phone_key,
    place_of,
    plain,
    titles_before,
    words_of,
)
from triage.identity.words import Said, Standing, Token


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOO_MANY = 30
SALUTATION = 4
"""Words among which our own messages name whom they are to."""
_STREET_KINDS = _set(
    "road street avenue close court drive lane gardens house square terrace place crescent buildings grove way walk row"
)
_SITES = _set("facebook instagram twitter whatsapp x")
_SHARED_LINES = frozenset({Channel.CALL, Channel.SMS})


class Gatherer:
    """One contact against the directory: ``cases()`` gives each candidate with the steps for and against."""

    def __init__(self, directory: Directory, contact: Contact, said: Said) -> None:
        self.directory = directory
        self.contact = contact
        self.said = said
        self.size = len(directory.customers)
        self._names = NameFinder(directory, said, contact.direction)
        self._cases: dict[str, Case] = defaultdict(Case)

    def cases(self) -> dict[str, Case]:
        if self.contact.direction is Direction.IN:
            self._address(self.contact.from_addr)
            self._visited(self.contact.from_addr)
            self._display_name(self.contact.from_name)
        else:
            self._recipients()
        self._thread()
        self._references()
        self._places()
        self._names_from_words()
        self._household()
        for ref in list(self._cases):
            self._name_of_candidate(ref)
            if self._page:
                self._page_of_candidate(ref)
        if self.contact.direction is Direction.IN:
            self._titles()
            self._other_voice()
            self._another_display_name()
        start = Case()
        sentence = f"Before anything is compared, each of {max(self.size, 1):,} people is as likely as another."
        start.add("start", -crowd(self.size), sentence)
        for case in self._cases.values():
            case.steps = {**start.steps, **case.steps}
        return dict(self._cases)

    def _add(self, ref: str, kind: str, sharing: int, sentence: str, less: float = 0.0) -> None:
        self._cases[ref].add(kind, weigh(kind, self.size, sharing) - less, sentence)

    # --- addresses --------------------------------------------------------------------------------------------------

    def _address(self, address: str | None) -> None:
        key = address_key(address) if address else None
        if key is None:
            return
        sort = _sort(key)
        owners = self.directory.on_file(key)
        for ref in owners:
            kind = f"{sort} on file"
            shared = "" if len(owners) == 1 else f", as for {len(owners) - 1} more"
            self._add(ref, kind, len(owners), f"{address} is on file for them{shared}.")
            used = self.directory.learned(key).get(ref, 0)
            if used and len(owners) > 1 and not owners & self.directory.household(ref):
                self._cases[ref].add(
                    "heard on it",
                    2.5 + min(1.0, 0.5 * log(used)),
                    f"They have been heard on it {used} times; the others live elsewhere.",
                )
        learned = {ref: count for ref, count in self.directory.learned(key).items() if ref not in owners}
        kind = f"{'telephone' if sort == 'mobile' else sort} learned"
        for ref, count in learned.items():
            rivals = len(learned) + len(owners)
            often = min(1.0, 0.5 * log(count)) - (2.0 if owners else 0.0)
            self._add(ref, kind, rivals, f"{address} was theirs in {count} contacts that were sure.", -often)
        if not owners and not learned:
            self._address_like_a_name(key)

    def _visited(self, address: str | None) -> None:
        """Where our own note says that we were: our word for whose home it is, not a stranger's."""
        place = place_of(address) if self.contact.channel is Channel.VISIT_NOTE else Place()
        here = self.directory.at(place.street, place.number) if place.number and place.street else frozenset()
        for ref in self._few(here):
            self._add(ref, "visited at home", len(here), "Our own note is of a visit to their home.")

    def _address_like_a_name(self, key: str) -> None:
        local = [word for word in _words_in(key) if word.isalpha()]
        if key.startswith("handle:"):
            self._handle(local)
            return
        for last in local:
            others = [word for word in local if word != last]
            for ref in self._few(self.directory.called(last=last)):
                own = self.directory.firsts(ref)
                if any(word in own or any(word == first[:1] for first in own) for word in others):
                    sharing = len(self.directory.called(last=last))
                    self._add(ref, "address like the name", sharing, f"The address {key} is made like their name.")

    def _handle(self, words: list[str]) -> None:
        """A name on a social page: full, or a first name with an initial."""
        exact = self._carried(words)
        for ref in self._few(exact):
            self._add(ref, "full name", len(exact), "The page carries their full name.")
        if len(words) < 2:
            return
        first, last = words[0], words[-1]
        if len(last) == 1 and not exact:
            alike = self._first_and_initial(first, last)
            for ref in alike:
                self._add(
                    ref,
                    "first name and initial",
                    len(alike),
                    f'The page is called "{first.title()} {last.upper()}.", as they are known.',
                )

    def _carried(self, words: list[str]) -> Set[str]:
        """Who is called as a page is: "iris brandreth", "kerry ann doyle" for Kerry-Ann, or "irisbrandreth" in one."""
        if len(words) > 1:
            last = words[-1]
            return self.directory.called(first=words[0], last=last) or self.directory.called(
                first="-".join(words[:-1]), last=last
            )
        whole = "".join(words)
        for end in range(SHORTEST, len(whole) - SHORTEST + 1):
            if found := self.directory.called(first=whole[:end], last=whole[end:]):
                return found
        return frozenset()

    def _page_of_candidate(self, ref: str) -> None:
        """A page whose name is made of somebody's own, as "lucianm_builds" or "cdeane" is, for whom something else speaks too."""
        last, letters = self.directory.name(ref).last, self._page
        if not last:
            return
        parts = last.split("-")
        beginnings = (
            "".join(part[:1] for part in parts),
            *(part[:SHORTEST] for part in parts if len(part) >= SHORTEST),
        )
        for first in sorted(self.directory.called_by(ref)):
            if len(first) >= SHORTEST and letters.startswith(tuple(first + beginning for beginning in beginnings)):
                sharing = len(self._first_and_initial(first, last[:1]))
                self._add(ref, "first name and initial", sharing, "The page is called like them.")
                return
        initial_of = {first[:1] for first in self.directory.firsts(ref)}
        if any(len(part) > SHORTEST and letters in {initial + part for initial in initial_of} for part in parts):
            people = max(1, len(self.directory.called(last=last)) // 8)
            self._add(ref, "initial and surname", people, "The page carries their initial and surname.")

    def _first_and_initial(self, first: str, initial: str) -> list[str]:
        """Who is known by that first name and has a surname that begins so."""
        return [ref for ref in self.directory.known_as(first) if self.directory.name(ref).last.startswith(initial)]

    @cached_property
    def _page(self) -> str:
        """The letters of the page from which a message came; nothing where it came from an address or a telephone."""
        address = self.contact.from_addr if self.contact.direction is Direction.IN else None
        key = address_key(address) if address else None
        if key is None or _sort(key) != "handle":
            return ""
        return "".join(filter(str.isalpha, "".join(_words_in(key))))

    def _display_name(self, text: str | None) -> None:
        name = name_of(text)
        if not name.first or not name.last:
            return
        same = self.directory.called(first=name.first, last=name.last)
        for ref in self._few(same):
            self._add(ref, "display name", len(same), "The name that the message carries is theirs.")

    def _recipients(self) -> None:
        for address in (*self.contact.to, *self.contact.cc):
            before = len(self._cases)
            if _is_postal(address):
                self._place_words(words_of(address))
            else:
                self._address(address)
            if len(self._cases) == before:
                self._display_name(address)

    # --- threads, references, places --------------------------------------------------------------------------------

    def _thread(self) -> None:
        for message_id in dict.fromkeys([self.contact.in_reply_to, *reversed(self.contact.references)]):
            owner = self.directory.owner_of_message(message_id)
            if owner is None or self._belongs_to_another(owner):
                continue
            self._add(owner, "thread", 1, "It answers a message to or from them.")
            return

    def _belongs_to_another(self, owner: str) -> bool:
        """A sender who is surely somebody else only replies in the owner's thread."""
        return any(ref != owner and "email on file" in case.steps for ref, case in self._cases.items())

    def _references(self) -> None:
        for reference in self.said.references:
            tenants = self.directory.of_tenancy(whole(reference))
            for ref in tenants:
                self._add(ref, "tenancy reference", len(tenants), "Their tenancy reference is in the words.")
            owners = self.directory.owners_of_ref(reference)
            for ref in owners:
                self._add(ref, "case reference", len(owners), f"Their case {reference} is in the words.")

    def _places(self) -> None:
        for words in self.said.places:
            self._place_words(words)

    def _place_words(self, words: tuple[str, ...]) -> None:
        for index, word in enumerate(words):
            for street in self.directory.streets_from(word):
                self._place(words, index, street)

    def _place(self, words: tuple[str, ...], index: int, street: tuple[str, ...]) -> None:
        length = 0
        while length < len(street) and index + length < len(words) and words[index + length] == street[length]:
            length += 1
        number = words[index - 1] if index and words[index - 1][:1].isdigit() else None
        here = self.directory.at(street, number) if number else frozenset()
        if here and (length == len(street) or (length >= 1 and len(street) > 1)):
            for ref in here:
                self._add(ref, "door and street", len(here), "Their door number and street are in the words.")
        elif length == len(street) and len(street) > 1:
            everybody = self.directory.at(street)
            for ref in self._few(everybody):
                self._add(ref, "street", len(everybody), "Their street or building is in the words.")

    # --- names ------------------------------------------------------------------------------------------------------

    def _names_from_words(self) -> None:
        """Candidates whose name is said: full names anywhere, a surname or first name where it is introduced or signed."""
        for unit in self.said.units:
            for index, token in enumerate(unit):
                if index and (full := self.directory.called(first=unit[index - 1].word, last=token.word)):
                    for ref in self._few(full):
                        self._cases[ref]
                if self.said.titled(unit, index) or (index <= SALUTATION and self.contact.direction is Direction.OUT):
                    for ref in self._few(self.directory.called(last=token.word)):
                        self._cases[ref]
                if token.standing >= Standing.SIGNED:
                    for ref in (
                        *self._few(self.directory.called(last=token.word)),
                        *self._few(self.directory.called(first=token.word)),
                    ):
                        self._cases[ref]

    def _few(self, refs: Set[str]) -> tuple[str, ...]:
        return tuple(sorted(refs)) if len(refs) <= _TOO_MANY else ()

    def _household(self) -> None:
        """People of the same home may use its telephone and its references: they are candidates as well."""
        for ref, case in list(self._cases.items()):
            steps = [
                step
                for step in case.steps.values()
                if step.kind in {"mobile on file", "telephone on file", "telephone learned"}
            ]
            if not steps or self.contact.direction is Direction.OUT:
                continue
            less = 3.5 if steps[0].kind != "telephone on file" else 2.5
            for other in self.directory.household(ref):
                if not any(
                    kind in self._cases[other].steps
                    for kind in ("mobile on file", "telephone on file", "telephone learned")
                ):
                    self._cases[other].add(
                        "telephone of the home",
                        steps[0].weight - less,
                        "The number is on file for somebody of the same home.",
                    )

    def _titles(self) -> None:
        """Of people of one home who share a number, a title said with the surname tells, once it is known whose it is."""
        if self.contact.channel not in _SHARED_LINES:
            return
        homes = [ref for ref in self._cases if self.directory.household(ref) & self._cases.keys()]
        if not homes:
            return
        lasts = tuple({self.directory.name(ref).last for ref in homes} - {""})
        said = titles_before(" ".join(self.said.agent), lasts)
        said = said or {title for unit in self.said.units for title in _titles_introduced(unit, lasts)}
        for ref in homes:
            known = self.directory.addressed_as(ref)
            others = {title for other in self.directory.household(ref) for title in self.directory.addressed_as(other)}
            if len(said) == 1 and known:
                agree = said <= known
                self._cases[ref].add(
                    "title",
                    3.0 if agree else -3.0,
                    "The title said is theirs." if agree else "The title said is not theirs.",
                )
            elif len(said) == 1 and said <= others:
                self._cases[ref].add("title", -1.5, "The title said belongs to another of the home.")
            if self.directory.role(ref) is Role.CUSTOMER:
                self._cases[ref].add("tenant", 1.0, "Of the people of one home, the tenant is the likeliest to call.")

    def _name_of_candidate(self, ref: str) -> None:
        if ref not in self.directory.customers:
            return
        found = self._names.strongest(ref)
        if found is not None:
            self._add(ref, found.kind, found.sharing, found.sentence, TRUST[found.kind] - found.trust)
        if self.said.agent:
            self._agent_on(ref)
        if self._digits:
            self._number_in_words(ref)

    def _agent_on(self, ref: str) -> None:
        last, firsts = self.directory.name(ref).last, self.directory.called_by(ref)
        if self.contact.direction is Direction.IN and last and self._agent_names(last, firsts):
            self._cases[ref].add("agent names them", 2.5, "Our own staff call them by this name.")
        place = self.directory.place(ref)
        if place.number and _runs_through(self.said.agent, (place.number, *place.street[:2])):
            self._cases[ref].add("agent names their home", 2.5, "Our own staff name their home.")

    @cached_property
    def _digits(self) -> str:
        return "".join(filter(str.isdigit, self.said.text))

    def _agent_names(self, last: str, firsts: frozenset[str]) -> bool:
        agent = self.said.agent
        return any(
            (word == last and agent[index - 1] in {"mr", "mrs", "ms", "miss", "dr"})
            or (index and word in firsts and agent[index - 1] in {"hi", "hello"})
            for index, word in enumerate(agent)
        )

    def _number_in_words(self, ref: str) -> None:
        for phone in self.directory.customers[ref].phones:
            key = phone_key(phone)
            if key and key[-9:] in self._digits and ref in self._cases:
                self._add(ref, "number in the words", 1, "Their telephone number is in the words.")

    # --- against ----------------------------------------------------------------------------------------------------

    def _other_voice(self) -> None:
        """Somebody who says another name, or that they speak for somebody, is not the person whose telephone it is."""
        spoken = {token.word for unit in self.said.units for token in unit if token.standing is Standing.INTRODUCED}
        named = {
            ref
            for ref in self._cases
            if {"full name", "surname", "first name", "initial and surname", "first name and initial"}
            & set(self._cases[ref].steps)
        }
        plainly = self.said.speaks_as is not Role.CUSTOMER
        for ref, case in self._cases.items():
            tenant, sent = self.directory.role(ref) is Role.CUSTOMER, _writes(case)
            of_another = "name of another" in case.steps or ("name mentioned" in case.steps and not sent)
            if tenant and ((plainly and of_another) or (self.said.for_another and not sent)):
                about = "name of another" in case.steps or "name mentioned" in case.steps or ref not in named
                if about:
                    case.add("speaks for them", -4.5, "The speaker says that they speak for somebody else.")
            elif self.said.for_another and not tenant:
                case.add(
                    "speaks for another",
                    1.5,
                    "The speaker says that they speak for somebody else, as this person does.",
                )
            if ref not in named and self.contact.channel in _SHARED_LINES and self._another_name(ref, spoken):
                case.add("another name", -5.0, "The speaker gives a name that is not theirs.")

    def _another_display_name(self) -> None:
        """A message under somebody else's name is no sure link, whatever is on file: addresses are shared and given away."""
        name = name_of(self.contact.from_name)
        if not name.first or not name.last or not self._is_name(name.first):
            return
        for ref, case in self._cases.items():
            customer = self.directory.customers.get(ref)
            if customer is None or not customer.name:
                continue
            own = self.directory.called_by(ref)
            own |= frozenset(plain(customer.name).replace("-", " ").split())
            carried = {name.first, *name.last.split("-")}
            alike = any(OSA.distance(word, mine) <= 1 + (len(mine) > 6) for word in carried for mine in own)
            if not alike and not short_for(name.first, own):
                case.add("another name", -5.0, "The message carries a name that is not theirs.")

    def _another_name(self, ref: str, spoken: set[str]) -> bool:
        customer = self.directory.customers.get(ref)
        if customer is None:
            return False
        own = set(plain(customer.name or "").replace("-", " ").split())
        own |= self.directory.called_by(ref)
        others = {word for word in spoken if word not in own and self._is_name(word)}
        alike = any(OSA.distance(word, mine) <= 1 + (len(mine) > 6) for word in spoken if len(word) > 3 for mine in own)
        return bool(others) and not alike and not any(short_for(word, frozenset(own)) for word in spoken)

    def _is_name(self, word: str) -> bool:
        return len(word) > 2 and word not in _STREET_KINDS and bool(self.directory.called(first=word))


def _titles_introduced(unit: tuple[Token, ...], lasts: tuple[str, ...]) -> set[str]:
    found = set()
    for index, token in enumerate(unit):
        if token.word in lasts and token.standing >= Standing.SIGNED and index:
            found |= titles_before(f"{unit[index - 1].word} {token.word}", lasts)
    return found


def _runs_through(words: tuple[str, ...], run: tuple[str, ...]) -> bool:
    return any(words[index : index + len(run)] == run for index in range(len(words) - len(run) + 1))


def _writes(case: Case) -> bool:
    """An address of their own that nobody else is likely to write from, or their name on the message."""
    return bool({"email on file", "email learned", "display name"} & set(case.steps))


def _is_postal(address: str) -> bool:
    """A door and a street, to which our letters go."""
    return (
        "@" not in address
        and any(map(str.isalpha, address))
        and any(map(str.isdigit, address))
        and " " in address.strip()
    )


def _words_in(key: str) -> list[str]:
    """The words of which an address before its domain, or a page's name, is made."""
    named = key.removeprefix("handle:").lstrip("@").split("@")[0]
    words = words_of(named.replace(".", " ").replace("_", " ").replace("-", " "))
    return [word for word in words if word not in _SITES] if key.startswith("handle:") else list(words)


def _sort(key: str) -> str:
    if "@" in key and not key.startswith("handle:"):
        return "email"
    if key.startswith("+"):
        return "mobile" if is_mobile(key) else "telephone"
    return "handle"
