"""What taking one contact costs (CPU of this process) with few or many contacts stored, and into an issue of any length.

python tests/bench/scale.py --stored 10000 100000 1000000 --issue 10 400 5000
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from many_contacts import A_CUSTOMER, START, contact_row, customer_row, person
from replay_speed import LABELS
from sqlalchemy import text

from triage.bootstrap import england
from triage.domain.contact import Contact
from triage.domain.issue import Issue
from triage.domain.policy import shipped_policy
from triage.domain.score import Scores
from triage.history import customer_of_row
from triage.identity import Directory
from triage.intake import contact_of_row
from triage.pipeline import Pipeline
from triage.store import SqlLedger, Store
from triage.testing import put

MODEL = "given/scores"
SCORES = Scores(model=MODEL, probabilities=dict.fromkeys(LABELS, 0.01))


class Given:
    """A Reader that runs no model: the cost of reading is not what is measured here."""

    model = MODEL

    def read(self, contacts: Sequence[Contact]) -> list[Scores]:
        return [SCORES for _ in contacts]


TAKEN = 12
"""Contacts that are taken and timed; the first few warm what is remembered and are left out."""
WARM = 4
REAL = 100_000
"""As many are put in one by one; for more they are copied in the database."""


def contact_for(number: int, who: int, row: dict[str, Any]) -> Contact:
    """The row's contact, as of and to the customer of that number."""
    one = person(who)
    ours = row["direction"] == "out"
    sender = {"to": [one.email]} if ours else {"from_addr": one.email, "from_name": one.name}
    return contact_of_row(
        row | sender | {"id": f"m{number}", "channel": "email", "turns": None, "text": row.get("text") or "Any news?"}
    )


def fill(store: Store, directory: Directory, stored: int, issue: int) -> int:
    """Stores that many contacts, each customer's on one issue; customer 0 has ``issue`` of them. Returns the customers."""
    chance, people = random.Random(3), max(2, stored // A_CUSTOMER)
    number = 0
    for start in range(0, people, 500):
        with store.begin() as unit:
            for who in range(start, min(start + 500, people)):
                customer = customer_of_row(customer_row(who))
                unit.landlord.put_customer(customer)
                directory.add(customer)
                unit.issues.add(Issue(id=f"i{who}", household_ref=customer.ref, opened=START, title="A matter"))
                for place in range(issue if who == 0 else A_CUSTOMER):
                    row = contact_row(number, people, START + timedelta(hours=3 * place), chance)
                    one = contact_for(number, who, row)
                    put(unit, one, f"i{who}", customer.ref, None if row["direction"] == "out" else SCORES)
                    number += 1
    with store.begin() as unit:
        unit.connection.exec_driver_sql("ANALYZE")
    return people


_COPIES = (
    """INSERT INTO issue (id, household_ref, opened, body)
    SELECT 'i' || (substr(id, 2) + :more), printf('C%06d', substr(id, 2) + :more), opened, body FROM issue WHERE id != 'i0' AND +rowid <= :issues""",
    """INSERT INTO contact (id, at, received, direction, channel, message_id, fingerprint, customer_ref, issue_id, body, who, link, zone)
    SELECT id || :mark, at, received, direction, channel, message_id || :mark, fingerprint || :mark,
    printf('C%06d', substr(customer_ref, 2) + :more), 'i' || (substr(issue_id, 2) + :more), body, who, link, zone
    FROM contact WHERE issue_id != 'i0' AND +rowid <= :contacts""",
    """INSERT INTO score (contact_id, model, at, body)
    SELECT contact_id || :mark, model, at, body FROM score
    WHERE contact_id IN (SELECT id FROM contact WHERE issue_id != 'i0' AND +rowid <= :contacts)""",
)
"""What is stored is copied under other ids, of other customers: nobody reads its bodies, and it weighs as much."""


def multiply(store: Store, directory: Directory, people: int, times: int) -> None:
    """Makes a store of ``people`` customers so many times as large; customer 0 stays the only one with a long issue."""
    rows = {}
    with store.read() as unit:
        for table in ("issue", "contact"):
            rows[f"{table}s"] = unit.connection.exec_driver_sql(f"SELECT max(rowid) FROM {table}").scalar_one()
    for copy in range(1, times):
        with store.begin() as unit:
            for who in range(people * copy + 1, people * (copy + 1)):
                customer = customer_of_row(customer_row(who))
                unit.landlord.put_customer(customer)
                directory.add(customer)
            for statement in _COPIES:
                unit.connection.execute(text(statement), {"more": people * copy, "mark": f"-{copy}", **rows})
    with store.begin() as unit:
        unit.connection.exec_driver_sql("ANALYZE")


def arrivals(who: int, after: int) -> Iterator[Contact]:
    chance = random.Random(5)
    for number in range(TAKEN):
        at = START + timedelta(hours=3 * after + number)
        row = contact_row(10_000_000 + number, 1, at, chance)
        yield replace(contact_for(10_000_000 + number + 100 * who, who, row), segments=())


def cost(stored: int, issue: int) -> tuple[float, float]:
    """Milliseconds of CPU, in the median, for an ordinary customer and for the one with the long issue."""
    with tempfile.TemporaryDirectory() as folder:
        store, directory = Store(f"sqlite:///{folder}/s.sqlite", durable=False).migrate(), Directory()
        people = fill(store, directory, min(stored, REAL), issue)
        multiply(store, directory, people, max(1, stored // REAL))
        moment = START + timedelta(hours=3 * issue + 100)
        pipeline = Pipeline(
            store=store,
            ledger=SqlLedger(store),
            reader=Given(),
            policy=shipped_policy("unacceptable-behaviour"),
            directory=directory,
            workdays=england(),
            clock=lambda: moment,
            feed_assumed_fresh=True,
        )
        found = []
        for who in (people // 2, 0):
            spent = []
            for one in arrivals(who, issue if who == 0 else A_CUSTOMER):
                began = time.process_time()
                pipeline.take_contact(one, SCORES)
                spent.append(1000 * (time.process_time() - began))
            found.append(statistics.median(spent[WARM:]))
        store.close()
    return found[0], found[1]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--stored", type=int, nargs="+", default=[10_000, 100_000])
    asked.add_argument("--issue", type=int, nargs="+", default=[400, 5_000])
    wanted = asked.parse_args()
    for stored in wanted.stored:
        for issue in wanted.issue:
            ordinary, long = cost(stored, issue)
            print(
                f"{stored:,} stored: {ordinary:.1f} ms for an ordinary customer, {long:.1f} ms into an issue of {issue:,}"
            )


if __name__ == "__main__":
    main()
