"""Coverage-guided fuzzing of what reads other people's bytes: `python tests/bench/fuzz_inputs.py mail --runs 100000`.

Needs Atheris (`pip install --require-hashes -r locks/fuzz.txt`), which mutates mails and transcripts towards lines of code that no
case has reached. An exception, a broken segment, 10 s or 512 MB ends the run with the case written to --folder. In the
service the same code runs in a child that is killed at those limits; here nothing catches it.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import atheris

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["triage_mailbox"]):
    from triage_mailbox import wire
    from triage_mailbox.child import parse_here
    from triage_mailbox.cleaning import clean_text
    from triage_mailbox.messages import RawMessage
    from triage_mailbox.quoting import split

from tests.mailbox.bad_mails import CLASSES  # noqa: E402
from triage_mailbox.testing import raw_mail, raw_transcript  # noqa: E402

LONGEST_SEED = 4_096
PROFILE = ("-timeout=10", "-rss_limit_mb=512", "-max_len=16384", "-len_control=50", "-print_final_stats=1")


def whole(raw: RawMessage) -> None:
    """What is read covers its text with segments, holds no half characters, and comes unharmed through the child's wire."""
    message = parse_here(raw)
    assert "".join(message.text[part.start : part.end] for part in message.segments) == message.text, "segments"
    assert wire.load(wire.dump(message)) == message, "wire"
    for words in (message.text, message.subject, message.own_text, *message.problems):
        words.encode()
        assert "\0" not in words, "a zero character"


def reply(content: bytes) -> None:
    text, _ = clean_text(content.decode("utf-8", "replace"))
    segments, _ = split(text, is_reply=True)
    assert "".join(text[part.start : part.end] for part in segments) == text, "segments"


TARGETS: dict[str, Callable[[bytes], None]] = {
    "mail": lambda content: whole(raw_mail(content)),
    "transcript": lambda content: whole(raw_transcript(content)),
    "reply": reply,
}


def seeds(target: str) -> list[bytes]:
    """Where the mutation begins: every class of broken mail that is short, or the samples of every transcript format."""
    if target == "transcript":
        samples = (ROOT / "tests" / "mailbox" / "transcript_samples").rglob("*")
        return [path.read_bytes() for path in sorted(samples) if path.is_file()]
    if target == "reply":
        written = (ROOT / "tests" / "mailbox" / "own_words").rglob("*")
        return [path.read_bytes()[:LONGEST_SEED] for path in sorted(written) if path.is_file()]
    made = (make(Random(f"{name}/{number}")) for name, make in sorted(CLASSES.items()) for number in range(4))
    return [content for content in made if len(content) <= LONGEST_SEED]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("target", choices=sorted(TARGETS))
    options.add_argument("--runs", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--folder", type=Path, help="where a case that fails is kept; default: a new folder in the system's"
    )
    given = options.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="triage-fuzz-"))
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds(given.target)):
        (corpus / f"seed-{number:04}").write_bytes(content)
    limits = (*PROFILE, f"-runs={given.runs}", f"-seed={given.seed}", f"-artifact_prefix={folder}/")
    atheris.Setup([sys.argv[0], *limits, str(corpus)], TARGETS[given.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
