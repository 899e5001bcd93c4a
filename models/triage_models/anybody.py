"""Who somebody says they are speaks neither for nor against abuse: A1, A2, A4 and A5 are read as if anybody had written it.

Religion or belief, race, nationality, sexual orientation and gender reassignment (Equality Act 2010, sections 4 to 12), in the writer's
own words about themselves. What they say of others stays, and so does all of it for the other labels: who tells of discrimination
accuses nobody without grounds (behaviours A.3), faith may be the reason for a wish (A.6), a disability asks for an adjustment.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from triage_models.parts import every_part, with_own_words
from triage_models.scorer import Part, Reason, Scores, ScoringInput, Span

_WHO: Final = (
    "muslim", "jewish", "jew", "christian", "catholic", "protestant", "hindu", "sikh", "buddhist", "atheist", "pagan", "rastafarian", "rasta", "jehovah's witness",
    "black", "white", "brown", "asian", "mixed[ -]race", "mixed heritage", "african", "caribbean", "jamaican", "nigerian", "ghanaian", "somali", "eritrean", "ethiopian", "sudanese",
    "congolese", "indian", "pakistani", "bangladeshi", "bengali", "sri lankan", "tamil", "chinese", "vietnamese", "filipino", "filipina", "arab", "syrian", "iraqi", "iranian",
    "kurdish", "afghan", "turkish", "polish", "romanian", "bulgarian", "albanian", "ukrainian", "russian", "lithuanian", "latvian", "portuguese", "spanish", "italian", "greek",
    "brazilian", "irish", "scottish", "welsh", "english", "british", "european", "(?:irish )?traveller", "roma", "romany", "gypsy", "foreign", "foreigner", "immigrant", "migrant",
    "refugee", "asylum seeker", "gay", "lesbian", "bisexual", "bi", "queer", "pansexual", "asexual", "trans", "transgender", "transsexual", "non-?binary", "intersex",
)  # fmt: skip
_NOUN: Final = r"(?:man|woman|men|women|person|people|male|female|lady|guy|bloke|lad|girl|mother|mum|father|dad|family|couple|tenant|resident|household|traveller|community)"
_SELF: Final = re.compile(
    rf"\b(?:i am|i['\u2019]?m|we are|we['\u2019]re|identify as|as(?= an? ))"
    rf"(?P<who> (?:both |also |only |just |an? |the only |one of the few )*(?:(?:{'|'.join(_WHO)})(?:,? (?:and )?|[-/])?)+(?: {_NOUN})?)(?![\w-]| and blue| affronted)",
    re.IGNORECASE,
)
"""How people say who they are. Age, disability and sex alone are not among it (ADR 0018)."""
READ_SO: Final = frozenset({"A1", "A2", "A4", "A5"})
ANYBODY: Final = " one"
"""What stands in the place, filled up with spaces so that every offset stays."""


def as_anybody(contact: ScoringInput) -> ScoringInput | None:
    """The contact without what its writer says of who they are, of the same length; None where nothing is said of it."""
    other = with_own_words(contact, _without)
    return other if other != contact else None


def _without(words: str) -> str:
    return _SELF.sub(lambda found: found.group().removesuffix(found["who"]) + ANYBODY.ljust(len(found["who"])), words)


def abuse_as_anybodys(contact: ScoringInput, own: Scores, anybodys: Scores) -> Scores:
    """The scores of a contact, with READ_SO as they are read of anybody; its own where either was not judged."""
    if own.not_scored is not None or anybodys.not_scored is not None or anybodys.abstained:
        return own
    parts = every_part(contact)
    spans = {label: _restored(spans, parts) for label, spans in anybodys.spans.items()}
    reasons = {label: _said(reasons, parts) for label, reasons in anybodys.reasons.items()}
    return own.taking(READ_SO, replace(anybodys, spans=spans, reasons=reasons))


def _restored(spans: Sequence[Span], parts: Mapping[Part, str]) -> tuple[Span, ...]:
    """The same places in the contact's own words."""
    return tuple(replace(span, text=parts[span.part][span.start : span.end]) for span in spans)


def _said(reasons: Sequence[Reason], parts: Mapping[Part, str]) -> tuple[Reason, ...]:
    return tuple(replace(reason, spans=_restored(reason.spans, parts)) for reason in reasons)
