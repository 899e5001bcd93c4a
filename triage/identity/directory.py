"""The landlord's customers, indexed for look-up, and what sure identifications have taught since."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from triage.domain.contact import Contact, Direction, SenderProof
from triage.domain.customer import Customer, Identification, Role, Zone
from triage.domain.record import Record
from triage.domain.reference import canonical, whole
from triage.domain.ruling import Ruling, RulingKind
from triage.identity.called import forms_of
from triage.identity.normal import Name, Place, address_key, name_of, place_of, titles_before, words_of

RECENT = 50_000
"""Messages whose owners are remembered, some 8 MB; whose all others are, the store says (`Directory.unknown_messages`)."""

Learned = Mapping[str, str] | Mapping[str, Sequence[str]]


class Directory:
    """Customers by every key that they are known by. All state is a function of what was put in, whatever the order.

    An address that two people have used is kept for both: it then decides nothing alone (C30).
    """

    def __init__(self, customers: Iterable[Customer] = (), recent: int = RECENT) -> None:
        self._recent = recent
        self.customers: dict[str, Customer] = {}
        self._by_address: dict[str, set[str]] = defaultdict(set)
        self._by_tenancy: dict[str, set[str]] = defaultdict(set)
        self._by_first: dict[str, set[str]] = defaultdict(set)
        self._by_last: dict[str, set[str]] = defaultdict(set)
        self._by_known_as: dict[str, set[str]] = defaultdict(set)
        self._by_full: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_street_word: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._by_street: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._by_place: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
        self._learned: dict[str, Counter[str]] = defaultdict(Counter)
        self._messages: OrderedDict[str, str | None] = OrderedDict()
        self._refs: dict[str, Counter[str]] = defaultdict(Counter)
        self._represents: dict[str, Counter[str]] = defaultdict(Counter)
        self._titles: dict[str, Counter[str]] = defaultdict(Counter)
        self.rulings: tuple[Ruling, ...] = ()
        self._joined: dict[str, str] = {}
        self._apart: frozenset[tuple[str, str]] = frozenset()
        self._names: dict[str, Name] = {}
        self._firsts: dict[str, frozenset[str]] = {}
        self._called_by: dict[str, frozenset[str]] = {}
        self._places: dict[str, Place] = {}
        for customer in customers:
            self.add(customer)

    @classmethod
    def from_parts(
        cls,
        customers: Iterable[Customer],
        learned_addresses: Learned,
        message_owners: Mapping[str, str],
        ref_owners: Learned,
        represents: Learned | None = None,
        titles: Learned | None = None,
    ) -> "Directory":
        """A directory as the store remembers it: keys as ``learned_addresses`` and the other properties give them out."""
        directory = cls(customers)
        learned = (
            (directory._learned, learned_addresses),
            (directory._refs, ref_owners),
            (directory._represents, represents or {}),
            (directory._titles, titles or {}),
        )
        for target, source in learned:
            for key, owners in source.items():
                target[key].update([owners] if isinstance(owners, str) else owners)
        directory._messages.update(message_owners)
        return directory

    def add(self, customer: Customer) -> None:
        """A new customer, or the new entry of one already known."""
        if customer.ref in self.customers:
            self._forget(customer.ref)
        self.customers[customer.ref] = customer
        for address in (*customer.emails, *customer.phones):
            if key := address_key(address):
                self._by_address[key].add(customer.ref)
        if customer.tenancy_ref:
            self._by_tenancy[whole(customer.tenancy_ref)].add(customer.ref)
        self._index_name(customer)
        self._index_place(customer)

    def _index_name(self, customer: Customer) -> None:
        name = self._names[customer.ref] = name_of(customer.name)
        if name.first:
            self._by_first[name.first].add(customer.ref)
        firsts = self._firsts[customer.ref] = _first_words(name, customer)
        self._called_by[customer.ref] = firsts | forms_of(name.first) if name.first else firsts
        for word in firsts:
            self._by_known_as[word].add(customer.ref)
        if name.last:
            for part in {name.last, *name.last.split("-")}:
                self._by_last[part].add(customer.ref)
                if name.first:
                    self._by_full[name.first, part].add(customer.ref)

    def _index_place(self, customer: Customer) -> None:
        place = self._places[customer.ref] = place_of(customer.address)
        if place.street:
            self._by_street_word[place.street[0]].add(place.street)
            self._by_street[place.street].add(customer.ref)
            if place.number:
                self._by_place[place.number, place.street].add(customer.ref)

    def _forget(self, ref: str) -> None:
        indexes: tuple[Iterable[set[str]], ...] = (
            self._by_address.values(), self._by_tenancy.values(), self._by_first.values(), self._by_last.values(),
            self._by_known_as.values(),
            self._by_full.values(), self._by_street.values(), self._by_place.values(),
        )  # fmt: skip
        for index in indexes:
            for owners in index:
                owners.discard(ref)

    # --- look-ups ---------------------------------------------------------------------------------------------------

    def on_file(self, key: str) -> frozenset[str]:
        return frozenset(self._by_address.get(key, ()))

    def learned(self, key: str) -> Mapping[str, int]:
        """Who has surely used an address that is not on file, and how many times."""
        return self._learned.get(key, {})

    def owner_of_message(self, message_id: str | None) -> str | None:
        return self._messages.get(message_id) if message_id else None

    def owners_of_ref(self, reference: str) -> frozenset[str]:
        return frozenset(self._refs.get(reference, ()))

    def of_tenancy(self, reference: str) -> frozenset[str]:
        return frozenset(self._by_tenancy.get(reference, ()))

    def called(self, *, first: str = "", last: str = "") -> Set[str]:
        """Customers by first name, last name, or both; no copy, since thousands may share a first name. Not to be changed."""
        if first and last:
            return self._by_full.get((first, last), frozenset())
        return self._by_first.get(first, frozenset()) if first else self._by_last.get(last, frozenset())

    def known_as(self, first: str) -> frozenset[str]:
        """Customers by first name, also as their own e-mail address has it ("darek" for Dariusz)."""
        return frozenset(self._by_known_as.get(first, ()))

    def streets_from(self, word: str) -> frozenset[tuple[str, ...]]:
        """Streets and buildings whose name begins with a word."""
        return frozenset(self._by_street_word.get(word, ()))

    def at(self, street: tuple[str, ...], number: str | None = None) -> frozenset[str]:
        return frozenset(
            self._by_street.get(street, ()) if number is None else self._by_place.get((number, street), ())
        )

    def name(self, ref: str) -> Name:
        return self._names.get(ref, Name())

    def firsts(self, ref: str) -> frozenset[str]:
        """What somebody may be called: the first name, and the first part of the local part of their own addresses."""
        return self._firsts.get(ref, frozenset())

    def called_by(self, ref: str) -> frozenset[str]:
        """The same, with every short and full form of the first name."""
        return self._called_by.get(ref, frozenset())

    def place(self, ref: str) -> Place:
        return self._places.get(ref, Place())

    def household(self, ref: str) -> frozenset[str]:
        """The others of the same tenancy reference or the same door."""
        customer = self.customers.get(ref)
        if customer is None:
            return frozenset()
        place = self.place(ref)
        others = set(self.of_tenancy(whole(customer.tenancy_ref))) if customer.tenancy_ref else set()
        if place.number and place.street:
            others |= self.at(place.street, place.number)
        return frozenset(others - {ref})

    def represented_by(self, ref: str) -> Mapping[str, int]:
        """The tenants for whom somebody has surely written, and how many times."""
        return self._represents.get(ref, {})

    def addressed_as(self, ref: str) -> frozenset[str]:
        """The titles ("mr", or one for "mrs", "ms" and "miss") by which somebody is surely addressed; never guessed from a name."""
        known = set(self._titles.get(ref, ()))
        customer = self.customers.get(ref)
        return frozenset(known | (titles_before(customer.name or "", ("",)) if customer else set()))

    def person(self, ref: str) -> str:
        """The reference under which somebody is known, where people have said that two references are one person."""
        return self._joined.get(ref, ref)

    def is_apart(self, key: str | None, ref: str) -> bool:
        """Whether people have said that whoever uses an address is not this person."""
        return (key, ref) in self._apart

    def role(self, ref: str) -> Role:
        customer = self.customers.get(ref)
        return customer.role if customer else Role.CUSTOMER

    # --- what is learned --------------------------------------------------------------------------------------------

    def heed(self, rulings: Iterable[Ruling]) -> None:
        """Takes up every ruling that stands on who is one person and who is not, in place of those before."""
        self.rulings = rulings = tuple(rulings)
        pairs = [(item.person, item.other) for item in rulings if item.kind is RulingKind.JOINED]
        self._joined = _joined([(one, other) for one, other in pairs if one and other], self.customers)
        self._apart = frozenset(
            (item.other, item.person)
            for item in rulings
            if item.kind is RulingKind.NOT_FROM and item.other and item.person
        )

    def note(self, contact: Contact, identification: Identification, times: int = 1) -> bool:
        """Learn from a contact: nothing from one that is not sure, nor from automatic mail. Says whether anything is new."""
        return self._learn(contact, identification, times)

    def unknown_messages(self, contact: Contact) -> list[str]:
        """The Message-IDs that a contact answers and of which it has to be said whose they are before it is identified."""
        names = dict.fromkeys([contact.in_reply_to, *contact.references])
        return [name for name in names if name and name not in self._messages]

    def note_owners(self, owners: Mapping[str, str | None]) -> None:
        """Learn whose messages these are, by Message-ID; None for one that is nobody's."""
        for message_id, ref in owners.items():
            self._note_owner(message_id, ref)

    def _note_owner(self, message_id: str, ref: str | None) -> None:
        self._messages[message_id] = ref
        self._messages.move_to_end(message_id)
        if len(self._messages) > self._recent:
            self._messages.popitem(last=False)

    def forget(self, contact: Contact, identification: Identification) -> None:
        """Unlearn what a contact taught under an identification that no longer holds."""
        self._learn(contact, identification, -1)

    def _learn(self, contact: Contact, identification: Identification, times: int) -> bool:
        if identification.zone is not Zone.SURE:
            return False
        new = False
        ref = identification.customer_ref
        if contact.message_id and times > 0:
            self._note_owner(contact.message_id, ref)
        elif contact.message_id and self._messages.get(contact.message_id, ref) == ref:
            self._note_owner(contact.message_id, None)  # whatever the store still says
        if last := self.name(ref).last:
            for title in titles_before(contact.landlord_words[:2000], (last,)):
                new |= _count(self._titles, ref, title, times)
        if contact.auto or contact.direction is not Direction.IN:
            return new
        if (
            contact.from_addr
            and (key := address_key(contact.from_addr))
            and ref in self.customers
            and contact.sender_proof is not SenderProof.FAILED
        ):
            new |= _count(self._learned, key, ref, times)
        if identification.writes_for:
            new |= _count(self._represents, ref, identification.writes_for, times)
        return new

    def note_record(self, record: Record) -> None:
        """Learn whose case a reference is."""
        if record.ref and record.customer_ref:
            self._refs[canonical(record.ref)][record.customer_ref] += 1

    @property
    def learned_addresses(self) -> dict[str, tuple[str, ...]]:
        return _plain(self._learned)

    @property
    def message_owners(self) -> dict[str, str]:
        return {message_id: ref for message_id, ref in self._messages.items() if ref}

    @property
    def ref_owners(self) -> dict[str, tuple[str, ...]]:
        return _plain(self._refs)

    @property
    def titles(self) -> dict[str, tuple[str, ...]]:
        return _plain(self._titles)

    @property
    def represents(self) -> dict[str, tuple[str, ...]]:
        return _plain(self._represents)


def _count(counters: dict[str, Counter[str]], key: str, value: str, times: int) -> bool:
    """Counts up or down; says whether this is the first."""
    counters[key][value] += times
    if counters[key][value] <= 0:
        del counters[key][value]
    first = counters[key][value] == times > 0
    if not counters[key]:
        del counters[key]
    return first


def _joined(pairs: Sequence[tuple[str, str]], customers: Mapping[str, Customer]) -> dict[str, str]:
    """Each joined reference to the one that stands for all: of the directory before a stranger's, then the first by name."""
    groups: dict[str, set[str]] = {}
    for one, other in pairs:
        group = groups.get(one, {one}) | groups.get(other, {other})
        groups |= dict.fromkeys(group, group)
    return {ref: min(group, key=lambda one: (one not in customers, one)) for ref, group in groups.items()}


def _plain(counters: Mapping[str, Counter[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(counter.elements())) for key, counter in sorted(counters.items())}


def _first_words(name: Name, customer: Customer) -> frozenset[str]:
    own = {name.first} if name.first else set()
    for email in customer.emails:
        local = words_of(email.split("@")[0].replace(".", " ").replace("_", " ").replace("-", " "))
        if len(local) > 1 and local[-1] == name.last and len(local[0]) > 2 and local[0].isalpha():
            own.add(local[0])
    return frozenset(own)
