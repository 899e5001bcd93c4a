"""The API under generated requests, good and bad, by every role and by nobody: `python tests/bench/api_cases.py --cases 100000`.

Every answer below 500, and a 2xx only for whom the table of duties admits.
"""

import argparse
import json
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from triage.store import Store
from triage.store.access import Duty
from triage.testing import NOW, FakeModels, SetClock, SmallLandlord, invited, small_landlord
from triage.web.app import create_app
from triage.web.duties import ACCESS
from triage.web.signed_in import form_token

SITE = "http://desk.example"
NOBODY = "nobody"
MOST_ROUNDS = 100
"""An operation without parameters has few requests to be made of it, so the rest is spread again."""


@dataclass(kw_only=True)
class Found:
    """How many requests were sent, their statuses, and every answer that should not be."""

    sent: int = 0
    unsendable: int = 0
    operations: int = 0
    rounds: int = 0
    statuses: Counter = field(default_factory=Counter)
    faults: list = field(default_factory=list)


def desk_of(folder: Path) -> tuple[Store, SmallLandlord, FastAPI]:
    store = Store(f"sqlite:///{folder}/cases.sqlite", durable=False).migrate()
    landlord = small_landlord(store)
    app = create_app(
        store=store, policy=landlord.policy, clock=SetClock(NOW), models=FakeModels(), secure_cookies=False
    )
    return store, landlord, app


def visitors(store: Store, app: FastAPI) -> dict[str, tuple[TestClient, str]]:
    """A browser of every role and one of nobody, each with the token of its session."""
    found = {}
    for duty in (None, *Duty):
        client = TestClient(app, base_url=SITE, follow_redirects=False, raise_server_exceptions=False)
        token = ""
        if duty:
            client.post("/sign-in", data={"sign_in": invited(store, duty, NOW)}, headers={"Origin": SITE})
            token = form_token(client.cookies["triage"])
        found[duty or NOBODY] = (client, token)
    return found


def run(store: Store, landlord: SmallLandlord, app: FastAPI, *, cases: int, seed_of: int) -> Found:
    """Spreads ``cases`` over the operations of the API's own description, in rounds until so many were sent; half of the paths get ids that exist."""
    people, found, chance = visitors(store, app), Found(), random.Random(seed_of)
    described = people[Duty.REVIEWER][0].get("/api/v1/openapi.json").json()
    operations = [item.ok() for item in schemathesis.openapi.from_dict(described).get_all_operations()]
    found.operations = len(operations)
    real = {
        "flag_id": (landlord.behaviour, landlord.safeguarding, landlord.hazard),
        "contact_id": (landlord.abusive_contact, landlord.safeguarded_contact),
        "issue_id": (landlord.boiler_issue, landlord.quiet_issue),
    }
    left = [
        (operation, mode) for operation in operations for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]
    while left and found.sent < cases and found.rounds < MOST_ROUNDS:
        each = -(-(cases - found.sent) // len(left))
        around = (people, real, chance, found)
        left = [kind for kind in left if _run_one(*kind, each, around, seed_of + found.rounds)]
        found.rounds += 1
    return found


def _run_one(operation, mode, count, around, seed_of) -> int:
    """How many were sent: of some kinds, such as bad requests to an operation without parameters, there are none."""
    people, real, chance, found = around
    sent_here = 0

    @seed(seed_of)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def generated(case):
        nonlocal sent_here
        if sent_here >= count:
            return
        for name, ids in real.items():
            if name in (case.path_parameters or {}) and chance.random() < 0.5:
                case.path_parameters[name] = chance.choice(ids)
        role = chance.choice([NOBODY, *Duty])
        sent_here += _send(case, operation, role, people[role], found)

    try:
        generated()
    except Exception as error:
        if type(error).__name__ not in ("Unsatisfiable", "UnsatisfiableSchema", "InvalidArgument"):
            raise  # a schema without a wrong value has no bad cases
    return sent_here


def _send(case, operation, role, person, found) -> int:
    client, token = person
    sent = case.as_transport_kwargs(base_url=SITE)
    headers = {str(name): value for name, value in (sent.get("headers") or {}).items()}
    headers |= {"Origin": SITE, "X-Form-Token": token}
    rest = {name: sent[name] for name in ("params", "json") if sent.get(name) is not None}
    if sent.get("data") is not None:
        rest["content"] = (
            sent["data"] if isinstance(sent["data"], bytes | str) else json.dumps(sent["data"], default=str)
        )
    try:
        request = client.build_request(sent["method"], sent["url"], headers=headers, **rest)
    except (ValueError, TypeError, UnicodeError):
        found.unsendable += 1
        return 0
    answer = client.send(request)
    found.sent += 1
    found.statuses[answer.status_code] += 1
    allowed = ACCESS[operation.method.upper(), operation.path]
    admitted = answer.status_code < 300 and (allowed is not None and role not in allowed)
    if answer.status_code >= 500 or admitted:
        found.faults.append((operation.label, role, answer.status_code))
    return 1


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = run(*desk_of(Path(folder)), cases=chosen.cases, seed_of=chosen.seed)
    print(f"{found.sent} requests to {found.operations} operations in {time.monotonic() - started:.0f} s")
    print(f"statuses: {dict(sorted(found.statuses.items()))}; not sendable: {found.unsendable}")
    print(f"5xx or unauthorised 2xx: {len(found.faults)} {found.faults[:20]}")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
