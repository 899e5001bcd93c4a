"""Flags, what raised them, reviews, statements and who has opened the context."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from triage.domain.errors import ConflictError
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.review import Answer, Review
from triage.store.codec import pack, unpack, unpack_known
from triage.store.quick import Quick, put_row
from triage.store.tables import contact, flag, flag_contact, raised, review, score, statement, view


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A code was raised on a person and issue. ``event`` is the contact whose words raised it; None for a pattern."""

    code: str
    at: datetime
    contacts: tuple[str, ...]
    customer_ref: str
    issue_id: str
    why: str
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a member of staff says of the effect on them (records B.1); written by a person, never proposed."""

    id: str
    flag_id: str
    staff: str
    written_by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A contact that was evidence when a person decided a code, with its vector (see ``Scores``)."""

    contact_id: str
    issue_id: str
    flag_id: str
    review_id: str
    vector: str


_LISTED = select(flag.c.body).where(
    flag.c.state.in_(bindparam("states", expanding=True)), flag.c.kind.in_(bindparam("kinds", expanding=True))
)
_ONE = Quick(select(flag.c.body).where(flag.c.id == bindparam("flag")))
_OF_ISSUE = Quick(select(flag.c.body).where(flag.c.issue_id == bindparam("issue")))
_OF_CUSTOMER = Quick(select(flag.c.body).where(flag.c.customer_ref == bindparam("person")))
_REVIEWS = Quick(select(review.c.body).where(review.c.flag_id == bindparam("flag")).order_by(review.c.at, review.c.id))
_STATEMENTS = Quick(
    select(statement).where(statement.c.flag_id == bindparam("flag")).order_by(statement.c.at, statement.c.id)
)
_PUT_VIEW = put_row(view, ("flag_id", "person"), ("at",))
_VIEWED = Quick(select(view.c.at).where(view.c.flag_id == bindparam("flag"), view.c.person == bindparam("by")).limit(1))
_STEPS_ON = Quick(
    select(review.c.body, flag.c.body, func.json_extract(review.c.body, "$.next_step"))
    .join(flag, flag.c.id == review.c.flag_id)
    .where(flag.c.issue_id == bindparam("issue"), flag.c.state == FlagState.DECIDED.value)
    .where(flag.c.kind == bindparam("of_kind"))
    .order_by(review.c.at, review.c.id)
)
_LATEST = Quick(
    select(flag.c.body)
    .where(
        flag.c.customer_ref == bindparam("person"),
        flag.c.issue_id == bindparam("issue"),
        flag.c.kind == bindparam("of_kind"),
    )
    .order_by((flag.c.state == FlagState.OPEN.value).desc(), flag.c.opened.desc(), flag.c.id)
    .limit(1)
)
_STANDING = select(raised.c.seq).where(raised.c.code == bindparam("of_code"), raised.c.undone.is_(False)).limit(1)
_RAISED_BY = Quick(_STANDING.where(raised.c.event == bindparam("by")))
_RAISED_ON = Quick(
    _STANDING.where(raised.c.customer_ref == bindparam("person"), raised.c.issue_id == bindparam("issue"))
)
_CONTACTS = Quick(
    select(flag_contact.c.code, flag_contact.c.contact_id).where(flag_contact.c.flag_id == bindparam("flag"))
)
_ADD_RAISED = Quick(
    insert(raised), ["flag_id", "code", "at", "customer_ref", "issue_id", "event", "contacts", "why", "undone"]
)
_ADD_CONTACT = Quick(insert(flag_contact), ["flag_id", "code", "contact_id"])
_COLUMNS = ("kind", "customer_ref", "issue_id", "state", "urgency", "opened", "version", "body")
_ADD = Quick(insert(flag), ["id", *_COLUMNS])
_UPDATE = Quick(
    update(flag)
    .where(flag.c.id == bindparam("flag"), flag.c.version == bindparam("was"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)


class Flags:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, flag_id: str) -> Flag | None:
        found = _ONE.first(self._connection, {"flag": flag_id})
        return unpack_known(Flag, found[0]) if found else None

    def latest(self, customer_ref: str, issue_id: str, kind: FlagKind) -> Flag | None:
        """The open flag of that person, issue and kind, else the last one there was."""
        asked = {"person": customer_ref, "issue": issue_id, "of_kind": kind.value}
        found = _LATEST.first(self._connection, asked)
        return unpack_known(Flag, found[0]) if found else None

    def add(self, item: Flag) -> None:
        _ADD.change(self._connection, {"id": item.id, **_columns(item)})
        self._note_contacts(item)

    def update(self, item: Flag, *, was: int) -> None:
        """Writes version ``item.version`` over version ``was``; raises ConflictError when somebody was quicker."""
        new = {f"new_{name}": value for name, value in _columns(item).items()}
        if _UPDATE.change(self._connection, {"flag": item.id, "was": was, **new}) != 1:
            raise ConflictError(f"Flag {item.id} was changed by somebody else; open it again.")
        self._note_contacts(item)

    def _note_contacts(self, item: Flag) -> None:
        known = set(_CONTACTS.rows(self._connection, {"flag": item.id}))
        # Two versions of one code can stand on a flag of which nothing stands any more, on the same contacts.
        wanted = dict.fromkeys((code.code, contact_id) for code in item.codes for contact_id in code.contacts)
        for code, contact_id in wanted:
            if (code, contact_id) not in known:
                _ADD_CONTACT.change(self._connection, {"flag_id": item.id, "code": code, "contact_id": contact_id})

    def listed(
        self,
        *,
        states: Iterable[FlagState] = (FlagState.OPEN,),
        kinds: Iterable[FlagKind] = tuple(FlagKind),
        customer_ref: str | None = None,
        issue_id: str | None = None,
        changed_since: datetime | None = None,
    ) -> list[Flag]:
        """Most urgent first, then oldest; with ``changed_since`` those alone that were raised, joined or settled since then."""
        wanted, of_kinds = set(states), set(kinds)
        if issue_id is not None:
            bodies = _OF_ISSUE.values(self._connection, {"issue": issue_id})
        elif customer_ref is not None:
            bodies = _OF_CUSTOMER.values(self._connection, {"person": customer_ref})
        else:
            asked = {"states": [state.value for state in wanted], "kinds": [kind.value for kind in of_kinds]}
            changed = func.julianday(func.json_extract(flag.c.body, "$.updated"))
            since = [changed >= func.julianday(changed_since.isoformat())] if changed_since else []
            bodies = list(self._connection.execute(_LISTED.where(*since), asked).scalars())
        # Chosen and put in order here: SQLite would else walk the whole queue in its order to find one issue's or person's few.
        found = [
            item
            for item in (unpack_known(Flag, body) for body in bodies)
            if item.state in wanted
            and item.kind in of_kinds
            and customer_ref in (None, item.customer_ref)
            and (changed_since is None or item.updated >= changed_since)
        ]
        return sorted(found, key=lambda item: (item.urgency, item.opened, item.id))

    def no_concern(self, issue_id: str) -> frozenset[str]:
        """The contacts of an issue of which people have decided that they are no safeguarding concern, and that still stands."""
        decided = self.listed(states=(FlagState.DECIDED,), kinds=(FlagKind.SAFEGUARDING,), issue_id=issue_id)
        found: set[str] = set()
        for item in decided:
            given = (
                [review for review in self.reviews(item.id) if review.id == item.opinions[-1]] if item.opinions else []
            )
            none = {one.code for review in given for one in review.decisions if one.answer is Answer.NO}
            found.update(contact_id for code in item.codes if code.code in none for contact_id in code.contacts)
        return frozenset(found)

    def set_aside(self, flag_id: str, code: str, contacts: Collection[str]) -> None:
        """A code's evidence is no longer this flag's: these contacts are not its evidence, and what rests on them is not raised."""
        of_code = and_(flag_contact.c.flag_id == flag_id, flag_contact.c.code == code)
        self._connection.execute(delete(flag_contact).where(of_code, flag_contact.c.contact_id.in_(contacts)))
        self._mark_raised(flag_id, code, contacts, undone=True)

    def take_back(self, flag_id: str, code: str, contacts: Collection[str]) -> None:
        """A code that was set aside counts as raised again by these contacts; ``update`` notes them."""
        self._mark_raised(flag_id, code, contacts, undone=False)

    def _mark_raised(self, flag_id: str, code: str, contacts: Collection[str], *, undone: bool) -> None:
        """A pattern is raised by no contact alone."""
        of_code = and_(raised.c.flag_id == flag_id, raised.c.code == code)
        by_them = or_(raised.c.event.is_(None), raised.c.event.in_(contacts))
        self._connection.execute(update(raised).where(of_code, by_them).values(undone=undone))

    # what was raised

    def note_raised(self, flag_id: str, item: Raised) -> None:
        row = {
            "flag_id": flag_id,
            "code": item.code,
            "at": item.at,
            "customer_ref": item.customer_ref,
            "issue_id": item.issue_id,
            "event": item.event,
            "contacts": json.dumps(item.contacts),
            "why": item.why,
            "undone": False,
        }
        _ADD_RAISED.change(self._connection, row)

    def was_raised(self, customer_ref: str, issue_id: str, code: str, event: str | None = None) -> bool:
        """Whether this code was ever raised on this person and issue; with ``event``, by that contact."""
        if event is not None:
            return _RAISED_BY.first(self._connection, {"of_code": code, "by": event}) is not None
        asked = {"of_code": code, "person": customer_ref, "issue": issue_id}
        return _RAISED_ON.first(self._connection, asked) is not None

    def raised_counts(self) -> dict[str, int]:
        query = select(raised.c.code, func.count()).where(raised.c.undone.is_(False)).group_by(raised.c.code)
        return dict(self._connection.execute(query).all())

    # reviews, statements, views

    def add_review(self, item: Review) -> None:
        self._connection.execute(
            insert(review).values(id=item.id, flag_id=item.flag_id, reviewer=item.reviewer, at=item.at, body=pack(item))
        )

    def put_review(self, item: Review) -> None:
        """Writes a review anew that is taken back; what was decided in it stays as it was."""
        self._connection.execute(update(review).where(review.c.id == item.id).values(body=pack(item)))

    def reviews(self, flag_id: str | None = None) -> list[Review]:
        if flag_id is not None:
            return [unpack_known(Review, body) for body in _REVIEWS.values(self._connection, {"flag": flag_id})]
        query = select(review.c.body).order_by(review.c.at, review.c.id)
        return [unpack(Review, body) for body in self._connection.execute(query).scalars()]

    def decided_steps(
        self, steps: Collection[str], *, kind: FlagKind, issue_id: str | None = None
    ) -> list[tuple[Review, Flag]]:
        """Reviews that named one of these next steps, on flags of that kind that are decided, oldest first."""
        if issue_id is not None:
            rows = _STEPS_ON.rows(self._connection, {"issue": issue_id, "of_kind": kind.value})
            return [(unpack_known(Review, one), unpack_known(Flag, two)) for one, two, step in rows if step in steps]
        query = (
            select(review.c.body, flag.c.body.label("flag"))
            .join(flag, flag.c.id == review.c.flag_id)
            .where(flag.c.state == FlagState.DECIDED.value, flag.c.kind == kind.value)
            .where(func.json_extract(review.c.body, "$.next_step").in_(list(steps)))
            .order_by(review.c.at, review.c.id)
        )
        return [(unpack(Review, row[0]), unpack(Flag, row.flag)) for row in self._connection.execute(query)]

    def decided(self, code: str, *, kinds: Collection[FlagKind], model: str, limit: int) -> list[Decided]:
        """Contacts behind decided flags of this code, the newest decisions first, each with its newest.

        Only those that this model gave a vector, and that had come when the person decided; a reopened flag is not decided.
        """
        vector = func.json_extract(score.c.body, "$.vector")
        query = (
            select(contact.c.id, contact.c.issue_id, flag.c.id.label("flag_id"), review.c.id.label("review_id"), vector)
            .join(flag_contact, flag_contact.c.contact_id == contact.c.id)
            .join(flag, flag.c.id == flag_contact.c.flag_id)
            .join(review, and_(review.c.flag_id == flag.c.id, review.c.at >= contact.c.received))
            .join(score, and_(score.c.contact_id == contact.c.id, score.c.model == model))
            .where(flag_contact.c.code == code, flag.c.state == FlagState.DECIDED.value, vector.is_not(None))
            .where(flag.c.kind.in_([kind.value for kind in kinds]))
            .order_by(review.c.at.desc(), review.c.id, contact.c.id)
            .limit(limit)
        )
        found: dict[str, Decided] = {}
        for row in self._connection.execute(query):
            item = Decided(
                contact_id=row[0], issue_id=row[1], flag_id=row.flag_id, review_id=row.review_id, vector=row[4]
            )
            found.setdefault(item.contact_id, item)
        return list(found.values())

    def add_statement(self, item: Statement) -> None:
        values = {
            "id": item.id,
            "flag_id": item.flag_id,
            "staff": item.staff,
            "written_by": item.written_by,
            "at": item.at,
            "text": item.text,
        }
        self._connection.execute(insert(statement).values(**values))

    def statements(self, flag_id: str) -> list[Statement]:
        names = [column.name for column in statement.columns]
        rows = _STATEMENTS.rows(self._connection, {"flag": flag_id})
        return [Statement(**dict(zip(names, row, strict=True))) for row in rows]

    def note_view(self, flag_id: str, person: str, at: datetime) -> None:
        """The person opened the flag's page with its context: what a decision needs (C2)."""
        _PUT_VIEW.change(self._connection, {"flag_id": flag_id, "person": person, "at": at})

    def viewed_at(self, flag_id: str, person: str) -> datetime | None:
        found = _VIEWED.first(self._connection, {"flag": flag_id, "by": person})
        return found[0] if found else None


def _columns(item: Flag) -> dict[str, object]:
    return {
        "kind": item.kind.value,
        "customer_ref": item.customer_ref,
        "issue_id": item.issue_id,
        "state": item.state.value,
        "urgency": item.urgency,
        "opened": item.opened,
        "version": item.version,
        "body": pack(item),
    }
