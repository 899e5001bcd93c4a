"""Reviewers of the benches: they sign in, open flags and decide them over HTTP, as programs and browsers do."""

import random
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from triage.store import Store
from triage.store.access import Duty
from triage.testing import invited

REASON = "Looked at for the bench"


@dataclass(kw_only=True)
class BenchReviewer:
    """One signed-in person. ``token`` is what their acts carry; ``client`` keeps the session's cookie."""

    name: str
    client: httpx.Client
    token: str
    chance: random.Random
    acknowledged: list[str] = field(default_factory=list)

    def open(self, flag_id: str) -> dict[str, object]:
        answer = self.client.get(f"/api/v1/flags/{flag_id}")
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found

    def decide(self, flag_id: str, mark: str, *, unsure: float = 0.1) -> int:
        """Opens the flag and decides every clause of it; the status of the answer. ``mark`` makes the reason findable."""
        head = self.open(flag_id)["flag"]
        assert isinstance(head, dict)
        answer = "unsure" if self.chance.random() < unsure else "no"
        decisions = [{"code": code, "answer": answer, "reason": f"{REASON} {mark}"} for code in head["codes"]]
        sent = self.client.post(
            f"/api/v1/flags/{flag_id}/reviews",
            json={"flag_version": head["version"], "decisions": decisions},
            headers={"X-Form-Token": self.token},
        )
        if sent.status_code == 201:
            self.acknowledged.append(mark)
        return sent.status_code


def signed_in(store: Store, site: str, name: str, now: datetime, seed: int) -> BenchReviewer:
    """A reviewer with a live session, through the door by which invitations sign in."""
    client = httpx.Client(base_url=site, headers={"Origin": site}, timeout=60)
    answer = client.post("/sign-in", data={"sign_in": invited(store, Duty.REVIEWER, now, name)})
    if answer.status_code != 303:
        raise SystemExit(f"{name} could not sign in: {answer.status_code}.")
    token = client.get("/api/v1/session").json()["token"]
    return BenchReviewer(name=name, client=client, token=token, chance=random.Random(seed))
