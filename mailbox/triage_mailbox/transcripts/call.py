"""What all transcript formats share: the call's facts, bounded JSON, and how what was said becomes turns."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal

from triage_mailbox.cleaning import clean_line, clean_text
from triage_mailbox.messages import Speaker, Turn
from triage_mailbox.transcripts.masks import hidden_words, masked_problem, unclear_problem
from triage_mailbox.transcripts.roles import infer_roles, uncertain_problem

DEEPEST_JSON = 60
MOST_TURNS = 20_000
LONGEST_TURN = 20_000
LATEST_OFFSET_MS = 10**9
_OPENING = re.compile(rb"[\[{]")


class TranscriptError(ValueError):
    """A file cannot be read as a transcript; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What the telephone system says of a call: None where it does not."""

    call_id: str | None = None
    started: datetime | None = None
    number: str | None = None
    route: str | None = None
    direction: Literal["in", "out"] = "in"
    agent: str | None = None

    def filled_from(self, other: "CallFacts") -> "CallFacts":
        """These facts, with what they do not say taken from others."""
        missing = {f.name: getattr(other, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One stretch of speech before roles are known: ``voice`` is the file's own name for the speaker."""

    voice: str
    words: str
    start_ms: int | None = None
    end_ms: int | None = None
    confidence: float | None = None
    masked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one file gave: turns, sentences for people, facts that it holds itself, and whether it was a chat."""

    turns: tuple[Turn, ...]
    problems: list[str] = field(default_factory=list)
    facts: CallFacts | None = None
    chat: bool = False


def read_facts(sidecar: bytes | None) -> tuple[CallFacts | None, list[str]]:
    """Facts from a call's `<stem>.call.json` (None where there is none), and problems with what they say."""
    if sidecar is None:
        return None, []
    try:
        found = load_json(sidecar)
    except TranscriptError:
        found = None
    if not isinstance(found, dict):
        return CallFacts(), ["The facts of the call cannot be read; who called is not known."]
    problems = []
    started = moment(found.get("started"))
    if found.get("started") and started is None:
        problems.append("The facts of the call name a start that is no ISO 8601 time with a zone.")
    facts = CallFacts(
        call_id=one_line(found.get("call_id")),
        started=started,
        number=one_line(found.get("from")),
        route=one_line(found.get("route")),
        direction="out" if str(found.get("direction", "")).lower() in ("out", "outbound") else "in",
        agent=one_line(found.get("agent")),
    )
    return facts, problems


def load_json(content: bytes) -> Any:
    """JSON within bounds: nesting at most `DEEPEST_JSON`, no NaN, no number of 1,000 digits; raises TranscriptError."""
    if _depth(content) > DEEPEST_JSON:
        raise TranscriptError(f"The JSON nests deeper than {DEEPEST_JSON} levels; it is no transcript.")
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse, parse_int=_integer)
    except UnicodeDecodeError as error:
        raise TranscriptError("The JSON is not UTF-8; ask for it to be exported again.") from error
    except (ValueError, RecursionError) as error:
        raise TranscriptError(
            "The JSON is broken or was cut off while written; ask for it to be exported again."
        ) from error


def reading_of(
    said: Sequence[Said],
    facts: CallFacts,
    *,
    declared: Mapping[str, Speaker] | None = None,
    joined: bool = False,
    problems: Sequence[str] = (),
    own_facts: CallFacts | None = None,
    chat: bool = False,
) -> Reading:
    """Turns with roles; `declared` are roles that the file itself gives. `joined` makes one turn of a voice's cues that
    follow each other. Raises TranscriptError where nothing was said at all."""
    noted = list(problems)
    spoken = [part for part in said if part.words.strip() or part.masked]
    if not spoken:
        raise TranscriptError("The transcript holds no turn with words; ask for it to be exported again.")
    if len(spoken) > MOST_TURNS:
        noted.append(f"The transcript has {len(spoken):,} turns; only the first {MOST_TURNS:,} were read.")
        spoken = spoken[:MOST_TURNS]
    roles = infer_roles([(part.voice, part.words) for part in spoken], facts.agent, dict(declared or {}))
    turns = tuple(_turn(run, roles[run[0].voice]) for run in _runs(spoken, joined))
    noted += uncertain_problem(turns) + masked_problem(turns) + unclear_problem(turns)
    return Reading(turns=turns, problems=noted, facts=own_facts, chat=chat)


def _runs(spoken: Sequence[Said], joined: bool) -> list[list[Said]]:
    runs: list[list[Said]] = []
    for part in spoken:
        if joined and runs and runs[-1][-1].voice == part.voice:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _turn(run: Sequence[Said], role: tuple[Speaker, bool]) -> Turn:
    """A turn with its text cleaned to one line; words that the recorder blanked are counted and left as they stand."""
    heard = [part.confidence for part in run if part.confidence is not None]
    words = " ".join(clean_text(" ".join(part.words for part in run)[:LONGEST_TURN])[0].split())
    return Turn(
        speaker=role[0],
        text=words,
        start_ms=run[0].start_ms,
        end_ms=run[-1].end_ms,
        confidence=round(sum(heard) / len(heard), 4) if heard else None,
        masked=sum(part.masked for part in run) + hidden_words(words),
        certain=role[1],
    )


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; [] for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def share(value: Any) -> float | None:
    """A confidence from 0 to 1, given as a number or as digits; None for anything else."""
    found = _number(value)
    return found if found is not None and 0 <= found <= 1 else None


def mean(values: Sequence[Any]) -> float | None:
    """The mean of the confidences among the values; None where there is none."""
    found = [one for value in values if (one := share(value)) is not None]
    return round(sum(found) / len(found), 4) if found else None


def milliseconds(value: Any, unit: float = 1000.0) -> int | None:
    """An offset in ms of a number of seconds (or of `unit` 1.0: of ms), given as a number or digits."""
    found = _number(value)
    return round(found * unit) if found is not None and 0 <= found * unit < LATEST_OFFSET_MS else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value[:30] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return found if found == found and abs(found) != float("inf") else None


def one_line(value: object) -> str | None:
    """A value on one line; None for what is neither text nor a number, or is empty."""
    return clean_line(str(value), 200) or None if isinstance(value, str | int) and not isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """An aware moment in UTC from ISO 8601 with a zone; None for anything else."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _depth(content: bytes) -> int:
    """How deep brackets nest, strings skipped roughly: enough to refuse what would overflow the reader's stack."""
    if len(_OPENING.findall(content)) <= DEEPEST_JSON:
        return 0
    deepest = depth = 0
    for token in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', content):
        opening = token.group()[:1]
        if opening in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif opening in b"]}":
            depth -= 1
    return deepest


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("a number of more than 20 digits")
    return int(digits)
