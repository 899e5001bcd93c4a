"""What messages do, by learned words: read as the readers of the histories read them, and learned from nothing else."""

import json
import sys

import numpy as np
import pytest

from tests.components import ROOT, require, shared_folder
from triage.domain.acts import MOST_READ, OURS, THEIRS, Act, chance, features, log_odds

sys.path.insert(0, str(ROOT / "tests" / "bench"))
HOUSING = ROOT / "training" / "housing"
KEPT = json.loads((ROOT / "triage" / "domain" / "acts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("No, not before October. Our full answer of 7 May stands.", Act.ANSWER),
        ("You're still fourth, and Huw would ring you.", Act.ANSWER),
        ("The plumber is booked for Tuesday morning.", Act.ANSWER),
        ("I'll pass that on to the team and somebody will be in touch.", Act.HOLD),
        ("Could you send us a photo of the meter, please?", Act.ASK),
        ("Any news on the garage?", Act.NEEDS),
        ("Brilliant, all working now, thank you.", Act.CLOSING),
    ],
)
def test_a_message_does_what_a_reader_would_say(words: str, act: Act) -> None:
    assert chance(act, words) > 0.5


def test_pressing_again_and_a_word_of_thanks_are_nothing_that_is_owed() -> None:
    assert chance(Act.NEEDS, "Came this morning. Thanks, and for the key") < 0.4
    assert chance(Act.CLOSING, "I'll keep asking then.") < 0.5
    assert chance(Act.ANSWER, "I'll leave her a note to call you back.") < 0.5


def test_nothing_said_does_nothing_and_a_novel_is_read_so_far() -> None:
    assert chance(Act.ANSWER, "  ") == 0
    assert features("a " * MOST_READ + "unheard") == features("a " * MOST_READ)


@pytest.mark.parametrize("ours", [True, False])
def test_whatever_somebody_piles_up_has_a_chance(ours: bool) -> None:
    kept, acts = KEPT["ours" if ours else "theirs"], OURS if ours else THEIRS
    assert kept["acts"] == [act.value for act in acts]  # whose column is whose
    for column, act in enumerate(acts):
        for sign in (1, -1):
            worst = sorted((row[column] * sign, name) for name, row in kept["weights"].items() if " " not in name)
            assert 0 < chance(act, ". ".join(name for _, name in worst[:900])) < 1


def test_words_are_read_whatever_their_case_and_apostrophe() -> None:
    assert log_odds(Act.NEEDS, "WHEN\u2019S HE COMING?") == log_odds(Act.NEEDS, "when's he coming?")


@pytest.fixture(scope="module")
def seen():
    from acts import labelled

    require("shared")
    tools = shared_folder() / "tools"
    files = [
        HOUSING / f"{name}.jsonl" for name in ("timelines", "timelines_more", "timelines_blind", "timelines_drills")
    ]
    return [one for path in files for one in labelled(tools, path, HOUSING / "acts.jsonl")]


@pytest.mark.shared
@pytest.mark.parametrize(("ours", "acts"), [(True, OURS), (False, THEIRS)])
def test_the_weights_are_what_the_labels_teach(seen, ours, acts) -> None:
    from acts import whole

    side = [one for one in seen if one.ours is ours]
    learned = whole(side, acts)
    kept = KEPT["ours" if ours else "theirs"]
    assert np.allclose(learned["bias"], kept["bias"], atol=0.05)
    shared = sorted(learned["weights"].keys() & kept["weights"].keys())
    assert len(shared) > 0.98 * max(len(learned["weights"]), len(kept["weights"]))
    apart = [np.subtract(learned["weights"][name], kept["weights"][name]) for name in shared]
    # half of the last figure kept, and what one machine's sums differ from another's
    assert np.abs(np.concatenate(apart)).max() < 0.06
