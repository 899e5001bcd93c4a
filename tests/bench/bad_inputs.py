"""Broken and hostile mail at length: `python tests/bench/bad_inputs.py --cases 200000 --seed 1`, a small JSON result at the end.

Every case goes through the killable child, becomes a contact as in the service, and is looked up again in a real store:
0 uncaught, 0 over 10 s, 0 over 512 MB and 0 that cannot be seen afterwards is what is aimed at. A case that ends in
quarantine is visible and no failure; they are counted.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.mailbox.bad_mails import CLASSES  # noqa: E402
from triage.domain.contact import Contact  # noqa: E402
from triage.intake import fingerprint, receive, with_quotes_checked  # noqa: E402
from triage.store import Store  # noqa: E402
from triage_mailbox.child import ParserChild  # noqa: E402
from triage_mailbox.messages import RawMessage  # noqa: E402
from triage_mailbox.testing import raw_mail  # noqa: E402

MOST_SECONDS, MOST_MEGABYTES = 10.0, 512
BATCH = 500
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def one(parser: ParserChild, raw: RawMessage) -> Contact:
    """A case as the service takes it in; raises AssertionError where what comes out is not whole."""
    parsed = parser.parse(raw)
    assert "".join(parsed.text[part.start : part.end] for part in parsed.segments) == parsed.text, "segments"
    contact = with_quotes_checked(receive(raw, parsed, ("mx.tarnside.example",)), ())
    assert "".join(contact.text[part.start : part.end] for part in contact.segments) == contact.text, "checked segments"
    assert contact.text.strip() or contact.not_scored or contact.subject, "nothing to see"
    assert contact.at.tzinfo is not None, "no time zone"
    return contact


def campaign(cases: int, seed: int, say: bool = False) -> dict[str, object]:
    """Runs that many cases, classes in turn; returns counts and the worst seen, by class where something went wrong."""
    names = sorted(CLASSES)
    wrong: Counter[str] = Counter()
    slow: Counter[str] = Counter()
    large: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    slowest, biggest, lost = (0.0, ""), (0, ""), 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ParserChild() as parser:
        store = Store(f"sqlite:///{folder}/cases.sqlite", durable=False).migrate()
        waiting: list[Contact] = []
        for number in range(cases):
            name = names[number % len(names)]
            rng = Random(f"{seed}/{number}/{name}")
            raw = raw_mail(CLASSES[name](rng), uid=str(number), received=AT)
            started = time.monotonic()
            try:
                contact = one(parser, raw)
            except Exception as error:  # what is looked for: nothing may come out of it
                wrong[f"{name}: {type(error).__name__}: {error}"[:200]] += 1
                continue
            seconds = time.monotonic() - started
            quarantined[name] += contact.quarantined
            slowest = max(slowest, (seconds, name))
            slow[name] += seconds > MOST_SECONDS
            megabytes = parser.peak_megabytes()
            if megabytes > biggest[0]:
                biggest = (megabytes, name)
                large[name] += megabytes > MOST_MEGABYTES
            waiting.append(contact)
            if len(waiting) == BATCH:
                lost += _not_found(store, waiting)
                waiting = []
            if say and number % 5_000 == 4_999:
                print(f"{number + 1:,} cases, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        lost += _not_found(store, waiting)
        store.close()
    return {
        "cases": cases,
        "classes": len(names),
        "seed": seed,
        "seconds": round(time.monotonic() - begun, 1),
        "uncaught_or_broken": sum(wrong.values()),
        "over_10_s": slow.total(),
        "over_512_mb": large.total(),
        "not_visible_afterwards": lost,
        "quarantined": quarantined.total(),
        "slowest": [round(slowest[0], 2), slowest[1]],
        "most_megabytes": list(biggest),
        "what": dict(wrong),
        "quarantined_by_class": {name: count for name, count in quarantined.items() if count},
    }


def _not_found(store: Store, contacts: list[Contact]) -> int:
    """How many cannot be read back from the store word for word."""
    with store.begin() as unit:
        for contact in contacts:
            unit.contacts.put(contact, fingerprint(contact))
    with store.read() as unit:
        found = unit.contacts.some({contact.id for contact in contacts})
    return sum(contact.id not in found or found[contact.id].text != contact.text for contact in contacts)


def one_line(found: dict[str, object]) -> str:
    """What is aimed at to be 0, and what it was measured on."""
    aims = ("uncaught_or_broken", "over_10_s", "over_512_mb", "not_visible_afterwards")
    told = ", ".join(f"{found[name]} {name.replace('_', ' ')}" for name in aims)
    return f"{found['cases']} cases of {found['classes']} classes in {found['seconds']} s: {told}; {found['quarantined']} quarantined"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--output", type=Path)
    options.add_argument("--line", action="store_true", help="print the counts on one line instead of all as JSON")
    given = options.parse_args()
    found = campaign(given.cases, given.seed, say=True)
    result = json.dumps(found, indent=2)
    if given.output is not None:
        given.output.write_text(result + "\n", encoding="utf-8")
    print(one_line(found) if given.line else result)


if __name__ == "__main__":
    main()
