"""The demo landlord shows on its last day what the product is about: continual contact, and a failure of ours, both open."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from triage.bootstrap import build
from triage.config import read_settings
from triage.demo import _settings, prepare
from triage.demo_stories import add_stories
from triage.domain.flag import FlagKind, FlagState
from triage.domain.persistence import NEEDS_RECORDS
from triage.jobs.rounds import one_round
from triage.landlord_files import read_landlord_files
from triage_training.demo import render

HOUSING = Path(__file__).parents[2] / "training" / "housing"


def read_alone(folder, records_age=timedelta()):
    """The stories alone, read as `triage demo` reads everything."""
    landlord = render(HOUSING, folder / "landlord")
    for path in [*folder.glob("landlord/mail/*/*/*/*"), *folder.glob("landlord/calls/*")]:
        path.unlink()
    (folder / "landlord" / "contacts" / "other-routes.jsonl").write_text("")
    add_stories(landlord, folder / "landlord")
    written = (landlord.now - records_age).timestamp()
    os.utime(folder / "landlord" / "records.csv", (written, written))
    (folder / "triage.toml").write_text(_settings(landlord))
    service = build(read_settings(folder / "triage.toml"))
    one_round(service)
    assert service.problems == []
    return service


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    service = read_alone(tmp_path_factory.mktemp("stories"))
    yield service
    service.store.close()


def test_one_flag_for_continual_contact_and_one_for_our_own_failure_are_open(told):
    with told.store.read() as unit:
        found = {(flag.kind, flag.customer_ref): [code.code for code in flag.codes] for flag in unit.flags.listed()}
    assert found == {
        (FlagKind.BEHAVIOUR, "demo-ockley"): ["P1"],
        (FlagKind.SERVICE_FAILURE, "demo-sallis"): ["service_failure"],
    }


def test_with_records_from_before_it_continual_contact_cannot_be_judged_and_is_put_before_nobody(tmp_path):
    """Their last export is of three days before the end, and of more than 24 hours before the second busy day."""
    service = read_alone(tmp_path, records_age=timedelta(days=3))
    with service.store.read() as unit:
        codes = {code.code for flag in unit.flags.listed(states=tuple(FlagState)) for code in flag.codes}
        looked_at = [unit.issues.last_assessment(each) for each in {one.issue_id for one in unit.contacts.all()}]
    assert codes <= {"service_failure"}
    assert len(looked_at) == 2 and all(each.cannot_judge == NEEDS_RECORDS for each in looked_at)
    service.store.close()


def test_all_of_a_story_is_on_one_issue_of_its_person(told):
    with told.store.read() as unit:
        placed = list(unit.contacts.all())
    assert {one.who.customer_ref for one in placed} == {"demo-ockley", "demo-sallis"}
    assert len({one.issue_id for one in placed}) == 2


def test_the_stories_come_beside_the_texts_and_share_no_address_or_number_with_them(tmp_path):
    prepare(HOUSING, tmp_path)
    files = tmp_path / "landlord"
    read = read_landlord_files(
        customers=files / "customers.csv", records=files / "records.csv", standards=None, contacts=()
    )
    assert read.problems == []
    stories = [customer for customer in read.customers if customer.ref.startswith("demo-")]
    others = [customer for customer in read.customers if customer not in stories]
    for name in ("emails", "phones"):
        used = {each for customer in others for each in getattr(customer, name)}
        assert used.isdisjoint(each for customer in stories for each in getattr(customer, name))
    assert not {customer.name for customer in others} & {customer.name for customer in stories}
    assert len(stories) == 2
    shutil.rmtree(files)
