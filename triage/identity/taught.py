"""Contacts identified again together: what they taught the directory is first taken back, so that none vouches for itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from triage.domain.contact import Contact
from triage.domain.customer import Identification
from triage.domain.ruling import Ruling
from triage.identity.directory import Directory
from triage.identity.identify import identify

MOST_PASSES = 5


class Known(Protocol):
    """A contact with who it was taken to be from."""

    @property
    def contact(self) -> Contact: ...

    @property
    def who(self) -> Identification: ...


class Taught:
    """What the directory knows anew, until it is taken back."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._contacts: dict[str, Contact] = {}
        self._before: dict[str, Identification] = {}
        self._now: dict[str, Identification] = {}

    def identify_again(self, known: Iterable[Known], rulings: Mapping[str, Sequence[Ruling]]) -> None:
        """Identifies all of these in the order of time, again and again until what one teaches changes no other."""
        for one in known:
            if one.contact.id not in self._before:
                self._contacts[one.contact.id] = one.contact
                self._before[one.contact.id] = one.who
                self._directory.forget(one.contact, one.who)
        contacts = sorted(self._contacts.values(), key=lambda contact: (contact.at, contact.id))
        for _ in range(MOST_PASSES):
            changed = [self._identify(contact, rulings.get(contact.id, ())) for contact in contacts]
            if not any(changed):
                return

    def _identify(self, contact: Contact, rulings: Sequence[Ruling]) -> bool:
        """Whether a contact is from somebody else than thought; what it taught itself says nothing of it."""
        earlier = self._now.pop(contact.id, None)
        if earlier is not None:
            self._directory.forget(contact, earlier)
        who = self._now[contact.id] = identify(contact, self._directory, rulings)
        self._directory.note(contact, who)
        return who != earlier

    def before(self, contact_id: str) -> Identification:
        return self._before[contact_id]

    def now(self, contact_id: str) -> Identification:
        return self._now[contact_id]

    def take_back(self) -> None:
        """The directory as it was."""
        for contact_id, contact in self._contacts.items():
            if contact_id in self._now:
                self._directory.forget(contact, self._now[contact_id])
            self._directory.note(contact, self._before[contact_id])
        self._contacts, self._before, self._now = {}, {}, {}
