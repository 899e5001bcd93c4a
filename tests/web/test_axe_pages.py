"""Every page and state in Debian's chromium: nothing that axe objects to in either scheme, usable at 320 pixels and at 200 %, printable.

The pages are those of the table of duties, so a page that is added is looked at without a line here.
"""

import re
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from triage.domain.flag import FlagKind
from triage.rehearsal_desk import Asked
from triage.rehearsing import Change, Difference, Rehearsed
from triage.store.access import Duty
from triage.testing import NOW, invited
from triage.web.duties import OPEN, PAGES
from triage.web.same_as import API

pytestmark = pytest.mark.browser

FILES = (".json", ".csv", "/sheet", "/callback")
"""What gives a file, or leads elsewhere."""
NARROW, HALF, WIDE = 320, 640, 1280
"""A phone; a screen of 1,280 pixels at 200 %; that screen itself."""


class Looker:
    """Somebody at a browser who looks at each page in both schemes and at three widths; what is wrong is kept."""

    def __init__(self, chromium, site, axe):
        self.context = chromium.new_context(viewport={"width": WIDE, "height": 900})
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))
        self.page.on("request", lambda r: None if r.url.startswith(site) else self.wrong.append(f"outside: {r.url}"))
        self.site, self.axe, self.wrong = site, axe, []

    def _heard(self, message):
        expected = "Failed to load resource"  # the 401s, 404s and 422s that are looked at on purpose
        if message.type in ("error", "warning") and expected not in message.text:
            self.wrong.append(f"{self.page.url}: {message.text}")

    def sign_in(self, desk, duty):
        self.page.goto(f"{self.site}/sign-in?token={invited(desk.store, duty, NOW)}")
        self.page.get_by_role("button", name="Sign in").first.click()
        self.page.wait_for_selector("body.js-enabled")

    def open(self, path):
        self.page.goto(self.site + path)
        self.page.wait_for_selector("body.js-enabled")
        self.look(path)
        return self.page

    def look(self, name):
        self.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            if not self.page.evaluate("'axe' in window"):
                self.page.evaluate(self.axe)
            result = self.page.evaluate("axe.run({resultTypes: ['violations']})")
            self.wrong += [
                f"{name} ({scheme}): {fault['id']}: {node['target']} {node['failureSummary']}"
                for fault in result["violations"]
                for node in fault["nodes"]
            ]
        for width in (NARROW, HALF):
            self.page.set_viewport_size({"width": width, "height": 900})
            drawn = self.page.evaluate("document.documentElement.scrollWidth")
            self.wrong += [f"{name}: {drawn} pixels wide on a screen of {width}"] if drawn > width else []
        self.page.set_viewport_size({"width": WIDE, "height": 900})


@pytest.fixture
def looker(chromium, served):
    from axe_playwright_python.base import AXE_FILE_PATH

    axe = Path(AXE_FILE_PATH).read_text("utf-8")
    lookers = []

    def arrive():
        lookers.append(Looker(chromium, served, axe))
        return lookers[-1]

    yield arrive
    for one in lookers:
        one.context.close()


def _incident_record(desk):
    """The id of what a confirmed threat leaves behind: a page that is there only after a decision."""
    reviewer, flag_id = desk.signed_in(Duty.REVIEWER, "Another reviewer"), desk.landlord.mixed
    flag = reviewer.get(f"{API}/flags/{flag_id}").json()
    yes = {
        "answer": "yes",
        "reason": "The words are a threat.",
        "limb": next(iter(desk.landlord.policy.limbs)),
        "limb_evidence": "The words themselves",
        "out_of_character": "unknown",
        "visit_planned": "no",
    }
    decisions = [{"code": code, **yes} for code in flag["flag"]["codes"]]
    sent = {"flag_version": flag["flag"]["version"], "decisions": decisions}
    answer = reviewer.send(f"{API}/flags/{flag_id}/reviews", sent)
    assert answer.status_code == 201, answer.text
    return reviewer.get(f"{API}/flags/{flag_id}").json()["records"][0][0]


def _rehearsal(desk, *, state="done"):
    """The id of a rehearsal that found one thing new and one gone, or of one that goes on."""
    found = {
        "at": NOW - timedelta(days=1),
        "customer_ref": "C-100",
        "issue_id": "i-boiler",
        "contacts": ("c-boiler-1",),
    }
    differences = tuple(
        Difference(change=change, code=code, why="Two busy days.", **found)
        for change, code in ((Change.NEW, "P1"), (Change.GONE, "P3"))
    )
    kinds = {FlagKind.BEHAVIOUR: 2, FlagKind.SAFEGUARDING: 1}
    result = Rehearsed(
        before={"P3": 1}, after={"P1": 1}, flags_before=kinds, flags_after=kinds, differences=differences, minutes=12
    )  # fmt: skip

    def run(work, watch):
        while state == "running":
            watch.reached(0)
            sleep(0.05)
        return result

    desk.rehearsals._run = run
    today = NOW.date()
    one = desk.rehearsals.start(
        Asked(first=today - timedelta(days=30), last=today, model=("linear", "1.1")), "Ana Silva"
    )
    while desk.rehearsals.get(one.id).state != state:
        sleep(0.02)
    return one.id


def _pages(desk, duty):
    """The addresses of every page that this role may open; a place in an address that has no example is a fault."""
    examples = {
        "flag_id": desk.landlord.safeguarding if duty is Duty.SAFEGUARDING else desk.landlord.behaviour,
        "contact_id": desk.landlord.safeguarded_contact if duty is Duty.SAFEGUARDING else desk.landlord.abusive_contact,
        "issue_id": desk.landlord.boiler_issue,
        "record_id": _incident_record(desk) if duty in PAGES["GET", "/incident-records/{record_id}"] else "",
        "rehearsal_id": _rehearsal(desk) if duty in PAGES["GET", "/rehearsals/{rehearsal_id}"] else "",
    }
    found = []
    for (method, path), duties in PAGES.items():
        if method != "GET" or "/api/" in path or path.endswith(FILES):
            continue
        if duties is OPEN or duty not in duties:
            continue
        places = set(re.findall(r"{(\w+)}", path))
        assert places <= set(examples), f"{path} needs an example of {places - set(examples)}"
        found.append(re.sub(r"{(\w+)}", lambda place: examples[place.group(1)], path))
    return found


@pytest.mark.parametrize("duty", Duty)
def test_every_page_of_a_role_is_accessible_in_both_schemes_and_fits_small_screens(desk, looker, duty):
    somebody = looker()
    somebody.sign_in(desk, duty)
    pages = _pages(desk, duty)
    assert len(pages) > 2
    for path in pages:
        somebody.open(path)
    assert somebody.wrong == []


def test_the_states_of_the_desk_are_accessible_too(desk, looker, served):
    reviewer = looker()
    reviewer.page.goto(f"{served}/sign-in?token=abc")
    reviewer.page.wait_for_selector("body.js-enabled")
    reviewer.look("sign in")
    reviewer.sign_in(desk, Duty.REVIEWER)
    landlord = desk.landlord
    for path in (
        "/?kind=behaviour&code=A2",
        "/?state=lapsed",
        f"/flags/{landlord.hazard}",
        f"/flags/{landlord.service_failure}",
        f"/flags/{landlord.mixed}",
        "/contacts/c-boiler-6",
        "/models",
        "/nowhere",
    ):
        reviewer.open(path)
    page = reviewer.open(f"/flags/{landlord.behaviour}")
    page.locator("label[for='answer-A2']").click()
    reviewer.look("flag with a yes")
    page.get_by_role("button", name="Record my decision").first.click()
    page.wait_for_selector(".govuk-error-summary")
    reviewer.look("flag with faults")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    reviewer.look("the keys")
    assert reviewer.wrong == []


def test_the_states_of_a_rehearsal_are_accessible_too(desk, looker):
    analyst = looker()
    analyst.sign_in(desk, Duty.ANALYST)
    page = analyst.open("/rehearsals")
    page.get_by_label("A changed policy from a file").set_input_files(
        {"name": "policy.toml", "mimeType": "text/plain", "buffer": b'id = "x"'}
    )
    page.get_by_text("The file is in the field below.").wait_for()
    assert page.get_by_label("The policy", exact=True).input_value() == 'id = "x"'
    page.get_by_role("button", name="Rehearse").click()
    page.wait_for_selector(".govuk-error-summary")
    analyst.look("a form with faults")
    analyst.open(f"/rehearsals/{_rehearsal(desk, state='running')}")
    assert analyst.page.get_by_role("progressbar").is_visible()
    assert analyst.wrong == []
