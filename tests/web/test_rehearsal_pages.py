"""A changed policy is rehearsed from a page: checked first, carried out beside it, shown by role and team, and given as a file."""

import re
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from triage.domain.flag import FlagKind
from triage.domain.policy import shipped_text
from triage.domain.team import Team, Teams, WithoutTeam
from triage.jobs.rehearsal import in_another_process
from triage.rehearsal_desk import KEPT_FOR, StoppedError, Watch
from triage.rehearsing import Change, Difference, Period, Rehearsed, Work
from triage.store.access import Duty
from triage.testing import NOW, SECRET_SUBJECT
from triage.web.app import create_app
from triage.web.same_as import API

PERIOD = {"first": "2026-01-01", "last": "2026-03-12", "minutes": "12"}
CHANGED = shipped_text().replace("burst_days_count = 2", "burst_days_count = 1")


def difference(code, issue, *contacts, change=Change.NEW, why="Rang Ade Bright at 07700 900123."):
    return Difference(
        change=change,
        code=code,
        at=NOW - timedelta(days=1),
        customer_ref="C-100",
        issue_id=issue,
        contacts=contacts,
        why=why,
    )


FOUND = Rehearsed(
    before={"A2": 1, "S0": 1},
    after={"A2": 1, "P1": 2, "S0": 2},
    flags_before={FlagKind.BEHAVIOUR: 1, FlagKind.SAFEGUARDING: 1},
    flags_after={FlagKind.BEHAVIOUR: 3, FlagKind.SAFEGUARDING: 2},
    differences=(
        difference("P1", "i-elsewhere", "c-boiler-1", "c-boiler-2"),
        difference("P1", "i-quiet", "c-quiet-1", why="=HYPERLINK(1)"),
        difference("S0", "i-quiet", "c-quiet-1", why="Words of harm."),
        difference("P1", "i-not-there", "c-not-there"),
    ),
    minutes=12,
)


class Held:
    """Carries out nothing: it waits until it is let go, as work of some length would, and gives what it was told."""

    def __init__(self):
        self.go, self.works = threading.Event(), []

    def __call__(self, work, watch):
        self.works.append(work)
        watch.expect(4)
        watch.step()
        while not self.go.wait(0.01):
            watch.reached(1)
        return FOUND


@pytest.fixture
def held(desk):
    run = Held()
    desk.rehearsals._run = run
    yield run
    run.go.set()


def _start(visitor, **fields):
    return visitor.post("/rehearsals", **{**PERIOD, "policy": CHANGED, **fields})


def _ended(desk, state="done"):
    for _ in range(500):
        (one, *_) = desk.rehearsals.all()
        if one.state != "running":
            assert one.state == state, one.problem
            return one.id
        time.sleep(0.01)
    raise AssertionError("it goes on")


def _words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_changed_number_is_rehearsed_beside_the_page_and_shown_when_it_is_done(desk, analyst, held):
    answer = _start(analyst)
    assert answer.status_code == 303, answer.text
    page = analyst.get(answer.headers["location"]).text
    assert "P1 burst days count 2 → 1" in _words(page)
    assert "25 % done" in page
    held.go.set()
    text = _words(analyst.get(f"/rehearsals/{_ended(desk)}").text)
    assert "1 as things are, 3 with the change" in text
    assert "0.4 hours more" in text
    assert held.works[0].changed.clause("P1").thresholds["burst_days_count"] == 1
    assert [action for action, _ in _audit(desk)] == ["started", "ended", "viewed"]


def _audit(desk):
    with desk.store.read() as unit:
        return [
            (entry.action.removeprefix("rehearsal."), entry.actor)
            for entry in unit.audit.entries()
            if entry.action.startswith("rehearsal.")
        ]


def test_a_difference_leads_to_the_issue_of_today_for_whoever_may_open_it_and_hides_names(desk, manager, analyst, held):
    held.go.set()
    _start(manager)
    path = f"/rehearsals/{_ended(desk)}"
    page = manager.get(path).text
    assert f'href="/issues/{desk.landlord.boiler_issue}"' in page
    assert "[name] at [phone number]" in page
    assert "Boiler locks out every night" in page
    theirs = analyst.get(path).text
    assert "/issues/" not in theirs and "Boiler locks out" not in theirs and "[name] at" in theirs
    for text in (page, theirs, manager.get(f"{API}{path}").text, manager.get(f"{path}/sheet").text):
        assert "Ade Bright" not in text and "C-100" not in text


def test_safeguarding_is_counted_and_named_to_nobody_on_page_or_file(desk, manager, held):
    held.go.set()
    _start(manager)
    path = f"/rehearsals/{_ended(desk)}"
    view = manager.get(f"{API}{path}").json()["result"]
    assert (view["with_safeguarding"], view["elsewhere"], view["listed"]) == (1, 1, 2)
    assert (view["cards_before"], view["cards_after"], view["flags_after"]) == (1, 2, 3)
    assert {row["code"] for row in view["rows"]} == {"P1"}
    for text in (manager.get(path).text, manager.get(f"{path}/sheet").text):
        assert "Words of harm" not in text and SECRET_SUBJECT not in text and "HYPERLINK" not in text
    page, twin = manager.get(f"{path}/sheet"), manager.get(f"{API}{path}/sheet")
    assert page.content == twin.content
    assert page.headers["content-disposition"] == 'attachment; filename="rehearsal.csv"'
    assert page.text.splitlines()[0].startswith('\ufeff"change","clause","title","raised at","person"')
    assert len(page.text.splitlines()) == 3
    assert _audit(desk)[-1] == ("exported", "Test manager")


def test_issues_of_other_teams_are_only_counted(desk, held):
    housing = Team(name="housing", places=frozenset({"housing@heron.example", "repairs@heron.example"}))
    others = Team(name="leaseholders", places=frozenset({"lease@heron.example"}))
    other = _with(desk, teams=Teams(teams=(housing, others), without_team=WithoutTeam.EVERYTHING))
    held.go.set()
    visitor = other.signed_in(Duty.MANAGER, teams=["leaseholders"])
    _start(visitor)
    view = visitor.get(f"{API}/rehearsals/{_ended(desk)}").json()["result"]
    assert view["rows"] == []
    assert view["elsewhere"] == 3


def _with(desk, **parts):
    """The same desk behind an application that is put together otherwise."""
    parts = {"rehearsals": desk.rehearsals, **parts}
    app = create_app(
        store=desk.store, policy=desk.landlord.policy, clock=desk.clock, models=desk.models, secure_cookies=False, **parts
    )  # fmt: skip
    return replace(desk, new_client=lambda: TestClient(app, base_url="http://desk.example", follow_redirects=False))


WRONG = [
    ({"policy": "id = "}, "The policy file cannot be read"),
    ({"policy": "clauses = 3"}, "needs words in quotation marks under id"),
    ({"policy": shipped_text()}, "Nothing is changed"),
    ({"policy": CHANGED.replace("[clauses.P3]", "[clauses.P9]")}, "Clause P3 lacks kind, category"),
    ({"policy": CHANGED.replace("[clauses.P3", "[clauses.P9")}, "Clause P3 is missing"),
    ({"policy": CHANGED.replace("burst_contacts_count", "burst_contact_count")}, "has no number burst_contacts_count"),
    ({"policy": CHANGED.replace("burst_days_count = 1", 'burst_days_count = "1"')}, "write a number from 0"),
    ({"policy": CHANGED.replace("burst_days_count = 1", "burst_days_count = nan")}, "write a number from 0"),
    ({"model": "linear 9.9"}, "There is no installed model linear 9.9"),
    ({"first": "2026-03-01", "last": "2026-02-01"}, "The last day is before the first"),
    ({"first": "2027-03-01", "last": "2027-03-02"}, "The period is in the future"),
    ({"first": "0001-01-01"}, "The days are to be between"),
    ({"first": "soon"}, "Write the first day"),
    ({"minutes": "none"}, "Minutes a flag are a number"),
]  # fmt: skip


def test_what_cannot_be_rehearsed_is_told_in_a_sentence_and_what_was_written_stays(desk, analyst, held):
    for fields, sentence in WRONG:
        answer = _start(analyst, **fields)
        assert answer.status_code == 422, fields
        assert sentence in _words(answer.text)
        assert "It was not started" in answer.text
        assert "policy" in fields or "burst_days_count = 1" in answer.text
    assert held.works == [] and _audit(desk) == []


def test_the_api_refuses_the_same_with_a_sentence_for_each_fault(desk, analyst, monkeypatch):
    sent = {"first": "2026-03-01", "last": "2026-02-01", "policy": shipped_text(), "model": "linear 9.9"}
    answer = analyst.send(f"{API}/rehearsals", sent)
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) == 2
    assert analyst.send(f"{API}/rehearsals", {"first": "soon", "last": "2026-02-01"}).status_code == 422
    monkeypatch.setattr("triage.rehearsal_desk.MOST_CONTACTS", 3)
    answer = analyst.send(f"{API}/rehearsals", {**PERIOD, "policy": CHANGED})
    assert "3 are the most here. Choose a period that ends earlier" in answer.json()["error"]
    forged = analyst.post("/rehearsals", **{**PERIOD, "policy": CHANGED, "token": "forged"})
    assert (forged.status_code, desk.rehearsals.all()) == (403, [])


def test_one_runs_at_a_time_and_anybody_of_the_roles_can_stop_it(desk, analyst, manager, held):
    started = analyst.send(f"{API}/rehearsals", {**PERIOD, "policy": CHANGED})
    assert started.status_code == 201, started.text
    path = f"/rehearsals/{started.json()['id']}"
    assert _start(manager).status_code == 409
    assert "A rehearsal of Test analyst is running" in _start(manager).text
    assert manager.get(f"{path}/sheet").status_code == 409
    assert manager.post(f"{path}/stop").status_code == 303
    assert _ended(desk, "stopped") == started.json()["id"]
    assert "It was stopped" in manager.get(path).text
    assert manager.send(f"{API}{path}/stop", {}).status_code == 409
    assert ("stopped", "Test manager") in _audit(desk)
    assert _start(manager).status_code == 303


def test_a_failure_or_one_that_takes_too_long_is_told_and_the_next_one_can_start(desk, analyst):
    def late(work, watch):
        watch._ends = 0
        watch.step()

    for run, sentence in (
        (lambda work, watch: 1 / 0, "not foreseen (ZeroDivisionError)"),
        (late, "It took longer than two hours"),
    ):
        desk.rehearsals._run = run
        assert _start(analyst).status_code == 303
        assert sentence in analyst.get(f"/rehearsals/{_ended(desk, 'failed')}").text


def test_a_form_starts_from_what_was_asked_before_until_it_is_forgotten_after_a_day(desk, analyst, held):
    held.go.set()
    _start(analyst, minutes="20", model="linear 1.1")
    ended = _ended(desk)
    page = analyst.get(f"/rehearsals?like={ended}").text
    assert "burst_days_count = 1" in page and 'value="20"' in page
    assert '<option value="linear 1.1" selected>' in page
    assert "burst_days_count = 2" in analyst.get("/rehearsals").text
    desk.clock.pass_by(KEPT_FOR + timedelta(minutes=1))
    assert desk.signed_in(Duty.ANALYST).get(f"/rehearsals/{ended}").status_code == 404


def test_pages_without_rehearsals_say_where_else(desk):
    analyst = _with(desk, rehearsals=None).signed_in(Duty.ANALYST)
    assert "triage rehearse" in analyst.get("/rehearsals").text
    assert _start(analyst).status_code == 409


def test_a_rehearsal_is_carried_out_in_another_process_and_ends_when_it_is_stopped(desk):
    policy, watch = desk.landlord.policy, Watch()
    work = Work(database=str(desk.store.engine.url), policy=policy, changed=policy, period=Period.until(NOW))
    result = in_another_process(work, watch)
    assert result.before["A2"] == 1
    assert watch.steps > 20
    stopped = Watch()
    stopped.stop()
    with pytest.raises(StoppedError):
        in_another_process(work, stopped)
