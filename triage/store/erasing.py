"""Finds what is kept too long, and erases it. Ids, times and places stay, so that nothing is fetched again or counted twice."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, delete, exists, func, insert, or_, select, update

from triage.domain.contact import Contact
from triage.domain.customer import Identification, Zone
from triage.domain.issue import Issue
from triage.domain.ruling import Ruling
from triage.domain.score import LABEL_OF_CODE, Scores
from triage.domain.signal import Assessment
from triage.store.codec import pack, unpack
from triage.store.quick import Quick
from triage.store.tables import (
    arrival,
    assessment,
    contact,
    desk_mark,
    erased,
    flag,
    flag_contact,
    incident_record,
    issue,
    ledger,
    notice,
    presence,
    quarantine,
    raised,
    raw,
    representation,
    reveal,
    review,
    ruling,
    ruling_contact,
    score,
    statement,
    support,
    view,
)  # fmt: skip

GONE: Final = "Its words were erased, because they had been kept as long as they may be."
_LAST = Quick(select(func.coalesce(func.max(erased.c.seq), 0)))
_ON_A_FLAG = exists().where(flag_contact.c.contact_id == contact.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedCount:
    """How many were erased, ever: all that is left of them. ``answer`` is what people had decided of a clause."""

    what: str
    code: str
    answer: str
    number: int


class Erasing:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # what is left

    def last(self) -> int:
        """The number of the last erasure; another one says that something was erased since."""
        number: int = _LAST.values(self._connection)[0]
        return number

    def note(self, at: datetime, what: str, number: int, code: str = "", answer: str = "") -> None:
        values = {"at": at, "what": what, "code": code, "answer": answer, "number": number}
        self._connection.execute(insert(erased).values(**values))

    def counts(self) -> list[ErasedCount]:
        of = (erased.c.what, erased.c.code, erased.c.answer)
        query = select(*of, func.sum(erased.c.number).label("number")).group_by(*of).order_by(*of)
        return [ErasedCount(**row._mapping) for row in self._connection.execute(query)]

    # scores

    def _scores_before(self, at: datetime, quiet_since: datetime) -> Select[Any]:
        """Contacts with scores, on no flag, from before ``at``, on whose issue nothing has come since ``quiet_since``."""
        later = contact.alias("later")
        goes_on = exists().where(later.c.issue_id == contact.c.issue_id, later.c.at >= quiet_since)
        has_scores = exists().where(score.c.contact_id == contact.c.id)
        return select(contact.c.id).where(contact.c.at < at, has_scores, ~_ON_A_FLAG, ~goes_on)

    def count_scores(self, at: datetime, quiet_since: datetime) -> int:
        query = select(func.count()).select_from(self._scores_before(at, quiet_since).subquery())
        return self._connection.execute(query).scalar_one()

    def some_scores(self, at: datetime, quiet_since: datetime, limit: int) -> list[str]:
        return list(self._connection.execute(self._scores_before(at, quiet_since).limit(limit)).scalars())

    def erase_scores(self, contact_ids: Collection[str]) -> None:
        """What every model said of these contacts, and what was concluded from it alone."""
        self._connection.execute(delete(score).where(score.c.contact_id.in_(contact_ids)))
        newest = select(func.max(assessment.c.id)).group_by(assessment.c.issue_id)
        caused = and_(assessment.c.contact_id.in_(contact_ids), assessment.c.id.not_in(newest))
        self._connection.execute(delete(assessment).where(caused))

    # flags

    def erase_flag(self, flag_id: str) -> None:
        """A flag with everything on it, and the scores of contacts that are on no other: their words would raise it again."""
        query = select(flag.c.customer_ref, flag.c.issue_id).where(flag.c.id == flag_id)
        person, issue_id = self._connection.execute(query).one()
        of_it = select(flag_contact.c.contact_id, flag_contact.c.code).where(flag_contact.c.flag_id == flag_id)
        found = self._connection.execute(of_it).all()
        contacts, codes = {row.contact_id for row in found}, {row.code for row in found}
        raised_here = select(raised.c.seq).where(raised.c.flag_id == flag_id)
        self._connection.execute(delete(notice).where(notice.c.raised_seq.in_(raised_here)))
        self._connection.execute(update(desk_mark).where(desk_mark.c.duplicate_of == flag_id).values(duplicate_of=None))
        for table in (
            raised,
            flag_contact,
            review,
            statement,
            view,
            support,
            incident_record,
            representation,
            desk_mark,
            presence,
        ):
            self._connection.execute(delete(table).where(table.c.flag_id == flag_id))
        self._connection.execute(delete(reveal).where(reveal.c.subject == flag_id))
        self._connection.execute(delete(flag).where(flag.c.id == flag_id))
        elsewhere = select(flag_contact.c.contact_id).where(flag_contact.c.contact_id.in_(contacts))
        alone = contacts - set(self._connection.execute(elsewhere).scalars())
        self.erase_scores(alone)
        self._forget_labels(contacts - alone, {LABEL_OF_CODE.get(code, code) for code in codes})
        self._forget_findings(issue_id, person, codes)

    def _forget_labels(self, contact_ids: Collection[str], labels: Collection[str]) -> None:
        """What models said under these labels of contacts that stay on another flag."""
        query = select(score.c.contact_id, score.c.model, score.c.body).where(score.c.contact_id.in_(contact_ids))
        for row in self._connection.execute(query).all():
            known = unpack(Scores, row.body)
            less = replace(
                known,
                probabilities={label: one for label, one in known.probabilities.items() if label not in labels},
                flagged=tuple(label for label in known.flagged if label not in labels),
                spans={label: one for label, one in known.spans.items() if label not in labels},
                reasons={label: one for label, one in known.reasons.items() if label not in labels},
            )
            of_it = and_(score.c.contact_id == row.contact_id, score.c.model == row.model)
            self._connection.execute(update(score).where(of_it).values(body=pack(less)))

    def _forget_findings(self, issue_id: str, person: str, codes: Collection[str]) -> None:
        """What the assessments of the issue say of these codes and this person."""
        query = select(assessment.c.id, assessment.c.body).where(assessment.c.issue_id == issue_id)
        for row in self._connection.execute(query).all():
            known = unpack(Assessment, row.body)
            less = replace(
                known,
                findings=tuple(one for one in known.findings if one.code not in codes or one.customer_ref != person),
                signals=tuple(one for one in known.signals if one.code not in codes),
            )
            if less != known:
                self._connection.execute(update(assessment).where(assessment.c.id == row.id).values(body=pack(less)))

    # contacts

    def _contacts_before(self, at: datetime) -> Select[Any]:
        """Contacts of issues that have been quiet since ``at`` and on which no flag stands, and such that are on no issue."""
        later, stands = contact.alias("later"), flag.alias("stands")
        quiet = ~exists().where(later.c.issue_id == contact.c.issue_id, later.c.at >= at)
        bare = ~exists().where(stands.c.issue_id == contact.c.issue_id)
        waits = exists().where(quarantine.c.contact_id == contact.c.id, quarantine.c.state == "waiting")
        of_issue = and_(contact.c.issue_id.is_not(None), quiet, bare)
        left = or_(contact.c.issue_id.is_(None), of_issue)
        return select(contact.c.id).where(
            contact.c.at < at, left, ~_ON_A_FLAG, ~waits, contact.c.who.is_not(None),
            ~contact.c.customer_ref.startswith("erased:"),
        )  # fmt: skip

    def count_contacts(self, at: datetime) -> int:
        query = select(func.count()).select_from(self._contacts_before(at).subquery())
        return self._connection.execute(query).scalar_one()

    def some_contacts(self, at: datetime, limit: int) -> list[str]:
        return list(self._connection.execute(self._contacts_before(at).limit(limit)).scalars())

    def erase_contacts(self, contact_ids: Collection[str]) -> None:
        """Words, names, addresses, bytes and scores of these contacts; that one came, when and where, stays."""
        here = contact.c.id.in_(contact_ids)
        rows = self._connection.execute(select(contact.c.id, contact.c.body, contact.c.issue_id).where(here)).all()
        for row in rows:
            ref = f"erased:{row.id}"
            who = Identification(customer_ref=ref, zone=Zone.NO, probability=0.0)
            values = {
                "body": pack(_emptied(unpack(Contact, row.body))), "message_id": None, "customer_ref": ref,
                "zone": Zone.NO.value, "who": pack(who), "link": None, "not_scored": None,
            }  # fmt: skip
            self._connection.execute(update(contact).where(contact.c.id == row.id).values(**values))
        self._erase_bytes(contact_ids)
        self.erase_scores(contact_ids)
        taken = and_(arrival.c.item_id.in_(contact_ids), arrival.c.taken_at.is_not(None))
        self._connection.execute(update(arrival).where(taken).values(body="{}"))
        self._erase_rulings(contact_ids)
        self._erase_issues({row.issue_id for row in rows if row.issue_id})

    def _erase_bytes(self, contact_ids: Collection[str]) -> None:
        """Bytes that are no other contact's too. The ledger keeps the message's place and hash: it is not fetched again."""
        of_them = ledger.c.contact_id.in_(contact_ids)
        theirs = set(self._connection.execute(select(ledger.c.sha256).where(of_them)).scalars()) - {None}
        another = or_(ledger.c.contact_id.is_(None), ledger.c.contact_id.not_in(contact_ids))
        shared = set(
            self._connection.execute(select(ledger.c.sha256).where(ledger.c.sha256.in_(theirs), another)).scalars()
        )
        self._connection.execute(update(raw).where(raw.c.sha256.in_(theirs - shared)).values(content=b""))
        self._connection.execute(update(ledger).where(of_them).values(sidecar=None, sender=None))

    def _erase_rulings(self, contact_ids: Collection[str]) -> None:
        ids = select(ruling_contact.c.ruling_id).where(ruling_contact.c.contact_id.in_(contact_ids))
        for row in self._connection.execute(select(ruling.c.id, ruling.c.body).where(ruling.c.id.in_(ids))).all():
            body = pack(replace(unpack(Ruling, row.body), reason="", person=None, other=None))
            self._connection.execute(update(ruling).where(ruling.c.id == row.id).values(body=body))

    def _erase_issues(self, issue_ids: Collection[str]) -> None:
        """Issues whose contacts are all erased: their titles are somebody's words, and their household is a person."""
        for issue_id in issue_ids:
            left = select(contact.c.id).where(
                contact.c.issue_id == issue_id, ~contact.c.customer_ref.startswith("erased:")
            )
            if self._connection.execute(left.limit(1)).first() is not None:
                continue
            self._connection.execute(delete(assessment).where(assessment.c.issue_id == issue_id))
            body = self._connection.execute(select(issue.c.body).where(issue.c.id == issue_id)).scalar_one()
            empty = replace(unpack(Issue, body), title="", household_ref=f"erased:{issue_id}")
            values = {"household_ref": empty.household_ref, "wake_at": None, "body": pack(empty)}
            self._connection.execute(update(issue).where(issue.c.id == issue_id).values(**values))


def _emptied(item: Contact) -> Contact:
    return Contact(
        id=item.id, at=item.at, received=item.received, direction=item.direction, channel=item.channel,
        deliveries=item.deliveries, auto=item.auto, report=item.report, problems=(GONE,),
    )  # fmt: skip
