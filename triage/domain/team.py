"""Teams and whose contacts they handle: what a person may know of, by where it came in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from triage.domain.errors import SettingsError


class WithoutTeam(StrEnum):
    """What a person in no team sees, in the words of the settings."""

    UNOWNED = "what belongs to no team"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one person may know of. ``mine`` are the places of their teams, ``owned`` those of any team; folded (``folded``).

    The rule, for everybody alike: something belongs to every team at one of whose places a contact of it came in or went out.
    A person sees what belongs to a team of theirs, and what belongs to no team. Where nothing is ``owned``, all is seen.
    """

    mine: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        return self.owned <= self.mine

    def sees(self, places: Iterable[str]) -> bool:
        """Whether this person may know of something at these places."""
        here = {folded(place) for place in places}
        return not here.isdisjoint(self.mine) or here.isdisjoint(self.owned)


EVERYTHING: Final = Sight()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team and the places that are its own: names of accounts and routes, as contacts show them."""

    name: str
    places: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """The organisation's teams; none, where one desk looks at all."""

    teams: tuple[Team, ...] = ()
    without_team: WithoutTeam = WithoutTeam.UNOWNED
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        given = [team.name for team in self.teams]
        doubled = sorted({name for name in given if given.count(name) > 1})
        if doubled:
            raise SettingsError(f"The settings name the team {doubled[0]!r} twice; give one another name.")
        object.__setattr__(self, "names", frozenset(given))

    def sight(self, names: Collection[str]) -> Sight:
        """What a person of these teams sees; a name that is no team's gives nothing."""
        if not self.names & set(names) and self.without_team is WithoutTeam.EVERYTHING:
            return EVERYTHING
        return Sight(
            mine=frozenset(folded(place) for team in self.teams if team.name in names for place in team.places),
            owned=frozenset(folded(place) for team in self.teams for place in team.places),
        )

    def check(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names in order, each once. Raises SettingsError for one that is no team's."""
        chosen = tuple(sorted({name.strip() for name in names}))
        for name in chosen:
            if name not in self.names:
                there = ", ".join(sorted(self.names)) or "none; add one with [[team]]"
                raise SettingsError(f"The settings name no team {name!r}. There is: {there}.")
        return chosen


NO_TEAMS: Final = Teams()


def folded(place: str) -> str:
    """A place as it is compared: addresses are written in any case."""
    return place.strip().casefold()
