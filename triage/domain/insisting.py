"""D1: insisting on one person of ours after a fair alternative and the reason were given in writing (behaviours A.6). Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.domain import our_words, words
from triage.domain.clocks import day_of
from triage.domain.contact import Channel, Contact, Speaker
from triage.domain.counting import Case, Reason, Weighed, contact_adjustments, list_of
from triage.domain.deeds import is_substantive
from triage.domain.findings import element
from triage.domain.growing import after, each, those
from triage.domain.issue import Entry
from triage.domain.judging import DOUBT, flagged, is_said, judged, likely, unscored
from triage.domain.phrases import GREETING, capitalised
from triage.domain.record import RecordKind
from triage.domain.signal import Pattern

EXPLAINED_AT_ONCE = timedelta(days=1)


def can_insist(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    """Whether anything they said insists."""
    return bool(those(those(weighed, _insists), is_said))


def named_person(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    """Two insistences within the window after a written explanation, and no good reason known."""
    insisting = those(weighed, _insists)
    insists = _with_names_again(case, weighed, those(insisting, is_said))
    explained = _explained(case, weighed, insists)
    since = after(insists, explained) if explained is not None else []
    recent = after(since, since[-1].at - case.days("D1", "window_days")) if since else []
    needed = case.number("D1", "insistences_count")
    reason = _good_reason(case, person, weighed, insisting) or _invited(case, explained, recent)
    elements = (
        element(
            "Explained in writing",
            explained is not None,
            f"On {day_of(explained)}." if explained else "No written explanation after a first wish.",
        ),
        element(
            "Insisted again",
            len(recent) >= needed,
            f"{len(recent)} insistences since, {needed:.0f} needed: {list_of(recent) or 'none'}.",
        ),
        element("No good reason known", not reason, reason or "None on file and none given."),
    )
    why = f"{len(recent)} insistences after the written explanation: {list_of(recent)}."
    change = "Not raised with a reason on file, such as an agreed adjustment, or without a written explanation."
    return judged(case, "D1", person, recent, needed, elements, why, change)


def _insists(w: Weighed) -> bool:
    """By the model, or by the words where the model at least does not rule it out."""
    said = w.contact.said
    if flagged(w.entry, "D1") and words.names_somebody(said):
        return True
    return (unscored(w.entry) or _may_insist(w)) and words.insists_on_person(said)


def _with_names_again(case: Case, weighed: Sequence[Weighed], insists: Sequence[Weighed]) -> Sequence[Weighed]:
    """Also what only names whom they have insisted on, and of whom we said that they cannot ("I said Dave"): alone it would be in doubt."""
    sure = {w.contact.id for w in insists}
    doubtful = [w for w in those(those(weighed, _may_insist), is_said) if w.contact.id not in sure]
    if not insists or not doubtful:
        return insists
    said = _spoken(insists)
    wanted = {name for name in _unable(case, insists) if _is_asked_for(name, said)}
    again = (w for w in after(doubtful, insists[0].at) if _names_in(w) & wanted)
    return sorted((*insists, *again), key=lambda w: w.at)


def _spoken(contacts: Sequence[Weighed]) -> str:
    return " ".join(GREETING.sub("", w.contact.own_text) for w in contacts).lower()


def _may_insist(w: Weighed) -> bool:
    return w.entry.chance("D1", 0.0) >= DOUBT


def _wishes(w: Weighed) -> bool:
    """Insists, or at least asks for somebody: what is explained in writing to a friendly wish need not be explained again."""
    return _insists(w) or _wishes_in(w.contact.said)


def _wishes_in(said: str) -> bool:
    return words.insists_on_person(said) or words.asks_for_person(said)


def _wishes_when_we_rang(entry: Entry) -> bool:
    theirs = "\n".join(turn.text for turn in entry.contact.turns if turn.speaker is Speaker.CUSTOMER)
    return bool(theirs) and _wishes_in(theirs)


def _explained(case: Case, weighed: Sequence[Weighed], insists: Sequence[Weighed]) -> datetime | None:
    """When it was recorded that the owner was told; without a record, when we first wrote that the one whom they insist on cannot,
    or else our first written answer after a first wish."""
    told = [r.at for r in case.history.records if r.kind is RecordKind.OWNER_TOLD and r.at <= case.now]
    if told:
        return min(told)
    refused = _refused(case, weighed, insists)
    if refused is not None:
        return refused
    wishes, rung = those(those(weighed, _wishes), is_said), those(case.outbound, _wishes_when_we_rang)
    first = min((at for at in (*(w.at for w in wishes[:1]), *(entry.at for entry in rung[:1]))), default=None)
    if first is None:
        return None
    written = after(those(case.outbound, lambda entry: _is_written_answer(case, entry), "written answers"), first)
    return written[0].at if written else None


def _refused(case: Case, weighed: Sequence[Weighed], insists: Sequence[Weighed]) -> datetime | None:
    """When we first wrote back that somebody whom they name does not deal with it; where we only gave notice of it before they
    wrote, then (behaviours A.6: after a fair alternative and reason were given)."""
    before = [entry for entry in those(case.outbound, _says_who_cannot) if after(insists, entry.at)]
    if not before:
        return None
    theirs = those(weighed, is_said)
    named = _named_by(theirs)
    explained = [entry.at for entry in before if _who_cannot(case, entry) & named]
    return next((at for at in explained if theirs[0].at < at), min(explained, default=None))


def _who_cannot(case: Case, entry: Entry) -> frozenset[str]:
    """Whom a message of ours says not to deal with it: no customer, and not its writer."""
    theirs = {name for customer in case.history.customers.values() for name in (customer.name or "").lower().split()}
    writer = (entry.contact.from_name or "").lower().split()
    return our_words.names_who_cannot(entry.contact.landlord_words) - theirs - set(writer)


def _unable(case: Case, insists: Sequence[Weighed]) -> frozenset[str]:
    """Those whom they name and of whom we wrote that they do not deal with it."""
    unable = (_who_cannot(case, entry) for entry in those(case.outbound, _says_who_cannot))
    return frozenset[str]().union(*unable) & _named_by(insists)


def _named_by(contacts: Sequence[Weighed]) -> frozenset[str]:
    return frozenset[str]().union(*each(contacts, _names_in))


def _names_in(w: Weighed) -> frozenset[str]:
    return capitalised(w.contact.said)


def _says_who_cannot(entry: Entry) -> bool:
    contact = entry.contact
    return _is_written(contact) and not contact.auto and bool(our_words.names_who_cannot(contact.landlord_words))


def _is_written_answer(case: Case, entry: Entry) -> bool:
    return _is_written(entry.contact) and is_substantive(entry.contact, case.workdays)


def _is_written(contact: Contact) -> bool:
    return contact.channel not in (Channel.CALL, Channel.VISIT_NOTE)


def _good_reason(case: Case, person: str, weighed: Sequence[Weighed], insisting: Sequence[Weighed]) -> str:
    """Why the wish may be fair, in a sentence; empty where nothing speaks for it."""
    if contact_adjustments(case, person, case.now):
        return "An adjustment or contact plan is on file."
    if case.safeguarding:
        return "Safeguarding is involved."
    if any(likely(w.entry, "AR") for w in insisting):
        return "The words ask for an adjustment or mention a disability."
    if those(case.outbound, _imposes):
        return "We ourselves told them to deal with one person."
    if those(weighed, _accuses):
        return "They have made an allegation that may concern that person."
    return ""


def _imposes(entry: Entry) -> bool:
    return our_words.imposes_single_contact(entry.contact.landlord_words)


def _accuses(w: Weighed) -> bool:
    theirs = w.reason is not Reason.SOMEBODY_ELSE
    return theirs and (flagged(w.entry, "A3") or words.accuses(w.contact.said))


def _invited(case: Case, explained: datetime | None, insists: Sequence[Weighed]) -> str:
    """Whether the one asked for had said "ring me" and nobody explained otherwise since (behaviours A.6). Where we have said who cannot,
    the one asked for is one of those: whoever took over may be named as well, and is not wanted."""
    inviting = those(case.outbound, _invites)
    if not insists or not inviting:
        return ""
    said = _spoken(insists)
    wanted = _unable(case, insists)
    for entry in inviting:
        contact = entry.contact
        if explained is not None and contact.at < explained - EXPLAINED_AT_ONCE:
            continue
        names = [name for name in (contact.from_name or "").split(",")[0].lower().split() if len(name) > 2]
        names = [name for name in names if not wanted or name in wanted]
        if any(_is_asked_for(name, said) for name in names):
            return "The one they ask for had told them to get in touch with them."
    return ""


def _is_asked_for(name: str, said: str) -> bool:
    """Named, and not only as one who is refused: "I'm not doing it with you or with Karim" does not ask for Karim."""
    name = rf"\b{re.escape(name)}\b"
    refused = (
        rf"(?:\bnot\b|n['\u2019]t\b|\bnever\b|\binstead of\b)(?:(?!\b(?:but|except|other than)\b)[^.!?\n])*?{name}"
    )
    return bool(re.search(name, re.sub(refused, "", said)))


def _invites(entry: Entry) -> bool:
    return bool(entry.contact.from_name) and our_words.invites_back(entry.contact.landlord_words)
