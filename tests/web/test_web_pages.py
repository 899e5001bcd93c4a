import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files

import pytest
from starlette.testclient import TestClient

from triage.domain.contact import Channel, Segment, SegmentKind, Speaker, Turn
from triage.domain.policy import shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.score import Span
from triage.domain.workdays import LONDON
from triage.reports.flag import would_change
from triage.reports.marked import Mark, marks_in, pieces, seen
from triage.reports.people import pseudonym
from triage.store.access import Duty
from triage.testing import INSULT, NOW, contact, invited, put
from triage.web.app import create_app

STATIC = files("triage.web").joinpath("static")
TEMPLATES = files("triage.web").joinpath("templates")


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


# the queue


def test_the_queue_is_most_urgent_first(desk, reviewer):
    text = reviewer.get("/").text
    landlord = desk.landlord
    order = [
        text.index(flag) for flag in (landlord.hazard, landlord.mixed, landlord.behaviour, landlord.service_failure)
    ]
    assert order == sorted(order)


def test_a_row_says_what_who_since_when_by_how_many_routes_and_whether_we_are_late(desk, reviewer):
    row = _words(reviewer.get("/").text.split(f'{desk.landlord.behaviour}" data-open')[1].split("</tr>")[0])
    for part in (
        "A2",
        "Verbal abuse",
        "P3",
        pseudonym("C-100"),
        "Boiler locks out every night",
        "11 Mar 2026",
        "1 day ago",
        "3 routes",
        "We are late",
        "Nobody",
    ):
        assert part in row


def test_names_and_addresses_of_customers_are_not_in_the_queue_or_on_the_flag_page(desk, reviewer):
    for path in ("/", f"/flags/{desk.landlord.behaviour}"):
        text = reviewer.get(path).text
        assert "ade@post.example" not in text
        assert "C-100" not in text


@pytest.mark.parametrize(
    ("query", "there", "away"),
    [
        ("kind=hazard", "hazard", "behaviour"),
        ("code=P3", "behaviour", "mixed"),
        ("kind=safeguarding", None, "safeguarding"),
        ("state=decided", None, "hazard"),
    ],
)
def test_filters_live_in_the_address(desk, reviewer, query, there, away):
    text = reviewer.get(f"/?{query}").text
    assert getattr(desk.landlord, away) not in text
    if there:
        assert getattr(desk.landlord, there) in text


def test_the_page_says_how_fresh_it_is(desk, reviewer):
    text = _words(reviewer.get("/").text)
    assert "Waiting to be read: 0." in text
    assert "Records: fresh, 12 Mar 2026, 8:30am" in text
    assert "1 contact could not be scored" in text
    assert "We cannot judge" not in text


def test_the_health_page_says_of_how_many_contacts_some_could_not_be_scored(administrator):
    assert "1 of 11 contacts could not be scored" in _words(administrator.get("/health").text)


def test_a_stale_feed_is_a_banner_and_not_a_blank(desk, reviewer):
    with desk.store.begin() as unit:
        unit.landlord.note_feed("records", desk.clock() - timedelta(hours=25), "ok")
    for path in ("/", f"/flags/{desk.landlord.behaviour}"):
        text = _words(reviewer.get(path).text)
        assert "not fresh" in text
    assert "We cannot judge demands or persistence now." in _words(reviewer.get("/").text)


def test_what_was_not_scored_stands_in_plain_sight_with_its_reason(desk, reviewer):
    text = reviewer.get("/not-scored").text
    assert "The message is cut off in the middle of its first part" in text
    assert f"/contacts/{desk.landlord.not_scored_contact}" in text


CAVEAT = "Not judged: the model knows too few of its words. A person has to read it."


def test_what_was_not_judged_is_listed_and_never_shown_as_clean(desk, reviewer):
    with desk.store.begin() as unit:
        put(unit, replace(contact("c-few", NOW, "Zabiję cię"), caveat=CAVEAT), desk.landlord.boiler_issue, "C-100")
    listed = reviewer.get("/not-scored").text
    assert CAVEAT in listed and "/contacts/c-few" in listed
    page = _words(reviewer.get("/contacts/c-few").text)
    assert f"Nothing found here does not mean that there is nothing. {CAVEAT}" in page
    assert CAVEAT in _words(reviewer.get(f"/issues/{desk.landlord.boiler_issue}").text)


# the flag page


def test_the_questions_stand_in_their_order_and_the_words_come_after_what_we_owe(desk, reviewer):
    text = reviewer.get(f"/flags/{desk.landlord.behaviour}").text
    questions = (
        "Is anyone at risk?",
        "What do we owe, and is it late?",
        "What circumstances and adjustments do we know?",
        "What was said and done?",
        "Your decision",
    )
    places = [text.index(question) for question in questions]
    assert places == sorted(places)
    assert text.index("We said that an engineer would come on Friday.") < text.index(INSULT)
    assert text.index("Large print letters") < text.index(INSULT)
    assert text.index(INSULT) < text.index("confidence is high")


def test_the_evidence_is_marked_with_its_code_and_nothing_else_is(desk, reviewer):
    text = reviewer.get(f"/flags/{desk.landlord.behaviour}").text
    marked = re.findall(r"<mark.*?</mark>", text, re.DOTALL)
    assert len(marked) == 1
    assert INSULT in marked[0]
    assert ">A2<" in marked[0]


def test_quoted_words_and_signatures_are_folded_and_said_to_be_not_scored(desk, reviewer):
    text = reviewer.get(f"/flags/{desk.landlord.behaviour}").text
    assert "Quoted from an earlier message (not scored)" in text
    assert "Signature (not scored)" in text


def test_each_clause_is_quoted_from_the_policy_and_says_what_speaks_for_and_against(desk, reviewer):
    text = _words(reviewer.get(f"/flags/{desk.landlord.behaviour}").text)
    clause = shipped_policy().clause("A2")
    for part in (
        f"“{clause.quote}”",
        clause.lookalikes[0],
        "The words name a member of staff.",
        "It was said a day after an appointment that we missed.",
        "Whose words they are needs a reader.",
        "Cannot know",
        "The same words about the boiler would not be flagged.",
        "Counted 2 of 4 contacts, and why",
        "Sent while we were late.",
        "As in version 2019-1.0/2 of the policy.",
    ):
        assert part in text


def test_a_score_is_a_band_and_never_a_bare_number(desk, reviewer):
    text = _words(reviewer.get(f"/flags/{desk.landlord.behaviour}").text)
    assert "0.91" not in text
    assert "91" not in text.replace("C-91", "")


def test_a_call_shows_who_spoke_when_and_where_the_recogniser_was_unsure(reviewer):
    text = _words(reviewer.get("/contacts/c-boiler-6").text)
    assert "Member of staff 0:00" in text
    assert "Customer 0:04" in text
    assert "Heard with low confidence" in text
    assert "1 word masked before we saw this" in text


def test_the_line_of_time_is_drawn_and_is_a_table_too(desk, reviewer):
    text = reviewer.get(f"/flags/{desk.landlord.behaviour}").text
    svg = text.split('<svg class="desk-line"')[1].split("</svg>")[0]
    assert svg.count("desk-dot--counted") == 2
    assert svg.count("desk-dot--uncounted") == 3  # two contacts, one of them on two routes
    assert svg.count("desk-dot--reply") == 1
    assert svg.count("desk-dot--record") == 2
    assert svg.count("desk-line__late") == 2
    table = _words(text.split("Everything on this issue in order of time")[1])
    for part in (
        "Case opened",
        "Customer told who deals with it",
        "Our reply (e-mail)",
        "Not counted: Sent while we were late.",
        "Something we promised due",
    ):
        assert part in table


def test_a_record_that_is_due_on_a_day_names_the_day_and_no_midnight(desk, manager):
    with desk.store.begin() as unit:
        for name, due in (
            ("r-day", datetime(2026, 5, 18, tzinfo=LONDON)),
            ("r-hour", datetime(2026, 5, 18, 9, 30, tzinfo=LONDON)),
        ):
            record = Record(id=name, at=NOW, kind=RecordKind.PROMISE, customer_ref="C-100", due=due, text="A visit.")
            unit.landlord.put_record(record, desk.landlord.boiler_issue)
    text = _words(manager.get(f"/issues/{desk.landlord.boiler_issue}").text)
    assert "Due 18 May 2026. A visit." in text and "Due 18 May 2026, 9:30am. A visit." in text


def test_a_call_is_shown_once_as_turns(desk, reviewer):
    with desk.store.begin() as unit:
        turns = (Turn(speaker=Speaker.CUSTOMER, text="I rang about the gate."),)
        own = Segment(start=0, end=22, kind=SegmentKind.OWN)
        call = contact(
            "c-call", NOW, "I rang about the gate.", channel=Channel.CALL, turns=turns, segments=(own,), subject="Call"
        )
        put(unit, call, desk.landlord.boiler_issue, "C-100")
    assert reviewer.get("/contacts/c-call").text.count("I rang about the gate.") == 1


def test_while_something_is_owed_the_timeline_reaches_to_now(desk):
    desk.clock.pass_by(timedelta(days=200))
    text = desk.signed_in(Duty.REVIEWER).get(f"/flags/{desk.landlord.service_failure}").text
    assert 'class="desk-line__now"' in text.split('<svg class="desk-line"')[1].split("</svg>")[0]


def test_what_is_owed_says_how_late_in_one_sentence(desk, reviewer):
    text = _words(reviewer.get(f"/flags/{desk.landlord.behaviour}").text)
    assert "We are late with 1 thing, the oldest for 2 days. 1 was done late." in text
    assert "Nothing is owed now" not in text


def test_history_is_told_in_words(desk, reviewer):
    text = _words(reviewer.get(f"/flags/{desk.landlord.behaviour}").text)
    assert "Raised: A2, by the service" in text
    assert "Opened, by Test reviewer" in text
    assert not re.search(r"flag\.\w+|pipeline", text)


def test_what_would_change_it_is_a_whole_sentence():
    assert would_change("Not raised had we been late.") == "This would not have been raised had we been late."
    assert would_change("Raised at 3 contacts.") == "This would be raised at 3 contacts."


def test_no_page_shows_a_machine_word(desk, reviewer, manager):
    landlord = desk.landlord
    machine = re.compile(
        r"\b(?:not_met|cannot_know|service_failure|staff_safety|general_reply|case_opened|call_transcript|HZ)\b"
        r"|unacceptable-behaviour|\d{4}-\d\d-\d\dT|\b[0-9a-f]{32}\b"
    )
    flags = (landlord.behaviour, landlord.mixed, landlord.hazard, landlord.service_failure)
    paths = ["/", "/owed", "/policy", f"/issues/{landlord.boiler_issue}", *(f"/flags/{flag}" for flag in flags)]
    for path in paths:
        page = manager.get(path).text.split('id="file"')[
            0
        ]  # the policy file itself, at the end of its page, is for machines too
        found = machine.search(_words(page))
        assert found is None, f"{path}: {found}"


def test_the_other_flags_of_the_person_are_named(desk, reviewer):
    assert "Other flags of this person" not in reviewer.get(f"/flags/{desk.landlord.behaviour}").text


# the manager, the analyst, the administrator


def test_patterns_are_about_issues_and_rank_nobody(desk, manager):
    text = manager.get("/patterns").text
    assert "Boiler locks out every night" in text
    assert "When will the lift be mended?" in text
    assert "Water through the light" not in text
    assert "score" not in _words(text).replace("Not scored", "").replace("rank or score people", "")


def test_an_issue_shows_contacts_replies_and_what_was_owed(desk, manager):
    text = _words(manager.get(f"/issues/{desk.landlord.boiler_issue}").text)
    for part in (
        "Something we promised",
        "Done late",
        "Our reply",
        "Counted: First report.",
        "Not counted: Sent while we were late.",
        "Large print letters",
    ):
        assert part in text
    assert desk.audit("issue.viewed") == [("Test manager", desk.landlord.boiler_issue)]


def test_an_issue_shows_what_was_done_for_prevention_response_and_support(desk, reviewer, manager):
    page = f"/flags/{desk.landlord.behaviour}"
    reviewer.post(f"{page}/statements", staff="Mr Poole", text="It shook me.")
    reviewer.get(page)
    fields = {
        f"{name}-{code}": text
        for code in ("A2", "P3")
        for name, text in (("answer", "no"), ("reason", "We were late ourselves."))
    }
    answer = reviewer.post(f"{page}/reviews", flag_version="2", **fields)
    assert answer.status_code == 303, answer.text
    done = _words(manager.get(f"/issues/{desk.landlord.boiler_issue}").text).split("What was done")[1]
    prevention, response, support = (done.split(name)[1] for name in ("Prevention", "Response", "Support"))
    assert "Customer told who deals with it" in prevention.split("Response")[0]
    assert "Decided by Test reviewer" in response.split("Support")[0]
    assert "Different routes about the same issue: no. No next step." in response.split("Support")[0]
    assert "Staff statement taken Mr Poole" in support.split("Timeline")[0]
    assert "It shook me." not in done


def test_a_candidate_is_shown_with_before_and_after(analyst):
    text = _words(analyst.get("/models").text)
    assert "linear 1.0 In use" in text
    assert "linear 1.1 Candidate" in text
    assert "personal remarks 0.911 → 0.902 (-0.009) 0.851 → 0.874 (+0.023)" in text
    assert "Known failures: dialect." in text


def test_a_label_is_explained_beside_its_code(analyst):
    text = _words(analyst.get("/models").text)
    assert "S0 Somebody may come to harm" in text
    assert "A2 Verbal abuse" in text


def test_promoting_is_a_persons_act_with_a_reason_on_record(desk, analyst):
    fields = {"name": "linear", "version": "1.1"}
    assert analyst.post("/models/promote", **fields, reason="").status_code == 422
    assert desk.models.acts == []
    assert analyst.post("/models/promote", **fields, reason="Better recall on threats.").status_code == 303
    assert desk.models.acts == [("promote", "linear", "1.1", "Test analyst")]
    assert desk.audit("model.promotion_asked") == [("Test analyst", "linear 1.1")]


def test_a_model_that_is_not_there_is_refused_and_nothing_changes(desk, analyst):
    answer = analyst.post("/models/promote", name="linear", version="9.9", reason="A slip of the pen.")
    assert answer.status_code == 409
    assert "There is no candidate linear 9.9" in answer.text
    assert desk.models.acts == []


def test_rolling_back_is_recorded(desk, analyst):
    assert analyst.post("/models/rollback", reason="Worse on dialect.").status_code == 303
    assert desk.models.acts == [("rollback", "Test analyst")]
    assert desk.audit("model.rollback_asked") == [("Test analyst", "champion")]


def test_health_verifies_the_audit_chain_and_sees_a_changed_entry(desk, administrator):
    assert "none altered or missing" in administrator.post("/health/verify").text
    with desk.store.begin() as unit:
        unit.connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    assert "Audit entry 2 does not fit the chain" in administrator.post("/health/verify").text


def test_the_policy_page_quotes_every_clause(administrator):
    text = _words(administrator.get("/policy").text).replace("&#39;", "'")
    for clause in shipped_policy().clauses.values():
        assert clause.title in text
        assert clause.quote in text
        assert clause.definition in text


def test_a_model_that_was_refused_is_a_banner_where_people_work(desk, reviewer, administrator):
    assert "Contacts are not read in full now." not in reviewer.get("/").text
    desk.models.problem = "The model in use was refused; only the safety and hazard rules read contacts."
    for page in (reviewer.get("/"), reviewer.get(f"/flags/{desk.landlord.behaviour}"), administrator.get("/health")):
        assert "Contacts are not read in full now." in page.text
        assert "only the safety and hazard rules read contacts" in page.text


# words


def test_no_page_labels_a_person():
    forbidden = re.compile(
        r"vexatious|habitual|abuser|serial complainer|offender|perpetrator|troublemaker|nuisance|blacklist|risk score",
        re.IGNORECASE,
    )
    checked = 0
    for folder in (TEMPLATES, STATIC):
        for file in folder.iterdir():
            if file.is_file():
                assert not forbidden.search(file.read_text("utf-8")), file.name
                checked += 1
    assert checked > 12


def test_the_pages_never_say_that_the_machine_decides():
    for template in TEMPLATES.iterdir():
        text = _words(template.read_text("utf-8")).lower()
        assert not re.search(r"(machine|model|system|service) (has )?(decid|determin|confirm|found that)", text), (
            template.name
        )


def test_vendored_files_are_those_that_were_vetted():
    listed = [
        row
        for package in json.loads(STATIC.joinpath("vendor", "vendor.json").read_text("utf-8"))
        for row in package["files"]
    ]
    for row in listed:
        assert (
            hashlib.sha256(STATIC.joinpath("vendor", *row["file"].split("/")).read_bytes()).hexdigest() == row["sha256"]
        ), row["file"]
    there = {
        f"{folder.name}/{file.name}"
        for folder in STATIC.joinpath("vendor").iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
    }
    assert there == {row["file"] for row in listed}


def test_the_style_sheets_ask_for_no_file_font_or_crest():
    for folder in STATIC.joinpath("vendor").iterdir():
        if folder.is_dir():
            for file in folder.iterdir():
                if file.name.endswith(".css"):
                    text = file.read_text("utf-8")
                    assert "url(" not in text.replace("url(data:", "")
                    assert "Transport" not in text
                    assert "@font-face" not in text


# pieces


def test_marks_that_overlap_share_a_piece():
    found = pieces("abcdef", [Mark(start=1, end=4, code="A1"), Mark(start=3, end=5, code="A2")])
    assert [(piece.text, piece.codes) for piece in found] == [
        ("a", ()),
        ("bc", ("A1",)),
        ("d", ("A1", "A2")),
        ("e", ("A2",)),
        ("f", ()),
    ]


def test_a_span_that_does_not_stand_where_it_says_is_looked_for_and_never_marks_other_words():
    once = Span(part="text", start=0, end=4, text="word")
    assert marks_in("one word here", [("A2", once)]) == [Mark(start=4, end=8, code="A2")]
    assert marks_in("word and word", [("A2", Span(part="text", start=2, end=6, text="word"))]) == []
    assert marks_in("nothing", [("A2", once)]) == []


def test_text_without_oddities_is_shown_as_it_is():
    assert seen("Ça va – “fine” 😀\n\tyes") == "Ça va – “fine” 😀\n\tyes"
    assert seen("a\x00b\x07") == "a�b�"


def test_a_pseudonym_is_stable_and_tells_people_apart():
    assert pseudonym("C-100") == pseudonym("C-100")
    assert pseudonym("C-100") != pseudonym("C-101")
    assert "100" not in pseudonym("C-100").replace(pseudonym("C-100")[-7:], "")


def test_health_sums_up_the_intake_and_leads_to_its_page(desk, administrator):
    page = administrator.get("/health").text
    assert 'href="/intake"' in page
    assert "<table" not in page.split('id="folders"')[1].split("</section>")[0]


def test_what_went_wrong_in_the_last_round_is_on_the_health_page(desk):
    app = create_app(
        store=desk.store,
        policy=shipped_policy(),
        clock=desk.clock,
        models=None,
        secure_cookies=False,
        problems=lambda: ("repairs@x.example, INBOX: not reached <script>",),
    )
    client = TestClient(app, base_url="http://desk.example", follow_redirects=False)
    token = invited(desk.store, Duty.ADMINISTRATOR, desk.clock(), None)
    client.post("/sign-in", data={"sign_in": token}, headers={"Origin": "http://desk.example"})
    page = client.get("/health").text
    assert "repairs@x.example, INBOX: not reached" in page
    assert "<script>" not in page.split("What went wrong")[1].split("</section>")[0]
