"""What was kept as long as it may be is listed, and erased on an administrator's word: from the store, and from memory."""

import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from triage.cli import app
from triage.domain import words
from triage.domain.flag import FlagKind, FlagState
from triage.domain.retention import Retention
from triage.export import examples
from triage.forgetting import ABOUT_TEXTS, Follower
from triage.queue import settle
from triage.retention import due, erase
from triage.store.access import Duty
from triage.store.codec import Known, _known
from triage.testing import INSULT, NOW
from triage.web.same_as import API

WHY = "The schedule of the landlord."
DAY = timedelta(days=1)


@pytest.fixture
def dismissed(desk, reviewer):
    """The insult, answered no."""
    page = f"/flags/{desk.landlord.behaviour}"
    reviewer.get(page)
    with desk.store.read() as unit:
        version = str(unit.flags.get(desk.landlord.behaviour).version)
    sent = {"answer-A2": "no", "reason-A2": "It was the boiler.", "answer-P3": "no", "reason-P3": "We were late."}
    assert reviewer.post(f"{page}/reviews", flag_version=version, **sent).status_code == 303
    return desk.landlord.behaviour


def _due(desk, days):
    with desk.store.read() as unit:
        return due(unit, desk.landlord.policy, Retention(), NOW + days * DAY)


def _erase(desk, days, by="Ana Silva"):
    return erase(desk.store, desk.landlord.policy, Retention(), by=by, reason=WHY, now=NOW + days * DAY)


def _everything(desk):
    """Every value of every table but the audit, as one text."""
    with desk.store.read() as unit:
        names = [
            row[0] for row in unit.connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = [unit.connection.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in names if name != "audit"]
    return str(rows)


def test_a_dismissed_flag_may_go_after_90_days_and_not_before(desk, dismissed):
    assert [flag.id for flag in _due(desk, 89).flags] == []
    assert [(flag.id, flag.kept.value) for flag in _due(desk, 91).flags] == [(dismissed, "not confirmed")]


def test_open_flags_and_safeguarding_are_never_among_them(desk):
    with desk.store.begin() as unit:
        card = unit.flags.get(desk.landlord.safeguarding)
        unit.flags.update(replace(card, state=FlagState.DECIDED, version=card.version + 1), was=card.version)
    assert _due(desk, 5000).flags == ()


def test_an_appeal_that_waits_keeps_what_it_is_about(desk, manager, dismissed):
    said = {
        "received": "2026-03-11",
        "made_by": "the customer",
        "asks": "to have the decision looked at again",
        "text": "No.",
    }
    assert manager.send(f"{API}/flags/{dismissed}/representations", said).status_code == 201
    assert _due(desk, 4000).flags == ()


def test_the_dry_run_changes_nothing(desk, manager, administrator, dismissed):
    desk.clock.now = NOW + 91 * DAY
    for visitor in (desk.signed_in(Duty.MANAGER), desk.signed_in(Duty.ADMINISTRATOR)):
        text = visitor.get("/retention").text
        assert "Flags that may go" in text and dismissed[:8] in text
    with desk.store.read() as unit:
        assert unit.flags.get(dismissed) is not None
    assert ("Test manager", "retention") in desk.audit("retention.viewed")


def test_erasing_takes_flag_reviews_and_scores_away_keeps_counts_and_the_chain_whole(desk, dismissed):
    done = _erase(desk, 91)
    assert done.flags == 1
    left = _everything(desk)
    for gone in (dismissed, "It was the boiler.", "We were late.", "Words that may be an insult"):
        assert gone not in left, gone
    with desk.store.read() as unit:
        assert unit.flags.reviews(dismissed) == [] and list(examples(unit)) == []
        counts = {(one.code, one.answer): one.number for one in unit.erasing.counts() if one.what == "flag"}
        assert counts == {("A2", "no"): 1, ("P3", "no"): 1}
        assert unit.audit.verify() > 0
    assert desk.audit("flag.erased") == [("Ana Silva", dismissed)]


def test_what_was_erased_is_not_put_before_people_again(desk, dismissed):
    _erase(desk, 91)
    with desk.store.begin() as unit:
        last = unit.issues.last_assessment(desk.landlord.boiler_issue)
        assert not {"A2", "P3"} & {finding.code for finding in last.findings}
        assert not unit.contacts.entry("c-boiler-5", desk.landlord.boiler_issue).scores
        settle(unit, replace(last, at=NOW + 92 * DAY), desk.landlord.policy)
        assert unit.flags.listed(kinds=(FlagKind.BEHAVIOUR,), issue_id=desk.landlord.boiler_issue) == []


def test_scores_go_once_nothing_on_their_issue_can_count_any_more(desk):
    assert _due(desk, 31).scores == 0
    found = _due(desk, 400).scores
    assert found > 0
    assert _erase(desk, 400).scores == found
    assert _due(desk, 400).scores == 0


def test_words_names_and_bytes_go_after_two_quiet_years_and_the_contact_stays_as_a_mark(desk, dismissed):
    _erase(desk, 740)
    left = _everything(desk)
    for gone in (INSULT, "Tell your engineer", "Boiler locks out every night", "An engineer will come on Friday."):
        assert gone not in left, gone
    with desk.store.read() as unit:
        item = unit.contacts.get("c-boiler-5").contact
        assert item.text == "" and item.subject == "" and item.from_addr is None and item.channel == "email"
    assert _due(desk, 741).contacts == 0
    visitor = desk.signed_in(Duty.MANAGER)
    for page in ("/issues/i-boiler", "/contacts/c-boiler-5", "/owed", "/patterns"):
        assert visitor.get(page).status_code == 200, page


def test_what_is_with_safeguarding_keeps_its_words(desk, safeguarding):
    from triage.testing import SECRET

    _erase(desk, 5000)
    assert SECRET in _everything(desk)


def test_only_an_administrator_erases_and_says_why(desk, manager, administrator, dismissed):
    desk.clock.now = NOW + 91 * DAY
    manager, administrator = desk.signed_in(Duty.MANAGER), desk.signed_in(Duty.ADMINISTRATOR)
    assert manager.post("/retention/erase", reason=WHY).status_code == 403
    assert administrator.post("/retention/erase", reason="").status_code == 422
    assert administrator.send(f"{API}/retention/erase", {"reason": WHY}).json()["flags"] == 1
    text = administrator.get("/retention?done=erased").text
    assert "What was due is erased." in text and "Verbal abuse" in text
    assert desk.audit("retention.asked") == [("Test administrator", "retention")]


def test_answers_about_texts_are_forgotten_with_them(desk, dismissed):
    desk.signed_in(Duty.REVIEWER).get(f"/contacts/{desk.landlord.abusive_contact}")
    words.suggests_harm_to_a_person(INSULT)
    assert isinstance(_known, Known) and len(_known) > 0
    _erase(desk, 91)
    assert len(_known) == 0
    kept = [
        f"{name}.{key}"
        for name, module in list(sys.modules.items())
        if name.startswith(ABOUT_TEXTS)
        for key, value in list(vars(module).items())
        if hasattr(value, "cache_info") and value.cache_info().currsize
    ]
    assert kept == []


def test_another_process_notices_at_its_next_look(desk, dismissed):
    follower = Follower()
    with desk.store.read() as unit:
        assert not follower.look(unit)
    _erase(desk, 91)
    with desk.store.read() as unit:
        assert follower.look(unit) and not follower.look(unit)


def test_the_commands_list_and_erase(desk, tmp_path, dismissed):
    settings = tmp_path / "triage.toml"
    settings.write_text(
        f'database = "sqlite:///desk.sqlite"\nclock_starts_at = {NOW + 91 * DAY:%Y-%m-%dT%H:%M:%SZ}\n', "utf-8"
    )
    run = CliRunner()
    listed = run.invoke(app, ["retention", "list", "-c", str(settings)])
    assert listed.exit_code == 0 and f"flag {dismissed}" in listed.output.replace("\n", "")
    done = run.invoke(app, ["retention", "erase", "--by", "Ana Silva", "--reason", WHY, "-c", str(settings)])
    assert done.exit_code == 0 and "Erased: 1 flags" in done.output
