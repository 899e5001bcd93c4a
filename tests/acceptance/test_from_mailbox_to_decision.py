"""The whole path on real parts: Dovecot and a folder of calls in, Chromium out, decisions by mouse and by keyboard."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.components import require
from triage_mailbox.testing import DovecotServer, build_mail

pytestmark = [pytest.mark.browser, pytest.mark.dovecot]

TRIAGE = Path(sys.executable).with_name("triage")
THREAT = "If your man Gary comes to my door again I will break his legs, I mean it."
ABUSE = "you are a useless stupid little cow and you know it"
PASSWORD = "a-test-password"
MAILBOX = "help@tarnside.example"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def moment(minutes_ago):
    return datetime.now(UTC) - timedelta(minutes=minutes_ago)


def put_mail(server):
    mails = [
        build_mail(
            THREAT,
            subject="Repairs",
            sender="Ivy Grimshaw <ivy@post.example>",
            to=MAILBOX,
            sent=moment(50),
            message_id="<1@post.example>",
        ),
        build_mail(
            "Thank you, the tap is fine now.",
            subject="Tap",
            sender="Omar Reid <omar@post.example>",
            to=MAILBOX,
            sent=moment(40),
            message_id="<2@post.example>",
        ),
        b"From: x@y.example\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
    ]
    server.append(mails[0], flags="\\Flagged")
    for mail in mails[1:]:
        server.append(mail)


def put_call(folder):
    folder.mkdir()
    (folder / "call-1.vtt").write_text(
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Agent>Good morning, repairs line.</v>\n\n"
        f"00:00:05.000 --> 00:00:09.000\n<v Customer>The lift is out again and {ABUSE}</v>\n",
        encoding="utf-8",
    )
    facts = {
        "call_id": "c1",
        "started": moment(30).isoformat(),
        "from": "07700 900123",
        "route": "repairs line",
        "direction": "in",
        "agent": "Priya",
    }
    (folder / "call-1.call.json").write_text(json.dumps(facts), encoding="utf-8")


def settings(folder, server):
    (folder / "secret").write_text(PASSWORD + "\n", encoding="utf-8")
    (folder / "secret").chmod(0o600)
    (folder / "records.csv").write_text("id,at,record,customer_ref,ref,due,text\n", encoding="utf-8")
    (folder / "triage.toml").write_text(
        f'''
        database = "sqlite:///triage.sqlite"
        models = "models"
        secure_cookies = false
        poll_seconds = 1
        blind_share = 0

        [landlord]
        records = "records.csv"

        [sign_in]
        invitations = true

        [[imap]]
        name = "{MAILBOX}"
        host = "localhost"
        port = {server.port}
        user = "{MAILBOX}"
        password_file = "secret"
        ca_file = "{server.ca_file}"
        folders = [{{ name = "INBOX" }}]

        [[calls]]
        name = "calls"
        path = "calls"
        settle_seconds = 0.2
        ''',
        encoding="utf-8",
    )
    return folder / "triage.toml"


class Serving:
    """`triage serve` as a process of its own."""

    def __init__(self, config, port):
        environment = {**os.environ, "TRIAGE_PORT": str(port)}
        self.process = subprocess.Popen(
            [TRIAGE, "serve", "--invite", "-c", config],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if "Ctrl-C" in line:
                break
        self.invitations = dict(re.findall(r"(\w+)\s*│\s*(http\S+)", self.output))

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=20)


@pytest.fixture(scope="module")
def mailbox():
    require("dovecot")
    with DovecotServer(users=[(MAILBOX, PASSWORD)]) as server:
        put_mail(server)
        yield server


@pytest.fixture(scope="module")
def serving(mailbox, tmp_path_factory, free_port):
    folder = tmp_path_factory.mktemp("service")
    put_call(folder / "calls")
    config = settings(folder, mailbox)
    running = Serving(config, free_port)
    running.config = config
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser():
    require("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield browser
        browser.close()


def signed_in(browser, serving, role):
    page = browser.new_page()
    page.goto(serving.invitations[role])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def address(page, path):
    return re.sub(r"^(https?://[^/]+).*", r"\1", page.url) + path


def until(page, name, seconds=180):
    """Reloads the queue until it lists a flag of that name: mail is taken in beside the pages, by another process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page.reload()
        if page.get_by_role("link", name=name).count():
            return
        time.sleep(1)
    raise AssertionError(f"{name!r} is not in the queue after {seconds} s")


def until_marked(page, words):
    """Waits until these words are marked; where they never are, says what the page held instead."""
    from playwright.sync_api import TimeoutError as Late

    try:
        page.locator("mark").filter(has_text=words).first.wait_for(state="attached")
    except Late as error:
        held = page.locator("body").inner_text(timeout=5_000)
        raise AssertionError(f"{words!r} is not marked on {page.url}, which holds:\n{held[:4000]}") from error


def test_a_mail_and_a_call_become_flags_and_are_decided_by_mouse_and_keyboard(mailbox, serving, browser):
    before = mailbox.flags(user=MAILBOX)
    page = signed_in(browser, serving, "reviewer")
    until(page, "Threats towards staff")
    until(page, "Verbal abuse")

    page.get_by_role("link", name="Threats towards staff").click()
    page.wait_for_url("**/flags/*")
    until_marked(page, "break his legs")
    decide_by_mouse(page, "A1")
    assert page.get_by_text("recorded", exact=False).count() >= 1

    page.goto(address(page, "/"))
    assert "Threats towards staff" not in page.locator("table").first.inner_text()
    page.get_by_role("link", name="Verbal abuse").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/flags/*")
    page.get_by_text(ABUSE).first.wait_for(state="attached")
    decide_by_keyboard(page, "A2")
    page.goto(address(page, "/"))
    assert page.get_by_role("link", name="Verbal abuse").count() == 0

    assert mailbox.flags(user=MAILBOX) == before
    checked = subprocess.run(
        [TRIAGE, "audit", "verify", "-c", serving.config], capture_output=True, text=True, check=True
    )
    assert "none altered or missing" in checked.stdout


def decide_by_mouse(page, code):
    page.locator(f'input[name="answer-{code}"][value="yes"]').check()
    page.locator(f'input[name="limb-{code}"][value="distress"]').check()
    page.locator(f'[name="limb_evidence-{code}"]').fill("the repairs officer's own words on the phone")
    page.locator(f'input[name="out_of_character-{code}"][value="unknown"]').check()
    page.locator(f'input[name="visit_planned-{code}"][value="no"]').check()
    page.locator(f'textarea[name="reason-{code}"]').fill("A plain threat against a named colleague.")
    with page.expect_navigation():
        page.get_by_role("button", name="Record my decision").click()


def decide_by_keyboard(page, code):
    """Nothing but Tab, arrows, Space, letters and Enter."""
    page.locator(f'input[name="answer-{code}"][value="yes"]').focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(f'input[name="answer-{code}"][value="no"]').is_checked()
    reason = page.locator(f'textarea[name="reason-{code}"]')
    for _ in range(20):
        page.keyboard.press("Tab")
        if reason.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.type("She speaks of the lift and then apologises to the agent.")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "BUTTON" and "Record" in page.evaluate(
            "document.activeElement.innerText"
        ):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_what_could_not_be_read_is_in_plain_sight(serving, browser):
    page = signed_in(browser, serving, "administrator")
    page.goto(address(page, "/not-scored"))
    assert page.get_by_text("image/png").count() >= 1


def test_every_role_has_an_invitation_that_works_once(serving, browser):
    assert set(serving.invitations) == {"reviewer", "safeguarding", "analyst", "manager", "administrator", "auditor"}
    signed_in(browser, serving, "manager").close()
    page = browser.new_page()
    page.goto(serving.invitations["manager"])
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("heading", name="Queue").count() == 0
