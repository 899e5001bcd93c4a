"""The one path, top to bottom: poll, parse, receive, identify, link, score, measure, assess, record, flag.

Live mail, a backlog, a replay of history and re-scoring after a new model all go this way. What looks at an issue once
something has joined it (steps 6 to 10) is in `triage/assessing.py`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from joblib import Parallel, delayed

from triage.assessing import BATCH
from triage.checking import checked, known_copy, told_of_others
from triage.corrections import earlier_version, note_contact, note_record
from triage.domain.contact import Contact
from triage.domain.customer import Identification, Zone
from triage.domain.issue import Issue, IssueLink
from triage.domain.record import ALLEGATION_OUTCOMES, Record
from triage.domain.score import Scores
from triage.history import Item, order
from triage.identity import owner_of_record
from triage.intake import (
    FolderReport,
    Ledger,
    ParserChild,
    PollReport,
    RawMessage,
    Source,
    fingerprint,
    is_copy_of,
    reader_version,
    receive,
    with_delivery,
)
from triage.links import Linker
from triage.ports import Gists, Progress, Unwatched
from triage.scoring import is_read
from triage.store import Unit
from triage.store.contacts import Placed
from triage.store.flags import Raised
from triage.watched import WatchedLedger

log = structlog.get_logger()

CHUNK = 2_000
FLOOD = timedelta(days=1)
"""How new mail is of which a sender may not have read more than everybody else before them."""

Arrived = tuple[Item, RawMessage | None]


@dataclass(kw_only=True)
class Pipeline(Linker):
    """The path with its parts."""

    ledger: Ledger
    trusted_servers: Mapping[str, Collection[str]] = field(default_factory=dict)
    not_taken: set[str] = field(default_factory=set)
    gists: Gists | None = None

    # 1 poll

    def poll(self, sources: Iterable[Source], progress: Progress | None = None) -> list[PollReport]:
        """Takes in what every source has; bytes and ledger row are kept together, before anything is understood of them.

        Sources are polled side by side: a server that is slow or dead holds up no other.
        """
        sources = list(sources)
        ledger = self.ledger if progress is None else WatchedLedger(self.ledger, progress)
        side_by_side = Parallel(n_jobs=max(1, len(sources)), backend="threading")
        return list(side_by_side(delayed(self._poll_one)(source, ledger) for source in sources))

    def trusted_of(self, account: str) -> Collection[str]:
        """The mail servers of an account whose word on the sender is believed."""
        return self.trusted_servers.get(account, ())

    def _poll_one(self, source: Source, ledger: Ledger) -> PollReport:
        try:
            return source.poll(ledger, self.clock())
        except Exception as error:  # a fault of one account is told and ends no other's round
            log.error("poll failed", account=source.account, error=type(error).__name__)
            problem = f"Polling failed in a way that was not foreseen ({type(error).__name__}); it is tried again in the next round."
            return PollReport(account=source.account, folders=(FolderReport(folder="all folders", problem=problem),))

    # 2 parse, 3 receive

    def take_stored(self, parser: ParserChild, others: Sequence[Item] = (), progress: Progress | None = None) -> int:
        """Takes every stored message that is not a contact yet, and ``others``, in the order in which they happened.

        What a crash left half done is simply still waiting. Returns how many items were taken.
        """
        progress, later, taken = progress or Unwatched(), sorted(others, key=_order), 0
        self.not_taken = set()
        progress.expect(len(later) + 2 * self._count_unread())
        while True:
            chunk, is_last = self._unread()
            horizon = None if is_last else chunk[-1].received
            due = [item for item in later if horizon is None or item.at <= horizon]
            later = later[len(due) :]
            items: list[Arrived] = [(item, None) for item in due]
            for raw in chunk:
                items.append((receive(raw, parser.parse(self._whole(raw)), self.trusted_of(raw.account)), raw))
                progress.step()
            items.sort(key=lambda arrived: _order(arrived[0]))
            for start in range(0, len(items), BATCH):
                self._take_batch(items[start : start + BATCH], progress)
            taken += len(items)
            if is_last:
                break
        self.advance(self.clock())
        return taken

    def _unread(self) -> tuple[list[RawMessage], bool]:
        """What to read next, and whether nothing waits beside it."""
        with self.store.read() as unit:
            chunk = unit.contacts.unread(limit=CHUNK, since=self.clock() - FLOOD)
            return chunk, not chunk or unit.contacts.count_unread() <= len(chunk)

    def _whole(self, raw: RawMessage) -> RawMessage:
        """With its bytes, for as long as it is parsed: a chunk of thousands is never in memory at once."""
        with self.store.read() as unit:
            return replace(raw, content=unit.contacts.content(raw.sha256))

    def _count_unread(self) -> int:
        with self.store.read() as unit:
            return unit.contacts.count_unread()

    def _take_batch(self, batch: Sequence[Arrived], progress: Progress) -> None:
        contacts = [item for item, _ in batch if isinstance(item, Contact)]
        scores, read = self._read_what_can_be(contacts), iter(self._with_gists(contacts))
        for item, raw in ((next(read) if isinstance(item, Contact) else item, raw) for item, raw in batch):
            self.advance(min(item.at, self.clock()))
            if isinstance(item, Record):
                self._take_record_or_tell(item)
            else:
                self._take_or_set_aside(item, scores.get(item.id), raw)
            progress.step()

    def _with_gists(self, contacts: Sequence[Contact]) -> list[Contact]:
        """As they are where nothing reads gists, or reading them fails: then their words alone are weighed."""
        try:
            gists = self.gists.read(contacts) if self.gists is not None else [contact.gist for contact in contacts]
        except Exception as error:
            log.error("gists not read", contacts=len(contacts), error=type(error).__name__)
            return list(contacts)
        return [replace(contact, gist=gist) for contact, gist in zip(contacts, gists, strict=True)]

    def _take_record_or_tell(self, record: Record) -> None:
        """A record that breaks the pipeline is tried again in the next round and stops nothing."""
        try:
            self.take_record(record)
        except Exception as error:
            log.error("record not taken", record=record.id, error=type(error).__name__)
            self.not_taken.add(record.id)

    def _take_or_set_aside(self, contact: Contact, scores: Scores | None, raw: RawMessage | None) -> None:
        """A contact that breaks the pipeline is kept, shown as not scored, and stops no other."""
        try:
            self.take_contact(contact, scores, raw)
        except Exception as error:
            log.error("contact set aside", contact=contact.id, error=type(error).__name__)
            reason = f"Taking it in failed ({type(error).__name__}); its bytes are kept and a person has to read it."
            bare = Contact(
                id=contact.id,
                at=contact.at,
                received=contact.received,
                direction=contact.direction,
                channel=contact.channel,
                deliveries=contact.deliveries,
                not_scored=reason,
                quarantined=raw is not None,
            )
            with self.store.begin() as unit:
                unit.contacts.put(bare, fingerprint(bare, raw))
                self._quarantine(unit, bare, raw)
                unit.contacts.place(
                    bare.id,
                    Identification(customer_ref=f"contact:{bare.id}", zone=Zone.NO, probability=0.0),
                    None,
                    None,
                )
                if raw is not None:
                    unit.contacts.mark_read(raw, bare.id)

    # 4 identify, 5 link, then record and flag what follows

    def take_contact(self, contact: Contact, scores: Scores | None = None, raw: RawMessage | None = None) -> str:
        """One contact, in one transaction: where it belongs, what it scored, and every flag that it raises or joins.

        Returns the id under which it is kept: that of the contact whose further delivery it turned out to be, or its own.
        """
        now = max(contact.at, min(self.clock(), contact.received))
        contact, scores = self._checked_and_read(contact, scores)
        with self.store.begin() as unit:
            mark = fingerprint(contact, raw)
            before = earlier_version(unit, contact, raw)
            known = known_copy(unit, contact, mark, raw) if before is None else None
            if known is not None:
                raised = self._take_delivery(unit, known, contact, mark, raw, now)
            elif before is not None:
                contact = with_delivery(replace(contact, id=before.contact.id), before.contact)
                who, raised = self._correct(unit, before, contact, scores, mark, raw, self.clock())
            else:
                who, raised = self._take_new(unit, contact, scores, mark, raw, now)
        self._tell(raised)
        if before is not None:
            self.directory.forget(before.contact, before.who)
        if known is None:
            self._learn(contact, who)
        return known.id if known is not None else contact.id

    def _checked_and_read(self, contact: Contact, scores: Scores | None) -> tuple[Contact, Scores | None]:
        """With its quotations checked, and read again where that changed whose words are whose.

        Before the writer's lock is taken: a model is slow, and pages would wait. Nobody else adds contacts meanwhile.
        """
        with self.store.read() as unit:
            known = checked(unit, contact, self.directory)
        if known.segments != contact.segments or scores is None:
            scores = self.reader.read([known])[0] if is_read(known) else None
        if known.segments != contact.segments or known.gist is None:
            (known,) = self._with_gists([known])
        return known, scores

    def _quarantine(self, unit: Unit, contact: Contact, raw: RawMessage | None) -> None:
        if contact.quarantined and raw is not None:
            unit.quarantine.put(raw, contact.id, contact.not_scored or "", reader_version(), self.clock())

    def take_again(self, contact_id: str, contact: Contact, raw: RawMessage) -> None:
        """What could not be read before takes the place of the contact that showed it: same id, same deliveries.

        Where it turns out to be a further copy of another contact, its delivery joins that one.
        """
        now, learned = self.clock(), None
        contact, scores = self._checked_and_read(replace(contact, id=contact_id), None)
        with self.store.begin() as unit:
            before = unit.contacts.get(contact_id)
            if before is None:
                raise KeyError(contact_id)
            mark = fingerprint(contact, raw)
            known = next((item for item in unit.contacts.same(mark) if is_copy_of(item, contact)), None)
            if known is not None and known.id != contact_id:
                raised = self._take_delivery(unit, known, contact, mark, raw, now)
                told = f"It is a further copy of contact {known.id}."
                unit.contacts.describe(replace(before.contact, auto=True, quarantined=False, not_scored=told))
                unit.quarantine.solved(raw, known.id, reader_version(), now)
            else:
                contact = with_delivery(contact, before.contact)
                unit.contacts.unplace(contact_id)
                if before.issue_id is not None:
                    unit.issues.remove_if_empty(before.issue_id)
                who, raised = self._take_new(unit, contact, scores, mark, raw, now)
                unit.quarantine.solved(raw, contact_id, reader_version(), now)
                learned = (contact, who)
            left = unit.issues.get(before.issue_id) if before.issue_id else None
            if left is not None:
                raised += self._look_at(unit, left, now, None)
        self._tell(raised)
        if learned is not None:
            self._learn(*learned)

    def _correct(
        self,
        unit: Unit,
        before: Placed,
        contact: Contact,
        scores: Scores | None,
        mark: str,
        raw: RawMessage | None,
        now: datetime,
    ) -> tuple[Identification, tuple[Raised, ...]]:
        """Another version of a known contact takes its place; it moves to another issue only where it is another's."""
        note_contact(unit, before.contact, contact, now)
        unit.contacts.forget_scores(contact.id)
        unit.quarantine.replaced(contact.id, now)
        issue = unit.issues.get(before.issue_id) if before.issue_id else None
        if issue is not None and self._who(unit, contact).household_ref == before.who.household_ref:
            into = (issue, before.link or IssueLink(issue_id=issue.id, probability=1.0))
            return self._take_new(unit, contact, scores, mark, raw, now, into)
        unit.contacts.unplace(contact.id)
        who, raised = self._take_new(unit, contact, scores, mark, raw, now)
        if issue is not None and not unit.issues.remove_if_empty(issue.id):
            raised += self._look_at(unit, issue, now, None)
        return who, raised

    def _take_new(
        self,
        unit: Unit,
        contact: Contact,
        scores: Scores | None,
        mark: str,
        raw: RawMessage | None,
        now: datetime,
        into: tuple[Issue, IssueLink] | None = None,
    ) -> tuple[Identification, tuple[Raised, ...]]:
        if scores is not None:
            contact = replace(contact, not_scored=contact.not_scored or scores.not_scored, caveat=scores.caveat)
        contact = told_of_others(unit, contact)
        who = self._who(unit, contact)
        issue, found, since = (*into, None) if into is not None else self._find_issue(unit, contact, who)
        unit.contacts.put(contact, mark, who, issue.id, found)
        self._quarantine(unit, contact, raw)
        if scores is not None:
            unit.contacts.put_scores(contact.id, scores, now)
        if raw is not None:
            unit.contacts.mark_read(raw, contact.id)
        return who, self._look_at(unit, issue, now, contact.id, since)

    def _take_delivery(
        self, unit: Unit, known: Contact, again: Contact, mark: str, raw: RawMessage | None, now: datetime
    ) -> tuple[Raised, ...]:
        """The same words on a further route: one contact, with every route kept as evidence."""
        unit.contacts.describe(with_delivery(known, again))
        if raw is not None:
            unit.contacts.mark_read(raw, known.id)
        placed = unit.contacts.get(known.id)
        issue = unit.issues.get(placed.issue_id) if placed and placed.issue_id else None
        return self._look_at(unit, issue, now, None) if issue is not None else ()

    def take_record(self, record: Record) -> None:
        """A fact of the landlord's side joins its issue like a contact would, and may settle or raise what is owed.

        One with a known id that says something else is a correction: the issue that it leaves is looked at as well.
        """
        with self.store.begin() as unit:
            before, left = unit.landlord.record(record.id) or (None, None)
            if before == record:
                return
            if before is not None:
                note_record(unit, before, record, self.clock())
            who = owner_of_record(record, self.directory)
            issue, _, _ = self._find_issue(unit, record, who)
            unit.landlord.put_record(record, issue.id)
            self.following.stir()
            now = record.at if before is None else max(record.at, self.clock())
            raised = self._look_at(unit, issue, now, None)
            other = unit.issues.get(left) if left is not None and left != issue.id else None
            if other is not None and not unit.issues.remove_if_empty(other.id):
                raised += self._look_at(unit, other, now, None)
            if ALLEGATION_OUTCOMES & {record.kind, before.kind if before else record.kind}:
                raised += self._look_beside(unit, issue, who, now)
        self._tell(raised)
        self._learn_record(record, who)

    def _look_beside(self, unit: Unit, issue: Issue, who: Identification, now: datetime) -> tuple[Raised, ...]:
        """What came of an allegation bears on every issue of the same person (behaviours A.3)."""
        raised: tuple[Raised, ...] = ()
        for other in unit.issues.around(who.customer_ref):
            if other.id != issue.id:
                raised += self._look_at(unit, other, now, None)
        return raised


def _order(item: Item) -> tuple[datetime, int, str]:
    """One order for the same items in whatever order they came."""
    return *order(item), item.id
