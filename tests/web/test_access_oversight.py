"""What managers see of how decisions are made, and auditors of who did what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from triage.domain.errors import AuditBrokenError
from triage.domain.review import Answer, ClauseDecision, Review
from triage.reports.stamping import LOOKED_AT, clause_rows, stamping_rows
from triage.store.access import Duty
from triage.store.tables import audit
from triage.testing import NOW


def _decided(desk, person, answers, seconds=60):
    with desk.store.begin() as unit:
        for number, answer in enumerate(answers):
            at = NOW + timedelta(minutes=number)
            unit.flags.add_review(
                Review(
                    id=f"{person}-{number}",
                    flag_id=desk.landlord.behaviour,
                    flag_version=1,
                    reviewer=person,
                    context_viewed_at=at - timedelta(seconds=seconds),
                    at=at,
                    decisions=(ClauseDecision(code="A2", answer=answer, reason="as it was said"),),
                )
            )


def _rows(desk):
    with desk.store.read() as unit:
        return {row.reviewer: row for row in stamping_rows(unit.flags.reviews())}


def test_confirming_nearly_everything_over_fifty_is_told(desk):
    _decided(desk, "Stamp", [Answer.YES] * 48 + [Answer.NO] * 2)
    _decided(desk, "Weigh", [Answer.YES] * 47 + [Answer.NO] * 3)
    _decided(desk, "New", [Answer.YES] * (LOOKED_AT - 1))
    rows = _rows(desk)
    assert rows["Stamp"].mostly_confirmed
    assert not rows["Weigh"].mostly_confirmed
    assert rows["New"].too_few and not rows["New"].mostly_confirmed


def test_deciding_within_ten_seconds_is_told(desk):
    _decided(desk, "Quick", [Answer.NO] * LOOKED_AT, seconds=9)
    _decided(desk, "Calm", [Answer.NO] * LOOKED_AT, seconds=10)
    assert {name for name, row in _rows(desk).items() if row.too_quick} == {"Quick"}


def test_how_often_each_clause_is_confirmed_is_told_without_what_was_taken_back(desk, manager):
    _decided(desk, "One", [Answer.YES, Answer.NO, Answer.UNSURE, Answer.YES], seconds=30)
    with desk.store.begin() as unit:
        unit.flags.put_review(replace(unit.flags.reviews()[-1], withdrawn=NOW + timedelta(hours=1)))
    with desk.store.read() as unit:
        (row,) = clause_rows(unit.flags.reviews(), desk.landlord.policy)
    assert (row.code, row.answered, row.yes, row.no, row.unsure, row.seconds) == ("A2", 3, 1, 1, 1, 30)
    assert "How often each clause was confirmed" in manager.get("/decisions").text


def test_managers_read_it_and_reviewers_do_not(desk, manager, reviewer):
    _decided(desk, "Quick <b>", [Answer.YES] * LOOKED_AT, seconds=5)
    page = manager.get("/decisions").text
    assert "Quick &lt;b&gt;" in page
    assert "Nearly everything is confirmed. Decided very quickly." in page
    assert reviewer.get("/decisions").status_code == 403
    assert desk.audit("decisions.viewed") == [("Test manager", "decisions")]


def test_an_auditor_reads_the_record_page_by_page_and_that_is_on_record(desk):
    with desk.store.begin() as unit:
        for number in range(150):
            unit.audit.append(at=NOW, actor=f"person-{number:03}", action="x", subject="s")
    auditor = desk.signed_in(Duty.AUDITOR)
    newest = auditor.get("/audit").text
    assert "person-149" in newest and "person-010" not in newest
    older = newest.partition('href="/audit?before=')[2].partition('"')[0]
    assert "person-010" in auditor.get(f"/audit?before={older}").text
    assert desk.audit("audit.viewed") == [("Test auditor", "audit")] * 2


def test_the_record_is_searched_by_who_what_and_of_what(desk):
    with desk.store.begin() as unit:
        for number in range(120):
            for actor in ("Ana", "Ben"):
                unit.audit.append(at=NOW, actor=actor, action="flag.viewed", subject=f"f-{number}")
        unit.audit.append(at=NOW, actor="Ana", action="owed.viewed", subject="all")
    auditor = desk.signed_in(Duty.AUDITOR)
    page = auditor.get("/audit?who=Ana&what=flag.").text
    assert "f-119" in page and '<td class="govuk-table__cell">Ben</td>' not in page and "owed.viewed" not in page
    older = page.partition('href="/audit?before=')[2].partition('"')[0].replace("&amp;", "&")
    assert "f-0<" in (rest := auditor.get(f"/audit?before={older}").text) and ">Ben<" not in rest
    assert auditor.get("/audit?about=f-7").text.count("f-7</td>") == 2
    assert "No entry is like that." in auditor.get("/audit?who=Nobody").text
    with desk.store.read() as unit:
        seen = [entry.detail for entry in unit.audit.entries(subject="audit")]
    assert {"who": "Ana", "what": "flag."} in seen


def test_an_auditor_reads_no_customers_words_and_changes_nothing(desk):
    auditor = desk.signed_in(Duty.AUDITOR)
    for path in (
        "/",
        f"/flags/{desk.landlord.behaviour}",
        f"/contacts/{desk.landlord.abusive_contact}",
        "/models",
        "/owed",
    ):
        assert auditor.get(path).status_code == 403


def test_entries_taken_off_the_end_are_missed_when_what_was_told_before_is_given_back(desk, reviewer):
    reviewer.get(f"/flags/{desk.landlord.behaviour}")
    with desk.store.read() as unit:
        last = unit.audit.newest(1)[0]
        told = f"{last.seq} {last.hash}"
        assert unit.audit.verify(since=told) == last.seq
    with desk.store.begin() as unit:
        unit.connection.execute(delete(audit).where(audit.c.seq == last.seq))
    with desk.store.read() as unit:
        assert unit.audit.verify() == last.seq - 1, "the chain alone cannot know"
        with pytest.raises(AuditBrokenError, match="taken off"):
            unit.audit.verify(since=told)
