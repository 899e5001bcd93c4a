"""What a reviewer meets: masked names, veiled words, a count towards a break, and nothing aimed at themselves."""

from datetime import timedelta

import pytest

from triage.domain.customer import Customer
from triage.domain.record import Record, RecordKind
from triage.reports.exposure import exposure
from triage.reports.masking import Mask
from triage.store.access import Duty

PERSON = Customer(ref="C-1", name="Ngozi Adeyemi", address="14 Copper Beech House", phones=("07700900123",))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("It is Ngozi Adeyemi here", "It is [name] here"),
        ("Ms Adeyemi of 14 Copper Beech House", "Ms [name] of [address]"),
        ("ring 07700 900123 or +44 7700 900123", "ring [phone number] or [phone number]"),
        ("write to a.b-c@post.example please", "write to [e-mail address] please"),
        ("we live at 7 Orchard Road, LS6 2AB", "we live at [address], [postcode]"),
        ("I waited 28 days and paid 1200 pounds", "I waited 28 days and paid 1200 pounds"),
        ("my job number is 4471102", "my job number is 4471102"),
    ],
)
def test_names_and_addresses_are_masked_and_ordinary_numbers_are_not(said, shown):
    assert Mask([PERSON]).text(said) == shown


def test_a_name_that_is_also_a_word_hides_no_ordinary_words():
    mask = Mask([Customer(ref="C-2", name="Will Young")])
    assert mask.text("I will wait with my young son, Will Young") == "I will wait with my young son, [name]"


def test_the_flag_page_masks_names_until_a_reason_is_given_and_the_audit_keeps_it(desk, reviewer):
    flag = desk.landlord.behaviour
    with desk.store.begin() as unit:
        placed = unit.contacts.get(desk.landlord.abusive_contact)
        name = placed.contact.text.split()[0]
        unit.landlord.put_customer(Customer(ref=unit.flags.get(flag).customer_ref, name=f"{name} {name}ovic"))
    assert "masked: show them" in reviewer.get(f"/flags/{flag}").text
    assert reviewer.post(f"/flags/{flag}/names", reason="short").status_code == 422
    assert reviewer.post(f"/flags/{flag}/names", reason="To ring them back about the visit").status_code == 303
    assert "Names shown" in reviewer.get(f"/flags/{flag}").text
    assert ("names.revealed", flag) in [("names.revealed", subject) for _, subject in desk.audit("names.revealed")]
    assert "Names shown" not in desk.signed_in(Duty.REVIEWER, "Lee Marsh").get(f"/flags/{flag}").text
    desk.clock.now = desk.clock() + timedelta(minutes=61)
    assert "Names shown" not in reviewer.get(f"/flags/{flag}").text


def test_abusive_words_are_veiled_behind_clause_and_severity_for_whoever_chooses_it(desk, reviewer):
    page = f"/flags/{desk.landlord.behaviour}"
    assert "desk-veil" not in reviewer.get(page).text
    reviewer.post("/my-limits", veiled="yes")
    text = reviewer.get(page).text
    assert "desk-veil" in text
    assert "(severe): show the words" in text


def test_an_issue_named_by_abusive_words_is_not_named_to_whoever_chose_the_veil(desk, reviewer):
    with desk.store.read() as unit:
        title = unit.issues.get(unit.flags.get(desk.landlord.behaviour).issue_id).title
    pages = ["/", f"/flags/{desk.landlord.behaviour}"]
    assert all(title in reviewer.get(page).text for page in pages)
    reviewer.post("/my-limits", veiled="yes")
    for page in pages:
        text = reviewer.get(page).text
        assert "Title not shown, as you chose" in text
        assert f">{title}<" not in text


def test_no_list_for_managers_names_an_issue_by_abuse_to_whoever_chose_the_veil(desk, manager):
    limits = Record(
        id="r-limit", at=desk.clock() - timedelta(days=30), kind=RecordKind.CONTACT_AGREEMENT, customer_ref="C-100"
    )
    with desk.store.begin() as unit:
        title = unit.issues.get(desk.landlord.boiler_issue).title
        unit.landlord.put_record(limits, desk.landlord.boiler_issue)
    pages = ["/owed", "/owed/sheet", "/patterns", "/restrictions", f"/issues/{desk.landlord.boiler_issue}"]
    assert all(title in manager.get(page).text for page in pages)
    manager.post("/my-limits", veiled="yes")
    for page in pages:
        text = manager.get(page).text
        assert "Title not shown, as you chose" in text, page
        assert f">{title}<" not in text and f",{title}," not in text, page
    assert "When will the lift be mended?" in manager.get("/owed").text


def test_a_code_that_a_person_leaves_to_others_is_not_in_their_list_and_is_counted(desk, reviewer):
    reviewer.post("/my-limits", **{"skip-A2": "yes"})
    text = reviewer.get("/").text
    assert f'/flags/{desk.landlord.behaviour}" data-open' not in text
    assert "that you leave to others" in text
    other = desk.signed_in(Duty.REVIEWER, "Lee Marsh")
    assert f'/flags/{desk.landlord.behaviour}" data-open' in other.get("/").text


def test_severe_flags_are_counted_until_a_break(desk, reviewer):
    reviewer.get(f"/flags/{desk.landlord.behaviour}")
    person = desk.audit("flag.viewed")[-1][0]
    with desk.store.read() as unit:
        assert exposure(unit, unit.working.choice(person), desk.clock()).items == 1
    desk.clock.now = desk.clock() + timedelta(minutes=1)
    reviewer.post("/my-limits/break")
    with desk.store.read() as unit:
        assert exposure(unit, unit.working.choice(person), desk.clock()).items == 0
    assert desk.audit("break") == []


def test_a_break_is_offered_after_an_hour_of_severe_words(desk, reviewer):
    flags = [desk.landlord.behaviour, desk.landlord.mixed]
    reviewer.get(f"/flags/{flags[0]}")
    person = desk.audit("flag.viewed")[-1][0]
    with desk.store.begin() as unit:
        source = unit.flags.get(flags[0])
        other = next(flag.issue_id for flag in unit.flags.listed() if flag.issue_id != source.issue_id)
        from dataclasses import replace

        for number in range(6):
            copy = replace(source, id=f"{number:032x}", issue_id=other, customer_ref=f"C-9{number}")
            unit.flags.add(copy)
            unit.flags.note_view(copy.id, person, desk.clock() + timedelta(minutes=12 * (number + 1)))
    desk.clock.now = desk.clock() + timedelta(minutes=73)
    with desk.store.read() as unit:
        met = exposure(unit, unit.working.choice(person), desk.clock())
    assert (met.items, met.minutes, met.due) == (7, 72, True)
    assert "Time for a break?" in desk.signed_in(Duty.REVIEWER, person).get("/").text


def test_nobody_claims_or_decides_what_is_aimed_at_themselves(desk):
    flag = desk.landlord.behaviour
    lee = desk.signed_in(Duty.REVIEWER, "Lee Marsh")
    lee.post(f"/flags/{flag}/statements", staff="Lee Marsh", text="It shook me.")
    assert lee.post(f"/flags/{flag}/claim").status_code == 409
    with desk.store.read() as unit:
        version = unit.flags.get(flag).version
    lee.get(f"/flags/{flag}")
    answer = lee.send(f"/api/flags/{flag}/reviews", {"flag_version": version})
    assert answer.status_code == 409
    assert "aimed at you" in answer.json()["error"]
    assert desk.signed_in(Duty.REVIEWER, "Ana Silva").post(f"/flags/{flag}/claim").status_code == 303


def test_what_is_not_scored_is_listed_by_reason(desk, reviewer):
    text = reviewer.get("/not-scored").text
    assert "By reason" in text
    assert "Not scored, because" in text
