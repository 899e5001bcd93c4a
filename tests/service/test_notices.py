import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from triage.domain.errors import SettingsError
from triage.domain.flag import FlagKind
from triage.domain.notice import GIVES_UP_AFTER, wait_after
from triage.notifying import Notifier, Place, signature
from triage.store import Store
from triage.testing import NOW, SECRET, SetClock, small_landlord

KEY = "a key that only the two of us hold"


class Bell:
    """A system that is told: what came in, and what it answers."""

    def __init__(self):
        self.heard, self.answers = [], 204
        bell = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                bell.heard.append((self.path, self.headers["Triage-Signature"], body))
                self.send_response(bell.answers)
                self.send_header("location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/rings?team=1"


@pytest.fixture
def bell():
    made = Bell()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path}/notices.sqlite", durable=False).migrate()
    small_landlord(made)
    yield made
    made.close()


def _notifier(store, bell, clock, *kinds):
    place = Place(name="duty", url=bell.url, kinds=kinds or (FlagKind.SAFEGUARDING,), secret=lambda: KEY)
    return Notifier(store=store, places=(place,), clock=clock)


def test_a_safeguarding_card_is_told_once_and_signed(store, bell):
    notifier = _notifier(store, bell, SetClock(NOW))
    assert notifier.round() == (1, 0)
    assert notifier.round() == (0, 0)
    ((path, signed, body),) = bell.heard
    assert path == "/rings?team=1"
    seconds = signed.partition(",")[0].removeprefix("t=")
    wanted = hmac.new(KEY.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert signed == f"t={seconds},v1={wanted}"


def test_a_notice_holds_no_word_no_name_and_no_reference(store, bell):
    _notifier(store, bell, SetClock(NOW), *FlagKind).round()
    assert len(bell.heard) >= 5
    for _, _, body in bell.heard:
        assert set(json.loads(body)) == {"notice", "kind", "flag", "raised_at", "sent_at"}
        text = body.decode()
        assert not [word for word in (SECRET, "C-400", "C-100", "S0", "A1", "Boiler", "Ade") if word in text]


def test_only_the_kinds_that_were_asked_for_are_told(store, bell):
    _notifier(store, bell, SetClock(NOW), FlagKind.HAZARD).round()
    assert [json.loads(body)["kind"] for _, _, body in bell.heard] == ["hazard"]


def test_a_place_that_fails_is_tried_again_later_with_the_same_number(store, bell):
    clock = SetClock(NOW)
    notifier = _notifier(store, bell, clock)
    bell.answers = 503
    assert notifier.round() == (0, 1)
    assert notifier.round() == (0, 0)
    clock.pass_by(timedelta(seconds=16))
    bell.answers = 204
    assert notifier.round() == (1, 0)
    first, second = (json.loads(body) for _, _, body in bell.heard)
    assert first["notice"] == second["notice"]


def test_a_redirect_is_not_followed(store, bell):
    bell.answers = 302
    assert _notifier(store, bell, SetClock(NOW)).round() == (0, 1)
    assert [path for path, _, _ in bell.heard] == ["/rings?team=1"]


def test_a_place_that_is_gone_is_given_up_in_the_end_and_counted(store):
    clock = SetClock(NOW)
    place = Place(name="duty", url="http://127.0.0.1:9/", kinds=(FlagKind.SAFEGUARDING,), secret=lambda: KEY)
    notifier = Notifier(store=store, places=(place,), clock=clock)
    for _ in range(GIVES_UP_AFTER):
        assert notifier.round() == (0, 1)
        clock.pass_by(timedelta(hours=1, seconds=1))
    assert notifier.round() == (0, 0)
    with store.read() as unit:
        assert unit.notices.given_up() == 1


def test_nothing_is_sent_unsigned(store, bell):
    place = Place(name="duty", url=bell.url, kinds=(FlagKind.SAFEGUARDING,), secret=lambda: " ")
    assert Notifier(store=store, places=(place,), clock=SetClock(NOW)).round() == (0, 1)
    assert bell.heard == []


def test_what_was_raised_more_than_a_week_ago_rings_no_bell(store, bell):
    assert _notifier(store, bell, SetClock(NOW + timedelta(days=8))).round() == (0, 0)


@pytest.mark.parametrize(
    "url",
    [
        "http://alerts.example/x",
        "ftp://alerts.example",
        "https://",
        "https://me:pass@alerts.example/",
        "mailto:a@b.example",
    ],
)
def test_an_address_that_is_not_safe_is_refused(url):
    with pytest.raises(SettingsError, match="duty"):
        Place(name="duty", url=url, kinds=(FlagKind.SAFEGUARDING,), secret=lambda: KEY)


def test_waits_grow_to_an_hour_and_end():
    waits = [wait_after(attempts) for attempts in range(1, GIVES_UP_AFTER + 1)]
    assert waits[:3] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(seconds=60)]
    assert waits[-2] == timedelta(hours=1)
    assert waits[-1] is None


def test_a_signature_changes_with_every_byte_and_second():
    made = {signature(KEY, b"a", NOW), signature(KEY, b"b", NOW), signature(KEY, b"a", NOW + timedelta(seconds=1))}
    assert len(made) == 3
