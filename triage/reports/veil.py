"""What is with safeguarding stays with safeguarding: no word of such a contact reaches anybody else's page (C27, A.13)."""

import re
from collections.abc import Iterable

from triage.domain.contact import Contact
from triage.reports.marked import seen
from triage.store import Unit

WITH_SAFEGUARDING = "With safeguarding"
NOT_SHOWN = "Title not shown, as you chose"
NAMED_BY_ABUSE = frozenset({"A1", "A2", "A4"})
"""Clauses whose words may be an issue's title, because an issue is named by its first words (C34)."""
_PREFIX = re.compile(r"^(?:\s*(?:re|fw|fwd|aw)\s*:)+\s*", re.IGNORECASE)


class Veil:
    """Hides the words of safeguarded contacts from whoever is not of the safeguarding role.

    Their words also come back in subjects and quotes of the contacts around them, so those are hidden too.
    """

    def __init__(self, secret: Iterable[Contact] = ()) -> None:
        self._secret = list(secret)
        self.hidden = frozenset(contact.id for contact in self._secret)

    @classmethod
    def over(cls, unit: Unit, contacts: Iterable[Contact], *, safeguarding: bool) -> "Veil":
        """The veil over an issue's contacts for one reader; the safeguarding role sees through it."""
        known = {contact.id: contact for contact in contacts}
        found = set() if safeguarding or not known else unit.contacts.safeguarded(list(known))
        return cls(known[contact_id] for contact_id in found)

    @property
    def drawn(self) -> bool:
        return bool(self.hidden)

    def hides(self, contact_id: str) -> bool:
        return contact_id in self.hidden

    def hides_any(self, contact_ids: Iterable[str]) -> bool:
        return not self.hidden.isdisjoint(contact_ids)

    def hides_all(self, contact_ids: Iterable[str]) -> bool:
        ids = set(contact_ids)
        return bool(ids) and ids <= self.hidden

    def title(self, text: str) -> str:
        """A title or subject, unless it is made of a hidden contact's words."""
        plain = _plain(text)
        if not plain or not any(self._speaks(secret, plain) for secret in self._secret):
            return text
        return WITH_SAFEGUARDING

    def _speaks(self, secret: Contact, plain: str) -> bool:
        if _plain(secret.subject) == plain:
            return True
        said = " ".join([secret.text, *(turn.text for turn in secret.turns)])
        return len(plain) > 3 and plain.rstrip("… .") in _plain(said)


def title_as_chosen(title: str, codes: Iterable[str], veiled: bool) -> str:
    """An issue's title, for somebody who chose that abusive words wait until they are opened (``veiled``).

    ``codes`` are those that it was flagged for, as far as this person may know.
    """
    return NOT_SHOWN if veiled and not NAMED_BY_ABUSE.isdisjoint(codes) else title


def circumstances(texts: Iterable[str], *, safeguarding: bool) -> tuple[str, ...]:
    """What is known of the people. That something is with safeguarding is news to everybody but the safeguarding role."""
    shown = []
    for text in texts:
        if text.rstrip(".") != WITH_SAFEGUARDING:
            shown.append(seen(text))
        elif not safeguarding:
            shown.append("Something on this issue is, or was, with safeguarding.")
    return tuple(shown)


def _plain(text: str) -> str:
    return " ".join(_PREFIX.sub("", text).lower().split())
