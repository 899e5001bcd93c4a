"""The intake page in Debian's chromium, with everything on it: accessible in both schemes, narrow, and its buttons work."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from triage.domain.contact import Channel, SenderProof, Speaker, Turn
from triage.ports import SourceNow
from triage.store import SqlLedger
from triage.store.access import Duty
from triage.store.arrivals import Given, Refused
from triage.testing import NOW, FakeModels, SetClock, contact, invited, put
from triage.web.app import create_app
from triage_mailbox.testing import raw_mail

pytestmark = pytest.mark.browser

ACCOUNT = "repairs@heron.example"


class Intake:
    poll_seconds, is_polling, problem = 60.0, True, None

    def sources(self):
        problem = "repairs@heron.example at imap.heron.example:993, connecting: not reached (timed out)."
        return [
            SourceNow(account=ACCOUNT, kind="IMAP", folders=("INBOX", "Sent"), problems=(problem,), failures=4),
            SourceNow(account="calls", kind="Transcripts, SFTP", folders=("calls",)),
        ]

    def retry(self, ids, by):
        return (1, 1, 0)


@pytest.fixture
def site(desk, on_a_port):
    _fill(desk)
    app = create_app(
        store=desk.store,
        policy=desk.landlord.policy,
        clock=SetClock(NOW),
        models=FakeModels(),
        secure_cookies=False,
        intake=Intake(),
    )
    with on_a_port(app) as address:
        yield address


def _fill(desk):
    """Every part of the page has something to show."""
    ledger = SqlLedger(desk.store)
    for folder, uids, ago in (("INBOX", map(str, range(1, 41)), 1), ("Sent", ["1"], 50), ("Old", ["1"], 9000)):
        ledger.discover(ACCOUNT, folder, 5, list(uids), NOW - timedelta(minutes=ago))
    messages = [
        raw_mail(b"From: x@y.example\n\n%d" % n, account=ACCOUNT, uidvalidity=5, uid=str(n)) for n in range(1, 38)
    ]
    ledger.store_all(messages, NOW)
    for _ in range(3):
        ledger.failed(ACCOUNT, "INBOX", 5, "39", "The server answered OK but said nothing about this message.", NOW)
    turns = (
        Turn(speaker=Speaker.AGENT, text="Good morning, repairs.", start_ms=0, confidence=0.99),
        Turn(speaker=Speaker.CUSTOMER, text="You **** lot.", start_ms=83_000, confidence=0.61, masked=1),
    )
    with desk.store.begin() as unit:
        for message in messages[:2]:
            unit.quarantine.put(
                message, desk.landlord.not_scored_contact, "Parsing took longer than 20 s and was stopped.", "1", NOW
            )
        unit.landlord.note_feed("customers", NOW - timedelta(hours=30), "ok")
        unit.arrivals.note("web forms", [Given(kind="contact", item_id="1", row={"id": "1"})], NOW)
        unit.arrivals.refuse(
            [Refused(source="web forms", file="forms.csv", line=2, reason="It has no id.", body="{}", at=NOW)]
        )
        put(unit, contact("c-call", NOW, channel=Channel.CALL, turns=turns), desk.landlord.boiler_issue, "C-100")
        forged = replace(contact("c-forged", NOW, "Pay me."), sender_proof=SenderProof.FAILED)
        put(unit, forged, desk.landlord.boiler_issue, "C-100")


def _arrive(chromium, site, desk, duty, **options):
    page = chromium.new_context(viewport={"width": options.pop("width", 1280), "height": 900}, **options).new_page()
    page.goto(f"{site}/sign-in?token={invited(desk.store, duty, NOW)}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("body.js-enabled")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_accessibility_violation(desk, chromium, site, scheme):
    from axe_playwright_python.base import AXE_FILE_PATH

    axe = Path(AXE_FILE_PATH).read_text("utf-8")
    found = []
    for duty in (Duty.ADMINISTRATOR, Duty.MANAGER):
        page = _arrive(chromium, site, desk, duty, color_scheme=scheme)
        for path in ("/intake", "/intake?read=1&failed=1", "/contacts/c-call", "/contacts/c-forged"):
            page.goto(site + path)
            page.wait_for_selector("body.js-enabled")
            faults = page.evaluate(axe + "; axe.run()")["violations"]
            found += [f"{path}: {fault['id']}: {node['target']}" for fault in faults for node in fault["nodes"]]
            if folder := os.environ.get("TRIAGE_LOOK"):
                page.screenshot(
                    path=f"{folder}/{duty.value}-{scheme}-{path.strip('/').replace('/', '-')[:14]}.png", full_page=True
                )
        page.context.close()
    assert found == []


def test_at_320_pixels_it_does_not_scroll_sideways(desk, chromium, site):
    page = _arrive(chromium, site, desk, Duty.ADMINISTRATOR, width=320)
    for path in ("/intake", "/contacts/c-call"):
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_an_administrator_tries_again_and_downloads_with_the_buttons(desk, chromium, site):
    page = _arrive(chromium, site, desk, Duty.ADMINISTRATOR)
    page.goto(f"{site}/intake")
    page.get_by_role("button", name="Retry message 1").click()
    assert "1 read, 1 still cannot be read." in page.get_by_role("alert").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the bytes of message 2").click()
    assert Path(download.value.path()).read_bytes() == b"From: x@y.example\n\n2"
    assert download.value.suggested_filename == "quarantine-2.bin"
