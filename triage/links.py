"""Steps 4 and 5 with what people say of links: who wrote, which issue, and everything that follows made again or undone."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import structlog

from triage.assessing import Assessor
from triage.checking import recall_owners
from triage.domain.contact import Contact, Direction
from triage.domain.customer import Identification
from triage.domain.errors import ConflictError, NotFoundError
from triage.domain.issue import Entry, History, Issue, IssueLink
from triage.domain.record import Record
from triage.domain.ruling import Ruling, RulingKind
from triage.domain.workdays import EVER
from triage.identity import Directory, identify, owner_of_record
from triage.identity.normal import address_key
from triage.identity.taught import Taught
from triage.issues import link, title_of
from triage.issues.folding import Cluster, Fold, Folded, Thing, by_ruling, opened_by
from triage.standing import check_flags
from triage.store import Unit
from triage.store.contacts import Placed
from triage.store.flags import Raised

log = structlog.get_logger()

MOST_LATE = 1_000
"""Items that one late arrival may have linked again; with more, it joins as things stand."""


@dataclass(kw_only=True)
class Linker(Assessor):
    """Finds who and which issue. ``directory`` is the only state, rebuilt from the store at every start."""

    directory: Directory
    _newest: datetime = EVER

    def _who(self, unit: Unit, contact: Contact) -> Identification:
        recall_owners(unit, self.directory, [contact])
        return identify(contact, self.directory, self._rulings_on(unit, contact.id))

    def _rulings_on(self, unit: Unit, item_id: str) -> Sequence[Ruling]:
        """What people have said of it; the directory knows at no cost that nobody has said anything of anything."""
        return unit.rulings.of_contacts([item_id]).get(item_id, ()) if self.directory.rulings else ()

    def _find_issue(
        self, unit: Unit, item: Contact | Record, who: Identification
    ) -> tuple[Issue, IssueLink, int | None]:
        """The issue, why, and the mark that it bears (`Issues.revision`)."""
        moved = self._moved_to(unit, item)
        if moved is not None:
            return *moved, unit.issues.revision(moved[0].id)
        marked = unit.issues.around_marked(who.household_ref, who.customer_ref)
        headers = {item.in_reply_to, *item.references} - {None} if isinstance(item, Contact) else set()
        histories = self.following.glimpses(unit, marked, [name for name in headers if name])
        found = link(item, who, [history for history in histories if history.entries or history.records])
        if found.issue_id is not None:
            issue, revision = next(one for one in marked if one[0].id == found.issue_id)
            return issue, found, revision
        issue_id = opened_by(item)
        if unit.issues.get(issue_id) is not None:  # opened by this very item before it was corrected
            issue_id = uuid4().hex
        issue = Issue(id=issue_id, household_ref=who.household_ref, opened=item.at, title=title_of(item))
        unit.issues.add(issue)
        return issue, replace(found, issue_id=issue.id), None

    def _moved_to(self, unit: Unit, item: Contact | Record) -> tuple[Issue, IssueLink] | None:
        """Where a person has put a contact that is read again, if that issue is still there."""
        ruling = _last(self._rulings_on(unit, item.id), RulingKind.MOVED)
        if ruling is None:
            return None
        issue_id = unit.issues.of_item(ruling.anchor) if ruling.anchor else ruling.issue_id
        issue = unit.issues.get(issue_id) if issue_id else None
        return (issue, by_ruling(ruling, issue.id)) if issue is not None else None

    # what came late, or was learned only now

    def _learn(self, contact: Contact, who: Identification) -> None:
        """Teaches the directory, and links again what would have been linked otherwise had it been known before."""
        people, since = set[str](), contact.at
        with self.store.read() as unit:
            if self.directory.note(contact, who):
                waited = unit.rulings.waited_for(who.customer_ref, _stranger(contact))
                people |= {ref for ref, _ in waited}
                since = min([since, *(at for _, at in waited)])
            if self._has_later(unit, who.household_ref, contact.at):
                people.add(who.household_ref)
        self._again(people, since)

    def _learn_record(self, record: Record, who: Identification) -> None:
        self.directory.note_record(record)
        with self.store.read() as unit:
            people = {who.household_ref} if self._has_later(unit, who.household_ref, record.at) else set()
        self._again(people, record.at)

    def _has_later(self, unit: Unit, household_ref: str, at: datetime) -> bool:
        """Whether something of this household is later; where nobody else writes, nothing is later than the newest taken."""
        newest, self._newest = self._newest, max(self._newest, at)
        return not (self.alone and newest <= at) and unit.issues.has_later(household_ref, at)

    def _again(self, people: set[str], since: datetime) -> None:
        if not people:
            return
        with self._or_unlearned() as taught, self.store.begin() as unit:
            raised = self._relink(unit, people, since, self.clock(), taught, at_most=MOST_LATE)
        self._tell(raised)

    @contextmanager
    def _or_unlearned(self) -> Iterator[Taught]:
        """What the directory is taught meanwhile, taken back where it comes to nothing."""
        rulings, taught = self.directory.rulings, Taught(self.directory)
        try:
            yield taught
        except BaseException:
            self.directory.heed(rulings)
            taught.take_back()
            raise

    # what people say

    def rule(self, ruling: Ruling) -> None:
        """Takes up a ruling with everything that follows from it: links, issues, what is owed, patterns and flags.

        Raises NotFoundError for a contact, issue or person that is not there.
        """
        with self._or_unlearned() as taught, self.store.begin() as unit:
            people, since = self._reach(unit, ruling)
            unit.rulings.add(ruling)
            self._note_ruling(unit, ruling, "link.ruled", ruling.by, ruling.at)
            self.directory.heed(unit.rulings.standing())
            raised = self._relink(unit, people, since, ruling.at, taught)
        self._tell(raised)

    def undo(self, ruling_id: str, by: str) -> None:
        """Takes a ruling back, as if it had never been; raises NotFoundError, or ConflictError where it was undone before."""
        now = self.clock()
        with self._or_unlearned() as taught, self.store.begin() as unit:
            found = unit.rulings.get(ruling_id)
            if found is None:
                raise NotFoundError("There is no such ruling on a link.")
            if found.undone_at is not None:
                raise ConflictError("This has been undone already.")
            people, since = self._reach(unit, found.ruling)
            unit.rulings.undo(ruling_id, now, by)
            self._note_ruling(unit, found.ruling, "link.undone", by, now)
            self.directory.heed(unit.rulings.standing())
            raised = self._relink(unit, people, since, now, taught)
        self._tell(raised)

    def _note_ruling(self, unit: Unit, ruling: Ruling, action: str, by: str, at: datetime) -> None:
        detail = {"ruling": ruling.id, "kind": ruling.kind.value}
        detail |= {name: value for name in ("person", "other", "anchor") if (value := getattr(ruling, name))}
        subject = " ".join(ruling.contacts) or ruling.other or ""
        unit.audit.append(at=at, actor=by, action=action, subject=subject, detail=detail)

    def _reach(self, unit: Unit, ruling: Ruling) -> tuple[set[str], datetime]:
        """The households whose links a ruling can change, and since when."""
        people = {ref for ref in (ruling.person, ruling.other) if ref}
        people |= {self.directory.person(ref) for ref in people}
        moments = []
        for contact_id in ruling.contacts:
            placed = unit.contacts.get(contact_id)
            if placed is None:
                raise NotFoundError("There is no such contact.")
            issue = unit.issues.get(placed.issue_id) if placed.issue_id else None
            people |= {placed.who.household_ref, *([issue.household_ref] if issue else ())}
            moments.append(placed.contact.at)
        if ruling.anchor is not None and unit.issues.of_item(ruling.anchor) is None:
            raise NotFoundError("There is no such issue.")
        only_these = ruling.kind in (RulingKind.FROM, RulingKind.MOVED)
        return people, min(moments) if only_these and moments else EVER

    # links made again

    def _relink(
        self, unit: Unit, people: set[str], since: datetime, now: datetime, taught: Taught, at_most: int | None = None
    ) -> tuple[Raised, ...]:
        """Identifies and links everything of these households from ``since`` on, in the order of time, and what follows."""
        gathered = self._gather(unit, people, since, taught, at_most)
        while gathered is not None and (wider := self._with_followers(unit, gathered[1], people, since)) != (
            people,
            since,
        ):
            people, since = wider
            gathered = self._gather(unit, people, since, taught, at_most)
        if gathered is None:
            log.warning("too much to link again", since=since.isoformat())
            taught.take_back()
            return ()
        issues, things = gathered
        folded = self._fold(unit, issues, things, since)
        return self._put(unit, issues, things, taught, folded, now)

    def _with_followers(
        self, unit: Unit, things: Collection[str], people: set[str], since: datetime
    ) -> tuple[set[str], datetime]:
        """Households and moment that hold as well what a person has put where one of these is: it goes where that goes."""
        moved = [ruling for ruling in self.directory.rulings if ruling.anchor in things]
        for contact_id in {contact_id for ruling in moved for contact_id in ruling.contacts} - set(things):
            if (placed := unit.contacts.get(contact_id)) is not None:
                people, since = people | {placed.who.household_ref}, min(since, placed.contact.at)
        return people, since

    def _gather(
        self, unit: Unit, people: set[str], since: datetime, taught: Taught, at_most: int | None
    ) -> tuple[dict[str, Issue], dict[str, Thing]] | None:
        """The issues of these households, and what is on them from ``since`` on; whoever it is now of belongs to them.

        What is to be identified again teaches nothing until it is: two contacts must not vouch for each other.
        """
        issues: dict[str, Issue] = {}
        placed: dict[str, Placed] = {}
        records: dict[str, tuple[Record, str]] = {}
        wanted = set(people)
        while wanted:
            found = [issue for issue in unit.issues.of_households(wanted) if issue.id not in issues]
            issues |= {issue.id: issue for issue in found}
            for issue in found:
                placed |= {one.contact.id: one for one in unit.contacts.placed_on(issue.id) if one.contact.at >= since}
                of_issue = unit.landlord.records_of_issue(issue.id)
                records |= {record.id: (record, issue.id) for record in of_issue if record.at >= since}
            if at_most is not None and len(placed) + len(records) > at_most:
                return None
            recall_owners(unit, self.directory, [one.contact for one in placed.values()])
            rulings = unit.rulings.of_contacts(list(placed))
            taught.identify_again(placed.values(), rulings)
            things = {id: _thing(one, taught.now(id), rulings.get(id, ())) for id, one in placed.items()}
            things |= {
                id: Thing(item=record, who=owner_of_record(record, self.directory), was=issue_id)
                for id, (record, issue_id) in records.items()
            }
            people = people | wanted
            wanted = {thing.who.household_ref for thing in things.values()} - people
        return issues, things

    def _fold(self, unit: Unit, issues: dict[str, Issue], things: dict[str, Thing], since: datetime) -> Folded:
        begun = [cluster for issue in issues.values() if (cluster := self._begun(unit, issue, since)) is not None]
        anchors = {thing.moved.anchor for thing in things.values() if thing.moved and thing.moved.anchor}
        placed = {anchor: issue_id for anchor in anchors if (issue_id := unit.issues.of_item(anchor)) is not None}

        def is_there(issue_id: str) -> bool:
            return unit.issues.get(issue_id) is not None

        fold = Fold(begun, self.directory.customers, self._outside(unit, issues), placed, is_there)
        return fold.run(list(things.values()), issues)

    def _begun(self, unit: Unit, issue: Issue, since: datetime) -> Cluster | None:
        entries = [entry for entry in unit.contacts.of_issue(issue.id) if entry.contact.at < since]
        records = [record for record in unit.landlord.records_of_issue(issue.id) if record.at < since]
        if not entries and not records:
            return None
        household = self.directory.person(issue.household_ref)
        cluster = Cluster(id=issue.id, issue=replace(issue, household_ref=household), entries=entries, records=records)
        cluster.people = {entry.who.customer_ref for entry in entries} | {entry.who.household_ref for entry in entries}
        return cluster

    def _outside(self, unit: Unit, issues: dict[str, Issue]) -> Callable[[Identification, datetime], Sequence[History]]:
        """Issues of other households on which the same person writes, as they stood then."""

        def outside(who: Identification, at: datetime) -> list[History]:
            around = unit.issues.around(who.household_ref, who.customer_ref)
            histories = [self._history(unit, issue, at) for issue in around if issue.id not in issues]
            return [history for whole in histories if (history := _until(whole, at)) is not None]

        return outside

    def _put(
        self,
        unit: Unit,
        issues: dict[str, Issue],
        things: dict[str, Thing],
        taught: Taught,
        folded: Folded,
        now: datetime,
    ) -> tuple[Raised, ...]:
        changed: dict[str, list[Contact]] = {}
        for cluster in folded.clusters:
            issue = replace(cluster.issue, id=cluster.id or "")
            if issues.get(issue.id) != issue:
                unit.issues.put(issue)
                changed.setdefault(issue.id, [])
        where = {thing.item.id: cluster.id or "" for cluster in folded.clusters for thing in cluster.things}
        where |= folded.outside
        for id, thing in things.items():
            if isinstance(thing.item, Record):
                if thing.was != where[id]:
                    unit.landlord.put_record(thing.item, where[id])
                    self.following.stir()
                    changed.setdefault(thing.was or "", [])
                    changed.setdefault(where[id], [])
                continue
            before = taught.before(id)
            if thing.was != where[id] or before != thing.who:
                kept = unit.contacts.get(id) if thing.was == where[id] else None
                unit.contacts.place(id, thing.who, where[id], kept.link if kept else folded.links[id])
            if thing.was != where[id] or _counts_otherwise(before, thing.who):
                changed.setdefault(thing.was or "", [])
                changed.setdefault(where[id], []).append(thing.item)
        return self._look_again(unit, changed, now)

    def _look_again(self, unit: Unit, changed: dict[str, list[Contact]], now: datetime) -> tuple[Raised, ...]:
        """First every flag loses what is no longer its evidence, then every issue is measured as it now is."""
        left = {}
        for issue_id in sorted(changed):
            issue = unit.issues.get(issue_id)
            if issue is not None and not unit.issues.remove_if_empty(issue_id):
                check_flags(unit, issue, now)
                self.following.let_go(issue_id)
                left[issue_id] = issue
        raised: tuple[Raised, ...] = ()
        for issue_id, issue in left.items():
            came = [contact for contact in changed[issue_id] if contact.direction is Direction.IN or contact.turns]
            for contact in sorted(came, key=lambda contact: (contact.at, contact.id)):
                raised += self._look_at(unit, issue, now, contact.id)
            raised += self._look_at(unit, issue, now, None)
        return raised


def _thing(placed: Placed, who: Identification, rulings: Sequence[Ruling]) -> Thing:
    moved = _last(rulings, RulingKind.MOVED)
    return Thing(item=placed.contact, who=who, was=placed.issue_id, scores=placed.scores, moved=moved)


def _last(rulings: Sequence[Ruling], kind: RulingKind) -> Ruling | None:
    return next((ruling for ruling in reversed(rulings) if ruling.kind is kind), None)


def _stranger(contact: Contact) -> str | None:
    """Under which reference the sender stood while nobody knew who used the address."""
    key = address_key(contact.from_addr) if contact.from_addr else None
    return f"addr:{key}" if key else None


def _counts_otherwise(before: Identification, now: Identification) -> bool:
    return _person(before) != _person(now)


def _person(who: Identification) -> tuple[object, ...]:
    return who.customer_ref, who.zone, who.role, who.writes_for


def _until(history: History, at: datetime) -> History | None:
    entries: tuple[Entry, ...] = tuple(entry for entry in history.entries if entry.contact.at < at)
    records = tuple(record for record in history.records if record.at < at)
    return replace(history, entries=entries, records=records) if entries or records else None
