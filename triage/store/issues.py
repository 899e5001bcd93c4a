"""Issues, their histories, what was last assessed of them and when they must be looked at again."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, tuple_, update

from triage.domain.contact import Contact, Direction
from triage.domain.issue import History, Issue
from triage.domain.signal import Assessment
from triage.store.codec import pack, unpack, unpack_known
from triage.store.contacts import Contacts
from triage.store.flags import Flags
from triage.store.landlord import Landlord
from triage.store.quick import Quick, listed
from triage.store.tables import assessment, contact, flag, issue, record

FIRST, LAST = 4, 20
"""Contacts at either end of an issue that linking compares (as ``triage.issues.past`` gathers them; a test holds the two together)."""

# What every arrival asks.
_ONE = Quick(select(issue.c.body).where(issue.c.id == bindparam("issue")))
_REVISION = Quick(select(issue.c.revision).where(issue.c.id == bindparam("issue")))
_AROUND = Quick(
    select(issue.c.body, issue.c.revision)
    .where(
        or_(
            issue.c.household_ref.in_(listed("people")),
            issue.c.id.in_(select(contact.c.issue_id).where(contact.c.customer_ref.in_(listed("people")))),
        )
    )
    .order_by(issue.c.opened, issue.c.id)
)
_LATER = [
    Quick(
        select(table.c.id)
        .join(issue, issue.c.id == table.c.issue_id)
        .where(issue.c.household_ref == bindparam("household"), table.c.at > bindparam("moment"))
        .limit(1)
    )
    for table in (contact, record)
]
_WAKE = Quick(update(issue).where(issue.c.id == bindparam("issue")).values(wake_at=bindparam("moment")))
_NEXT_WAKE = Quick(
    select(issue.c.wake_at, issue.c.body)
    .where(issue.c.wake_at.is_not(None))
    .order_by(issue.c.wake_at, issue.c.id)
    .limit(1)
)
_LAST = Quick(
    select(assessment.c.id, func.json_remove(assessment.c.body, "$.owed").label("body"))
    .where(assessment.c.issue_id == bindparam("issue"))
    .order_by(assessment.c.id.desc())
    .limit(1)
)
_OF_ISSUE = assessment.c.issue_id == bindparam("issue")
_LAST_WHOLE = Quick(select(assessment.c.body).where(_OF_ISSUE).order_by(assessment.c.id.desc()).limit(1))
_LAST_OF = Quick(
    select(assessment.c.issue_id, assessment.c.body).where(
        assessment.c.id.in_(
            select(func.max(assessment.c.id))
            .where(assessment.c.issue_id.in_(listed("issues")))
            .group_by(assessment.c.issue_id)
        )
    )
)
_CAUSED_BY = Quick(select(assessment.c.body).where(assessment.c.contact_id == bindparam("contact")).limit(1))
_SOME = Quick(select(issue.c.id, issue.c.body).where(issue.c.id.in_(listed("issues"))))
_FORGET = Quick(delete(assessment).where(_OF_ISSUE, assessment.c.contact_id == bindparam("contact")))
_FINDS = func.json_array_length(assessment.c.body, "$.findings") > 0
_FORGET_UNCAUSED = Quick(delete(assessment).where(_OF_ISSUE, assessment.c.contact_id.is_(None), ~_FINDS))
_FOUND_ON = (
    select(assessment.c.body)
    .where(assessment.c.issue_id == bindparam("issue"), _FINDS)
    .order_by(assessment.c.id.desc())
)
_SHORTEN = Quick(update(assessment).where(assessment.c.id == bindparam("row")).values(body=bindparam("new_body")))
_ADD_ISSUE = Quick(insert(issue), ["id", "household_ref", "opened", "body"])
_ADD_ASSESSMENT = Quick(insert(assessment), ["issue_id", "contact_id", "at", "policy", "body"])


class Issues:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._contacts = Contacts(connection)
        self._landlord = Landlord(connection)
        self._flags = Flags(connection)

    def add(self, item: Issue) -> None:
        row = {"id": item.id, "household_ref": item.household_ref, "opened": item.opened, "body": pack(item)}
        _ADD_ISSUE.change(self._connection, row)

    def remove_if_empty(self, issue_id: str) -> bool:
        """Removes an issue that no contact, record or flag is on any more; says whether it did."""
        for table in (contact, record, flag):
            if self._connection.execute(select(table.c.id).where(table.c.issue_id == issue_id).limit(1)).first():
                return False
        self._connection.execute(delete(assessment).where(assessment.c.issue_id == issue_id))
        self._connection.execute(delete(issue).where(issue.c.id == issue_id))
        return True

    def get(self, issue_id: str) -> Issue | None:
        found = _ONE.first(self._connection, {"issue": issue_id})
        return unpack_known(Issue, found[0]) if found else None

    def some(self, issue_ids: Collection[str]) -> dict[str, Issue]:
        """These issues by id."""
        found = _SOME.rows(self._connection, {"issues": issue_ids})
        return {issue_id: unpack_known(Issue, body) for issue_id, body in found}

    def all(self) -> list[Issue]:
        return [
            unpack(Issue, body)
            for body in self._connection.execute(select(issue.c.body).order_by(issue.c.opened, issue.c.id)).scalars()
        ]

    def history(self, item: Issue, *, feed_fresh: bool) -> History:
        """Everything known of an issue now, without the service standards."""
        entries = self._contacts.of_issue(item.id)
        none = self._flags.no_concern(item.id)
        if none:
            entries = tuple(replace(entry, no_concern=True) if entry.contact.id in none else entry for entry in entries)
        refs = {item.household_ref} | {
            ref for entry in entries for ref in (entry.who.customer_ref, entry.who.writes_for) if ref
        }
        return History(
            issue=item,
            entries=entries,
            records=self._landlord.records_of_issue(item.id),
            customers=self._landlord.customers_by_ref(refs),
            feed_fresh=feed_fresh,
            elsewhere=self._landlord.outcomes_elsewhere(refs, item.id),
        )

    def glimpses(self, items: Sequence[Issue], message_ids: Collection[str]) -> list[History]:
        """Issues as linking compares them: first and last contacts, those under these Message-IDs, and their people."""
        ids = [item.id for item in items]
        if not ids:
            return []
        people, records = self._contacts.people_on(ids), self._landlord.records_of_issues(ids)
        entries = {issue_id: self._contacts.glimpse(issue_id, FIRST, LAST, message_ids) for issue_id in ids}
        for item in items:
            people[item.id] |= {item.household_ref}
            people[item.id] |= {entry.who.writes_for for entry in entries[item.id] if entry.who.writes_for}
        customers = self._landlord.customers_by_ref(set().union(*people.values()))
        return [
            History(
                issue=item,
                entries=entries[item.id],
                records=records.get(item.id, ()),
                customers={ref: customer for ref, customer in customers.items() if ref in people[item.id]},
            )
            for item in items
        ]

    def put(self, item: Issue) -> None:
        """Adds an issue, or replaces what is kept of it."""
        values = {"household_ref": item.household_ref, "opened": item.opened, "body": pack(item)}
        if self._connection.execute(update(issue).where(issue.c.id == item.id).values(**values)).rowcount == 0:
            self.add(item)

    def of_households(self, households: Collection[str]) -> list[Issue]:
        """Every issue of these households, oldest first."""
        query = select(issue.c.body).where(issue.c.household_ref.in_(households)).order_by(issue.c.opened, issue.c.id)
        return [unpack(Issue, body) for body in self._connection.execute(query).scalars()]

    def of_item(self, item_id: str) -> str | None:
        """The id of the issue that a contact or record is on now."""
        for table in (contact, record):
            found = self._connection.execute(select(table.c.issue_id).where(table.c.id == item_id)).scalar()
            if found:
                return str(found)
        return None

    def has_later(self, household_ref: str, at: datetime) -> bool:
        """Whether a contact or record of this household is of a later moment."""
        asked = {"household": household_ref, "moment": at}
        return any(query.first(self._connection, asked) is not None for query in _LATER)

    def around(self, *people: str) -> list[Issue]:
        """The issues of these households, and those that these people have written about."""
        found = _AROUND.values(self._connection, {"people": set(people)})
        return [unpack_known(Issue, body) for body in found]

    def around_marked(self, *people: str) -> list[tuple[Issue, int | None]]:
        """The same, each with its mark (``revision``)."""
        found = _AROUND.rows(self._connection, {"people": set(people)})
        return [(unpack_known(Issue, body), revision) for body, revision in found]

    def revision(self, issue_id: str) -> int | None:
        """The mark of an issue, another one whenever anything on it is; None where nothing has changed since there are marks."""
        found = _REVISION.first(self._connection, {"issue": issue_id})
        return found[0] if found else None

    # deadlines

    def wake(self, issue_id: str, at: datetime | None) -> None:
        """When this issue must be measured again although nothing arrives: a deadline of ours passes."""
        _WAKE.change(self._connection, {"issue": issue_id, "moment": at})

    def next_wake(self) -> tuple[datetime, Issue] | None:
        found = _NEXT_WAKE.first(self._connection)
        return (found[0], unpack_known(Issue, found[1])) if found else None

    # assessments

    def put_assessment(self, item: Assessment) -> None:
        """Keeps the last one of an issue whole, of the last one that each contact caused what the last does not repeat, and of the
        others those that were the last to find something.

        Owed replies and patterns run over the whole issue: kept with each contact they would grow with its square.
        """
        self._shorten_last(item)
        if item.contact_id is None:
            _FORGET_UNCAUSED.change(self._connection, {"issue": item.issue_id})
        else:
            _FORGET.change(self._connection, {"issue": item.issue_id, "contact": item.contact_id})
        values = {
            "issue_id": item.issue_id,
            "contact_id": item.contact_id,
            "at": item.at,
            "policy": item.policy,
            "body": pack(item),
        }
        _ADD_ASSESSMENT.change(self._connection, values)

    def _shorten_last(self, newer: Assessment) -> None:
        found = _LAST.first(self._connection, {"issue": newer.issue_id})
        if found is not None:
            row, body = found
            short = pack(_shortened(unpack(Assessment, body), newer))
            _SHORTEN.change(self._connection, {"row": row, "new_body": short})

    def last_assessment(self, issue_id: str) -> Assessment | None:
        """The newest of an issue, whatever caused it."""
        found = _LAST_WHOLE.first(self._connection, {"issue": issue_id})
        return unpack_known(Assessment, found[0]) if found else None

    def last_to_find(self, issue_id: str, patterns: Collection[tuple[str, str]]) -> list[Assessment]:
        """The newest that found each of these patterns (person and code), however long ago it ended; newest first."""
        missing, found = set(patterns), []
        bodies = self._connection.execute(_FOUND_ON, {"issue": issue_id}).scalars()
        for body in bodies:
            if not missing:
                break
            item = unpack_known(Assessment, body)
            held = {
                (finding.customer_ref, finding.code) for finding in item.findings if finding.event is None
            } & missing
            if held:
                found.append(item)
                missing -= held
        return found

    def last_assessments(self, issue_ids: Collection[str]) -> dict[str, Assessment]:
        """The newest of each of these issues."""
        found = _LAST_OF.rows(self._connection, {"issues": issue_ids})
        return {issue_id: unpack_known(Assessment, body) for issue_id, body in found}

    def unmet(self) -> Iterator[Assessment]:
        """The newest assessment of every issue on which something owed has no answer yet, in one pass."""
        newest = select(func.max(assessment.c.id)).group_by(assessment.c.issue_id)
        query = select(assessment.c.body).where(
            assessment.c.id.in_(newest), assessment.c.body.contains('"met_at":null', autoescape=True)
        )
        for body in self._connection.execute(query).scalars():
            yield unpack(Assessment, body)

    def looked_at_since(self, moment: datetime) -> Iterator[Assessment]:
        """The newest assessment of every issue that was looked at since then: whatever was answered since is among them."""
        newest = select(func.max(assessment.c.id)).where(assessment.c.at >= moment).group_by(assessment.c.issue_id)
        for body in self._connection.execute(select(assessment.c.body).where(assessment.c.id.in_(newest))).scalars():
            yield unpack(Assessment, body)

    def contacts_in(self, after: datetime, until: datetime) -> dict[str, int]:
        """How many contacts came in on each issue in that time, by issue."""
        query = (
            select(contact.c.issue_id, func.count())
            .where(
                contact.c.at > after,
                contact.c.at <= until,
                contact.c.direction == Direction.IN.value,
                contact.c.issue_id.is_not(None),
            )
            .group_by(contact.c.issue_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def last_routes(self, issue_ids: Collection[str]) -> dict[str, str]:
        """The route of the newest contact in on each of these issues, where there is one."""
        wanted = (contact.c.issue_id.in_(issue_ids), contact.c.direction == Direction.IN.value)
        newest = select(contact.c.issue_id, func.max(contact.c.at)).where(*wanted).group_by(contact.c.issue_id)
        query = select(contact.c.issue_id, contact.c.body).where(
            *wanted, tuple_(contact.c.issue_id, contact.c.at).in_(newest)
        )
        routes = {row.issue_id: unpack(Contact, row.body).routes for row in self._connection.execute(query)}
        return {issue_id: found[0] for issue_id, found in routes.items() if found}

    def not_judged(self) -> list[str]:
        """Issues whose newest assessment could not judge demands and persistence, oldest assessment first."""
        newest = select(func.max(assessment.c.id)).group_by(assessment.c.issue_id)
        judged = assessment.c.body.contains('"cannot_judge":[]', autoescape=True)
        query = select(assessment.c.issue_id).where(assessment.c.id.in_(newest), ~judged).order_by(assessment.c.id)
        return list(self._connection.execute(query).scalars())

    def assessment_of(self, contact_id: str) -> Assessment | None:
        found = _CAUSED_BY.first(self._connection, {"contact": contact_id})
        return unpack_known(Assessment, found[0]) if found else None


def _shortened(older: Assessment, newer: Assessment) -> Assessment:
    """What was read in the words of its own contact, and patterns of which the newer one says nothing."""
    patterns = {(finding.customer_ref, finding.code) for finding in newer.findings}
    codes = {signal.code for signal in newer.signals}
    return replace(
        older,
        owed=(),
        findings=tuple(
            finding
            for finding in older.findings
            if finding.event is not None or (finding.customer_ref, finding.code) not in patterns
        ),
        signals=tuple(
            signal
            for signal in older.signals
            if signal.source.startswith(("model:", "rule:")) or signal.code not in codes
        ),
    )
