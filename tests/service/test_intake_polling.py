"""Rounds that go on: what one source stores is read at once, whatever the others do."""

import threading
import time

import pytest

from tests.service.hall import SETTINGS, make_folder, put_mail
from triage.bootstrap import build
from triage.config import read_settings
from triage.intake import FolderReport, PollReport
from triage.jobs.rounds import keep_going


@pytest.fixture
def place(tmp_path):
    make_folder(tmp_path)
    (tmp_path / "triage.toml").write_text(SETTINGS)
    return tmp_path


class Hangs:
    account = "slow@hall.example"

    def __init__(self):
        self.is_asked = threading.Event()
        self.may_end = threading.Event()

    def poll(self, ledger, now):
        self.is_asked.set()
        self.may_end.wait(60)
        return PollReport(account=self.account, folders=())


class Fails:
    account = "dead@hall.example"

    def poll(self, ledger, now):
        return PollReport(account=self.account, folders=(FolderReport(folder="INBOX", problem="not reached"),))


def until(is_so, seconds=60.0):
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come about in time"
        time.sleep(0.05)


def taken(service):
    with service.store.read() as unit:
        return unit.contacts.counts()["in"]


@pytest.fixture
def going(place):
    """A service that keeps going beside the test, with a source that hangs and one that fails."""
    service, hanging, stop = build(read_settings(place / "triage.toml")), Hangs(), threading.Event()
    service.sources += [hanging, Fails()]
    thread = threading.Thread(target=keep_going, args=(service, stop), daemon=True)
    thread.start()
    yield service, hanging
    hanging.may_end.set()
    stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_a_source_that_hangs_or_fails_holds_up_no_other(going, place):
    service, hanging = going
    hanging.is_asked.wait(30)
    put_mail(place, 1)
    until(lambda: taken(service) == 1)
    put_mail(place, 2)
    until(lambda: taken(service) == 2)
    assert not hanging.may_end.is_set()


def test_how_each_source_goes_is_known(going):
    service, hanging = going
    hanging.is_asked.wait(30)
    until(lambda: any("not reached" in problem for problem in service.problems))
    until(lambda: service.source_states()[0].reached is not None)
    inbox, slow, dead = service.source_states()
    assert inbox.problems == ()
    assert (slow.tried, slow.reached) == (None, None)
    assert dead.failures >= 1 and dead.problems == ("INBOX: not reached",)
