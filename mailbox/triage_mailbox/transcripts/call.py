"""What all transcript formats share: the call's facts, bounded JSON, blanked words, and who is who."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from triage_mailbox.cleaning import clean_line, clean_text
from triage_mailbox.messages import Speaker, Turn

DEEPEST_JSON = 60
MOST_TURNS = 20_000
LONGEST_TURN = 20_000

_AGENT_WORDS = ("agent", "adviser", "advisor", "operator", "handler", "officer", "staff", "representative", "rep")
_CUSTOMER_WORDS = ("customer", "caller", "tenant", "resident", "client", "leaseholder")
_SYSTEM_WORDS = ("system", "ivr", "bot", "recording", "announcement", "voicemail")
_OTHER_WORDS = ("third party", "interpreter", "advocate", "other", "contractor")
_GREETING = re.compile(
    r"\b(?:how (?:can|may) i help|thank(?:s| you) for (?:calling|holding)|you're through to|you are through to"
    r"|calls? (?:is|are|may be) recorded|can i take your (?:name|postcode|address))",
    re.IGNORECASE,
)
# A recorder blanks words in these ways: "****", "s***", "[PII]", "[expletive]", "<redacted>", "[BLEEP]".
_MASKED = re.compile(
    r"(?<!\*)\w*\*{2,}\w*|[\[<](?:pii|redacted|expletive|bleep(?:ed)?|profanity|masked|inaudible)[^\]>]{0,20}[\]>]",
    re.IGNORECASE,
)
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


def read_facts(sidecar: bytes | None) -> tuple[CallFacts, list[str]]:
    """Facts from a call's `<stem>.call.json`, and problems; a missing or broken one leaves the sender withheld."""
    if sidecar is None:
        return CallFacts(), ["No facts of the call came with the transcript; who called is not known."]
    try:
        found = load_json(sidecar)
    except TranscriptError:
        found = None
    if not isinstance(found, dict):
        return CallFacts(), ["The facts of the call cannot be read; who called is not known."]
    problems = []
    started = _moment(found.get("started"))
    if found.get("started") and started is None:
        problems.append("The facts of the call name a start that is no ISO 8601 time with a zone.")
    if not _line(found.get("from")):
        problems.append("The caller's number was withheld.")
    facts = CallFacts(
        call_id=_line(found.get("call_id")),
        started=started,
        number=_line(found.get("from")),
        route=_line(found.get("route")),
        direction="out" if str(found.get("direction", "")).lower() in ("out", "outbound") else "in",
        agent=_line(found.get("agent")),
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


def make_turn(
    speaker: Speaker,
    text: str,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    confidence: float | None = None,
    certain: bool = True,
    masked: int = 0,
) -> Turn:
    """A turn with its text cleaned to one line; words that the recorder blanked are counted and left as they stand."""
    words = " ".join(clean_text(text[:LONGEST_TURN])[0].split())
    return Turn(
        speaker=speaker,
        text=words,
        start_ms=start_ms,
        end_ms=end_ms,
        confidence=confidence,
        masked=masked + len(_MASKED.findall(words)),
        certain=certain,
    )


def masked_problem(turns: Iterable[Turn]) -> list[str]:
    """A sentence where the recorder blanked words: what was said there cannot be judged."""
    count = sum(turn.masked for turn in turns)
    return [f"The recorder blanked {count} words; what was said there cannot be judged."] if count else []


def role_of(name: str, agent: str | None) -> Speaker | None:
    """A speaker's role by the name's words, or by the agent's name in the call's facts; None when neither tells."""
    words = re.findall(r"[a-z]+", name.lower())
    joined = " ".join(words)
    if agent and joined and joined in (known := " ".join(re.findall(r"[a-z]+", agent.lower()))) and known:
        return Speaker.AGENT
    for speaker, known_words in (
        (Speaker.SYSTEM, _SYSTEM_WORDS),
        (Speaker.AGENT, _AGENT_WORDS),
        (Speaker.CUSTOMER, _CUSTOMER_WORDS),
        (Speaker.THIRD_PARTY, _OTHER_WORDS),
    ):
        if any(word in words or word == joined for word in known_words):
            return speaker
    return None


def infer_roles(spoken: Sequence[tuple[str, str]], agent: str | None) -> dict[str, tuple[Speaker, bool]]:
    """A role for each voice in (voice, words) pairs, and whether it is certain.

    Known by name first; of two voices one of which is known, the other is its counterpart. Else who greets like a
    landlord's line is the agent. What is left is taken as the customer's, uncertain: words are scored rather than lost.
    """
    voices = list(dict.fromkeys(voice for voice, _ in spoken))
    roles = {voice: (role, True) for voice in voices if (role := role_of(voice, agent)) is not None}
    unknown = [voice for voice in voices if voice not in roles]
    if len(unknown) == 1 and len(voices) == 2:
        known = next(role for role, _ in roles.values())
        if known in (Speaker.AGENT, Speaker.CUSTOMER):
            other = Speaker.CUSTOMER if known is Speaker.AGENT else Speaker.AGENT
            return roles | {unknown[0]: (other, True)}
    if len(unknown) > 1 and not any(role is Speaker.AGENT for role, _ in roles.values()):
        greeter = next((voice for voice, words in spoken[:6] if voice in unknown and _GREETING.search(words)), None)
        if greeter is not None:
            roles[greeter] = (Speaker.AGENT, False)
    return roles | {voice: (Speaker.CUSTOMER, False) for voice in unknown if voice not in roles}


def uncertain_problem(turns: Iterable[Turn]) -> list[str]:
    """A sentence where a role was guessed."""
    if any(not turn.certain for turn in turns):
        return ["Who speaks is not certain in this call; check against the recording before judging a turn."]
    return []


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


def _line(value: object) -> str | None:
    return clean_line(str(value), 200) or None if isinstance(value, str | int) and not isinstance(value, bool) else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
