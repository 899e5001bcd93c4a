"""Reviewers' decisions as examples, and a candidate trained from them; promoting it is a person's act."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from triage.domain.errors import InputError
from triage.domain.flag import FlagKind
from triage.domain.review import Answer
from triage.scoring import LABELS, champion_scorer, lacking
from triage.store import Store, Unit
from triage_training.candidate import TrainReport
from triage_training.candidate import train_candidate as fit_candidate
from triage_training.errors import TrainingError
from triage_training.examples import Example, read_base, read_decisions
from triage_training.split import frozen_split

WORDS_ALONE = ("A1", "A2", "A4", "A5")
"""Codes that one contact's words can show; a pattern's decision says nothing of any single contact."""


def train_candidate(
    store: Store, base: Path, models: Path, now: datetime, report: Callable[[str], None] = lambda _: None
) -> str:
    """Fits a candidate on the base texts and every decision so far, and gives before and after on the frozen split, in words."""
    models.mkdir(parents=True, exist_ok=True)
    texts = base / "messages.jsonl" if base.is_dir() else base
    with store.read() as unit:
        rows = list(examples(unit))
    with TemporaryDirectory() as folder:
        decisions = Path(folder) / "decisions.jsonl"
        decisions.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        try:
            done = fit_candidate(decisions if rows else None, texts, models, champion_scorer(models), report=report)
            learned, _ = frozen_split([*read_base(texts), *(read_decisions(decisions) if rows else ())])
        except (TrainingError, OSError) as error:
            raise InputError(f"No candidate was trained: {error}") from error
    subject, detail = f"{done.name}/{done.version}", {"decisions": str(len(rows))}
    with store.begin() as unit:
        unit.audit.append(at=now, actor="command line", action="model.trained", subject=subject, detail=detail)
    return _in_words(done, learned)


def examples(unit: Unit) -> Iterator[dict[str, Any]]:
    """One example per decided contact: only the labels that a person answered yes or no. Safeguarding never trains (C26)."""
    for review in unit.flags.reviews():
        flag = unit.flags.get(review.flag_id)
        if flag is None or flag.kind is not FlagKind.BEHAVIOUR:
            continue
        answers = {decision.code: decision.answer for decision in review.decisions if decision.code in WORDS_ALONE}
        for code, answer in answers.items():
            flagged = flag.code(code)
            if answer is not Answer.UNSURE and flagged is not None:
                yield from _rows(unit, flagged.contacts, code, answer is Answer.YES, review.reviewer, review.at)


def _rows(
    unit: Unit, contacts: tuple[str, ...], code: str, found: bool, reviewer: str, at: datetime
) -> Iterator[dict[str, Any]]:
    hidden = unit.contacts.safeguarded(contacts)
    for contact_id in contacts:
        placed = unit.contacts.get(contact_id)
        if placed is None or contact_id in hidden:
            continue
        contact = placed.contact
        words: dict[str, Any] = (
            {"turns": [{"speaker": turn.speaker.value, "text": turn.text} for turn in contact.turns]}
            if contact.turns
            else {"text": contact.own_text}
        )
        yield {
            "id": contact.id,
            "channel": contact.channel.value,
            "subject": contact.subject or None,
            **words,
            "labels": {code: found},
            "customer": placed.who.customer_ref,
            "decided_at": at.isoformat(),
            "reviewer": reviewer,
        }


def _in_words(done: TrainReport, learned: Iterable[Example]) -> str:
    counts = Counter(label for example in learned for label, is_so in example.labels.items() if is_so)
    few = lacking({label: counts[label] for label in LABELS})
    told = ["Learned from too few examples:", *few] if few else []
    return "\n".join(
        [*done.lines(), *told, f"Promote it with: triage models promote {done.name} {done.version} --by 'your name'"]
    )
