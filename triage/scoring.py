"""The only door to triage_models: contacts in, scores out, with spans in the contact's own offsets."""

import base64
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from triage.domain import gist
from triage.domain.assess import is_heard
from triage.domain.contact import Channel, Contact, Direction
from triage.domain.errors import TriageError
from triage.domain.gist import Gist
from triage.domain.score import Reason, Scores, Span
from triage.domain.subject import unmarked
from triage_models.artefact import load_artefact
from triage_models.beside_safety import BesideSafety
from triage_models.card import lacking
from triage_models.errors import ModelError, ModelRefused
from triage_models.gist_reader import GistReader, Read, Side, load_gist_reader
from triage_models.labels import LABELS, SAFETY
from triage_models.labels import Speaker as ModelSpeaker
from triage_models.registry import Registry, load_champion
from triage_models.registry import packaged_folder as packaged_champion
from triage_models.rules import SafetyRules
from triage_models.scorer import Change, SaysWhatChanges, Scorer, ScoringInput
from triage_models.scorer import Scores as ModelScores
from triage_models.scorer import Span as ModelSpan
from triage_models.scorer import Turn as ModelTurn
from triage_models.toxicity import DetoxifyScorer

__all__ = [
    "LABELS",
    "ModelError",
    "ModelGists",
    "ModelReader",
    "Registry",
    "champion_scorer",
    "is_read",
    "lacking",
    "open_reader",
    "open_version",
    "packaged_champion",
    "read_card",
]


REMEMBERED: Final = 1000
"""Answers to "what would have changed it" that are kept: a page that is opened again costs no reading."""
LONGEST_QUOTE: Final = 160
RULES_ALONE: Final = "Not judged: the model in use was refused, and only the safety and hazard rules looked at it. A person has to read it."


def read_card(folder: Path) -> Mapping[str, Any]:
    """A model's card as it was written beside it; empty where there is none."""
    path = folder / "card.json"
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found if isinstance(found, dict) else {}


def is_read(contact: Contact) -> bool:
    """Whether a contact's words go to the model: a customer is heard in it, and it could be read."""
    return is_heard(contact) and not contact.not_scored


class ModelReader:
    """The champion in use as the pipeline's Reader; ``problem`` is a sentence where it could not be used. With ``detoxify``, the folder of a
    converted Detoxify, that reads in its place, with the safety rules beside it."""

    def __init__(self, models: Path | None, scorer: Scorer | None = None, *, detoxify: Path | None = None) -> None:
        self._models, self._detoxify = models, detoxify
        self._scorer: Scorer
        self.problem: str | None = None
        self._answers: OrderedDict[tuple[str, str, str, int], str | None] = OrderedDict()
        self._answering = threading.Lock()
        self._pointed = self._pointer()
        if scorer is None:
            self.reload()
        else:
            self._scorer = scorer

    def reload(self) -> None:
        """Takes up the champion in use. One that is refused stops no intake: safety rules read until a person puts it right."""
        self.problem, self._pointed = None, self._pointer()
        try:
            self._scorer = load_champion(self._models) if self._detoxify is None else _detoxify_in(self._detoxify)
        except ModelError as error:
            self.problem = f"The model in use was refused ({error}); only the safety and hazard rules read contacts until it is put right."
            self._scorer = SafetyRules()

    def follow(self) -> None:
        """Takes up another champion where somebody has put one in use elsewhere, as on the command line."""
        if self._pointer() != self._pointed:
            self.reload()

    def _pointer(self) -> object:
        """What the models folder says is in use; a pointer that cannot be read is a state of its own."""
        try:
            return Registry(self._models).in_use() if self._models is not None else None
        except ModelError as error:
            return str(error)

    @property
    def model(self) -> str:
        return f"{self._scorer.name}/{self._scorer.version}"

    def read(self, contacts: Sequence[Contact]) -> list[Scores]:
        pieces = [list(contact.own_pieces()) for contact in contacts]
        inputs = [_input(contact, own) for contact, own in zip(contacts, pieces, strict=True)]
        found = [_scores(result, own) for result, own in zip(self._scorer.score(inputs), pieces, strict=True)]
        return [_by_rules_alone(scores) for scores in found] if self.problem else found

    def without(self, contact: Contact, label: str) -> str | None:
        """In a sentence: would the model raise this label without the words that spoke most for it? Reads the contact again.

        None where it does not raise the label now, or where the model in use cannot say.
        """
        scorer, asked = self._scorer, _input(contact, list(contact.own_pieces()))
        if not isinstance(scorer, SaysWhatChanges):
            return None
        key = (contact.id, f"{scorer.name}/{scorer.version}", label, hash(asked))
        with self._answering:
            if key not in self._answers:
                self._answers[key] = _in_words(scorer.without(asked, label))
            self._answers.move_to_end(key)
            while len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
            return self._answers[key]


def _by_rules_alone(scores: Scores) -> Scores:
    """What the safety rules say while a model is refused: nobody has judged the rest, and each contact says so."""
    left = tuple(label for label in LABELS if label not in SAFETY)
    return scores if scores.not_scored else replace(scores, abstained=left, caveat=RULES_ALONE)


def _in_words(change: Change | None) -> str | None:
    if change is None:
        return None
    words = " ".join(change.span.text.split())
    quote = words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + "…"
    if change.still:
        return f"Even without “{quote}” it would have been raised."
    return f"Without the words “{quote}” it would not have been raised."


def _input(contact: Contact, own: Sequence[tuple[int, int]]) -> ScoringInput:
    turns = tuple(ModelTurn(speaker=ModelSpeaker(turn.speaker.value), text=turn.text) for turn in contact.turns)
    text = None if turns else "\n".join(contact.text[start:end] for start, end in own)
    return ScoringInput(
        id=contact.id, channel=contact.channel.value, subject=contact.subject or None, text=text, turns=turns
    )


def _scores(result: ModelScores, own: Sequence[tuple[int, int]]) -> Scores:
    spans: Mapping[str, tuple[Span, ...]] = {label: _spans(found, own) for label, found in result.spans.items()}
    reasons = {
        label: tuple(
            Reason(
                kind=reason.kind,
                id=reason.id,
                weight=reason.weight,
                sentence=reason.text,
                spans=_spans(reason.spans, own),
            )
            for reason in found
        )
        for label, found in result.reasons.items()
    }
    return Scores(
        model=result.model,
        probabilities=dict(result.probabilities),
        flagged=tuple(result.flagged),
        spans=spans,
        reasons=reasons,
        not_scored=result.not_scored,
        abstained=tuple(result.abstained),
        caveat=result.caveat,
        vector=base64.b64encode(result.vector).decode("ascii") if result.vector is not None else None,
    )


def _spans(spans: Iterable[ModelSpan], own: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    return tuple(piece for span in spans for piece in _in_full(span, own))


def _in_full(span: ModelSpan, own: Sequence[tuple[int, int]]) -> Iterable[Span]:
    """Own words were read joined by line breaks; a span is cut where it crosses from one piece to the next."""
    if span.part != "text":
        yield Span(part=span.part, start=span.start, end=span.end, text=span.text)
        return
    offset = 0
    for start, end in own:
        first, last = max(span.start, offset), min(span.end, offset + end - start)
        if first < last:
            yield Span(
                part="text",
                start=first - offset + start,
                end=last - offset + start,
                text=span.text[first - span.start : last - span.start],
            )
        offset += end - start + 1


def champion_scorer(models: Path | None) -> Scorer | None:
    """The champion's own scorer, for comparing a candidate with it; None where it is refused."""
    try:
        return load_champion(models)
    except ModelError:
        return None


def open_version(models: Path | None, name: str, version: str) -> ModelReader:
    """A model that is installed, whether it is in use or not. Raises TriageError where it cannot be used."""
    folder = packaged_champion()
    try:
        if (name, version) != (folder.parent.name, folder.name):
            if models is None:
                raise ModelError("the settings name no models folder")
            Registry(models).manifest(name, version)  # refuses what is no model's name, or is not there
            folder = models / name / version
        return ModelReader(models, load_artefact(folder))
    except ModelError as error:
        raise TriageError(f"The model {name} {version} cannot be used: {error}.") from error


def sides_of(contact: Contact) -> list[Side]:
    """What each side says in a contact, ours first. In a visit note nobody of ours speaks to the customer."""
    named = unmarked(contact.subject)
    subject = named if any(map(str.isalnum, named)) else ""
    ours = "" if contact.channel is Channel.VISIT_NOTE else contact.landlord_words
    theirs = contact.said if contact.direction is Direction.IN else ""
    said = ((True, ours), (False, theirs))
    return [Side(ours=side, subject=subject, words=words) for side, words in said if words.strip()]


class ModelGists:
    """The packaged gist reader; ``problem`` is a sentence where it was refused, and then every contact is without a gist."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self._reader: GistReader | None = None
        try:
            self._reader = self._checked(load_gist_reader())
        except ModelError as error:
            self.problem = f"The gist reader was refused ({error}); what messages do is read by their words alone until it is put right."

    @property
    def model(self) -> str:
        """Which gist reader it is; empty where it was refused."""
        return self._reader.model if self._reader else ""

    @staticmethod
    def _checked(reader: GistReader) -> GistReader:
        if reader.acts != {"ours": gist.OURS, "theirs": gist.THEIRS}:
            raise ModelRefused("it tells other acts than this version of the service")
        return reader

    def read(self, contacts: Sequence[Contact]) -> list[Gist | None]:
        if self._reader is None:
            return [None] * len(contacts)
        sides = [sides_of(contact) for contact in contacts]
        read = iter(self._reader.read([side for found in sides for side in found]))
        return [self._gist(found, [next(read) for _ in found]) for found in sides]

    def _gist(self, sides: Sequence[Side], read: Sequence[Read]) -> Gist | None:
        if not sides or self._reader is None:
            return None
        says = {side.ours: tuple(round(float(x), 2) for x in one.says) for side, one in zip(sides, read, strict=True)}
        about = np.sum([one.about for one in read], axis=0)
        packed = np.round(127 * about / max(1e-9, float(np.linalg.norm(about)))).astype(np.int8)
        return Gist(
            model=self._reader.model,
            ours=says.get(True, ()),
            theirs=says.get(False, ()),
            about=base64.b64encode(packed.tobytes()).decode("ascii"),
        )


def open_reader(models: Path | None, detoxify: Path | None = None) -> ModelReader:
    """The champion of the models folder named in the settings; without one, that which travels with the package; or Detoxify, where the settings
    name its folder."""
    return ModelReader(models, detoxify=detoxify)


def _detoxify_in(folder: Path) -> Scorer:
    if not folder.is_dir():
        raise ModelRefused(
            f"there is no folder {folder.name} of a converted Detoxify: make it with triage-training detoxify-onnx"
        )
    return BesideSafety(DetoxifyScorer(folder))
