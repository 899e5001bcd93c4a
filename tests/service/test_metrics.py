"""Metrics: shut unless the settings open them, by source, and without a word or an address of a customer."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from triage.domain.policy import shipped_policy
from triage.metrics import exposition
from triage.ports import SourceNow
from triage.store import SqlLedger, Store
from triage.testing import NOW, FakeModels, SetClock, small_landlord
from triage.web.app import create_app
from triage.web.figures import MetricsDoor
from triage_mailbox.testing import raw_mail

SECRET = "a-token-of-the-settings"


class Intake:
    poll_seconds, is_polling, problem = 60.0, True, None

    def sources(self):
        return [
            SourceNow(account="repairs@heron.example", kind="IMAP", folders=("INBOX",), rounds=7, stored=3, failures=2)
        ]

    def retry(self, ids, by):
        raise AssertionError("nothing here tries again")


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}", durable=False).migrate()
    small_landlord(store)
    ledger = SqlLedger(store)
    ledger.discover("repairs@heron.example", "INBOX", 5, ["1", "2", "3"], NOW)
    ledger.store(
        raw_mail(b"From: ade@post.example\n\nWords.", account="repairs@heron.example", uidvalidity=5, uid="1"), NOW
    )
    for _ in range(3):
        ledger.failed("repairs@heron.example", "INBOX", 5, "2", "It came empty.", NOW)
    yield store
    store.close()


def asked(store, door, **headers):
    app = create_app(
        store=store,
        policy=shipped_policy(),
        clock=SetClock(NOW),
        models=FakeModels(),
        secure_cookies=False,
        intake=Intake(),
        metrics=door,
    )
    return TestClient(app, base_url="http://desk.example").get("/metrics", headers=headers)


def figures(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_without_a_setting_there_is_no_such_page(store):
    assert asked(store, None).status_code == 404


def test_a_token_is_asked_for_where_the_settings_name_one(store):
    door = MetricsDoor(token=lambda: f"{SECRET}\n")
    assert asked(store, door).status_code == 401
    assert asked(store, door, authorization="Bearer another").status_code == 401
    assert asked(store, door, authorization=SECRET).status_code == 401
    assert asked(store, door, authorization=f"Bearer {SECRET}").status_code == 200
    assert asked(store, MetricsDoor()).status_code == 200


def test_a_token_file_that_is_empty_or_gone_lets_nobody_in(store, tmp_path):
    assert asked(store, MetricsDoor(token=lambda: ""), authorization="Bearer ").status_code == 401
    gone = MetricsDoor(token=lambda: (tmp_path / "gone").read_text())
    assert asked(store, gone, authorization="Bearer x").status_code == 401


def test_folders_polling_feeds_and_contacts_are_told_by_source(store):
    told = figures(asked(store, MetricsDoor()).text)
    account = "repairs@heron.example"
    for state, number in {"on_server": 3, "stored": 1, "waiting": 1, "unfetchable": 1, "gone": 0}.items():
        assert told["triage_folder_messages", *sorted(("INBOX", account, state))] == number
    assert told["triage_poll_rounds_total", account] == 7
    assert told["triage_messages_stored_total", account] == 3
    assert told["triage_poll_failures", account] == 2
    assert told["triage_folder_reached_timestamp_seconds", "INBOX", account] == NOW.timestamp()
    assert told["triage_feed_age_seconds", "records"] == timedelta(hours=2).total_seconds()
    assert told["triage_cannot_judge",] == 0
    assert told["triage_unread_messages",] == 1
    assert told["triage_contacts", "not_scored"] == 1


def test_facts_over_a_day_old_and_a_refused_model_are_one_figure_each(store):
    models = FakeModels()
    models.problem = "The model in use was refused."
    later = SetClock(NOW + timedelta(hours=30))
    told = figures(exposition(store, later, None, models).decode())
    assert told["triage_cannot_judge",] == 1
    assert told["triage_model_refused",] == 1


def test_nothing_of_a_customer_is_told(store):
    text = asked(store, MetricsDoor()).text
    for word in ("Ade", "ade@", "C-100", "c-boiler", "Boiler", "i-boiler", "python_info", "process_"):
        assert word not in text
