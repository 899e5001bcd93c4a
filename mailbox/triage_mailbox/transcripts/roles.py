"""Who is who in a call: by the speaker's name, else by what a landlord's line says and what only a customer would."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from triage_mailbox.messages import Speaker, Turn

_AGENT_WORDS = ("agent", "adviser", "advisor", "operator", "handler", "officer", "staff", "representative", "rep")
_CUSTOMER_WORDS = ("customer", "caller", "tenant", "resident", "client", "leaseholder", "contact")
_SYSTEM_WORDS = ("system", "ivr", "bot", "recording", "announcement", "voicemail")
_OTHER_WORDS = ("third party", "interpreter", "advocate", "other", "contractor")
OPENING_TURNS = 8

# Each cue is a thing that one side says and the other hardly ever does; a voice's cues are added up over the opening.
_AGENT_CUES = (
    (3, r"\bhow (?:can|may|could) (?:i|we) (?:help|assist)"),
    (3, r"\bthank(?:s| you) for (?:calling|holding|contacting|getting in touch)"),
    (3, r"\byou(?:'re| are) (?:through|speaking) to\b|\bwelcome to\b"),
    (3, r"\b(?:calls?|lines?) (?:is|are|may be) recorded"),
    (
        2,
        r"\b(?:can|could|may) (?:i|you) (?:please )?(?:take|have|get|give me|confirm|tell me) (?:your|the) "
        r"(?:full )?(?:name|postcode|address|date of birth|tenancy|reference|account|policy|phone|number)",
    ),
    (2, r"\bfor (?:security|data protection)\b|\bi(?:'ve| have) (?:logged|raised|booked)\b"),
    (2, r"\b[a-z]+ speaking[.,?!]|\bi(?:'m| am) (?:calling|ringing) (?:you )?(?:back|from)\b|\btake me through\b"),
    (1, r"\bi (?:do )?understand (?:your|you're|you are|that you)|\bi(?:'m| am) sorry (?:to hear|about that|you)"),
    (1, r"^(?:mr|mrs|ms|miss) \w+[,.]|[,.] (?:mr|mrs|ms|miss) \w+[.?!,]"),
    (1, r"\blet me (?:just )?(?:check|look|pull)|\bis there anything else\b|\bbear with me\b"),
)
_CUSTOMER_CUES = (
    (3, r"\bi(?:'m| am) (?:ringing|calling|phoning) (?:about|because|again|to)\b|\bi(?:'d| would) like to (?:report|complain)"),
    (2, r"\bmy (?:address|postcode|date of birth|tenancy|reference|account|policy|order) (?:number )?(?:is|'s)\b"),
    (2, r"\bi live (?:at|in|on)\b|\bit'?s flat \d+|\bmy (?:flat|landlord|boiler|neighbours?|rent|kitchen|bathroom|ceiling)\b"),
    (1, r"\bi(?:'ve| have) been (?:waiting|on hold|told)\b|\bnobody (?:has )?(?:came|come|called|rang)\b"),
)  # fmt: skip
_COMPILED = tuple(
    (side, weight, re.compile(pattern, re.IGNORECASE))
    for side, cues in ((1, _AGENT_CUES), (-1, _CUSTOMER_CUES))
    for weight, pattern in cues
)


def role_of(name: str, agent: str | None) -> Speaker | None:
    """A speaker's role by the name's words, or by the agent's name in the call's facts; None when neither tells."""
    words = re.findall(r"[a-z]+", name.lower())
    joined = " ".join(words)
    if agent and joined and joined in " ".join(re.findall(r"[a-z]+", agent.lower())):
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


def leaning(words: str) -> int:
    """Above 0 where words sound like the landlord's side, below 0 like a customer's, 0 where nothing tells."""
    return sum(side * weight for side, weight, cue in _COMPILED if cue.search(words))


def infer_roles(
    spoken: Sequence[tuple[str, str]], agent: str | None, declared: dict[str, Speaker] | None = None
) -> dict[str, tuple[Speaker, bool]]:
    """A role for each voice in (voice, words) pairs, and whether it is certain.

    Known by what the file declares or by name first; of two voices one of which is known, the other is its
    counterpart. Else the voice whose opening turns lean most to the landlord's side is the agent, as a guess. What is
    left is taken as the customer's, uncertain: words are scored rather than lost.
    """
    voices = list(dict.fromkeys(voice for voice, _ in spoken))
    roles = {voice: (role, True) for voice in voices if (role := (declared or {}).get(voice) or role_of(voice, agent))}
    unknown = [voice for voice in voices if voice not in roles]
    if len(unknown) == 1 and len(voices) == 2:
        known = next(role for role, _ in roles.values())
        if known in (Speaker.AGENT, Speaker.CUSTOMER):
            return roles | {unknown[0]: (Speaker.CUSTOMER if known is Speaker.AGENT else Speaker.AGENT, True)}
    if len(unknown) > 1 and not any(role is Speaker.AGENT for role, _ in roles.values()):
        guessed = _most_like_an_agent(spoken, unknown)
        if guessed is not None:
            roles[guessed] = (Speaker.AGENT, False)
    return roles | {voice: (Speaker.CUSTOMER, False) for voice in unknown if voice not in roles}


def _most_like_an_agent(spoken: Sequence[tuple[str, str]], unknown: Sequence[str]) -> str | None:
    """The voice that leans to the landlord's side and more than every other; None where two do the same or none does."""
    sums: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    listened_to = set(unknown)
    for voice, words in spoken:
        if voice in listened_to and heard[voice] < OPENING_TURNS:
            heard[voice] += 1
            sums[voice] += leaning(words)
    (first, most), *rest = sorted(((voice, sums[voice]) for voice in unknown), key=lambda pair: -pair[1])
    clear = most > 0 and all(other < most for _, other in rest)
    by_the_other = most == 0 and rest and all(other < 0 for _, other in rest)
    return first if clear or by_the_other else None


def uncertain_problem(turns: Iterable[Turn]) -> list[str]:
    """A sentence where a role was guessed."""
    if any(not turn.certain for turn in turns):
        return ["Who speaks is not certain in this call; check against the recording before judging a turn."]
    return []
