"""Links of several households made again in the order of time, as if everything had arrived in it. Pure but for look-ups."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from triage.domain.contact import Contact, Direction
from triage.domain.customer import Customer, Identification, LinkEvidence
from triage.domain.issue import Entry, History, Issue, IssueLink
from triage.domain.record import Record
from triage.domain.ruling import Ruling
from triage.domain.score import Scores
from triage.issues.linking import link
from triage.issues.titles import title_of

Outside = Callable[[Identification, datetime], Sequence[History]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A contact or record to be linked again; ``was`` is its issue until now, ``moved`` what a person has said of it."""

    item: Contact | Record
    who: Identification
    was: str | None
    scores: Scores | None = None
    moved: Ruling | None = None


@dataclass(slots=True, kw_only=True)
class Cluster:
    """An issue while it is put together; ``id`` is None until it has one, ``things`` are those that joined it now."""

    id: str | None
    issue: Issue
    entries: list[Entry] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    things: list[Thing] = field(default_factory=list)
    starts_here: bool = True

    def add(self, thing: Thing) -> None:
        self.things.append(thing)
        self.people |= {thing.who.customer_ref, thing.who.household_ref}
        if isinstance(thing.item, Contact):
            self.entries.append(Entry(contact=thing.item, who=thing.who, scores=thing.scores))
            self.entries.sort(key=lambda entry: (entry.contact.at, entry.contact.id))
        else:
            self.records.append(thing.item)
            self.records.sort(key=lambda record: (record.at, record.id))

    def history(self, customers: Mapping[str, Customer]) -> History:
        people = self.people | {self.issue.household_ref}
        known = {ref: customers[ref] for ref in sorted(people) if ref in customers}
        return History(issue=self.issue, entries=tuple(self.entries), records=tuple(self.records), customers=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Where everything belongs: clusters with their ids, and the link of each thing by its id."""

    clusters: tuple[Cluster, ...]
    links: Mapping[str, IssueLink]
    outside: Mapping[str, str]


class Fold:
    """Puts things into clusters one after another; ``begun`` are issues with what came before.

    ``is_there`` says whether an issue of that id is there, of these or other households: no new one may take its id.
    """

    def __init__(
        self,
        begun: Iterable[Cluster],
        customers: Mapping[str, Customer],
        outside: Outside,
        placed: Mapping[str, str],
        is_there: Callable[[str], bool],
    ) -> None:
        self._clusters = list(begun)
        self._customers, self._outside, self._placed = customers, outside, placed
        self._is_there = is_there
        self._of: dict[str, Cluster] = {}
        self._links: dict[str, IssueLink] = {}
        self._elsewhere: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def run(self, things: Sequence[Thing], taken: Iterable[str]) -> Folded:
        """Links all things in the order of time; ``taken`` are the ids of issues that there are."""
        waiting = sorted(things, key=order)
        ids = {thing.item.id for thing in waiting}
        held: dict[str, list[Thing]] = {}
        left: list[Thing] = []
        for thing in waiting:
            anchor = thing.moved.anchor if thing.moved else None
            if anchor in ids and anchor != thing.item.id and anchor not in self._of and anchor not in self._elsewhere:
                held.setdefault(anchor, []).append(thing)
                left.append(thing)
            else:
                self._take(thing, held)
        for thing in left:  # two that were each moved to the other's issue: the first goes where its words say
            if thing.item.id not in self._of and thing.item.id not in self._elsewhere:
                self._take(thing, held)
        self._name(set(taken))
        links = {
            id: link if (cluster := self._of.get(id)) is None else _at(link, cluster.id)
            for id, link in self._links.items()
        }
        return Folded(clusters=tuple(self._clusters), links=links, outside=self._elsewhere)

    def _take(self, thing: Thing, held: dict[str, list[Thing]]) -> None:
        self._place(thing)
        for follower in held.pop(thing.item.id, ()):
            self._take(follower, held)

    def _place(self, thing: Thing) -> None:
        if thing.moved is not None and self._by_ruling(thing, thing.moved):
            return
        near = {id(cluster): cluster for cluster in self._clusters if self._is_near(cluster, thing.who)}
        inside = [(cluster, cluster.history(self._customers)) for cluster in near.values()]
        outside = self._outside(thing.who, thing.item.at)
        found = link(thing.item, thing.who, [*(history for _, history in inside), *outside])
        self._links[thing.item.id] = found
        if found.issue_id is None:
            self._open(thing, None)
            return
        cluster = next((cluster for cluster, history in inside if history.issue.id == found.issue_id), None)
        if cluster is None:
            self._elsewhere[thing.item.id] = found.issue_id
        else:
            self._join(thing, cluster)

    def _is_near(self, cluster: Cluster, who: Identification) -> bool:
        mine = {who.household_ref, who.customer_ref}
        return cluster.issue.household_ref in mine or any(entry.who.customer_ref in mine for entry in cluster.entries)

    def _by_ruling(self, thing: Thing, ruling: Ruling) -> bool:
        self._links[thing.item.id] = by_ruling(ruling, ruling.issue_id)
        if ruling.anchor is None and ruling.issue_id is not None:
            begun = next((cluster for cluster in self._clusters if cluster.id == ruling.issue_id), None)
            self._join(thing, begun) if begun else self._open(thing, ruling.issue_id)
            return True
        if (cluster := self._of.get(ruling.anchor or "")) is not None:
            self._join(thing, cluster)
            return True
        issue_id = self._elsewhere.get(ruling.anchor or "") or self._placed.get(ruling.anchor or "")
        begun = next((cluster for cluster in self._clusters if cluster.id == issue_id), None)
        if begun is not None:
            self._join(thing, begun)
        elif issue_id is not None:
            self._elsewhere[thing.item.id] = issue_id
            self._links[thing.item.id] = by_ruling(ruling, issue_id)
        return issue_id is not None

    def _open(self, thing: Thing, issue_id: str | None) -> None:
        issue = Issue(
            id=issue_id or f"new:{thing.item.id}",
            household_ref=thing.who.household_ref,
            opened=thing.item.at,
            title=title_of(thing.item),
        )
        cluster = Cluster(id=issue_id, issue=issue)
        self._clusters.append(cluster)
        self._join(thing, cluster)

    def _join(self, thing: Thing, cluster: Cluster) -> None:
        cluster.add(thing)
        self._of[thing.item.id] = cluster

    def _name(self, taken: set[str]) -> None:
        """Each new cluster keeps the id of the issue that its first thing opened, else of the one that most of it was on."""
        used: set[str | None] = {cluster.id for cluster in self._clusters}
        nameless = [cluster for cluster in self._clusters if cluster.id is None]
        for cluster in nameless:
            own = opened_by(cluster.things[0].item)
            if own in taken and own not in used:
                cluster.id = own
                used.add(own)
        for cluster in nameless:
            if cluster.id is None:
                were = Counter(thing.was for thing in cluster.things if thing.was in taken and thing.was not in used)
                best = min(were, key=lambda name: (-were[name], name or ""), default=None)
                cluster.id = best or self._new_id(cluster.things[0].item, used)
                used.add(cluster.id)

    def _new_id(self, item: Contact | Record, used: set[str | None]) -> str:
        """After what opens the issue; another where what it once opened is still there, without it."""
        own = opened_by(item)
        return uuid4().hex if own in used or self._is_there(own) else own


def order(thing: Thing) -> tuple[datetime, bool, bool, str]:
    """By time; what the landlord recorded or sent at a moment comes before what came in at it, as on the one path."""
    contact = thing.item if isinstance(thing.item, Contact) else None
    incoming = contact is not None and contact.direction is Direction.IN
    return thing.item.at, contact is not None, incoming, thing.item.id


def opened_by(item: Contact | Record) -> str:
    """The id of the issue that a contact or record opens."""
    return f"i{item.id}"[:32]


def by_ruling(ruling: Ruling, issue_id: str | None) -> IssueLink:
    """The link of a contact that a person has moved."""
    step = LinkEvidence(kind="ruling", weight=0.0, sentence=f"{ruling.by} has moved it here.")
    return IssueLink(issue_id=issue_id, probability=1.0, evidence=(step,))


def _at(link: IssueLink, issue_id: str | None) -> IssueLink:
    return IssueLink(issue_id=issue_id, probability=link.probability, evidence=link.evidence)
