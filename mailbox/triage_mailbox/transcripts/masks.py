"""Words that were hidden before we saw them, and words that the recogniser was not sure of: what we cannot see or trust.

A hidden word says that something was said, never what: it lowers what can be seen and is no evidence of abuse by itself.
"""

import re
from collections.abc import Iterable

from triage_mailbox.messages import Turn

# "****", "s***", "[expletive]", "[BLEEP]", "[ __ ]": Transcribe, Teams, AssemblyAI, Google and hand-made transcripts.
STRONG = re.compile(
    r"(?<!\*)\w{0,24}\*{2,}\w{0,24}|\[ ?_{2,} ?\]|[\[<(](?:expletive|bleep(?:ed)?|profanity|swear(?:s|ing|word)?)[^\])>]{0,20}[\])>]",
    re.IGNORECASE,
)
# "[PII]", "[NAME]", "[CREDIT_DEBIT_NUMBER]", "[REDACTED_1]", "####": Transcribe, Deepgram, AssemblyAI.
PERSONAL = re.compile(
    r"[\[<](?:PII|SSN|PIN|CVV|NAME|PERSON|ADDRESS|EMAIL|PHONE|AGE|DATE|[A-Z]{2,}(?:_[A-Z0-9]{1,12}){1,4})[\]>]"
    r"|[\[<](?i:redacted|masked)[^\]>]{0,20}[\]>]|(?<![#\w])#{3,}(?!\w)"
)
UNHEARD = re.compile(r"[\[<(](?:inaudible|unintelligible|crosstalk)[^\])>]{0,20}[\])>]", re.IGNORECASE)
CLEAR_SPEECH = 0.85  # requirement C39
_TIMES_NAMED = 6


def hidden_words(text: str) -> int:
    """How many words of a text were hidden or not heard at all."""
    return sum(len(pattern.findall(text)) for pattern in (STRONG, PERSONAL, UNHEARD))


def masked_problem(turns: Iterable[Turn]) -> list[str]:
    """A sentence where words are hidden: how many, and how many of them in place of strong language."""
    turns = tuple(turns)
    count = sum(turn.masked for turn in turns)
    if not count:
        return []
    strong = sum(len(STRONG.findall(turn.text)) for turn in turns)
    of_them = f" {strong} of them stand for language that a filter hid." if strong else ""
    return [f"The recorder blanked {count} words; what was said there cannot be judged.{of_them}"]


def unclear_problem(turns: Iterable[Turn]) -> list[str]:
    """A sentence that sends a person to the audio where the recogniser was unsure of a turn (requirement C39)."""
    unclear = [turn for turn in turns if turn.confidence is not None and turn.confidence < CLEAR_SPEECH]
    if not unclear:
        return []
    times = [clock(turn.start_ms) for turn in unclear if turn.start_ms is not None]
    where = f" at {', '.join(times[:_TIMES_NAMED])}{' and later' if len(times) > _TIMES_NAMED else ''}" if times else ""
    return [
        f"The recogniser was less than {CLEAR_SPEECH:.0%} sure of {len(unclear)} turns: listen to the audio{where} before relying on their words."
    ]


def clock(milliseconds: int) -> str:
    """An offset as a player shows it: 1:05, or 1:00:05 beyond an hour."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
