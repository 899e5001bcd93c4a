"""What we promised in our own words: a word or a deed by a day, and days that we named and did not keep."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from triage.domain import our_words, words
from triage.domain.clocks import Clock, Opening, OwedReply, day_of, hour_of
from triage.domain.contact import Channel, Contact, Direction
from triage.domain.deeds import ANY_ANSWER, MONEY, NOTHING, ON_SITE, Deed
from triage.domain.issue import Entry
from triage.domain.workdays import WorkingDays

_SPOKEN_OF = timedelta(days=21)
"""How long after a day that we named a customer may say that nothing came of it."""


def what_keeps(promise: str, unclear: frozenset[Deed] = ON_SITE) -> frozenset[Deed]:
    """What keeps a promise in these words: to be in touch any message of ours, one of a word any answer, one of a deed that deed alone.

    ``unclear``: what keeps one that says neither ("you'll get it by the fifteenth").
    """
    if our_words.promises_touch(promise):
        return ANY_ANSWER | {Deed.TOUCHED}
    if our_words.promises_word(promise):
        return ANY_ANSWER
    if MONEY.search(promise):
        return ON_SITE | {Deed.PAID}
    return ON_SITE if our_words.promises_deed(promise) else unclear


def from_our_words(entry: Entry, workdays: WorkingDays) -> Iterator[Opening]:
    """What one contact of ours promises by a day."""
    contact = entry.contact
    if not _gives_our_word(contact):
        return
    for promised in our_words.promises_in(contact.landlord_words, contact.at, workdays):
        meets = what_keeps(promised.sentence, ANY_ANSWER)
        opening = _promise(contact, promised, "we promised in our own words on {}", meets=meets)
        yield replace(opening, together=our_words.answers_together(contact.landlord_words))


def _gives_our_word(contact: Contact) -> bool:
    return bool(contact.landlord_words) and not contact.auto and contact.channel is not Channel.VISIT_NOTE


def _promise(contact: Contact, promised: our_words.Promised, what: str, *, meets: frozenset[Deed], then: frozenset[Deed] = NOTHING) -> Opening:  # fmt: skip
    sentence = f"What {what.format(day_of(contact.at))} was due by {hour_of(promised.due)}."
    owed = OwedReply(clock=Clock.PROMISE, source=contact.id, since=contact.at, due=promised.due, sentence=sentence)
    return Opening(owed=owed, meets=meets, then=then)


class NamedDays:
    """The days on which we said that somebody would come or something be done. Such a day is taken as kept, since few landlords write down that
    it was, until the customer says that it was not: then it is owed since we named it."""

    def __init__(self, workdays: WorkingDays) -> None:
        self._days: list[Opening] = []
        self._workdays = workdays

    def not_kept(self, entry: Entry) -> list[Opening]:
        """Takes an entry in; the day that it says passed without what we had named for it, if any. A day that our side names in
        the same call is taken in for the next time."""
        contact = entry.contact
        owed: list[Opening] = []
        if contact.direction is Direction.IN and not contact.auto and words.says_not_kept(contact.said):
            gone = [day for day in self._days if day.owed.due < contact.at <= day.owed.due + _SPOKEN_OF]
            owed = sorted(gone, key=lambda day: day.owed.due)[-1:]
            self._days = [day for day in self._days if day not in gone]
        if _gives_our_word(contact):
            what = "we said on {} would be done"
            named = our_words.days_named_in(contact.landlord_words, contact.at, self._workdays)
            self._days += [_promise(contact, day, what, meets=ON_SITE, then=ANY_ANSWER) for day in named]
        return owed
