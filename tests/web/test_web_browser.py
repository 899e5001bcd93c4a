"""In Debian's chromium: a decision by mouse and by keyboard, and nothing against the policy of the page."""

import pytest
from playwright.sync_api import expect

from triage.store.access import Duty
from triage.testing import NOW, invited

pytestmark = pytest.mark.browser


class Person:
    """Somebody at a browser; what the browser complains of is kept."""

    def __init__(self, chromium, site, desk, duty, **options):
        self.context = chromium.new_context(viewport={"width": options.pop("width", 1280), "height": 900}, **options)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.outside = []
        self.page.on(
            "request", lambda request: None if request.url.startswith(site) else self.outside.append(request.url)
        )
        self.site = site
        self.page.goto(f"{site}/sign-in?token={invited(desk.store, duty, NOW)}")
        self.page.get_by_role("button", name="Sign in").click()
        self.scripted = options.get("java_script_enabled", True)
        self._settle()

    def open(self, path):
        self.page.goto(self.site + path)
        self._settle()
        return self.page

    def _settle(self):
        self.page.wait_for_selector("body.js-enabled" if self.scripted else "main")


@pytest.fixture
def person(chromium, served, desk):
    people = []

    def arrive(duty, **options):
        people.append(Person(chromium, served, desk, duty, **options))
        return people[-1]

    yield arrive
    for somebody in people:
        somebody.context.close()


def _decisions(desk):
    with desk.store.read() as unit:
        return {
            decision.code: decision.answer.value
            for review in unit.flags.reviews(desk.landlord.behaviour)
            for decision in review.decisions
        }


def test_a_decision_is_taken_with_the_mouse(desk, person):
    reviewer = person(Duty.REVIEWER)
    page = reviewer.page
    page.get_by_role("link", name="Verbal abuse").click()
    page.get_by_role("button", name="Claim for 10 minutes").click()
    assert "With Test reviewer" in page.inner_text("main")
    assert not page.locator("#limb-A2").is_visible()
    page.locator("label[for='answer-A2']").click()
    page.locator("label[for='limb-A2.distress']").click()
    page.get_by_label("By whose evidence is that limb met?").first.fill("Mr Poole's statement")
    page.locator("label[for='out_of_character-A2']").click()
    page.locator("#reason-A2").fill("He insulted Mr Poole by name.")
    page.locator("label[for='answer-P3.no']").click()
    page.locator("#reason-P3").fill("We were late ourselves.")
    page.get_by_role("button", name="Record my decision").click()
    assert "Your decision is recorded." in page.inner_text("main")
    assert _decisions(desk) == {"A2": "yes", "P3": "no"}
    assert reviewer.complaints == []
    assert reviewer.outside == []


def test_a_decision_is_taken_with_the_keyboard_alone(desk, person):
    reviewer = person(Duty.REVIEWER)
    page, keys = reviewer.page, reviewer.page.keyboard
    for _ in range(3):
        keys.press("j")
    keys.press("k")
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url(f"**/flags/{desk.landlord.behaviour}")
    keys.press("d")
    keys.press("Tab")
    keys.press("ArrowDown")  # no
    keys.press("Tab")
    keys.type("Quoted words, not his own.")
    keys.press("Tab")
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.type("We were late ourselves.")
    for _ in range(20):
        keys.press("Tab")
        if "Record" in page.evaluate("document.activeElement.innerText"):
            break
    keys.press("Enter")
    page.wait_for_url("**?done=decided")
    assert _decisions(desk) == {"A2": "no", "P3": "no"}
    assert reviewer.complaints == []


def test_a_refused_decision_leads_to_the_first_fault_and_keeps_the_words(desk, person):
    page = person(Duty.REVIEWER).open(f"/flags/{desk.landlord.behaviour}")
    page.locator("#reason-A2").fill("Words that I typed.")
    page.get_by_role("button", name="Record my decision").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.locator("#reason-A2").input_value() == "Words that I typed."
    page.get_by_role("link", name="Decide A2").click()
    assert page.evaluate("document.activeElement.id") == "answer-A2"


def test_a_decision_is_taken_without_javascript(desk, person):
    page = person(Duty.REVIEWER, java_script_enabled=False).open(f"/flags/{desk.landlord.behaviour}")
    page.locator("label[for='answer-A2']").click()
    assert page.locator("#limb-A2").is_visible()
    for code in ("A2", "P3"):
        page.locator(f"label[for='answer-{code}.no']").click()
        page.locator(f"#reason-{code}").fill("Looked at without scripts.")
    page.get_by_role("button", name="Record my decision").click()
    assert "Your decision is recorded." in page.inner_text("main")
    assert _decisions(desk) == {"A2": "no", "P3": "no"}


def test_shortcuts_are_explained_and_can_be_switched_off(desk, person):
    reviewer = person(Duty.REVIEWER)
    page = reviewer.page
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keyboard shortcuts").is_visible()
    page.keyboard.press("Escape")
    reviewer.open("/keys").get_by_role("button", name="Switch shortcuts off").click()
    assert "Shortcuts are off." in page.inner_text("main")
    reviewer.open("/")
    page.keyboard.press("?")
    assert not page.locator("dialog").is_visible()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_a_shortcut_typed_in_a_field_is_only_a_letter(desk, person):
    page = person(Duty.REVIEWER).open(f"/flags/{desk.landlord.behaviour}")
    page.locator("#reason-A2").focus()
    page.keyboard.type("jd?")
    assert page.locator("#reason-A2").input_value() == "jd?"
    assert not page.locator("dialog").is_visible()
