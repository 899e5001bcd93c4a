"""A reply that is owed: which clock runs, since when, until when, and when it was met."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from triage.domain.deeds import Act, Deed
from triage.domain.remembered import remembered
from triage.domain.workdays import CLOSES, LONDON, is_whole_day


class Clock(StrEnum):
    """Which promise runs: the general standard, a complaint stage, a hazard, or a date that we gave ourselves."""

    GENERAL_REPLY = "general_reply"
    COMPLAINT_ACK = "complaint_ack"
    STAGE1 = "stage1"
    STAGE2 = "stage2"
    HAZARD = "hazard"
    PROMISE = "promise"
    CASE = "case"


_SETTLED_BY_THEM = frozenset({Clock.GENERAL_REPLY, Clock.PROMISE, Clock.CASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedReply:
    """One thing owed: asked for in ``source`` (a contact or record id) at ``since``, due at ``due``.

    ``met_at`` and ``met_by`` say when and by which contact or record it was done; None while it is open. ``tried_at``: when we noted
    that somebody had come in time and found nobody in. It stays open, and from then on it is not late.
    """

    clock: Clock
    source: str
    since: datetime
    due: datetime
    sentence: str
    met_at: datetime | None = None
    met_by: str | None = None
    tried_at: datetime | None = None

    def overdue_at(self, moment: datetime) -> bool:
        """Whether the landlord was past its own clock at that moment."""
        tried = self.tried_at is not None and self.tried_at <= moment
        return self.due < moment and not tried and (self.met_at is None or self.met_at > moment)

    def went_late(self, moment: datetime) -> bool:
        """Whether it was past its time when it was done, or is now: a visit that found nobody in was not."""
        return self.tried_at is None and (self.met_at or moment) > self.due

    def open_at(self, moment: datetime) -> bool:
        """Whether it had been asked for and was not yet done at that moment."""
        return self.since <= moment and (self.met_at is None or self.met_at > moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Something owed, with the deeds that meet it, and those of the case ``ref`` where it belongs to one. ``together``: we also said that what they
    send until then is not answered one by one."""

    owed: OwedReply
    meets: frozenset[Deed]
    then: frozenset[Deed] = frozenset()
    ref: str | None = None
    together: bool = False

    def is_met_by(self, act: Act) -> bool:
        """Whether this does what is owed; ``then``: deeds that do once the time has come.

        An answer before a day that we promised, which only names that day once more ("yes, still Friday"), does nothing.

        Who is content once the time has come, or withdraws what they had asked for, waits for no word of ours and for no day that we
        named; complaints and hazards go their own way.
        """
        deeds, its_time = act.deeds, act.at >= self.owed.due
        if self.ref is not None and act.ref == self.ref and Deed.DONE in deeds:
            return True
        missed = self.owed.tried_at is None
        if (deeds & self.meets and not self._named_again_by(act)) or (its_time and missed and deeds & self.then):
            return True
        settled = Deed.WITHDRAWN in deeds or (Deed.CONTENT in deeds and its_time)
        return settled and self.owed.clock in _SETTLED_BY_THEM

    @property
    def is_visit(self) -> bool:
        """Whether only somebody's coming does it: what we promised or a case asks for, and no answer."""
        return (
            self.owed.clock in (Clock.PROMISE, Clock.CASE)
            and Deed.ATTENDED in self.meets
            and Deed.ANSWERED not in self.meets
        )

    def tried_by(self, act: Act) -> "Opening":
        """The same after an act: somebody came by the day and found nobody in, or the customer says that nobody came, and their word stands."""
        owed = self.owed
        if owed.tried_at is not None and Deed.NOBODY_CAME in act.deeds:
            return replace(self, owed=replace(owed, tried_at=None))
        in_time = (
            act.tried is not None
            and owed.since.astimezone(LONDON).date() <= act.tried <= owed.due.astimezone(LONDON).date()
        )
        if owed.tried_at is None and in_time and self.is_visit:
            return replace(self, owed=replace(owed, tried_at=act.at))
        return self

    def _named_again_by(self, act: Act) -> bool:
        again = self.owed.clock is Clock.PROMISE and self.owed.due.astimezone(LONDON).date() in act.names
        return again and act.at < self.owed.due and Deed.DONE not in act.deeds


@remembered
def day_of(moment: datetime) -> str:
    """The London day, as people write it: 6 April 2026."""
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}"


def hour_of(moment: datetime) -> str:
    """The London hour and day; where the day ends then, its close for us or its end."""
    local = moment.astimezone(LONDON)
    if not is_whole_day(moment):
        return f"{local:%H:%M} on {day_of(moment)}"
    return f"the {'close' if local.time() <= CLOSES else 'end'} of {day_of(moment)}"
