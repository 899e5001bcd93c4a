"""Steps 6 to 10 of the one path: words are scored; an issue is measured, assessed, recorded, and flagged for people."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from triage.domain.acknowledging import Hours
from triage.domain.adding import Adding
from triage.domain.assess import assess
from triage.domain.clocks import OwedReply
from triage.domain.contact import Contact
from triage.domain.flag import Flag, FlagKind
from triage.domain.issue import History, Issue
from triage.domain.owed import next_deadline, owed_replies
from triage.domain.persistence import measure
from triage.domain.policy import Policy
from triage.domain.score import Scores
from triage.domain.signal import Pattern
from triage.domain.workdays import NEVER, WorkingDays
from triage.following import FollowedIssues, Left, standards_for
from triage.ports import Clock, Progress, Reader, Unwatched
from triage.queue import LAPSES_AFTER, Settled, settle
from triage.scoring import is_read
from triage.store import Store, Unit
from triage.store.contacts import Placed
from triage.store.flags import Raised

log = structlog.get_logger()

BATCH = 200
FRESH_FOR = timedelta(hours=24)
JUST_AFTER = timedelta(seconds=1)
RECORDS_FEED = "records"
CUSTOMERS_FEED = "customers"

Watcher = Callable[[Raised], None]


@dataclass(kw_only=True)
class Assessor:
    """Looks at issues: when something arrives (the pipeline), a deadline passes, records have come, or a new model reads."""

    store: Store
    reader: Reader
    policy: Policy
    workdays: WorkingDays
    hours: Hours = field(default_factory=Hours)
    clock: Clock
    feed_assumed_fresh: bool = False
    alone: bool = False
    """Whether the store is a throw-away one to which nobody else writes and in which nobody reads: what was read of it need not
    be read again, and what speaks for and against is not kept."""
    watchers: tuple[Watcher, ...] = ()
    was_stale: bool = True
    read_with: str | None = None
    """The model that everything was last read with; asked of the store once, not at every round."""
    following: FollowedIssues = field(init=False)
    _feeds: dict[str, tuple[datetime, str]] | None = None
    _next_wake: datetime | None = None
    """Where nobody else writes: no issue is to be looked at again before; None where that is not known."""

    def __post_init__(self) -> None:
        self.following = FollowedIssues(policy=self.policy, workdays=self.workdays, alone=self.alone)

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

    # 7 measure, 8 assess, 9 record, 10 flag

    def _look_at(
        self, unit: Unit, issue: Issue, now: datetime, contact_id: str | None, since: int | None = None
    ) -> tuple[Raised, ...]:
        """``since`` is the mark that the issue bore before ``contact_id`` joined it, and nothing else did."""
        history, owed, patterns, now = self._judged(unit, issue, now, contact_id, since)
        assessment = assess(history, owed, patterns, self.policy, now, contact_id, explained=not self.alone)
        if not self.alone:
            unit.issues.put_assessment(assessment)
        left = self.following.left(issue.id) if self.alone else None
        if left is not None and left.is_quiet and not assessment.findings:
            settled = Settled()
        else:
            settled = settle(unit, assessment, self.policy, self.hours)
        again = _next_look(settled.open, self.policy, next_deadline(assessment.owed, now), now)
        if left is None or left.wake_at != again:
            self._wake(unit, issue.id, again)
        self.following.leave(issue.id, Left(is_quiet=not settled.open, wake_at=again))
        return settled.raised

    def _wake(self, unit: Unit, issue_id: str, at: datetime | None) -> None:
        unit.issues.wake(issue_id, at)
        if at is not None and self._next_wake is not None:
            self._next_wake = min(self._next_wake, at)

    def _judged(
        self, unit: Unit, issue: Issue, now: datetime, contact_id: str | None, since: int | None
    ) -> tuple[History, tuple[OwedReply, ...], tuple[Pattern, ...], datetime]:
        """An issue with all that is owed and every pattern; a long one is followed as it grows, any other is read anew."""
        following = self.following.current(unit, issue, contact_id, since)
        if following is None:
            history = self._history(unit, issue, now)
            now = self._no_earlier(history, now)
            following = self.following.follow(unit, history)
        if following is not None and following.last <= self.clock():
            now = max(now, following.last)
            fresh = self._feed_fresh(unit, now)
            owed, patterns = following.judged(now, feed_fresh=fresh, explained=not self.alone)
            return following.history, owed, patterns, now
        if following is not None:
            history = self._history(unit, issue, now)
            now = self._no_earlier(history, now)
        adding = Adding(history.entries)
        owed = owed_replies(history, now, self.workdays, adding)
        patterns = measure(history, owed, self.policy, now, self.workdays, adding, explained=not self.alone)
        return history, owed, patterns, now

    def _no_earlier(self, history: History, now: datetime) -> datetime:
        """Not before the newest thing on the issue: what comes late must not hide what is owed since."""
        known = self.clock()
        moments = (*(entry.contact.at for entry in history.entries), *(record.at for record in history.records))
        return max((now, *(at for at in moments if at <= known)))

    def judge_what_waited(self) -> int:
        """Looks again at every issue that could not be judged for want of fresh records; they have come since (C13)."""
        if not self.was_stale:
            return 0
        now = self.clock()
        with self.store.read() as unit:
            if not self._feed_fresh(unit, now):
                return 0
            waiting = unit.issues.not_judged()
        self.was_stale = False
        for issue_id in waiting:
            with self.store.begin() as unit:
                issue = unit.issues.get(issue_id)
                raised = self._look_at(unit, issue, now, None) if issue is not None else ()
            self._tell(raised)
        return len(waiting)

    def advance(self, to: datetime) -> None:
        """Looks again at every issue whose deadline passes until then: nothing has to arrive for us to be late."""
        while self._is_due(to):
            with self.store.begin() as unit:
                due = unit.issues.next_wake()
                self._next_wake = due[0] if due is not None else NEVER
                raised = self._look_at(unit, due[1], due[0], None) if due is not None and due[0] <= to else ()
            self._tell(raised)

    def _is_due(self, to: datetime) -> bool:
        """Asked at every arrival, and nearly always no: without the writer's lock, for which pages would wait."""
        if self.alone:
            return self._next_wake is None or self._next_wake <= to
        with self.store.read() as unit:
            due = unit.issues.next_wake()
        return due is not None and due[0] <= to

    def _history(self, unit: Unit, issue: Issue, now: datetime) -> History:
        history = unit.issues.history(issue, feed_fresh=self._feed_fresh(unit, now))
        own = unit.landlord.standards()
        return replace(history, standards=standards_for(history, own, self.policy.standards))

    def hear(self, unit: Unit, source: str, at: datetime, state: str) -> None:
        """A feed spoke at that moment: "ok", or "stale" when it says so itself."""
        unit.landlord.note_feed(source, at, state)
        self._feeds = None

    def _feed_fresh(self, unit: Unit, now: datetime) -> bool:
        """Without the landlord's records of the last 24 hours no demand or persistence can be judged (C13).

        Nor with a directory of customers that is older: an adjustment agreed since would not be known. A landlord that
        gives no directory at all is not held up for it.
        """
        feeds = self._feeds
        if feeds is None:
            feeds = {source: (at, state) for source, at, state in unit.landlord.feeds()}
            self._feeds = feeds if self.alone else None
        records, directory = feeds.get(RECORDS_FEED), feeds.get(CUSTOMERS_FEED)
        if records is None:
            fresh = self.feed_assumed_fresh
        else:
            fresh = all(self._is_fresh(heard, now) for heard in (records, directory) if heard is not None)
        self.was_stale = self.was_stale or not fresh
        return fresh

    def _is_fresh(self, heard: tuple[datetime, str], now: datetime) -> bool:
        at, state = heard
        return state == "ok" and (self.feed_assumed_fresh or now - at <= FRESH_FOR)

    def _tell(self, raised: Iterable[Raised]) -> None:
        for item in raised:
            log.info("flag raised", code=item.code, issue=item.issue_id, contacts=len(item.contacts))
            for watcher in self.watchers:
                watcher(item)

    # the same path again, after a new model or policy

    def read_again(self, progress: Progress | None = None) -> int:
        """Scores every contact that another model read last, and looks again where that changes what is flagged.

        Safe to stop and start: what is done is known from the scores themselves. Decisions stay as they are.
        """
        model = self.reader.model
        if model == self.read_with:
            return 0
        with self.store.read() as unit:
            placed = [found for found in unit.contacts.read_by_another(model) if is_read(found.contact)]
        progress = progress or Unwatched()
        progress.expect(len(placed))
        for start in range(0, len(placed), BATCH):
            batch = placed[start : start + BATCH]
            scores = self._read([found.contact for found in batch])
            for found in batch:
                self._score_again(found, scores[found.contact.id])
                progress.step()
        self.read_with = model
        return len(placed)

    def _score_again(self, found: Placed, scores: Scores) -> None:
        now = self.clock()
        with self.store.begin() as unit:
            unit.contacts.put_scores(found.contact.id, scores, now)
            if found.contact.caveat != scores.caveat:
                unit.contacts.describe(replace(found.contact, caveat=scores.caveat))
            issue = unit.issues.get(found.issue_id) if found.issue_id else None
            if issue is None or (found.scores is not None and set(found.scores.flagged) == set(scores.flagged)):
                return
            raised = self._look_at(unit, issue, now, found.contact.id)
        self._tell(raised)


def _next_look(flags: Iterable[Flag], policy: Policy, deadline: datetime | None, now: datetime) -> datetime | None:
    """Just after our next deadline, or after a pattern on an open flag has ended: never at its last moment, at which it still holds.

    Its evidence becomes too old after its clause's own window; where it holds no longer, its flag stays for `LAPSES_AFTER`.
    """
    moments = [deadline + JUST_AFTER] if deadline else []
    for flag in flags:
        if flag.kind is FlagKind.BEHAVIOUR:
            for code in flag.codes:
                window = timedelta(days=policy.clause(code.code).thresholds.get("evidence_window_days", 0))
                moments += [code.last_evidence_at + after + JUST_AFTER for after in (LAPSES_AFTER, window)]
    return min((moment for moment in moments if moment > now), default=None)
