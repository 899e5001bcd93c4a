"""The main pages over the demo landlord in Debian's chromium; with TRIAGE_PICTURES=1 they become the pictures of the README."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from triage.bootstrap import Service, build
from triage.config import read_settings
from triage.demo import prepare
from triage.domain.flag import FlagKind
from triage.domain.policy import shipped_text
from triage.domain.record import Record, RecordKind
from triage.jobs.rounds import one_round
from triage.links_desk import RunningLinks
from triage.rehearsal_desk import Rehearsals
from triage.web.app import create_app
from triage.web.invitations import invitation

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 300_000
WIDTH = 1280


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Iterates as the site's address and a reviewer's page; ``arrive`` signs somebody else in."""

    site: str
    service: Service
    page: Page
    arrive: Callable[[str, str], Page]

    def __iter__(self) -> Iterator[object]:
        return iter((self.site, self.page))


@pytest.fixture(scope="module")
def demo(chromium, tmp_path_factory, on_a_port):
    """The demo landlord, read as `triage demo` reads it, and a reviewer and a manager who are signed in."""
    service = build(read_settings(prepare(ROOT / "training" / "housing", tmp_path_factory.mktemp("demo"))))
    one_round(service)
    models = service.models
    rehearsals = Rehearsals(
        store=service.store, policy=service.policy, policy_text=shipped_text(), clock=service.clock, models=models
    )
    app = create_app(
        store=service.store,
        policy=service.policy,
        clock=service.clock,
        models=models,
        secure_cookies=False,
        links=RunningLinks(service),
        rehearsals=rehearsals,
    )
    with on_a_port(app) as site:
        contexts = []

        def arrive(person, role):
            contexts.append(chromium.new_context(viewport={"width": WIDTH, "height": 900}))
            page = contexts[-1].new_page()
            address = invitation(service.store, service.settings, person, role, service.clock())
            page.goto(f"{site}/sign-in?{address.partition('?')[2]}")
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_selector("body.js-enabled")
            return page

        yield Demo(site=site, service=service, page=arrive("Ana Silva", "reviewer"), arrive=arrive)
        for context in contexts:
            context.close()


@pytest.fixture(scope="module")
def manager(demo):
    return demo.arrive("Lee Marsh", "manager")


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


def test_what_we_owe_is_drawn_with_the_longest_late_first(demo, manager):
    manager.goto(f"{demo.site}/owed")
    assert manager.get_by_text(re.compile("^Late on")).is_visible()
    _picture(manager, "owed", 1000)


def test_a_question_on_who_wrote_is_drawn_with_its_evidence_and_no_name(demo, manager):
    manager.goto(f"{demo.site}/people")
    manager.locator("main a[href^='/people/']").first.click()
    manager.wait_for_url("**/people/*")
    assert manager.get_by_role("button", name="Same person", exact=True).is_visible()
    assert manager.get_by_text("Name: [name]").is_visible()
    _picture(manager, "who-wrote", 1300)


def test_the_patterns_are_drawn_with_our_own_clock(demo, manager):
    manager.goto(f"{demo.site}/patterns")
    assert manager.get_by_text("We are late").first.is_visible()
    _picture(manager, "patterns", 1300)


def test_the_safeguarding_room_is_drawn_for_its_role(demo):
    page = demo.arrive("Ida Fenn", "safeguarding")
    page.goto(f"{demo.site}/safeguarding")
    assert page.get_by_role("heading", level=1).is_visible()
    _picture(page, "safeguarding", 1200)


def test_restrictions_are_drawn_with_what_is_overdue_first(demo, manager):
    now = demo.service.clock()
    with demo.service.store.begin() as unit:
        flags = unit.flags.listed(kinds=(FlagKind.BEHAVIOUR,))[:2]
        for number, (flag, left, text) in enumerate(
            zip(flags, (-6, 80), ("One e-mail a week, to one address.", "Calls on Tuesdays and Fridays."), strict=True)
        ):
            record = Record(
                id=f"picture-{number}", at=now - timedelta(days=90), kind=RecordKind.CONTACT_AGREEMENT,
                customer_ref=flag.customer_ref, due=now + timedelta(days=left), text=text,
            )  # fmt: skip
            unit.landlord.put_record(record, flag.issue_id)
    manager.goto(f"{demo.site}/restrictions")
    assert manager.get_by_text("Overdue").first.is_visible()
    _picture(manager, "restrictions", 900)


def test_a_rehearsal_is_asked_for_on_its_page_and_drawn_when_it_is_done(demo, manager):
    manager.goto(f"{demo.site}/rehearsals")
    policy = manager.get_by_label("The policy", exact=True)
    text = policy.input_value()
    policy.fill(text.replace("burst_contacts_count = 6", "burst_contacts_count = 3"))
    manager.get_by_role("button", name="Rehearse").click()
    manager.wait_for_url("**/rehearsals/*")
    manager.get_by_role("heading", name="By clause").wait_for(timeout=120_000)
    assert manager.get_by_text("P1 burst contacts count 6 → 3").is_visible()
    _picture(manager, "rehearsal", 1700)
