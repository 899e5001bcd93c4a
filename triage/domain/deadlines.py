"""Deadlines that a customer's words set, told from hours that only happen in somebody's day (behaviours A.7)."""

import re
from datetime import datetime

from triage.domain.moments import moments_in
from triage.domain.phrases import SENTENCE, any_of
from triage.domain.remembered import remembered
from triage.domain.workdays import WorkingDays

_DEMANDS = any_of(
    r"\b(?:want|need|expect|require|demand|must|insist|better|latest|i'll have|give me|send|answer|reply|respond|response|ring|call|confirm|get it|sorted|done|hear|got|no later|somebody|someone)\b",
    r"^\W*(?:the|my|our|an?) (?:\w+ ){1,4}by\b",
)
_TOMORROW_OR_BY = any_of(
    r"\b(?:by|before|within|in|no later than|until|till|today|tonight|tomorrow|now|immediately|straight ?away|at once|this (?:morning|afternoon|evening|week)|end of|latest|next hour)\b"
)
_UNIT = r"(?:second|sec|minute|min|hour|hr|day|week)s?"
_GIVES_YOU = any_of(
    r"\b(?:you(?:'ve| have|ve)?(?: only)?(?: got)?|giv(?:e|es|ing|en) (?:you|u|yous|them|him|her)(?: all)?|allow(?:ing)? you) (?:only |just )?(?:until|till?|by) (?:the )?$"
)
_TIME_GIVEN = any_of(
    rf"\b(?:you(?:'ve| have|ve)?(?: only| just)?(?: got| have)?|giv(?:e|es|ing|en) (?:you|u|yous|them)|allow(?:ing)? you) (?:only |just |exactly |another )?[a-z0-9-]+(?: working)? {_UNIT}\b(?! (?:a|per|ago|of|worth|old|left|cover|service|line|care|support|help|notice|slot|window|lunch|parking)\b)"
)
"""Sets a time: "you have 24 hours", "I give you until tomorrow noon"; "you have 24 hours a day" and "24 hour cover" set none."""
_OWN_TIME = any_of(
    r"\b(?:i|we)(?:'m|'re|'ll be|'ve been)?(?: \w+)? (?:work|finish|start|close|open|shut|get (?:in|back|home)|waited|waiting|queued|held|slept)\b[^,;]*$",
    r"\b(?:i(?:'m| am| was)|we(?:'re| are| were)|(?:i|we)(?:'ll| will| can)? be)(?: \w+){0,2} (?:home|in|out|free|available|around|about|here|off|busy|asleep|awake|up|away|working|at work|on shift|back|on hold)\b[^,;]*$",
    r"\b(?:my (?:shift|work|class|bus|train)|on hold|open|opens|close[sd]?|shuts|went on|goes on|lasts?|lasted|took|came|left|arrived|stayed)\b[^,;]*$",
)
"""Hours at which somebody is in or something is open or happened: nobody demands anything by them."""
_JUST_A_TIME = re.compile(
    r"^\W*(?:(?:no|nope|right|then|ok|so|and|by|before|within|in|make it|no later than|at|the|latest|sharp|max|please|pls|or else|next|this|today|tonight|tomorrow|"
    r"end|close|of|play|business|day|hours?|mins?|minutes|noon|midday|morning|afternoon|evening|(?:mon|tues|wednes|thurs|fri)day|\d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?|o'clock|half|an?|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b[\s,;.!-]*)+$",
    re.IGNORECASE,
)
_BY_A_TIME = re.compile(r"\b(?:by|before|within|no later than|latest|next hour|in the hour)\b", re.IGNORECASE)
_REFUSES = any_of(
    r"^\W*(?:no|nope|no way|no chance|not (?:good|soon|fast|quick) enough|too (?:long|late|slow)|unacceptable|rubbish|not acceptable)\b(?!,? (?:problem|worries|rush|hurry|thank))"
)


@remembered
def deadline_demanded(words: str, said: datetime, workdays: WorkingDays, *, surely: bool = False) -> datetime | None:
    """The earliest moment by which the words demand an answer, or None (behaviours A.7).

    ``surely`` where something else already says that an answer is demanded: then any moment that is set will do. Of the writer's own
    hours ("I work until 5pm") and of opening times none is demanded.
    """
    found: list[datetime] = []
    sentences = SENTENCE.split(words)
    refuses = any(_REFUSES.search(sentence) for sentence in sentences)
    for sentence in sentences:
        for start, moment in moments_in(sentence, said, workdays):
            if moment > said and _is_set(sentence, start, surely=surely, refuses=refuses):
                found.append(moment)
    return min(found, default=None)


def _is_set(sentence: str, start: int, *, surely: bool, refuses: bool) -> bool:
    """Whether a moment that begins at ``start`` is one by which something is to be done. ``refuses``: what we had offered is turned down, so that
    a bare "5pm." is set against it."""
    before, beside = sentence[:start], sentence[max(0, start - 20) : start + 28]
    if _OWN_TIME.search(before):
        return False
    if _GIVES_YOU.search(before) or _TIME_GIVEN.search(sentence[max(0, start - 24) : start + 40]):
        return True
    if _JUST_A_TIME.search(sentence):
        return surely or refuses or bool(_BY_A_TIME.search(sentence))
    return bool((surely or _DEMANDS.search(sentence)) and _TOMORROW_OR_BY.search(beside))
