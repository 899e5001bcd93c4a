"""Where a model is known to fail: from its mistakes on the same contacts as its figures, in sentences for its card."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from triage_models.labels import ABUSE
from triage_models.normalise import normalise
from triage_models.parts import customer_parts
from triage_models.rules import all_rules, rule_hits
from triage_models.scorer import Scores
from triage_training.evaluate import JUDGED, evaluate
from triage_training.examples import Example
from triage_training.groups import FEWEST, flagged_abuse, is_abuse

LIMITS: Final = (
    "Measured on texts written for this project: the figures say how well the intended distinctions are made, not how well a landlord's real mail is read.",
    "Reads English only; what is surely another language is refused, and only safety words are looked for in it.",
)
"""What no count of mistakes can show."""
LOOKED_INTO: Final = (*ABUSE, "S0")
"""The labels whose mistakes are told one by one."""
LONG: Final = 110
"""Words from which a contact counts as long."""
TOLD: Final = 2
"""How many kinds of company of a mistake are named."""

Pair = tuple[Example, Scores]


def known_failures(examples: Sequence[Example], answers: Sequence[Scores]) -> tuple[str, ...]:
    """General limits, then what the mistakes have in common. Groups of fewer than FEWEST contacts are not spoken of."""
    pairs = list(zip(examples, answers, strict=True))
    told = [
        *_passed_on(pairs),
        *(line for label in LOOKED_INTO for line in (*_flagged_in_vain(label, pairs), *_missed(label, pairs))),
        *_long(pairs),
        *_abstained(pairs),
        *_by_writer(pairs),
    ]
    return (*LIMITS, *told)


def _rate(pairs: Sequence[Pair], chosen: Callable[[Example], bool], fails: Callable[[Scores], bool]) -> tuple[float, int]:  # fmt: skip
    mine = [fails(scores) for example, scores in pairs if chosen(example)]
    return (sum(mine) / len(mine) if mine else 0.0), len(mine)


def _passed_on(pairs: Sequence[Pair]) -> list[str]:
    lines = []
    share, count = _rate(pairs, lambda e: e.labels.get("QA", False) and not is_abuse(e), flagged_abuse)
    if count >= FEWEST:
        lines.append(
            f"Of {count:,} contacts that only pass on somebody else's abuse, {share:.0%} are flagged as the sender's."
        )
    share, count = _rate(pairs, lambda e: not any(e.labels.values()), flagged_abuse)
    if count >= FEWEST:
        lines.append(
            f"Of {count:,} contacts without any label, many of them written to look like abuse, {share:.0%} are flagged as abuse."
        )
    return lines


def _flagged_in_vain(label: str, pairs: Sequence[Pair]) -> list[str]:
    """What the contacts show that are flagged with a label that they do not have."""
    wrong = [e for e, scores in pairs if label in scores.flagged and e.labels.get(label) is False]
    if len(wrong) < FEWEST:
        return []
    look = sum(e.lookalike == label for e in wrong) / len(wrong)
    kinds = Counter(name for e in wrong for name in ([n for n, yes in e.labels.items() if yes] or ["no label at all"]))
    company = ", ".join(f"{count / len(wrong):.0%} have {name}" for name, count in kinds.most_common(TOLD))
    return [f"Of {len(wrong):,} contacts flagged {label} in vain, {company}; {look:.0%} were written to look like it."]


def _missed(label: str, pairs: Sequence[Pair]) -> list[str]:
    """Whether what is missed is what no usual wording gives away: no rule for the label finds anything in it."""
    mine = [(example, label in scores.flagged) for example, scores in pairs if example.labels.get(label, False)]
    plain = [found for example, found in mine if _is_worded(label, example)]
    sideways = [found for example, found in mine if not _is_worded(label, example)]
    if min(len(plain), len(sideways)) < FEWEST:
        return []
    parts = [f"{1 - sum(found) / len(found):.0%}" for found in (sideways, plain)]
    return [
        f"Of {len(sideways):,} contacts with {label} in which no rule for it finds a wording, {parts[0]} are missed; of the {len(plain):,} others, {parts[1]}."
    ]


def _is_worded(label: str, example: Example) -> bool:
    rules = [rule for rule in all_rules() if rule.label == label]
    return any(rule_hits(normalise(words).text, rules) for _, words, _ in customer_parts(example.contact)[0])


def _long(pairs: Sequence[Pair]) -> list[str]:
    """Whether abuse is missed more, or flagged more in vain, where much is said."""
    wrong: dict[tuple[bool, bool], list[bool]] = {}
    for example, scores in pairs:
        words = sum(len(words.split()) for _, words, _ in customer_parts(example.contact)[0])
        wrong.setdefault((words >= LONG, is_abuse(example)), []).append(flagged_abuse(scores) is not is_abuse(example))
    kinds = [(long, bad) for bad in (True, False) for long in (True, False)]
    if any(len(wrong.get(kind, ())) < FEWEST for kind in kinds):
        return []
    missed, missed_short, vain, vain_short = (f"{sum(wrong[kind]) / len(wrong[kind]):.0%}" for kind in kinds)
    return [
        f"From {LONG} words on, abuse is missed in {missed} of contacts, below in {missed_short}; flagged in vain in {vain}, below in {vain_short}."
    ]


def _abstained(pairs: Sequence[Pair]) -> list[str]:
    silent = sum(bool(scores.abstained) or scores.not_scored is not None for _, scores in pairs)
    return [f"Of {len(pairs):,} contacts, {silent:,} are not judged: too few known words, or no English."] if pairs else []  # fmt: skip


def _by_writer(pairs: Sequence[Pair]) -> list[str]:
    found: list[tuple[float, str]] = []
    for origin in sorted({example.origin for example, _ in pairs}):
        mine = [pair for pair in pairs if pair[0].origin == origin]
        shown = {label for example, _ in mine for label in JUDGED if example.labels.get(label, False)}
        if len(mine) >= FEWEST and shown:
            found.append((evaluate([e for e, _ in mine], [s for _, s in mine]).macro_f1, origin))
    if len(found) < 2:
        return []
    worst, best = min(found), max(found)
    return [f"It depends on who writes: macro F1 is {worst[0]:.2f} for {worst[1]} and {best[0]:.2f} for {best[1]}."]
