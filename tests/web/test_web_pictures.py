"""The main pages over the demo landlord in Debian's chromium; with TRIAGE_PICTURES=1 they become the pictures of the README."""

import os
import re
from pathlib import Path

import pytest

from triage.bootstrap import build
from triage.config import read_settings
from triage.demo import prepare
from triage.jobs.rounds import one_round
from triage.web.app import create_app
from triage.web.invitations import invitation

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 300_000
WIDTH = 1280


@pytest.fixture(scope="module")
def demo(chromium, tmp_path_factory, on_a_port):
    """The demo landlord, read as `triage demo` reads it, and a reviewer and a manager who are signed in."""
    service = build(read_settings(prepare(ROOT / "training" / "housing", tmp_path_factory.mktemp("demo"))))
    one_round(service)
    app = create_app(
        store=service.store, policy=service.policy, clock=service.clock, models=service.models, secure_cookies=False
    )
    with on_a_port(app) as site:
        context = chromium.new_context(viewport={"width": WIDTH, "height": 900})
        page = context.new_page()
        address = invitation(service.store, service.settings, "Ana Silva", "reviewer", service.clock())
        page.goto(f"{site}/sign-in?{address.partition('?')[2]}")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("body.js-enabled")
        yield site, page
        context.close()


def _picture(page, name: str, height: int) -> None:
    """Draws the top of the page; kept in docs/pictures only where the environment asks for it."""
    page.wait_for_selector("body.js-enabled")
    shown = min(height, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": shown}
    drawn = page.screenshot(full_page=True, clip=clip, animations="disabled")
    assert len(drawn) < LARGEST
    if os.environ.get("TRIAGE_PICTURES") == "1":
        folder = ROOT / "docs" / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.png").write_bytes(drawn)


def test_the_queue_of_the_demo_landlord_is_drawn(demo):
    site, page = demo
    page.goto(f"{site}/")
    assert page.locator("[data-row]").count() > 10
    assert page.get_by_text(re.compile("with the safeguarding team")).is_visible()
    _picture(page, "queue", 1150)


def test_a_flag_of_the_demo_landlord_is_drawn_with_what_we_owe_above_the_words(demo):
    site, page = demo
    page.goto(f"{site}/?kind=behaviour")
    rows = page.locator("[data-row]")
    late = rows.filter(has_text="We are late")
    (late if late.count() else rows).locator("[data-open]").first.click()
    page.wait_for_url("**/flags/*")
    owed, said = (page.get_by_role("heading", name=name).bounding_box() for name in ("What do we owe", "What was said"))
    assert owed["y"] < said["y"]
    _picture(page, "flag", 1800)


def test_an_issue_of_the_demo_landlord_is_drawn_with_its_timeline(demo):
    site, page = demo
    page.goto(f"{site}/?kind=service_failure")
    if not page.locator("[data-open]").count():
        page.goto(f"{site}/?kind=behaviour")
    page.locator("[data-open]").last.click()
    page.wait_for_url("**/flags/*")
    page.get_by_role("link", name="The whole issue").click()
    page.wait_for_url("**/issues/*")
    assert page.locator("svg.desk-line circle").count() > 0
    _picture(page, "issue", 1800)
