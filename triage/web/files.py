"""Files that are given out: always a download, each on record, and nothing that is with safeguarding (S10, S26, C27)."""

from fastapi import Response

from triage.bootstrap import england
from triage.domain.errors import InputError
from triage.domain.restriction import RestrictionState, restrictions
from triage.quarantine import raw_bytes
from triage.reports.ended import letter_that_it_has_ended
from triage.reports.explained import explained
from triage.reports.looking_back import LookingBack
from triage.reports.owing import Show, owing_sheet
from triage.reports.veil import title_as_chosen
from triage.store import Unit
from triage.web.desk import Desk, veils
from triage.web.refusals import Refusal, not_found
from triage.web.reviewing import view_of_flag, visible_flag
from triage.web.signed_in import SignedIn
from triage.web.viewing import abuse_on, put_on_record


def raw_contact(desk: Desk, caller: SignedIn, contact_id: str) -> Response:
    """The bytes as they came. What is with safeguarding is refused, and so is every contact of its issue: mail quotes mail."""
    with desk.writing(caller) as unit:
        given = unit.seen.contact(contact_id) and not beside_safeguarding(unit, contact_id)
        content = unit.contacts.raw_of(contact_id) if given else None
        if content is None:
            raise not_found("stored message")
        unit.audit.append(at=desk.clock(), actor=caller.name, action="contact.raw_downloaded", subject=contact_id)
    return download(content, "message.bin")


def raw_quarantined(desk: Desk, caller: SignedIn, number: int) -> Response:
    """The bytes of a message that could not be read, under the same rule."""
    with desk.writing(caller) as unit:
        found = unit.quarantine.get(number)
        theirs = found is not None and unit.seen.contact(found.contact_id)
        if found is None or not theirs or beside_safeguarding(unit, found.contact_id):
            raise not_found("message in quarantine")
        detail = {"contact": found.contact_id, "sha256": found.sha256}
        unit.audit.append(
            at=desk.clock(), actor=caller.name, action="quarantine.downloaded", subject=str(number), detail=detail
        )
    try:
        content = raw_bytes(desk.store, number)
    except InputError:
        raise not_found("message in quarantine") from None
    return download(content, f"quarantine-{number}.bin")


def owed_file(desk: Desk, caller: SignedIn, show: Show, team: str, back: LookingBack) -> Response:
    """What we owe as CSV, whole; that it was taken out is put on record."""
    now = desk.clock()
    with desk.reading(caller) as unit:
        veiled = veils(unit.working.choice(caller.name), caller)

        def titled(issue_id: str, title: str) -> str:
            return title_as_chosen(title, abuse_on(unit, desk, caller, issue_id) if veiled else (), veiled)

        content = owing_sheet(unit, now, england(), show=show, team=team, back=back, titled=titled)
    put_on_record(desk, caller, "owed.exported", show.value)
    return download(content, "owed.csv", "text/csv; charset=utf-8")


def flag_file(desk: Desk, caller: SignedIn, flag_id: str) -> Response:
    """The flag explained in plain English, as this person sees it; that it was taken out is put on record (C5).

    Raises Refusal 409 before a first look that is to be given without the model's output.
    """
    now = desk.clock()
    with desk.reading(caller) as unit:
        flag = visible_flag(unit, desk, caller, flag_id)
        view = view_of_flag(unit, desk, caller, flag, now)
        if view.blind:
            raise Refusal(
                409, "Decide first", "You look at this flag without the suggestion. Decide, then take this out."
            )
        content = explained(view, desk.policy)
    put_on_record(desk, caller, "flag.exported", flag_id)
    return download(content, f"why-{flag_id[:8]}.txt", "text/plain; charset=utf-8")


def ended_letter(desk: Desk, caller: SignedIn, restriction_id: str) -> Response:
    """A draft of the letter that a restriction has ended (C14); nobody is written to. Taking it out is on record."""
    with desk.reading(caller) as unit:
        found = unit.landlord.record(restriction_id)
        issue_id = found[1] if found else None
        theirs = issue_id is not None and unit.seen.issue(issue_id)
        of_it = restrictions(unit.landlord.records_of_issue(issue_id), (), desk.clock()) if issue_id and theirs else ()
    one = next((each for each in of_it if each.record_id == restriction_id), None)
    if one is None or one.state not in (RestrictionState.LAPSED, RestrictionState.ENDED):
        raise not_found("restriction that has ended")
    put_on_record(desk, caller, "restriction.letter_drafted", restriction_id)
    return download(letter_that_it_has_ended(one), "it-has-ended.txt", "text/plain; charset=utf-8")


def policy_file(desk: Desk) -> Response:
    """The policy file as the service reads it; it is about nobody, so that it is not on record."""
    return download(desk.policy.source, f"{desk.policy.id}.toml", "application/toml; charset=utf-8")


def beside_safeguarding(unit: Unit, contact_id: str) -> bool:
    """Whether this contact, or another of its issue, is with safeguarding (C27)."""
    placed = unit.contacts.get(contact_id)
    around = unit.contacts.safeguarded_in([placed.issue_id]) if placed and placed.issue_id else {}
    return bool(around) or bool(unit.contacts.safeguarded([contact_id]))


def download(content: bytes | str, name: str, kind: str = "application/octet-stream") -> Response:
    """Something that a browser keeps as a file and never shows."""
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
