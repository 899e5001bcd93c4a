"""The policy as data: a versioned file of clauses, each with what it needs, what defeats it and what only looks like it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files

from triage.domain.errors import PolicyError


class ClauseKind(StrEnum):
    """A behaviour of the policy's table, or a card: something to be acted on for somebody, never against anybody."""

    BEHAVIOUR = "behaviour"
    CARD = "card"


class Admissible(StrEnum):
    """What kind of evidence can raise a clause: one contact's words, a pattern over contacts, or a pattern with records."""

    WORDS = "words"
    PATTERN = "pattern"
    RECORDS = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One definition. ``quote`` is the policy's own sentence, ``quote_ref`` where it stands.

    ``thresholds`` are prompts to look, never findings; their units are in their names (``_days``, ``_count``).
    """

    code: str
    kind: ClauseKind
    category: str
    title: str
    quote: str
    quote_ref: str
    definition: str
    admissible: Admissible
    urgency: int
    evidence_needed: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    lookalikes: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    next_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A version of the policy: its clauses by code, the limbs of its test (2.0) and the actions it lists (5.0).

    ``second_opinion`` are the actions that two people have to come to. ``on_call`` says whom the safeguarding role turns to.
    The clocks of the clauses ``in_hours`` run while somebody is at the desk; all others round the clock.
    """

    id: str
    version: str
    title: str
    limbs: Mapping[str, str]
    actions: tuple[str, ...]
    clauses: Mapping[str, Clause]
    second_opinion: tuple[str, ...] = ()
    on_call: str = ""
    in_hours: tuple[str, ...] = ()

    def clause(self, code: str) -> Clause:
        try:
            return self.clauses[code]
        except KeyError:
            raise PolicyError(
                f"Policy {self.id} {self.version} has no clause {code!r}; it has {', '.join(self.clauses)}."
            ) from None


def _clause(code: str, row: Mapping[str, object]) -> Clause:
    known = set(Clause.__dataclass_fields__) - {"code"}
    if unknown := set(row) - known:
        raise PolicyError(f"Clause {code} has unknown keys {sorted(unknown)}; remove them or correct their spelling.")
    values: dict[str, object] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    try:
        values["kind"] = ClauseKind(str(values["kind"]))
        values["admissible"] = Admissible(str(values["admissible"]))
        return Clause(code=code, **values)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyError(f"Clause {code} cannot be read: {error}.") from error


def read_policy(text: str) -> Policy:
    """Reads a policy file (TOML). Raises PolicyError with the clause and key that is wrong."""
    try:
        row = tomllib.loads(text)
        unknown = sorted(set(row.get("in_hours", ())) - set(row["clauses"]))
        if unknown:
            raise PolicyError(f"The policy file names {unknown[0]!r} under in_hours, which is no clause of it.")
        return Policy(
            id=row["id"],
            version=row["version"],
            title=row["title"],
            limbs=row["limbs"],
            actions=tuple(row["actions"]),
            clauses={code: _clause(code, clause) for code, clause in row["clauses"].items()},
            second_opinion=tuple(row.get("second_opinion", ())),
            on_call=row.get("on_call", ""),
            in_hours=tuple(row.get("in_hours", ())),
        )
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise PolicyError(f"The policy file cannot be read: {error}.") from error


def shipped_policy(name: str = "unacceptable-behaviour") -> Policy:
    """The policy that travels with the package (policies/<name>.toml). Raises PolicyError for a name that is none."""
    shipped = {file.name.removesuffix(".toml"): file for file in files("triage.domain").joinpath("policies").iterdir()}
    if name not in shipped:
        raise PolicyError(f"There is no policy {name!r}; there is {', '.join(sorted(shipped))}.")
    return read_policy(shipped[name].read_text("utf-8"))
