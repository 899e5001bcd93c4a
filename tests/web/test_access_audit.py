"""What each page and its twin leave on record: one line for each view, reveal, decision and export, by who did it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from triage.store.access import Duty
from triage.web.duties import NOBODY, OPEN, PAGES
from triage.web.same_as import SAME_AS

R, S, A, M, X, U = Duty.REVIEWER, Duty.SAFEGUARDING, Duty.ANALYST, Duty.MANAGER, Duty.ADMINISTRATOR, Duty.AUDITOR
VIEWS = {
    "/flags/{flag_id}": (R, "flag.viewed"),
    "/contacts/{contact_id}": (R, "contact.viewed"),
    "/issues/{issue_id}": (R, "issue.viewed"),
    "/incident-records/{record_id}": (R, "incident.viewed"),
    "/people/{contact_id}": (R, "identity.viewed"),
    "/safeguarding": (S, "safeguarding.viewed"),
    "/not-scored": (R, "not_scored.viewed"),
    "/owed": (M, "owed.viewed"),
    "/owed/sheet": (M, "owed.exported"),
    "/flags/{flag_id}/sheet": (M, "flag.exported"),
    "/patterns": (M, "patterns.viewed"),
    "/restrictions": (M, "restrictions.viewed"),
    "/appeals": (M, "appeals.viewed"),
    "/retention": (X, "retention.viewed"),
    "/decisions": (M, "decisions.viewed"),
    "/audit": (U, "audit.viewed"),
}
TELLS_OF_NOBODY = {
    "/": (R, "pseudonyms and masked titles"), "/people": (R, "pseudonyms alone"), "/policy": (R, "the policy"), "/policy/sheet": (R, "the policy"),
    "/keys": (R, "help"), "/api/session": (R, "oneself"), "/my-limits": (R, "oneself"), "/models": (A, "models"),
    "/incidents/new": (R, "an empty form"), "/own-records": (M, "an empty form"), "/search": (M, "an empty form"), "/routes": (X, "counts and places"), "/intake": (X, "counts and places"),
    "/health": (X, "counts"),
}  # fmt: skip
"""Pages that show nothing of a person, and why; they leave no line."""
ELSEWHERE = {
    "/people/{contact_id}/same": "tests/linking", "/people/{contact_id}/not": "tests/linking",
    "/people/{contact_id}/join": "tests/linking", "/people/{contact_id}/move": "tests/linking",
    "/people/rulings/{ruling_id}/undo": "tests/linking", "/intake/quarantine/retry": "test_web_intake",
    "/intake/quarantine/{id}/raw": "test_web_intake", "/contacts/{contact_id}/raw": "test_web_pages",
    "/api/flags/{flag_id}/reviews": "test_web_decisions", "/sign-out": "test_web_doors",
    "/people/{contact_id}/names": "tests/linking", "/rehearsals": "test_rehearsal_pages",
    "/rehearsals/{rehearsal_id}": "test_rehearsal_pages", "/rehearsals/{rehearsal_id}/sheet": "test_rehearsal_pages",
    "/rehearsals/{rehearsal_id}/stop": "test_rehearsal_pages",
    "/flags/{flag_id}/representations/{representation_id}/answer": "test_contested_decisions",
    "/restrictions/{restriction_id}/sheet": "test_restriction_pages",
}  # fmt: skip
"""Acts that need more than the small landlord; their lines are asserted there."""
REASON = {"reason": "The customer rang about it."}
YES = {
    "code": "A2", "answer": "yes", "reason": "He insulted Mr Poole.", "limb": "distress",
    "limb_evidence": "his statement", "out_of_character": "no",
}  # fmt: skip
NO = {"code": "P3", "answer": "no", "reason": "We were late ourselves."}
DECIDED = {f"{name}-{one['code']}": value for one in (YES, NO) for name, value in one.items() if name != "code"}
INCIDENT = {
    "place": "visit", "by": "animal", "attribution": "own", "target": "engineer", "happened": "The dog was loose.",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Act:
    """One button: by whom, on which page's address, what is sent as a form and as JSON, and what it leaves."""

    by: Duty
    page: str
    form: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, object] = field(default_factory=dict)
    leaves: tuple[str, ...] = ()


ASKED = {"ref": "C-100", "reason": "She asked by letter on 3 March."}
LOOKED_FOR = {"text": "Ade Bright"}
SAID = {"received": "2026-03-01", "made_by": "the customer", "asks": "to have it noted", "text": "It was not me."}
ACTS = (
    Act(by=X, page="/retention/erase", form=REASON, sent=REASON, leaves=("retention.asked", "retention.erased")),
    Act(by=M, page="/search", form=LOOKED_FOR, sent=LOOKED_FOR, leaves=("search.made",)),
    Act(by=M, page="/own-records/sheet", form=ASKED, sent=ASKED, leaves=("own_records.exported",)),
    Act(by=M, page="/flags/{flag_id}/representations", form=SAID, sent=SAID, leaves=("representation.noted",)),
    Act(by=R, page="/flags/{flag_id}/claim", leaves=("flag.claimed",)),
    Act(by=R, page="/flags/{flag_id}/presence"),
    Act(by=R, page="/flags/{flag_id}/release", leaves=("flag.released",)),
    Act(by=R, page="/flags/{flag_id}/names", form=REASON, sent=REASON, leaves=("names.revealed",)),
    Act(by=R, page="/contacts/{contact_id}/names", form=REASON, sent=REASON, leaves=("names.revealed",)),
    Act(by=R, page="/issues/{issue_id}/names", form=REASON, sent=REASON, leaves=("names.revealed",)),
    Act(
        by=R,
        page="/queue",
        form={"pick-{flag_id}": "yes", "act": "assign"},
        sent={"flags": ["{flag_id}"], "act": "assign"},
        leaves=("flag.assigned",),
    ),
    Act(
        by=R,
        page="/flags/{flag_id}/reviews",
        form=DECIDED,
        sent={"decisions": [YES, NO]},
        leaves=("flag.decided", "incident.recorded"),
    ),
    Act(by=R, page="/flags/{flag_id}/undo", leaves=("flag.undone",)),
    Act(
        by=R,
        page="/flags/{flag_id}/reviews",
        form=DECIDED,
        sent={"decisions": [YES, NO]},
        leaves=("flag.decided", "incident.recorded"),
    ),
    Act(by=R, page="/flags/{flag_id}/reopen", form=REASON, sent=REASON, leaves=("flag.reopened",)),
    Act(
        by=R,
        page="/flags/{flag_id}/statements",
        form={"staff": "Mr Poole", "text": "It upset me."},
        sent={"staff": "Mr Poole", "text": "It upset me."},
        leaves=("statement.added",),
    ),
    Act(
        by=R,
        page="/flags/{flag_id}/support",
        form={"staff": "Mr Poole", "step": "debrief offered"},
        sent={"staff": "Mr Poole", "step": "debrief offered"},
        leaves=("support.noted",),
    ),
    Act(by=R, page="/queue/views", form={"name": "Mine"}, sent={"name": "Mine"}),
    Act(by=R, page="/queue/views/{view_id}/remove"),
    Act(by=R, page="/my-limits", form={"veiled": "yes"}, sent={"veiled": True}),
    Act(by=R, page="/my-limits/break"),
    Act(by=S, page="/safeguarding/{card_id}/acknowledge", leaves=("flag.acknowledged",)),
    Act(
        by=A,
        page="/models/promote",
        form={**REASON, "name": "linear", "version": "1.1"},
        sent={**REASON, "name": "linear", "version": "1.1"},
        leaves=("model.promotion_asked",),
    ),
    Act(by=A, page="/models/rollback", form=REASON, sent=REASON, leaves=("model.rollback_asked",)),
    Act(
        by=R,
        page="/incidents",
        form={**INCIDENT, "day": "2026-03-11"},
        sent={**INCIDENT, "id": "v-7", "at": "2026-03-11T15:00"},
        leaves=("incident.written",),
    ),
    Act(by=X, page="/health/verify"),
)


class Record:
    """Whoever acts, and what they left on record by it."""

    def __init__(self, desk):
        self.desk, self.people, self.record_id = desk, {}, "none"

    def _places(self):
        landlord = self.desk.landlord
        with self.desk.store.read() as unit:
            views = unit.working.views("Test reviewer")
            records = unit.outcomes.records(flag_id=landlord.behaviour, withdrawn=True)
        return {
            "flag_id": landlord.behaviour, "card_id": landlord.safeguarding, "contact_id": landlord.abusive_contact,
            "issue_id": landlord.boiler_issue, "record_id": records[0].id if records else "none",
            "view_id": views[0].id if views else "none",
        }  # fmt: skip

    def filled(self, value):
        """The same with the places of addresses filled in, wherever they stand."""
        if isinstance(value, str):
            places = self._places() if "{" in value else {}
            return re.sub(r"\{(\w+)\}", lambda found: places[found[1]], value)
        if isinstance(value, Mapping):
            return {self.filled(name): self.filled(one) for name, one in value.items()}
        return [self.filled(one) for one in value] if isinstance(value, list) else value

    def visitor(self, duty):
        if duty not in self.people:
            self.people[duty] = self.desk.signed_in(duty)
        return self.people[duty]

    def version(self):
        with self.desk.store.read() as unit:
            return unit.flags.get(self.desk.landlord.behaviour).version

    def left_by(self, duty, how, *args, **form):
        """(status, the actions that this person left on record by asking); ``how`` is get, post or send."""
        visitor = self.visitor(duty)
        with self.desk.store.read() as unit:
            before = len(list(unit.audit.entries()))
        status = getattr(visitor, how)(*args, **form).status_code
        with self.desk.store.read() as unit:
            new = list(unit.audit.entries())[before:]
        assert {entry.actor for entry in new} <= {f"Test {duty}"}
        return status, tuple(entry.action for entry in new)


TWINS = {}
for route, page in SAME_AS.items():
    TWINS.setdefault(page, []).append(route[1])


def _twin(page):
    """The address of an act's twin; a card of safeguarding is a flag of its own kind."""
    found = TWINS[("POST", page.replace("{card_id}", "{flag_id}"))][0]
    return found.replace("{flag_id}", "{card_id}") if "{card_id}" in page else found


def test_every_route_is_walked_here_or_named_with_where_it_is():
    pages = {path for (_, path), who in PAGES.items() if who is not OPEN and who is not NOBODY}
    acts = {act.page.replace("{card_id}", "{flag_id}") for act in ACTS}
    assert pages == set(VIEWS) | set(TELLS_OF_NOBODY) | set(ELSEWHERE) | acts


@pytest.mark.parametrize("way", ["page", "api"])
def test_every_view_reveal_decision_and_export_leaves_one_line(desk, way):
    record, wrong = Record(desk), []
    for act in ACTS:
        if act.page.endswith("/reviews"):
            record.left_by(R, "get", f"/flags/{desk.landlord.behaviour}")
        form, sent = record.filled(dict(act.form)), record.filled(dict(act.sent))
        if act.page.endswith("/reviews"):
            form, sent = {**form, "flag_version": str(record.version())}, {**sent, "flag_version": record.version()}
        if way == "page":
            path = record.filled(act.page)
            found = record.left_by(act.by, "post", path, **form)
        else:
            path = record.filled(_twin(act.page))
            found = record.left_by(act.by, "send", path, sent)
        if found[0] >= 400 or found[1] != act.leaves:
            wrong.append(f"POST {path}: {found}, and not {act.leaves}")
    views = {page: (duty, (action,)) for page, (duty, action) in VIEWS.items()}
    views |= {page: (duty, ()) for page, (duty, _) in TELLS_OF_NOBODY.items()}
    for page, (duty, leaves) in views.items():
        for address in [page] if way == "page" else TWINS.get(("GET", page), []):
            path = record.filled(address)
            expected = ("audit.exported",) if path == "/api/v1/audit" else leaves
            found = record.left_by(duty, "get", path)
            if found[0] != 200 or found[1] != expected:
                wrong.append(f"GET {path}: {found}, and not {expected}")
    assert not wrong, "\n".join(wrong)


def test_what_is_refused_is_not_put_on_record_as_seen(desk, reviewer):
    with desk.store.read() as unit:
        before = len(list(unit.audit.entries()))
    secret = desk.landlord.safeguarded_contact
    for path in (f"/flags/{desk.landlord.safeguarding}", "/contacts/none", "/issues/none", f"/people/{secret}"):
        assert reviewer.get(path).status_code == 404
    with desk.store.read() as unit:
        assert len(list(unit.audit.entries())) == before
