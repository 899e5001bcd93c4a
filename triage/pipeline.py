"""The one path, top to bottom: poll, parse, receive, identify, link, score, measure, assess, record, flag.

Live mail, a backlog, a replay of history and re-scoring after a new model all go this way.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from joblib import Parallel, delayed

from triage.domain.assess import assess
from triage.domain.contact import Contact
from triage.domain.customer import Identification, LinkEvidence, Zone
from triage.domain.flag import FlagKind
from triage.domain.issue import History, Issue, IssueLink
from triage.domain.owed import next_deadline, owed_replies
from triage.domain.persistence import measure
from triage.domain.policy import Policy
from triage.domain.record import Record, ServiceStandards
from triage.domain.score import Scores
from triage.domain.workdays import WorkingDays
from triage.history import Item
from triage.identity import Directory, identify
from triage.intake import (
    FolderReport,
    Ledger,
    ParserChild,
    PollReport,
    RawMessage,
    Source,
    fingerprint,
    receive,
    with_delivery,
)
from triage.issues import link, title_of
from triage.ports import Clock, Progress, Reader, Unwatched
from triage.queue import LAPSES_AFTER, settle
from triage.scoring import is_read
from triage.store import Store, Unit
from triage.store.contacts import Placed
from triage.store.flags import Raised

log = structlog.get_logger()

BATCH = 200
CHUNK = 2_000
FRESH_FOR = timedelta(hours=24)
JUST_AFTER = timedelta(seconds=1)
RECORDS_FEED = "records"

Arrived = tuple[Item, RawMessage | None]
Watcher = Callable[[Raised], None]


@dataclass(kw_only=True)
class Pipeline:
    """The path with its parts; ``directory`` is the only state, rebuilt from the store at every start."""

    store: Store
    ledger: Ledger
    reader: Reader
    policy: Policy
    directory: Directory
    workdays: WorkingDays
    clock: Clock
    feed_assumed_fresh: bool = False
    watchers: tuple[Watcher, ...] = ()

    # 1 poll

    def poll(self, sources: Iterable[Source]) -> list[PollReport]:
        """Takes in what every source has; bytes and ledger row are kept together, before anything is understood of them.

        Sources are polled side by side: a server that is slow or dead holds up no other.
        """
        sources = list(sources)
        side_by_side = Parallel(n_jobs=max(1, len(sources)), backend="threading")
        return list(side_by_side(delayed(self._poll_one)(source) for source in sources))

    def _poll_one(self, source: Source) -> PollReport:
        try:
            return source.poll(self.ledger, self.clock())
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
        progress.expect(len(later) + 2 * self._count_unread())
        while True:
            chunk = self._unread()
            horizon = chunk[-1].received if len(chunk) == CHUNK else None
            due = [item for item in later if horizon is None or item.at <= horizon]
            later = later[len(due) :]
            items: list[Arrived] = [(item, None) for item in due]
            for raw in chunk:
                items.append((receive(raw, parser.parse(self._whole(raw))), raw))
                progress.step()
            items.sort(key=lambda arrived: _order(arrived[0]))
            for start in range(0, len(items), BATCH):
                self._take_batch(items[start : start + BATCH], progress)
            taken += len(items)
            if not chunk or horizon is None:
                break
        self.advance(self.clock())
        return taken

    def _unread(self) -> list[RawMessage]:
        with self.store.read() as unit:
            return unit.contacts.unread(limit=CHUNK)

    def _whole(self, raw: RawMessage) -> RawMessage:
        """With its bytes, for as long as it is parsed: a chunk of thousands is never in memory at once."""
        with self.store.read() as unit:
            return replace(raw, content=unit.contacts.content(raw.sha256))

    def _count_unread(self) -> int:
        with self.store.read() as unit:
            return unit.contacts.count_unread()

    def _take_batch(self, batch: Sequence[Arrived], progress: Progress) -> None:
        scores = self._read_what_can_be([item for item, _ in batch if isinstance(item, Contact)])
        for item, raw in batch:
            self.advance(min(item.at, self.clock()))
            if isinstance(item, Record):
                self._take_record_or_tell(item)
            else:
                self._take_or_set_aside(item, scores.get(item.id), raw)
            progress.step()

    def _take_record_or_tell(self, record: Record) -> None:
        """A record that breaks the pipeline is tried again in the next round and stops nothing."""
        try:
            self.take_record(record)
        except Exception as error:
            log.error("record not taken", record=record.id, error=type(error).__name__)

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
            )
            with self.store.begin() as unit:
                unit.contacts.put(bare, fingerprint(bare, raw))
                unit.contacts.place(
                    bare.id,
                    Identification(customer_ref=f"contact:{bare.id}", zone=Zone.NO, probability=0.0),
                    None,
                    None,
                )
                if raw is not None:
                    unit.contacts.mark_read(raw, bare.id)

    # 6 score (ahead of the transaction: a model is slow and needs no lock)

    def _read(self, contacts: Sequence[Contact]) -> dict[str, Scores]:
        readable = [contact for contact in contacts if is_read(contact)]
        return (
            dict(zip((contact.id for contact in readable), self.reader.read(readable), strict=True)) if readable else {}
        )

    def _read_what_can_be(self, contacts: Sequence[Contact]) -> dict[str, Scores]:
        """Where one contact breaks the model, each is read on its own as it is taken, so that only that one is set aside."""
        try:
            return self._read(contacts)
        except Exception as error:
            log.error("batch not read at once", contacts=len(contacts), error=type(error).__name__)
            return {}

    # 4 identify, 5 link, then record and flag what follows

    def take_contact(self, contact: Contact, scores: Scores | None = None, raw: RawMessage | None = None) -> str:
        """One contact, in one transaction: where it belongs, what it scored, and every flag that it raises or joins.

        Returns the id under which it is kept: that of the contact whose further delivery it turned out to be, or its own.
        """
        now = max(contact.at, min(self.clock(), contact.received))
        mark = fingerprint(contact, raw)
        with self.store.begin() as unit:
            known = unit.contacts.same(mark)
            if known is not None:
                raised = self._take_delivery(unit, known, contact, mark, raw, now)
            else:
                who, raised = self._take_new(unit, contact, scores, mark, raw, now)
        if known is None:
            self.directory.note(contact, who)
        self._tell(raised)
        return known.id if known is not None else contact.id

    def _take_new(
        self, unit: Unit, contact: Contact, scores: Scores | None, mark: str, raw: RawMessage | None, now: datetime
    ) -> tuple[Identification, tuple[Raised, ...]]:
        if scores is None and is_read(contact):
            scores = self.reader.read([contact])[0]
        if scores is not None and scores.not_scored:
            contact = replace(contact, not_scored=scores.not_scored)
        unit.contacts.put(contact, mark)
        who = identify(contact, self.directory)
        issue, found = self._find_issue(unit, contact, who)
        unit.contacts.place(contact.id, who, issue.id, found)
        if scores is not None:
            unit.contacts.put_scores(contact.id, scores, now)
        if raw is not None:
            unit.contacts.mark_read(raw, contact.id)
        return who, self._look_at(unit, issue, now, contact.id)

    def _take_delivery(
        self, unit: Unit, known: Contact, again: Contact, mark: str, raw: RawMessage | None, now: datetime
    ) -> tuple[Raised, ...]:
        """The same words on a further route: one contact, with every route kept as evidence."""
        unit.contacts.put(with_delivery(known, again), mark)
        if raw is not None:
            unit.contacts.mark_read(raw, known.id)
        placed = unit.contacts.get(known.id)
        issue = unit.issues.get(placed.issue_id) if placed and placed.issue_id else None
        return self._look_at(unit, issue, now, None) if issue is not None else ()

    def take_record(self, record: Record) -> None:
        """A fact of the landlord's side joins its issue like a contact would, and may settle or raise what is owed."""
        with self.store.begin() as unit:
            who = who_of_record(record, self.directory)
            issue, _ = self._find_issue(unit, record, who)
            unit.landlord.put_record(record, issue.id)
            raised = self._look_at(unit, issue, record.at, None)
        self.directory.note_record(record)
        self._tell(raised)

    def _find_issue(self, unit: Unit, item: Item, who: Identification) -> tuple[Issue, IssueLink]:
        around = unit.issues.around(who.household_ref, who.customer_ref)
        found = link(item, who, [self._history(unit, issue, item.at) for issue in around])
        if found.issue_id is not None:
            return next(issue for issue in around if issue.id == found.issue_id), found
        issue = Issue(id=f"i{item.id}"[:32], household_ref=who.household_ref, opened=item.at, title=title_of(item))
        unit.issues.add(issue)
        return issue, replace(found, issue_id=issue.id)

    # 7 measure, 8 assess, 9 record, 10 flag

    def _look_at(self, unit: Unit, issue: Issue, now: datetime, contact_id: str | None) -> tuple[Raised, ...]:
        history = self._history(unit, issue, now)
        owed = owed_replies(history, now, self.workdays)
        patterns = measure(history, owed, self.policy, now, self.workdays)
        assessment = assess(history, owed, patterns, self.policy, now, contact_id)
        unit.issues.put_assessment(assessment)
        settled = settle(unit, assessment, self.policy)
        unit.issues.wake(issue.id, self._next_look(unit, issue, next_deadline(owed, now), now))
        return settled.raised

    def _next_look(self, unit: Unit, issue: Issue, deadline: datetime | None, now: datetime) -> datetime | None:
        """Just after our next deadline, or when the oldest pattern on an open flag would have ended."""
        moments = [deadline + JUST_AFTER] if deadline else []
        for flag in unit.flags.listed(issue_id=issue.id, kinds=(FlagKind.BEHAVIOUR,)):
            moments += [code.last_evidence_at + LAPSES_AFTER for code in flag.codes]
        return min((moment for moment in moments if moment > now), default=None)

    def advance(self, to: datetime) -> None:
        """Looks again at every issue whose deadline passes until then: nothing has to arrive for us to be late."""
        while True:
            with self.store.begin() as unit:
                due = unit.issues.next_wake()
                if due is None or due[0] > to:
                    return
                raised = self._look_at(unit, due[1], due[0], None)
            self._tell(raised)

    def _history(self, unit: Unit, issue: Issue, now: datetime) -> History:
        history = unit.issues.history(issue, standards=ServiceStandards(), feed_fresh=self._feed_fresh(unit, now))
        return replace(history, standards=standards_for(history, unit.landlord.standards()))

    def _feed_fresh(self, unit: Unit, now: datetime) -> bool:
        """Without the landlord's records of the last 24 hours no demand or persistence can be judged (C13)."""
        heard = unit.landlord.feed(RECORDS_FEED)
        if heard is None:
            return self.feed_assumed_fresh
        at, state = heard
        return state == "ok" and (self.feed_assumed_fresh or now - at <= FRESH_FOR)

    def _tell(self, raised: Iterable[Raised]) -> None:
        for item in raised:
            log.info("flag raised", code=item.code, issue=item.issue_id, contacts=len(item.contacts))
            for watcher in self.watchers:
                watcher(item)

    # the same path again, after a new model or policy

    def read_again(self) -> int:
        """Scores every contact that another model read last, and looks again where that changes what is flagged.

        Safe to stop and start: what is done is known from the scores themselves. Decisions stay as they are.
        """
        with self.store.read() as unit:
            placed = [found for found in unit.contacts.read_by_another(self.reader.model) if is_read(found.contact)]
        for start in range(0, len(placed), BATCH):
            batch = placed[start : start + BATCH]
            scores = self._read([found.contact for found in batch])
            for found in batch:
                self._score_again(found, scores[found.contact.id])
        return len(placed)

    def _score_again(self, found: Placed, scores: Scores) -> None:
        now = self.clock()
        with self.store.begin() as unit:
            unit.contacts.put_scores(found.contact.id, scores, now)
            issue = unit.issues.get(found.issue_id) if found.issue_id else None
            if issue is None or (found.scores is not None and set(found.scores.flagged) == set(scores.flagged)):
                return
            raised = self._look_at(unit, issue, now, found.contact.id)
        self._tell(raised)


def _order(item: Item) -> tuple[datetime, bool, str]:
    """By time; what the landlord recorded at a moment is known to what was written in the same minute."""
    return item.at, isinstance(item, Contact), item.id


def who_of_record(record: Record, directory: Directory) -> Identification:
    """Whose case a record belongs to: the customer that it names, or the one whose case its reference is."""
    owners = [record.customer_ref] if record.customer_ref else sorted(directory.owners_of_ref(record.ref or ""))
    if len(owners) == 1:
        named = LinkEvidence(
            kind="record", weight=10.0, sentence="The landlord's record names the customer or a case of theirs."
        )
        return Identification(
            customer_ref=owners[0], zone=Zone.SURE, probability=1.0, evidence=(named,), role=directory.role(owners[0])
        )
    return Identification(customer_ref=f"record:{record.id}", zone=Zone.NO, probability=0.0)


def standards_for(history: History, offered: Sequence[ServiceStandards]) -> ServiceStandards:
    """The service standards of the domains that the issue's contacts reached; else those that apply to all others."""
    reached = {
        name.rsplit("@", 1)[-1].lower()
        for entry in history.entries
        for name in (*entry.contact.routes, *entry.contact.to, entry.contact.from_addr or "")
    }
    own = [standards for standards in offered if reached & {domain.lower() for domain in standards.applies_to}]
    chosen = own or [standards for standards in offered if not standards.applies_to]
    if not chosen:
        return ServiceStandards()
    return replace(chosen[-1], others={name: days for standards in chosen for name, days in standards.others.items()})
