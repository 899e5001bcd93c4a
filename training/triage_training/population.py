"""What a model flags among contacts as they come in, beside the sample of mostly hard ones that its figures rest on."""

from collections.abc import Mapping, Sequence

from triage_models.card import PRIOR, LabelFigures, PopulationFigures
from triage_models.labels import LABELS
from triage_models.scorer import Scores
from triage_training.examples import Example
from triage_training.groups import share_of

HOW = (
    "The figures above are of a sample in which what is hard is common. Here are {contacts:,} customers' contacts of {histories}: histories that"
    " were invented for this project, whose words no model has learned, so no landlord's mail either. `As they come in`: the share on which a label"
    " falls due first, of those where the writer decided it. `Flagged there`: of those that do not show it, or of all where nobody decided it. The precision is no measurement: it is what the recall above and the share flagged"
    " here give where {prior} contact in a hundred shows the label; in brackets, with the upper end of the interval."
)


def how_population(contacts: int, histories: str) -> str:
    """On what the figures rest, for the card."""
    return HOW.format(contacts=contacts, histories=histories, prior=f"{100 * PRIOR:.0f}")


def population_figures(
    incoming: Sequence[Example],
    answers: Sequence[Scores],
    figures: Mapping[str, LabelFigures],
    sample: int,
) -> dict[str, PopulationFigures]:
    """``incoming``: contacts of histories, of which little is decided (`triage_training.histories`); ``figures`` on a sample of that many
    contacts."""
    return {label: _of(label, incoming, answers, figures[label], sample) for label in LABELS if label in figures}


def _of(
    label: str, incoming: Sequence[Example], answers: Sequence[Scores], figures: LabelFigures, sample: int
) -> PopulationFigures:
    decided = [example.labels[label] for example in incoming if label in example.labels]
    pairs = zip(incoming, answers, strict=True)
    without = [scores for example, scores in pairs if example.labels.get(label, bool(decided)) is False]
    flagged = share_of([label in scores.flagged for scores in without])
    return PopulationFigures(
        sample=figures.positives / sample if sample else 0.0,
        shown=sum(decided) / len(decided) if decided else None,
        flagged=flagged,
        precision=precision_at(figures.recall, flagged.share) if decided else None,
        least=precision_at(figures.recall, flagged.interval[1]) if decided else None,
    )


def precision_at(recall: float, false_flags: float, prior: float = PRIOR) -> float:
    """What is right among the flags where `prior` of the contacts show the label and `false_flags` of the others are flagged."""
    right, wrong = recall * prior, false_flags * (1.0 - prior)
    return right / (right + wrong) if right + wrong > 0 else 0.0
