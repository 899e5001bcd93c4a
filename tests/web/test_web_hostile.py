import hashlib
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from triage.domain.contact import Speaker, Turn
from triage.domain.record import Record, RecordKind
from triage.domain.signal import Assessment, Finding
from triage.queue import settle
from triage.store import SqlLedger
from triage.store.access import Duty
from triage.testing import NOW, contact, put
from triage_mailbox.messages import FolderRole, RawMessage, SourceKind

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea></title><iframe src=javascript:alert(1)>",
    "{{ 7*7 }}{% include 'x' %}",
    "<a href=javascript:alert(1)>x</a><style>*{display:none}</style><base href=//evil.example>",
)
EVERYTHING = " ".join(PAYLOADS)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


@pytest.fixture
def hostile(desk):
    """An issue where an attacker chose every text: subject, body, names, routes, file names, records and findings."""
    with desk.store.begin() as unit:
        issue = unit.issues.get(desk.landlord.boiler_issue)
        turn = Turn(speaker=Speaker.CUSTOMER, text=EVERYTHING, start_ms=0)
        for id, turns, not_scored in (
            ("c-evil-1", (), None),
            ("c-evil-2", (turn,), None),
            ("c-evil-3", (), EVERYTHING),
        ):
            item = contact(
                id,
                NOW - timedelta(minutes=30),
                EVERYTHING,
                subject=EVERYTHING,
                turns=turns,
                not_scored=not_scored,
                routes=(EVERYTHING,),
                from_name=EVERYTHING,
                from_addr=EVERYTHING,
                attachments=(EVERYTHING,),
            )
            put(unit, item, issue.id, f"C-{EVERYTHING}")
        unit.landlord.put_record(
            Record(id="r-evil", at=NOW - timedelta(days=2), kind=RecordKind.PROMISE, ref=EVERYTHING, text=EVERYTHING),
            issue.id,
        )
        finding = Finding(
            code="A1",
            customer_ref=f"C-{EVERYTHING}",
            why=EVERYTHING,
            contacts=("c-evil-1", "c-evil-2"),
            event="c-evil-1",
            what_would_change=EVERYTHING,
        )
        assessment = Assessment(
            at=NOW,
            issue_id=issue.id,
            policy="p",
            contact_id="c-evil-1",
            findings=(finding,),
            circumstances=(EVERYTHING,),
        )
        unit.issues.put_assessment(assessment)
        settle(unit, assessment, desk.landlord.policy)
        return next(flag.id for flag in unit.flags.listed(issue_id=issue.id) if flag.code("A1"))


def test_no_text_of_an_attacker_becomes_markup_on_any_page(desk, hostile, reviewer, manager):
    reviewer.post(f"/flags/{hostile}/statements", staff=EVERYTHING[:200], text=EVERYTHING)
    refused = reviewer.post(
        f"/flags/{hostile}/reviews",
        **{"flag_version": "1", "answer-A1": "yes", "reason-A1": EVERYTHING, "limb_evidence-A1": EVERYTHING},
    )
    assert refused.status_code == 422
    pages = [refused]
    pages += [
        reviewer.get(path)
        for path in (
            "/",
            "/not-scored",
            f"/flags/{hostile}",
            "/contacts/c-evil-1",
            "/contacts/c-evil-2",
            "/contacts/c-evil-3",
        )
    ]
    pages += [manager.get("/patterns"), manager.get(f"/issues/{desk.landlord.boiler_issue}")]
    assert sum(page.text.count("&lt;script&gt;alert(1)") for page in pages) > 20
    for page in pages:
        tags = _Tags()
        tags.feed(page.text)
        assert tags.tags.count("script") == 1  # our own module
        assert not {"iframe", "base", "style", "img", "object"} & set(tags.tags)
        assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "style"]
        assert not [
            value for name, value in tags.attributes if name in ("href", "src") and "javascript:" in (value or "")
        ]
        assert "49{%" not in page.text


def test_an_attackers_address_bar_is_no_markup_either(desk, reviewer):
    for path in (
        "/sign-in?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/?kind=%3Cscript%3E&code=%22%3E&state=x&page=1",
        "/nowhere/%3Cscript%3E",
    ):
        assert "<script>alert" not in reviewer.get(path).text


def test_characters_that_cannot_be_seen_are_written_out(desk, reviewer):
    with desk.store.begin() as unit:
        put(
            unit,
            contact(
                "c-bidi",
                NOW,
                "safe\u202etxt.exe zero\u200bwidth 👩\u200d🔧",
                subject="a\u2066b\u00adc",
                from_name="B\u200eob",
            ),
            desk.landlord.boiler_issue,
            "C-100",
        )
    text = reviewer.get("/contacts/c-bidi").text
    assert "safe[U+202E]txt.exe zero[U+200B]width 👩\u200d🔧" in text
    assert "a[U+2066]b[U+00AD]c" in text
    assert "B[U+200E]ob" in text


def test_the_raw_message_is_a_download_and_never_shown(desk, administrator):
    raw = RawMessage(
        account="housing@heron.example",
        folder="INBOX",
        uidvalidity=1,
        uid="7",
        content=b"<script>",
        sha256=hashlib.sha256(b"<script>").hexdigest(),
        received=NOW,
        kind=SourceKind.MAIL,
        role=FolderRole.INBOX,
    )
    SqlLedger(desk.store).store(raw, NOW)
    with desk.store.begin() as unit:
        unit.contacts.mark_read(raw, desk.landlord.abusive_contact)
    answer = administrator.post(f"/contacts/{desk.landlord.abusive_contact}/raw")
    assert answer.status_code == 200
    assert answer.content == b"<script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="message.bin"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert desk.audit("contact.raw_downloaded") == [("Test administrator", desk.landlord.abusive_contact)]
    assert desk.signed_in(Duty.REVIEWER).post(f"/contacts/{desk.landlord.abusive_contact}/raw").status_code == 403


def test_templates_mark_nothing_as_safe_and_use_no_inline_script_or_style():
    from importlib.resources import files

    for template in files("triage.web").joinpath("templates").iterdir():
        text = template.read_text("utf-8")
        assert not re.search(r"\|\s*safe\b|Markup|autoescape|\sstyle=|\son\w+=", text), template.name
        assert len(re.findall("<script", text)) == (1 if template.name == "base.html" else 0)
