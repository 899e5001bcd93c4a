"""The policy as data: a versioned file of clauses, each with what it needs, what defeats it and what only looks like it."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from typing import Final, TypeVar

from triage.domain.errors import PolicyError
from triage.domain.record import STANDARDS, ServiceStandards

Choice = TypeVar("Choice", bound=StrEnum)
NEEDED: Final = ("kind", "category", "title", "quote", "quote_ref", "definition", "admissible", "urgency")
LISTS: Final = ("evidence_needed", "exclusions", "lookalikes", "next_steps")
LARGEST_NUMBER: Final = 100_000
LARGEST_STANDARD: Final = 1_000


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
class Meaning:
    """What a number of the clauses means and why it is what it is, for people."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A version of the policy: its clauses by code, the limbs of its test (2.0) and the actions it lists (5.0).

    ``second_opinion`` are the actions that two people have to come to. ``on_call`` says whom the safeguarding role turns to.
    The clocks of the clauses ``in_hours`` run while somebody is at the desk; all others round the clock. ``document`` says who
    stands behind it, ``numbers`` what each number means, by name; ``standards`` are what is promised where the landlord gives
    none of its own; ``source`` is the text of the file.
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
    document: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Meaning] = field(default_factory=dict)
    standards: ServiceStandards
    source: str = field(default="", repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the file: two that read the same are the same, whatever their version says."""
        return hashlib.sha256(self.source.encode()).hexdigest()

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
    if missing := [key for key in NEEDED if key not in row]:
        raise PolicyError(f"Clause {code} lacks {', '.join(missing)}.")
    _check_values(code, row)
    values: dict[str, object] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    values["kind"] = _one_of(ClauseKind, code, "kind", row)
    values["admissible"] = _one_of(Admissible, code, "admissible", row)
    return Clause(code=code, **values)  # type: ignore[arg-type]


def _one_of(kind: type[Choice], code: str, key: str, row: Mapping[str, object]) -> Choice:
    try:
        return kind(str(row[key]))
    except ValueError:
        raise PolicyError(f"Clause {code} has {row[key]!r} as its {key}; it is one of {', '.join(kind)}.") from None


def _check_values(code: str, row: Mapping[str, object]) -> None:
    """Raises PolicyError for a value of another kind than its key wants."""
    for key, value in row.items():
        if key == "thresholds":
            _check_thresholds(code, value)
        elif key == "urgency" and type(value) is not int:
            raise PolicyError(f"Clause {code} has {value!r} as its urgency; write a whole number.")
        elif key in LISTS and not _is_texts(value):
            raise PolicyError(f"Clause {code} needs a list of sentences under {key}.")
        elif key not in ("urgency", *LISTS) and not isinstance(value, str):
            raise PolicyError(f"Clause {code} needs words in quotation marks under {key}.")


def _check_thresholds(code: str, value: object) -> None:
    if not isinstance(value, dict):
        raise PolicyError(f"Clause {code} needs its numbers as a table, [clauses.{code}.thresholds].")
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= LARGEST_NUMBER:
            raise PolicyError(
                f"Clause {code} has {number!r} as {name}; write a number from 0 to {LARGEST_NUMBER:,} without quotation marks."
            )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _check_head(row: Mapping[str, object]) -> None:
    """Raises PolicyError for what stands before the clauses and is missing or of another kind."""
    for key, is_so, wanted in (
        *((key, str, "words in quotation marks") for key in ("id", "version", "title")),
        *((key, dict, f"a table, [{key}]") for key in ("limbs", "clauses")),
        ("actions", list, "a list of actions"),
    ):
        if not isinstance(row.get(key), is_so):
            raise PolicyError(f"The policy file needs {wanted} under {key}.")
    for key in ("actions", "second_opinion", "in_hours"):
        if not _is_texts(row.get(key, [])):
            raise PolicyError(f"The policy file needs a list of words in quotation marks under {key}.")
    _check_for_people(row)
    texts = [row.get("on_call", ""), *row["limbs"].values()]  # type: ignore[attr-defined]
    if not all(isinstance(text, str) for text in texts):
        raise PolicyError("The policy file needs words in quotation marks under on_call and each of the limbs.")


def _check_for_people(row: Mapping[str, object]) -> None:
    """Raises PolicyError for a table that only people read and that is of another kind."""
    document, numbers = row.get("document", {}), row.get("numbers", {})
    if not isinstance(document, dict) or not _is_texts(list(document.values())):
        raise PolicyError("The policy file needs words in quotation marks for each line of [document].")
    if not isinstance(numbers, dict) or not all(_is_texts(one) and len(one) == 2 for one in numbers.values()):
        raise PolicyError('The policy file needs ["what it means", "why it is so"] for each line of [numbers].')


def _standards(row: Mapping[str, object]) -> ServiceStandards:
    """[standards]: all of them, and nothing else, so that there is one place where each number stands."""
    table = row.get("standards")
    if not isinstance(table, dict):
        raise PolicyError(f"The policy file needs a table, [standards], with {', '.join(STANDARDS)}.")
    if missing := [name for name in STANDARDS if name not in table]:
        raise PolicyError(f"The policy file lacks {', '.join(missing)} under [standards].")
    if unknown := sorted(set(table) - set(STANDARDS)):
        raise PolicyError(
            f"The policy file has {', '.join(unknown)} under [standards], which nothing here looks at. Correct the spelling or "
            "leave it out."
        )
    for name, number in table.items():
        if type(number) is not int or not 1 <= number <= LARGEST_STANDARD:
            raise PolicyError(
                f"The policy file has {number!r} as {name}; write a whole number from 1 to {LARGEST_STANDARD:,} without "
                "quotation marks."
            )
    return ServiceStandards(**table)


def read_policy(text: str) -> Policy:
    """Reads a policy file (TOML). Raises PolicyError with the clause and key that is wrong."""
    try:
        row = tomllib.loads(text)
        _check_head(row)
        unknown = sorted(set(row.get("in_hours", ())) - set(row["clauses"]))
        if unknown:
            raise PolicyError(f"The policy file names {unknown[0]!r} under in_hours, which is no clause of it.")
        return Policy(
            id=row["id"],
            version=row["version"],
            title=row["title"],
            limbs=row["limbs"],
            actions=tuple(row["actions"]),
            clauses={code: _clause(code, _table(code, clause)) for code, clause in row["clauses"].items()},
            second_opinion=tuple(row.get("second_opinion", ())),
            on_call=row.get("on_call", ""),
            in_hours=tuple(row.get("in_hours", ())),
            document=row.get("document", {}),
            numbers={name: Meaning(what=what, why=why) for name, (what, why) in row.get("numbers", {}).items()},
            standards=_standards(row),
            source=text,
        )
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"The policy file cannot be read: {error}.") from error


def _table(code: str, clause: object) -> Mapping[str, object]:
    if not isinstance(clause, dict):
        raise PolicyError(f"Clause {code} needs to be a table, [clauses.{code}].")
    return clause


def shipped_policy(name: str = "unacceptable-behaviour") -> Policy:
    """The policy that travels with the package (policies/<name>.toml). Raises PolicyError for a name that is none."""
    return read_policy(shipped_text(name))


def shipped_text(name: str = "unacceptable-behaviour") -> str:
    """The same as the file has it."""
    shipped = {file.name.removesuffix(".toml"): file for file in files("triage.domain").joinpath("policies").iterdir()}
    if name not in shipped:
        raise PolicyError(f"There is no policy {name!r}; there is {', '.join(sorted(shipped))}.")
    return shipped[name].read_text("utf-8")
