"""Gathers everything kept about one person: contacts, scores of every model, what people decided of them, and who looked (C25)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.contact import Direction
from triage.domain.customer import Zone
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.issue import Issue
from triage.domain.policy import Policy
from triage.domain.review import Review
from triage.domain.workdays import LONDON
from triage.reports.contacts import view_of
from triage.reports.marked import seen
from triage.reports.our_side import told
from triage.reports.own_records_text import Item, Line, OwnRecords, Part, Whose
from triage.reports.veil import WITH_SAFEGUARDING, Veil
from triage.store import Unit
from triage.store.contacts import Placed
from triage.store.person import OfPerson


class Reach(StrEnum):
    """How much of it: all; all but what is with safeguarding; or that alone. The last two together are the whole (C27)."""

    WHOLE = "whole"
    WITHOUT_SAFEGUARDING = "without safeguarding"
    SAFEGUARDING_ALONE = "safeguarding alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What was found, before it is put into words."""

    ref: str
    contacts: Sequence[Placed]
    secret: frozenset[str]
    issues: Mapping[str, Issue]
    veils: Mapping[str, Veil]
    flags: Sequence[Flag]
    unseen: int
    reach: Reach

    def tells(self, contact_id: str) -> bool:
        hidden = contact_id in self.secret
        return self.reach is Reach.WHOLE or hidden is (self.reach is Reach.SAFEGUARDING_ALONE)


def own_records(unit: Unit, ref: str, policy: Policy, *, reach: Reach, by: str, now: datetime) -> OwnRecords | None:
    """None where nothing is kept under this reference, as far as whoever asks may know."""
    of_person = OfPerson(unit.connection)
    kept = _kept(unit, of_person, ref, reach)
    entry = unit.landlord.customers_by_ref([ref]).get(ref)
    if entry is None and not kept.contacts and not kept.flags:
        return None
    theirs = [placed.contact.id for placed in kept.contacts if placed.who.customer_ref == ref]
    ids = [contact_id for contact_id in theirs if kept.tells(contact_id)]
    parts = [
        Part(name="Contacts, and our replies", items=tuple(_contact(placed, kept) for placed in kept.contacts)),
        Part(name="What models said of the words", items=tuple(_scores(of_person, ids, kept))),
        Part(
            name="Flags, and what people decided", items=tuple(_flag(unit, flag, policy, kept) for flag in kept.flags)
        ),
    ]
    if reach is not Reach.SAFEGUARDING_ALONE:
        records = [(record, issue_id) for record, issue_id in of_person.records(ref, list(kept.issues))]
        visits = of_person.visits(ref)
        items = {*ids, *(record.id for record, _ in records), *(visit.id for visit in visits)}
        parts = [
            Part(name="Entry in the directory", items=tuple(_entry(entry) if entry else ())),
            *parts,
            Part(name="Issues", items=tuple(_issue(issue, kept) for issue in kept.issues.values())),
            Part(
                name="Our own records",
                items=tuple(
                    Item(what=record.kind.replace("_", " ").capitalize(), at=record.at, id=record.id, lines=_lines(
                        ("Case", record.ref), ("Due", record.due and f"{record.due.astimezone(LONDON):%Y-%m-%d}"),
                        ("Words", told(record.text, kept.veils.get(issue_id or "", Veil())) if reach is not Reach.WHOLE else seen(record.text)),
                    ))
                    for record, issue_id in records
                ),
            ),
            Part(
                name="Planned visits",
                items=tuple(
                    Item(what="Visit called off" if one.cancelled else "Visit", at=one.at, id=one.id, lines=_lines(
                        ("Address", one.address), ("Words", one.text)
                    ) + _lines(("Staff", one.staff), whose=Whose.OTHERS))
                    for one in visits
                ),
            ),
            Part(name="What people said of who wrote", items=tuple(_rulings(of_person, ids))),
            Part(
                name="Rows as other systems gave them",
                items=tuple(
                    Item(what=f"{row.kind} from {seen(row.source)}, version {row.version}", at=row.at, id=row.item_id, lines=_lines(
                        ("As it came", row.body)
                    ))
                    for row in of_person.rows(ref, items)
                    if row.kind != "record" or not any(veil.drawn for veil in kept.veils.values()) or reach is Reach.WHOLE
                ),
            ),
        ]  # fmt: skip
    subjects = {
        ref,
        *ids,
        *(flag.id for flag in kept.flags),
        *(kept.issues if reach is not Reach.SAFEGUARDING_ALONE else ()),
    }
    parts += [
        Part(
            name="Messages kept as they came",
            items=tuple(
                Item(what=f"{one.size:,} bytes in {seen(one.account)}, {seen(one.folder)}", id=one.contact_id, lines=_lines(("SHA-256", one.sha256)))
                for one in of_person.stored(ids)
            ),
        ),
        Part(
            name="Who looked, and did what",
            items=tuple(
                Item(what=trace.action, at=trace.at, id=trace.subject, lines=_lines(("By", trace.actor), whose=Whose.OTHERS))
                for trace in of_person.trail(subjects)
            ),
        ),
    ]  # fmt: skip
    return OwnRecords(ref=ref, made_at=now, by=by, parts=tuple(parts), left_out=tuple(_left_out(kept)))


def _kept(unit: Unit, of_person: OfPerson, ref: str, reach: Reach) -> _Kept:
    ids = of_person.contacts(ref)
    told_ids = unit.seen.contacts(ids)
    contacts = [placed for contact_id in ids if contact_id in told_ids and (placed := unit.contacts.get(contact_id))]
    secret = frozenset(unit.contacts.safeguarded([placed.contact.id for placed in contacts]))
    issues = {issue.id: issue for issue in unit.issues.of_households([ref])}
    issues |= unit.issues.some({placed.issue_id for placed in contacts if placed.issue_id})
    issues = {issue_id: issue for issue_id, issue in issues.items() if issue_id in unit.seen.issues(set(issues))}
    veils = {issue_id: _veil(unit, issue_id, reach) for issue_id in issues}
    kinds = {Reach.WHOLE: tuple(FlagKind), Reach.SAFEGUARDING_ALONE: (FlagKind.SAFEGUARDING,)}.get(
        reach, tuple(kind for kind in FlagKind if kind is not FlagKind.SAFEGUARDING)
    )
    flags = unit.flags.listed(states=tuple(FlagState), kinds=kinds, customer_ref=ref)
    mine = unit.seen.flags(flags)
    if reach is Reach.SAFEGUARDING_ALONE:
        contacts = [placed for placed in contacts if placed.contact.id in secret]
    return _Kept(
        ref=ref, contacts=contacts, secret=secret, issues=issues, veils=veils, reach=reach,
        flags=sorted(mine, key=lambda flag: (flag.opened, flag.id)), unseen=len(ids) - len(told_ids) + len(flags) - len(mine),
    )  # fmt: skip


def _veil(unit: Unit, issue_id: str, reach: Reach) -> Veil:
    entries = (entry.contact for entry in unit.contacts.of_issue(issue_id))
    return Veil.over(unit, entries, safeguarding=reach is not Reach.WITHOUT_SAFEGUARDING)


def _left_out(kept: _Kept) -> Iterator[str]:
    if kept.unseen:
        yield f"{kept.unseen} contacts or flags belong to other teams. Somebody who sees every team has to ask as well."
    if kept.reach is Reach.WITHOUT_SAFEGUARDING:
        yield (
            "Whatever is with safeguarding, if anything is. Ask the safeguarding role to make its own part of this; "
            "whether it can be given out is theirs to say."
        )
    if kept.reach is Reach.SAFEGUARDING_ALONE:
        yield "Everything that is not with safeguarding. A manager makes that part."
    yield "Models themselves, files that were exported before, backups, and the mailboxes that the messages came from."


def _lines(*given: tuple[str, object], whose: Whose = Whose.OURS) -> tuple[Line, ...]:
    return tuple(Line(name=name, text=seen(str(text)), whose=whose) for name, text in given if text)


def _entry(entry: object) -> Iterator[Item]:
    names = ("ref", "role", "name", "emails", "phones", "tenancy_ref", "address", "adjustments", "safe_contact")
    values = [(name.replace("_", " ").capitalize(), getattr(entry, name)) for name in names]
    yield Item(
        what="Directory",
        lines=_lines(*((name, "; ".join(value) if isinstance(value, tuple) else value) for name, value in values)),
    )


def _contact(placed: Placed, kept: _Kept) -> Item:
    contact = placed.contact
    incoming = contact.direction is Direction.IN
    theirs = placed.who.customer_ref == kept.ref and placed.who.zone is not Zone.ASK
    who = Whose.OURS if not incoming else Whose.THEIRS if theirs else Whose.OTHERS
    view = view_of(contact, placed.who, kept.veils.get(placed.issue_id or "", Veil()))
    what = f"{view.channel} {'in' if incoming else 'out'}"
    if not kept.tells(contact.id) or view.withheld:
        return Item(what=what, at=contact.at, id=contact.id, withheld=f"{WITH_SAFEGUARDING}.")
    lines = [
        *_lines(
            ("From", contact.from_name),
            ("From address", contact.from_addr),
            whose=who if theirs or incoming else Whose.OTHERS,
        )
    ]
    lines += _lines(("To", ", ".join(contact.to)), ("Copied to", ", ".join(contact.cc)), whose=Whose.OTHERS)
    lines += _lines(("Reached", ", ".join(contact.routes)))
    lines += _lines(("Subject", "".join(piece.text for piece in view.subject)), whose=who)
    for passage in view.passages:
        words = WITH_SAFEGUARDING if passage.withheld else "".join(piece.text for piece in passage.pieces)
        lines += _lines(
            ("Words" if passage.own else passage.heading, words), whose=who if passage.own else Whose.OTHERS
        )
    for turn in view.turns:
        whose = Whose.OURS if turn.ours else Whose.THEIRS if theirs and turn.speaker == "Customer" else Whose.OTHERS
        lines += _lines((turn.speaker, "".join(piece.text for piece in turn.pieces)), whose=whose)
    lines += _lines(
        ("Attachments (by name)", ", ".join(contact.attachments)),
        ("Not scored, because", contact.not_scored),
        ("Of the model's reading", contact.caveat),
    )
    lines += _lines(
        ("How we know who wrote", f"{placed.who.zone.value}, {placed.who.probability:.2f}. "
         + " ".join(step.sentence for step in placed.who.evidence)),
        whose=Whose.PROGRAM,
    )  # fmt: skip
    return Item(what=what, at=contact.at, id=contact.id, lines=tuple(lines))


def _scores(of_person: OfPerson, ids: Collection[str], kept: _Kept) -> Iterator[Item]:
    for contact_id, at, scores in of_person.scores(ids):
        found = {label: value for label, value in scores.probabilities.items() if _told(label, kept)}
        lines = [
            (label, f"{value:.3f}{' (over its threshold)' if label in scores.flagged else ''}")
            for label, value in found.items()
        ]
        spans = [
            (f"Words behind {label}", "; ".join(span.text for span in spans))
            for label, spans in scores.spans.items()
            if _told(label, kept)
        ]
        reasons = [
            (f"Reason for {label}", " ".join(reason.sentence for reason in reasons))
            for label, reasons in scores.reasons.items()
            if _told(label, kept)
        ]
        yield Item(
            what=f"Model {seen(scores.model)}", at=at, id=contact_id,
            lines=_lines(*lines, *spans, *reasons, ("Not scored, because", scores.not_scored), ("Of this reading", scores.caveat), whose=Whose.PROGRAM),
        )  # fmt: skip


def _told(label: str, kept: _Kept) -> bool:
    return label != "S0" or kept.reach is not Reach.WITHOUT_SAFEGUARDING


def _flag(unit: Unit, flag: Flag, policy: Policy, kept: _Kept) -> Item:
    veil = kept.veils.get(flag.issue_id, Veil())
    lines: list[Line] = []
    for code in (*flag.codes, *flag.set_aside):
        title = policy.clauses[code.code].title if code.code in policy.clauses else code.code
        why = WITH_SAFEGUARDING if veil.hides_any(code.contacts) else code.why
        lines += _lines((title, f"{why} Policy {code.policy}."), whose=Whose.PROGRAM)
    for review in unit.flags.reviews(flag.id):
        lines += _review(review, policy)
    for record in unit.outcomes.records(flag_id=flag.id, withdrawn=True):
        quoted = [said.words for source in record.sources for said in source.quotations if said.words]
        state = " (taken back)" if record.withdrawn else ""
        lines += _lines((f"Incident record {record.id}{state}", "; ".join(quoted) or "no words quoted"))
    for statement in unit.flags.statements(flag.id):
        lines += _lines((f"Statement of {statement.staff}", statement.text), whose=Whose.OTHERS)
    for support in unit.outcomes.support(flag.id):
        lines += _lines((f"Support of {support.staff}", support.step.value), whose=Whose.OTHERS)
    for said in unit.outcomes.representations(flag.id):
        lines += _lines((f"What they say, received {said.received}, {said.asks.value}", said.text), whose=Whose.THEIRS)
        if said.answer:
            answer = f"{said.answer.outcome.value}: {said.answer.reason} ({said.answer.reviewer})"
            lines += _lines(("Answer to the appeal", answer), whose=Whose.OPINION)
    return Item(
        what=f"{flag.kind.value.replace('_', ' ')}, {flag.state.value}", at=flag.opened, id=flag.id, lines=tuple(lines)
    )


def _review(review: Review, policy: Policy) -> Iterable[Line]:
    back = ", taken back" if review.withdrawn else ""
    for one in review.decisions:
        limb = f" It met: {policy.limbs.get(one.limb, one.limb)}. Evidence: {one.limb_evidence}." if one.limb else ""
        answer = f"{one.answer.value}. {one.reason}{limb}"
        yield from _lines((f"{review.reviewer} on {one.code}{back}", answer), whose=Whose.OPINION)
    yield from _lines(
        ("Circumstances weighed", review.circumstances_weighed), ("Next step recorded", review.next_step),
        ("Less intrusive options", review.less_intrusive), ("Equality Act", review.equality), whose=Whose.OPINION,
    )  # fmt: skip


def _issue(issue: Issue, kept: _Kept) -> Item:
    title = kept.veils[issue.id].title(issue.title)
    return Item(what="Issue", at=issue.opened, id=issue.id, lines=_lines(("Title", title)))


def _rulings(of_person: OfPerson, ids: Collection[str]) -> Iterator[Item]:
    for ruling, undone in of_person.rulings(ids):
        lines = _lines(("By", ruling.by), whose=Whose.OTHERS) + _lines(("Reason", ruling.reason), whose=Whose.OPINION)
        yield Item(what=f"{ruling.kind.value}{', undone' if undone else ''}", at=ruling.at, id=ruling.id, lines=lines)
