"""Contacts, the raw bytes that they came from, and their scores."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import starmap

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from triage.domain.contact import Contact, Direction
from triage.domain.customer import Identification
from triage.domain.issue import Entry, IssueLink
from triage.domain.score import Scores
from triage.domain.team import EVERYTHING, Sight
from triage.store.codec import pack, pack_known, unpack, unpack_known
from triage.store.folders import folder_counts
from triage.store.quick import Quick, listed, put_row
from triage.store.sight import keep_places, sees_contact
from triage.store.tables import contact, flag, flag_contact, folder, ledger, raw, score
from triage_mailbox.ledger import FolderCounts, LedgerState
from triage_mailbox.messages import FolderRole, RawMessage, SourceKind

MOST_OF_ONE = 100
"""How many of one sender's new messages are read before it is everybody else's turn, where more wait than one chunk."""
MOST_FLOODS = 50
"""How many senders are held to that at once: those of whom the most waits."""

HELD = 40
"""How much earlier mail is compared with a quotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A contact with who it was from (or to), the issue that it joined and why."""

    contact: Contact
    who: Identification
    issue_id: str | None
    link: IssueLink | None
    scores: Scores | None


_ORDER = (ledger.c.received, ledger.c.folder, ledger.c.uidvalidity, ledger.c.uid)
_NEWEST_SCORES = (
    select(score.c.body)
    .where(score.c.contact_id == contact.c.id)
    .order_by(score.c.at.desc(), score.c.model)
    .limit(1)
    .correlate(contact)
    .scalar_subquery()
)
_ENTRY = select(contact.c.body, contact.c.who, _NEWEST_SCORES).where(contact.c.who.is_not(None))

# What every arrival asks.
_OF_ISSUE = _ENTRY.where(contact.c.issue_id == bindparam("issue"))
_OF_ISSUE_IN_ORDER = Quick(_OF_ISSUE.order_by(contact.c.at, contact.c.id))
_OF_ISSUE_ONE = Quick(_OF_ISSUE.where(contact.c.id == bindparam("contact")))
_FIRST_OF_ISSUE = Quick(_OF_ISSUE.order_by(contact.c.at, contact.c.id).limit(bindparam("most")))
_LAST_OF_ISSUE = Quick(_OF_ISSUE.order_by(contact.c.at.desc(), contact.c.id.desc()).limit(bindparam("most")))
_OF_ISSUE_NAMED = Quick(_OF_ISSUE.where(contact.c.message_id.in_(listed("names"))))
_PEOPLE_ON = Quick(
    select(contact.c.issue_id, contact.c.customer_ref).where(contact.c.issue_id.in_(listed("issues"))).distinct()
)
_BELONG = Quick(
    select(contact.c.id, contact.c.customer_ref, contact.c.issue_id).where(contact.c.id.in_(listed("contacts")))
)
_SAME = Quick(
    select(contact.c.body).where(contact.c.fingerprint == bindparam("fingerprint")).order_by(contact.c.at, contact.c.id)
)
_NAMED = Quick(
    select(contact.c.body)
    .where(contact.c.message_id == bindparam("name"))
    .order_by(contact.c.at, contact.c.id)
    .limit(bindparam("most"))
)
_OWNERS = Quick(
    select(contact.c.message_id, contact.c.customer_ref, contact.c.zone)
    .where(contact.c.message_id.in_(listed("names")))
    .order_by(contact.c.at, contact.c.id)
)
_PLACED = (
    select(contact.c.body, contact.c.who, contact.c.issue_id, contact.c.link, _NEWEST_SCORES.label("scores"))
    .where(contact.c.who.is_not(None))
    .order_by(contact.c.at, contact.c.id)
)
_PLACED_ONE = Quick(_PLACED.where(contact.c.id == bindparam("contact")))
_IT = contact.c.id == bindparam("contact")
_BODY = ("at", "received", "direction", "channel", "message_id", "fingerprint", "not_scored", "body")
_PLACE_COLUMNS = ("who", "customer_ref", "zone", "issue_id", "link")
_PLACE = Quick(update(contact).where(_IT).values({name: bindparam(f"new_{name}") for name in _PLACE_COLUMNS}))
_PUT = put_row(contact, ("id",), _BODY)
_PUT_PLACED = put_row(contact, ("id",), (*_BODY, *_PLACE_COLUMNS))
_PUT_SCORES = put_row(score, ("contact_id", "model"), ("at", "body"))
_WAITS = and_(ledger.c.state == "stored", ledger.c.contact_id.is_(None))

# What the queue and every flag's page ask.
_SAFEGUARDED = flag_contact.join(flag, flag.c.id == flag_contact.c.flag_id)
_SECRET = Quick(
    select(flag_contact.c.contact_id)
    .select_from(_SAFEGUARDED)
    .where(flag.c.kind == "safeguarding", flag_contact.c.contact_id.in_(listed("contacts")))
)
_SECRET_IN = Quick(
    select(contact.c.id, contact.c.issue_id)
    .select_from(contact.join(_SAFEGUARDED, flag_contact.c.contact_id == contact.c.id))
    .where(flag.c.kind == "safeguarding", contact.c.issue_id.in_(listed("issues")))
)
_SOME = Quick(select(contact.c.id, contact.c.body).where(contact.c.id.in_(listed("contacts"))))
_PLACE_OF = (ledger.c.account, ledger.c.folder, ledger.c.uidvalidity)
_LAST_STORED = Quick(select(func.max(ledger.c.stored_at)))
_COUNT_UNREAD = Quick(select(func.count()).select_from(ledger).where(_WAITS))
_COUNT_NOT_SCORED = Quick(
    select(func.count())
    .select_from(contact)
    .where(contact.c.direction == Direction.IN.value, contact.c.not_scored.is_not(None))
)
_NEWEST_FOLDERS = Quick(select(folder.c.account, folder.c.folder, folder.c.uidvalidity))
_COUNT_WAITING = Quick(
    select(*_PLACE_OF, func.count()).where(ledger.c.state == LedgerState.DISCOVERED.value).group_by(*_PLACE_OF)
)


class Contacts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # raw messages waiting to be read

    def unread(self, limit: int, since: datetime | None = None) -> list[RawMessage]:
        """Stored messages that are not contacts yet, oldest arrival first, without their bytes (``content`` has them).

        What a crash left is taken up here. Where more wait than ``limit``, at most ``MOST_OF_ONE`` of those that one
        sender sent one account after ``since`` are among them: a flood is read in turn with everybody else's mail,
        while a backlog of years, and our own sent mail, keep the order in which they came.
        """
        query = select(ledger).where(_WAITS)
        if since is not None and self.count_unread() > limit:
            query = query.where(*self._no_more_of_a_flood(since))
        query = query.order_by(ledger.c.received, ledger.c.account, ledger.c.folder, ledger.c.uid).limit(limit)
        return [
            RawMessage(
                account=row.account,
                folder=row.folder,
                uidvalidity=row.uidvalidity,
                uid=row.uid,
                content=b"",
                sha256=row.sha256,
                received=row.received,
                kind=SourceKind(row.kind),
                role=FolderRole(row.role),
                name=row.name,
                sidecar=row.sidecar,
                truncated_from=row.truncated_from,
            )
            for row in self._connection.execute(query)
        ]

    def _no_more_of_a_flood(self, since: datetime) -> list[ColumnElement[bool]]:
        """For each sender of whom too much waits in an account, that what comes after the first of it is left out."""
        recent = and_(_WAITS, ledger.c.received > since, ledger.c.role != FolderRole.SENT.value)
        number = func.count()
        floods = (
            select(ledger.c.account, ledger.c.sender)
            .where(recent, ledger.c.sender.is_not(None))
            .group_by(ledger.c.account, ledger.c.sender)
            .having(number > MOST_OF_ONE)
            .order_by(number.desc())
            .limit(MOST_FLOODS)
        )
        found = []
        for account, sender in self._connection.execute(floods).all():
            of_one = and_(recent, ledger.c.account == account, ledger.c.sender == sender)
            last = select(*_ORDER).where(of_one).order_by(*_ORDER).offset(MOST_OF_ONE - 1).limit(1)
            place = tuple_(*_ORDER) > tuple_(*self._connection.execute(last).one())
            found.append(or_(ledger.c.sender.is_(None), not_(and_(of_one, place))))
        return found

    def content(self, sha256: str) -> bytes:
        content: bytes = self._connection.execute(select(raw.c.content).where(raw.c.sha256 == sha256)).scalar_one()
        return content

    def count_unread(self) -> int:
        number: int = _COUNT_UNREAD.values(self._connection)[0]
        return number

    def mark_read(self, message: RawMessage, contact_id: str) -> None:
        key = and_(
            ledger.c.account == message.account,
            ledger.c.folder == message.folder,
            ledger.c.uidvalidity == message.uidvalidity,
            ledger.c.uid == message.uid,
        )
        self._connection.execute(update(ledger).where(key).values(contact_id=contact_id))

    def raw_of(self, contact_id: str) -> bytes | None:
        query = (
            select(raw.c.content).join(ledger, ledger.c.sha256 == raw.c.sha256).where(ledger.c.contact_id == contact_id)
        )
        return self._connection.execute(query.limit(1)).scalar()

    def hashes(self, contact_ids: Collection[str]) -> dict[str, str]:
        """The hash of the bytes as they came in (SHA-256), of those of these contacts that came as bytes."""
        query = select(ledger.c.contact_id, ledger.c.sha256).where(ledger.c.contact_id.in_(contact_ids))
        return {row.contact_id: row.sha256 for row in self._connection.execute(query) if row.sha256}

    # contacts

    def put(
        self,
        item: Contact,
        fingerprint: str,
        who: Identification | None = None,
        issue_id: str | None = None,
        link: IssueLink | None = None,
    ) -> None:
        """Adds a contact, or replaces its body when a further delivery arrived. One that was not judged in full counts as not scored.

        With ``who`` it is also placed, as by ``place``.
        """
        values = {
            "at": item.at,
            "received": item.received,
            "direction": item.direction.value,
            "channel": item.channel.value,
            "message_id": item.message_id,
            "fingerprint": fingerprint,
            "not_scored": item.not_scored or item.caveat,
            "body": pack_known(item),
        }
        if who is None:
            _PUT.change(self._connection, {"id": item.id, **values})
        else:
            _PUT_PLACED.change(self._connection, {"id": item.id, **values, **_place(who, issue_id, link)})
        keep_places(self._connection, item)

    def describe(self, item: Contact) -> None:
        """Replaces what is kept of a contact, in its place and under its fingerprint."""
        values = {
            "received": item.received,
            "not_scored": item.not_scored or item.caveat,
            "body": pack(item),
        }
        self._connection.execute(update(contact).where(contact.c.id == item.id).values(**values))
        keep_places(self._connection, item)

    def unplace(self, contact_id: str) -> None:
        """Takes a contact out of its issue, before it is read again."""
        self._connection.execute(
            update(contact)
            .where(contact.c.id == contact_id)
            .values(who=None, customer_ref=None, zone=None, issue_id=None, link=None)
        )

    def place(self, contact_id: str, who: Identification, issue_id: str | None, link: IssueLink | None) -> None:
        new = {f"new_{name}": value for name, value in _place(who, issue_id, link).items()}
        _PLACE.change(self._connection, {"contact": contact_id, **new})

    def same(self, fingerprint: str) -> list[Contact]:
        """The contacts that these very words already are (same sender, Message-ID and own words), whatever route they took."""
        return [unpack(Contact, body) for body in _SAME.values(self._connection, {"fingerprint": fingerprint})]

    def with_message_id(self, message_id: str) -> list[Contact]:
        """Every contact under this Message-ID, which senders choose: it threads, and identifies nothing."""
        found = _NAMED.values(self._connection, {"name": message_id, "most": HELD})
        return [unpack(Contact, body) for body in found]

    def owners_of(self, message_ids: Collection[str]) -> dict[str, str]:
        """Who surely wrote, or was surely written to, under each of these Message-IDs; of two the later."""
        found = _OWNERS.rows(
            self._connection, {"names": message_ids}
        )  # asked for zones as well, SQLite would search by them
        return {message_id: customer_ref for message_id, customer_ref, zone in found if zone == "sure"}

    def held(self, item: Contact, customer_ref: str) -> list[Contact]:
        """Earlier mail that a quotation may repeat: what the contact answers, and the newest to and from the same person."""
        named = [name for name in (item.in_reply_to, *item.references[-HELD:]) if name]
        before = and_(contact.c.channel == "email", contact.c.at <= item.at, contact.c.id != item.id)
        newest = contact.c.at.desc()
        found: dict[str, Contact] = {}
        for where in (contact.c.message_id.in_(named), contact.c.customer_ref == customer_ref):
            query = select(contact.c.id, contact.c.body).where(before, where).order_by(newest).limit(HELD)
            found |= {row.id: unpack(Contact, row.body) for row in self._connection.execute(query)}
        return list(found.values())

    def get(self, contact_id: str) -> Placed | None:
        row = _PLACED_ONE.first(self._connection, {"contact": contact_id})
        return _placed(*row) if row is not None else None

    def of_issue(self, issue_id: str) -> tuple[Entry, ...]:
        """In time order; a contact not scored yet has no scores."""
        return tuple(self._entries(_OF_ISSUE_IN_ORDER, issue=issue_id))

    def entry(self, contact_id: str, issue_id: str) -> Entry | None:
        """A contact as one of its issue; None where it is on another, or has not been placed."""
        found = self._entries(_OF_ISSUE_ONE, issue=issue_id, contact=contact_id)
        return next(found, None)

    def glimpse(self, issue_id: str, first: int, last: int, message_ids: Collection[str]) -> tuple[Entry, ...]:
        """The first and last contacts of an issue, and those of it under these Message-IDs, in time order.

        All that linking looks at: its cost does not grow with the issue.
        """
        most = first + last
        found = list(self._entries(_LAST_OF_ISSUE, issue=issue_id, most=most))
        if len(found) == most:
            found = [*self._entries(_FIRST_OF_ISSUE, issue=issue_id, most=first), *found[:last]]
            if message_ids:
                found += self._entries(_OF_ISSUE_NAMED, issue=issue_id, names=list(message_ids))
        entries = {entry.contact.id: entry for entry in found}
        return tuple(sorted(entries.values(), key=lambda entry: (entry.contact.at, entry.contact.id)))

    def _entries(self, query: Quick, **asked: object) -> Iterator[Entry]:
        for body, who, scores in query.rows(self._connection, asked):
            yield Entry(
                contact=unpack_known(Contact, body),
                who=unpack_known(Identification, who),
                scores=unpack_known(Scores, scores) if scores else None,
            )

    def where_they_belong(self, contact_ids: Collection[str]) -> dict[str, tuple[str, str | None]]:
        """The person and the issue of each of these contacts."""
        found = _BELONG.rows(self._connection, {"contacts": contact_ids})
        return {contact_id: (customer_ref, issue_id) for contact_id, customer_ref, issue_id in found}

    def people_on(self, issue_ids: Collection[str]) -> dict[str, set[str]]:
        """The references of everybody who wrote, or was written to, on each of these issues."""
        found: dict[str, set[str]] = {issue_id: set() for issue_id in issue_ids}
        for issue_id, ref in _PEOPLE_ON.rows(self._connection, {"issues": issue_ids}):
            if ref:
                found[issue_id].add(ref)
        return found

    def placed_on(self, issue_id: str) -> list[Placed]:
        """In time order, with why each is there."""
        return list(self._placed(contact.c.issue_id == issue_id))

    def known(self) -> set[str]:
        return set(self._connection.execute(select(contact.c.id)).scalars())

    def all(self) -> Iterator[Placed]:
        return self._placed(contact.c.who.is_not(None))

    def read_by_another(self, model: str) -> list[Placed]:
        """Scored contacts whose newest scores are another model's; asked in every round, so only those are unpacked."""
        mine = select(score.c.contact_id, func.max(score.c.at).label("at")).where(score.c.model == model)
        mine_at = mine.group_by(score.c.contact_id).subquery()
        newer = score.c.at > mine_at.c.at
        query = (
            select(score.c.contact_id)
            .outerjoin(mine_at, mine_at.c.contact_id == score.c.contact_id)
            .where(score.c.model != model, or_(mine_at.c.at.is_(None), newer))
        )
        return list(self._placed(contact.c.id.in_(query)))

    def not_scored(self, limit: int = 200, *, sight: Sight = EVERYTHING) -> list[Contact]:
        """What nobody has read for us and why: shown in plain sight, newest first."""
        query = (
            select(contact.c.body, contact.c.not_scored)
            .where(contact.c.not_scored.is_not(None), sees_contact(sight))
            .order_by(contact.c.received.desc())
            .limit(limit)
        )
        rows = self._connection.execute(query)
        return [replace(unpack(Contact, row.body), not_scored=row.not_scored) for row in rows]

    def safeguarded(self, contact_ids: Sequence[str]) -> set[str]:
        """Those of these contacts that are evidence of a safeguarding card: their words are for its role alone (C27)."""
        return set(_SECRET.values(self._connection, {"contacts": contact_ids}))

    def safeguarded_in(self, issue_ids: Collection[str]) -> dict[str, str]:
        """Contacts of these issues that are evidence of a safeguarding card, each with its issue."""
        return dict(_SECRET_IN.rows(self._connection, {"issues": issue_ids}))

    def safeguarded_beside(self, contact_ids: Collection[str]) -> list[Contact]:
        """The safeguarded contacts of the issues that these contacts are on: what is beside them may repeat their words."""
        issues = select(contact.c.issue_id).where(contact.c.id.in_(contact_ids))
        cards = (
            select(flag_contact.c.contact_id)
            .join(flag, flag.c.id == flag_contact.c.flag_id)
            .where(flag.c.kind == "safeguarding")
        )
        query = select(contact.c.body).where(contact.c.issue_id.in_(issues), contact.c.id.in_(cards))
        return [unpack(Contact, body) for body in self._connection.execute(query).scalars()]

    def some(self, contact_ids: Collection[str]) -> dict[str, Contact]:
        """These contacts by id; one that is not there is left out."""
        found = _SOME.rows(self._connection, {"contacts": contact_ids})
        return {contact_id: unpack_known(Contact, body) for contact_id, body in found}

    def _placed(self, where: object) -> Iterator[Placed]:
        return starmap(_placed, self._connection.execute(_PLACED.where(where)))  # type: ignore[arg-type]

    def of_same_file(self, message: RawMessage) -> str | None:
        """The contact that an earlier version of this file became: another uid under the same name in the same folder."""
        query = (
            select(ledger.c.contact_id)
            .where(
                ledger.c.account == message.account,
                ledger.c.folder == message.folder,
                ledger.c.name == message.name,
                ledger.c.uid != message.uid,
                ledger.c.contact_id.is_not(None),
            )
            .order_by(ledger.c.stored_at.desc(), ledger.c.uid.desc())
        )
        return self._connection.execute(query.limit(1)).scalar()

    # scores

    def forget_scores(self, contact_id: str) -> None:
        """Before a corrected contact is read again: scores of words that are no longer its own would mislead."""
        self._connection.execute(delete(score).where(score.c.contact_id == contact_id))

    def put_scores(self, contact_id: str, scores: Scores, at: datetime) -> None:
        """One row per contact and model: scoring again with the same model changes nothing else."""
        row = {"contact_id": contact_id, "model": scores.model, "at": at, "body": pack_known(scores)}
        _PUT_SCORES.change(self._connection, row)

    # counts

    def counts(self) -> dict[str, int]:
        """How many came in and went out, and how many in could not be scored."""
        came_in, went_out = (contact.c.direction == direction.value for direction in (Direction.IN, Direction.OUT))
        each = {"in": came_in, "out": went_out, "not_scored": and_(came_in, contact.c.not_scored.is_not(None))}
        counted = (select(func.count()).select_from(contact).where(rows) for rows in each.values())
        query = select(*(number.scalar_subquery().label(name) for name, number in zip(each, counted, strict=True)))
        return dict(self._connection.execute(query).one()._mapping)

    def count_not_scored(self) -> int:
        """How many that came in could not be scored; unlike ``counts``, it costs the same over a large store."""
        number: int = _COUNT_NOT_SCORED.values(self._connection)[0]
        return number

    def last_stored(self) -> datetime | None:
        """When a message was last stored, in any folder."""
        found: datetime | None = _LAST_STORED.values(self._connection)[0]
        return found

    def count_waiting(self) -> int:
        """Messages that a server has and we do not yet: like the sum of ``folders``, without counting what is stored."""
        waiting = _COUNT_WAITING.rows(self._connection)
        here = set(_NEWEST_FOLDERS.rows(self._connection)) if waiting else set()
        return sum(row[3] for row in waiting if row[:3] in here)

    def deliveries_waiting(self) -> dict[str, int]:
        """Ledger rows per state over all accounts: discovered, stored, gone, unfetchable."""
        query = select(ledger.c.state, func.count()).group_by(ledger.c.state)
        return dict(self._connection.execute(query).all())

    def folders(self) -> tuple[FolderCounts, ...]:
        """For each account and folder, how many are on the server, stored, waiting and unfetchable."""
        return folder_counts(self._connection)


def _place(who: Identification, issue_id: str | None, link: IssueLink | None) -> dict[str, str | None]:
    return {
        "who": pack_known(who),
        "customer_ref": who.customer_ref,
        "zone": who.zone.value,
        "issue_id": issue_id,
        "link": pack(link) if link else None,
    }


def _placed(body: str, who: str, issue_id: str | None, link: str | None, scores: str | None) -> Placed:
    return Placed(
        contact=unpack(Contact, body),
        who=unpack(Identification, who),
        issue_id=issue_id,
        link=unpack(IssueLink, link) if link else None,
        scores=unpack(Scores, scores) if scores else None,
    )
