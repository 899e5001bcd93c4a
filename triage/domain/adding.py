"""What a contact adds to its issue: something new, what we had asked for, a wish, thanks. The first two and the last never count (behaviours A.14).

The same words add something or nothing by what stands before them: "Tuesday, after ten" answers a question or presses a second time. So
what the words do alone (`acts`) is weighed with what was said on the issue before: one logistic regression for each, learned from
histories whose messages readers have labelled (`tests/bench/adding.py`, ADR 0019). adding.json holds the weights, one for each sign:
those of contacts with a `gist` and those of contacts whose words alone are read.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from math import exp, fsum, log, log1p
from typing import Any, Final

from triage.domain import acts, our_words, words
from triage.domain.acts import Act
from triage.domain.contact import Contact, Direction
from triage.domain.gist import OURS, Gist
from triage.domain.gist import THEIRS as ALL_THEIRS
from triage.domain.issue import Entry
from triage.domain.remembered import remembered
from triage.domain.score import Scores
from triage.domain.subject import unmarked

MOST: Final = 4.0
"""Log-odds beyond which no sign speaks louder."""
IN_DOUBT: Final = -0.4
"""Log-odds above which somebody is taken to want something."""
USUAL: Final = -3.0
"""The model's log-odds of something new in an ordinary contact: where it read nothing, it says as much."""
LONGEST_AGO: Final = 60.0
"""Days since they last wrote, where they never did."""
FRESH: Final = 3.0
"""Days in which a question of ours loses most of its pull."""
_WORD = re.compile(r"[^\W\d_]{4,}|\d+")
_STEM: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Adds:
    """Log-odds that a contact brings something new, that it gives what we had asked for, that it wants something of us, and that it gives
    thanks or says that it is mended; above nought it does. ``awaited``: we had asked, and can go on only with what it gives."""

    new: float
    reply: float
    needs: float
    closing: float
    awaited: bool = False

    @property
    def is_new(self) -> bool:
        return self.new > 0

    @property
    def is_reply(self) -> bool:
        return self.reply > 0

    @property
    def wants(self) -> bool:
        """In doubt it does: who is not answered though they asked is wronged more than who is answered twice."""
        return self.needs > IN_DOUBT

    @property
    def closes(self) -> bool:
        return self.closing > 0 and not self.wants


NOTHING: Final = Adds(new=-MOST, reply=-MOST, needs=-MOST, closing=-MOST)


class Adding(dict[str, Adds]):
    """What each contact in adds, by its id, to those before it on the issue: of entries in the order of time, one after the other."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        super().__init__()
        self._said_by_us: set[str] = set()
        self._ours: Contact | None = None
        self._since: set[str] = set()
        self._came: datetime | None = None
        for entry in entries:
            self.take(entry)

    def take(self, entry: Entry, adds: Adds | None = None) -> None:
        """The next contact: what it ``adds`` is kept, and later ones are read after it."""
        self[entry.contact.id] = self.of(entry) if adds is None else adds
        contact = entry.contact
        if contact.direction is Direction.IN:
            self._came = contact.at
            if not contact.auto:
                self._since.add(entry.who.customer_ref)
        elif contact.direction is Direction.OUT and not contact.auto:
            self._ours = contact
            self._since.clear()
        self._said_by_us |= _stems(contact.landlord_words)

    def of(self, entry: Entry) -> Adds:
        """What a contact would add here and now. Where only the words are read, what is shown, or said to be new in so many words, is new."""
        contact = entry.contact
        if contact.direction is not Direction.IN or not contact.said.strip():
            return NOTHING
        signs = self.signs(entry, {act: acts.log_odds(act, contact.said, contact.gist) for act in _ALONE})
        known = _weights()["words" if contact.gist is None else "gist"]
        return Adds(
            new=MOST if contact.gist is None and words.shows_something(contact.said) else _sum(known["new"], signs),
            reply=_sum(known["reply"], signs),
            needs=_sum(known["needs"], signs),
            closing=_sum(known["closing"], signs),
            awaited=self._ours is not None and our_words.asks_back(self._ours.landlord_words, self._ours.gist),
        )

    def signs(self, entry: Entry, spoken: Mapping[Act, float]) -> dict[str, float]:
        """What speaks for or against it, each about 1 at most; ``spoken`` is what the words do alone, in log-odds."""
        contact, ours = entry.contact, self._ours
        found = {act.value: bounded(spoken[act]) for act in _ALONE}
        found["new by model"] = bounded(_by_model(entry.scores) - USUAL)
        found["nothing new"] = float(words.says_nothing_new(contact.said))
        found["first"] = float(self._came is None)
        days = LONGEST_AGO if self._came is None else (contact.at - self._came) / timedelta(days=1)
        found["days since theirs"] = log1p(max(0.0, days)) / MOST
        found["call"] = float(bool(contact.turns))
        said = _stems(contact.said)
        found["our words"] = len(said & self._said_by_us) / max(1, len(said))
        our_last = "" if ours is None else ours.landlord_words
        our_gist = None if ours is None else ours.gist
        found["we ask"] = bounded(acts.log_odds(Act.ASK, our_last, our_gist)) if our_last.strip() else -1.0
        found["we hold"] = bounded(acts.log_odds(Act.HOLD, our_last, our_gist)) if our_last.strip() else 0.0
        if contact.gist is not None:
            found |= _by_gist(contact.gist, ALL_THEIRS) | ({} if our_gist is None else _by_gist(our_gist, OURS))
        if ours is None or entry.who.customer_ref in self._since:
            return found
        found["next after ours"] = 1.0
        question = our_words.questions_in(our_last)
        found["of our question"] = len(said & _stems(question)) / max(1, len(said))
        if question:
            found["question, fresh"] = exp(min(0.0, (ours.at - contact.at) / timedelta(days=FRESH)))
            found["question, by its channel"] = float(contact.channel is ours.channel)
            found["question, under its subject"] = float(_same_subject(contact, ours))
        return found


_ALONE: Final = (Act.NEW, Act.REPLY, Act.NEEDS, Act.CLOSING)


def bounded(log_odds: float) -> float:
    """Between -1 and 1."""
    return max(-MOST, min(MOST, log_odds)) / MOST


def _by_gist(gist: Gist, names: Iterable[str]) -> dict[str, float]:
    """What one side does besides, as the gist has it."""
    said = {name: gist.says(name) for name in names}
    return {f"{name} by gist": bounded(value) for name, value in said.items() if value is not None}


def _by_model(scores: Scores | None) -> float:
    if scores is None or scores.not_scored or "NI" not in scores.probabilities:
        return USUAL
    chance = min(0.999, max(0.001, scores.probabilities["NI"]))
    return log(chance / (1.0 - chance))


def _same_subject(contact: Contact, ours: Contact) -> bool:
    return bool(contact.subject) and unmarked(contact.subject).lower() == unmarked(ours.subject).lower()


@remembered
def _stems(words: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _WORD.findall(words.lower()))


def _sum(known: Mapping[str, float], signs: Mapping[str, float]) -> float:
    return known["bias"] + fsum(known.get(name, 0.0) * value for name, value in signs.items())


@cache
def _weights() -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, Any] = json.loads(files("triage.domain").joinpath("adding.json").read_text(encoding="utf-8"))
    return found
