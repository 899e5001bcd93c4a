"""The incident page: whoever was there writes it down, every fault is named, and it comes in as a visit note."""

import pytest

from triage.routes_in import what_waits
from triage.routes_in.tokens import make_token
from triage.store.arrivals import Refused

FILLED = {
    "day": "2026-03-11",
    "time": "10:15",
    "place": "doorstep",
    "by": "animal",
    "attribution": "own",
    "target": "gas engineer",
    "happened": "The dog came at the engineer and was not held back when he asked.",
    "said": "He won't bite much.",
    "customer_ref": "c-none",
    "police_ref": "P/77",
}


def waiting(desk):
    with desk.store.read() as unit:
        return what_waits(unit, desk.clock()).items


def test_an_incident_comes_in_as_a_visit_note_with_its_facts_folded(desk, reviewer):
    answer = reviewer.post("/incidents", **FILLED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/new?done=yes")
    assert "It is read in the next round" in reviewer.get("/incidents/new?done=yes").text
    (contact,) = waiting(desk)
    assert (contact.channel, contact.routes, contact.subject) == (
        "visit_note",
        ("incident form",),
        "Incident on a doorstep",
    )
    assert contact.own_text.startswith("The dog came at the engineer")
    assert "He won't bite much." in contact.own_text
    assert "P/77" in contact.text and "P/77" not in contact.own_text
    assert [actor for actor, _ in desk.audit("incident.written")] == ["Test reviewer"]


def test_what_was_only_told_is_marked_as_told(desk, reviewer):
    reviewer.post("/incidents", **{**FILLED, "attribution": "reported"})
    (contact,) = waiting(desk)
    assert contact.own_text.startswith("This was told by a colleague")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"happened": ""}, "happened is missing"),
        ({"place": "moon"}, "place must be one of"),
        ({"by": ""}, "by is missing"),
        ({"target": ""}, "target is missing"),
        ({"day": ""}, "at"),
        ({"day": "2049-01-01"}, "has not happened yet"),
        ({"verdict": "A5"}, "verdict is not a field"),
    ],
)
def test_a_fault_is_named_and_what_was_written_stays_in_the_form(desk, reviewer, change, says):
    answer = reviewer.post("/incidents", **{**FILLED, **change})
    assert answer.status_code == 422
    assert says in answer.text
    assert "He won&#39;t bite much." in answer.text
    assert waiting(desk) == []


def test_markup_in_the_form_is_shown_as_text(reviewer):
    answer = reviewer.post("/incidents", **{**FILLED, "happened": "", "said": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text


def test_the_page_of_other_routes_shows_sources_refusals_and_tokens_without_words(desk, administrator, reviewer):
    reviewer.post("/incidents", **FILLED)
    make_token(desk.store, "web forms", ["webform"], by="Test", now=desk.clock())
    refused = Refused(source="csv", file="forms.csv", line=7, reason="at is missing.", body='"zebra"', at=desk.clock())
    with desk.store.begin() as unit:
        unit.arrivals.refuse([refused])
    page = administrator.get("/routes").text
    for shown in ("1 row waits", "incident form", "forms.csv, line 7", "at is missing.", "web forms", "Live"):
        assert shown in page
    assert "zebra" not in page
    assert "bite" not in page


def test_a_contact_that_was_corrected_at_its_source_says_so(desk, reviewer):
    contact_id = desk.landlord.abusive_contact
    assert "Corrected at the source" not in reviewer.get(f"/contacts/{contact_id}").text
    with desk.store.begin() as unit:
        unit.audit.append(at=desk.clock(), actor="intake", action="contact.corrected", subject=contact_id)
    assert "Corrected at the source" in reviewer.get(f"/contacts/{contact_id}").text
