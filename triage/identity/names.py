"""How a candidate's name stands in the words: full, with an initial, alone, only mentioned, or somebody else's."""

from dataclasses import dataclass

from triage.domain.contact import Direction
from triage.domain.customer import Role
from triage.identity.directory import Directory
from triage.identity.evidence import TRUST, crowd
from triage.identity.words import NOT_A_NAME, Said, Standing, Token

SHORTEST = 3
"""Letters of a short form of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFound:
    """A way in which a name stands: its trust in log-odds, and how many people of the directory share as much of it."""

    kind: str
    trust: float
    sharing: int
    sentence: str


class _Sought:
    """The name that is looked for: the surname, its parts, all that somebody may be called, and the initials with which they sign."""

    __slots__ = ("firsts", "initials", "last", "lasts")

    def __init__(self, last: str, firsts: frozenset[str], initials: frozenset[str]) -> None:
        self.last, self.firsts, self.initials = last, firsts, initials
        self.lasts = frozenset({last, *last.split("-")} - {""})


class NameFinder:
    """Looks for candidates' names in what was said in one contact."""

    def __init__(self, directory: Directory, said: Said, direction: Direction) -> None:
        self.directory, self.said = directory, said
        self.ours = direction is Direction.OUT
        self._letters = frozenset(word for word in said.spots if len(word) == 1)
        self._alike: dict[tuple[object, ...], NameFound | None] = {}

    def strongest(self, ref: str) -> NameFound | None:
        """The way of most trust in which one candidate's name stands.

        Who share as much of their name as is said (a surname, a first name, an initial) stand alike: one search serves them all,
        however many there are.
        """
        last, firsts = self.directory.name(ref).last, self.directory.called_by(ref)
        spots, heads = self.said.spots, self.said.heads
        named = last in spots or any(part in spots for part in last.split("-"))
        called = any(first in spots or first[:SHORTEST] in heads for first in firsts)
        if not named and not called:
            return None  # none of their names, and no short form of one, stands anywhere
        initials = frozenset(first[:1] for first in self.directory.firsts(ref)) & self._letters
        spoken_for = self.said.speaks_as is not Role.CUSTOMER and self.directory.role(ref) is Role.CUSTOMER
        key = (
            last if named else frozenset({last[:1]}) & self._letters,
            firsts if called else None,
            initials,
            spoken_for,
        )
        if key not in self._alike:
            self._alike[key] = self._search(_Sought(last, firsts, initials), spoken_for=spoken_for)
        return self._alike[key]

    def _search(self, sought: "_Sought", *, spoken_for: bool) -> NameFound | None:
        """``spoken_for``: a tenant, in the words of somebody who speaks for one; half a name may then be of either."""
        own = [self.said.spots[word] for word in (*sought.lasts, *sought.firsts) if word in self.said.spots]
        spots = {*self.said.signed, *(spot for places in own for spot in places)}
        found = [self._at(sought, self.said.units[unit], index) for unit, index in sorted(spots)]
        best = max((one for one in found if one is not None), key=lambda one: one.trust, default=None)
        halves = best is None or best.kind in {"first name", "surname"}
        if spoken_for and halves and any(self._of_another(sought, *spot) for spot in spots):
            return self._anothers()
        return best

    def _of_another(self, sought: "_Sought", unit: int, index: int) -> bool:
        token = self.said.units[unit][index]
        return token.standing is Standing.OF_ANOTHER and token.word in sought.lasts | sought.firsts

    @property
    def _crowd(self) -> float:
        return crowd(len(self.directory.customers))

    def _at(self, sought: "_Sought", unit: tuple[Token, ...], index: int) -> NameFound | None:
        token = unit[index]
        if token.word in sought.lasts:
            return self._with_surname(sought, unit, index)
        if self.ours and index <= 2 and token.word in sought.firsts:
            return self._found("first name", self._people(first=token.word), "We call them by their first name.")
        called = len(token.word) > 2 and (token.word in sought.firsts or short_for(token.word, sought.firsts))
        if token.standing < Standing.SIGNED or not called:
            return None
        people = self._people(first=token.word)
        following = unit[index + 1].word if index + 1 < len(unit) else ""
        if following and following == sought.last[:1]:
            return self._found("first name and initial", people, "They give their first name and initial.")
        return self._found("first name", people, "They give their first name.")

    def _with_surname(self, sought: "_Sought", unit: tuple[Token, ...], index: int) -> NameFound | None:
        token, earlier = unit[index], unit[max(0, index - 2) : index]
        own = [other for other in earlier if other.word in sought.firsts or _shortened(other, sought.firsts)]
        initials = [other for other in unit[max(0, index - 3) : index] if len(other.word) == 1 and other.word.isalpha()]
        standing = max(other.standing for other in (token, *own, *initials))
        another = Standing.OF_ANOTHER in {other.standing for other in (token, *own)}
        titled = self.said.titled(unit, index)
        said = (standing >= Standing.SIGNED and not another) or (self.ours and index <= 4) or titled
        if own:
            return self._full(sought, token, said=said, another=another)
        if initials and said:
            fits = any(other.word in sought.initials for other in initials)
            people = max(1, self._people(last=token.word) // 8)
            return (
                self._found("initial and surname", people, "They sign with their initial and surname.")
                if fits
                else None
            )
        if earlier and self._first_name_of_another(sought, earlier[-1]):
            sentence = "The speaker has their surname, but another first name."
            return NameFound(kind="name of another", trust=-2 * self._crowd - 4.0, sharing=1, sentence=sentence)
        sentence = "Our own note calls them by their surname." if titled else "They give their surname."
        return self._found("surname", self._people(last=token.word), sentence) if said else None

    def _full(self, sought: "_Sought", token: Token, *, said: bool, another: bool) -> NameFound:
        same = max(self._people(first=first, last=token.word) for first in sought.firsts)
        if said:
            return self._found("full name", same, "They say their full name.")
        if another:
            return self._anothers()
        return self._found("name mentioned", same, "Their full name is in the words.")

    def _anothers(self) -> NameFound:
        sentence = "Their name is in the words as somebody else's."
        return NameFound(kind="name of another", trust=-self._crowd, sharing=1, sentence=sentence)

    def _found(self, kind: str, sharing: int, sentence: str) -> NameFound:
        return NameFound(kind=kind, trust=TRUST[kind], sharing=sharing, sentence=sentence)

    def _people(self, *, first: str = "", last: str = "") -> int:
        return max(1, len(self.directory.called(first=first, last=last)))

    def _first_name_of_another(self, sought: "_Sought", before: Token) -> bool:
        """Whether the word before a surname is the first name of somebody else who introduces themselves."""
        name_like = before.capital and len(before.word) > 2 and before.word not in NOT_A_NAME | sought.lasts
        return (
            name_like
            and not before.stops
            and before.standing is Standing.INTRODUCED
            and not short_for(before.word, sought.firsts)
        )


def _shortened(token: Token, firsts: frozenset[str]) -> bool:
    """A short form that is signed or introduced: "Bev Stott here" for Beverley."""
    return token.standing >= Standing.SIGNED and short_for(token.word, firsts)


def short_for(word: str, firsts: frozenset[str]) -> bool:
    """ "Bev" for Beverley: at least three letters that the name begins with."""
    return len(word) >= SHORTEST and any(first.startswith(word) for first in firsts if len(first) > len(word))
