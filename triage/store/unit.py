"""A unit of work: the repositories that share one transaction."""

from functools import cached_property

from sqlalchemy import Connection

from triage.domain.team import EVERYTHING, Sight
from triage.store.access import Access
from triage.store.arrivals import Arrivals
from triage.store.audit import AuditLog
from triage.store.contacts import Contacts
from triage.store.erasing import Erasing
from triage.store.flags import Flags
from triage.store.issues import Issues
from triage.store.landlord import Landlord
from triage.store.listing import Listing
from triage.store.notices import Notices
from triage.store.outcomes import Outcomes
from triage.store.quarantine import Quarantine
from triage.store.rulings import Rulings
from triage.store.search import Search
from triage.store.sight import Sights
from triage.store.tokens import Tokens
from triage.store.users import Users
from triage.store.working import Working


class Unit:
    """What is read and written together; everything done through it is kept at its end, or nothing is.

    ``sight`` is what the person for whom it is done may know of; the service itself sees everything.
    """

    def __init__(self, connection: Connection, sight: Sight = EVERYTHING) -> None:
        self.connection = connection
        self.sight = sight

    @cached_property
    def seen(self) -> Sights:
        """What of these this person may know of."""
        return Sights(self.connection, self.sight)

    @cached_property
    def contacts(self) -> Contacts:
        return Contacts(self.connection)

    @cached_property
    def issues(self) -> Issues:
        return Issues(self.connection)

    @cached_property
    def landlord(self) -> Landlord:
        return Landlord(self.connection)

    @cached_property
    def flags(self) -> Flags:
        return Flags(self.connection)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self.connection)

    @cached_property
    def outcomes(self) -> Outcomes:
        return Outcomes(self.connection)

    @cached_property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.connection)

    @cached_property
    def rulings(self) -> Rulings:
        return Rulings(self.connection)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.connection)

    @cached_property
    def access(self) -> Access:
        return Access(self.connection)

    @cached_property
    def users(self) -> Users:
        return Users(self.connection)

    @cached_property
    def arrivals(self) -> Arrivals:
        return Arrivals(self.connection)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.connection)

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.connection)

    @cached_property
    def search(self) -> Search:
        return Search(self.connection)

    @cached_property
    def erasing(self) -> Erasing:
        return Erasing(self.connection)

    @cached_property
    def working(self) -> Working:
        return Working(self.connection)
