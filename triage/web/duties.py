"""Who may call what: one table of every route, checked at start-up to be complete (S13)."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from triage.store.access import Duty
from triage.web.same_as import SAME_AS

R, S, A, M, X = Duty.REVIEWER, Duty.SAFEGUARDING, Duty.ANALYST, Duty.MANAGER, Duty.ADMINISTRATOR
U: Final = Duty.AUDITOR
EVERYBODY: Final = frozenset(Duty)
OPEN: Final[None] = None
NOBODY: Final[frozenset[Duty]] = frozenset()
"""For no signed-in person: these are the routes of programs, which carry a token (triage.web.sources)."""

PAGES: Final[Mapping[tuple[str, str], frozenset[Duty] | None]] = {
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("POST", "/sign-in/password"): OPEN,
    ("POST", "/sign-in/provider"): OPEN,
    ("GET", "/sign-in/callback"): OPEN,
    ("GET", "/enrol"): OPEN,
    ("POST", "/enrol"): OPEN,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/policy"): EVERYBODY,
    ("GET", "/policy/sheet"): EVERYBODY,
    ("GET", "/keys"): EVERYBODY,
    ("GET", "/api/session"): EVERYBODY,
    ("GET", "/"): frozenset({R, S, M}),
    ("GET", "/not-scored"): frozenset({R, S, M, X}),
    ("POST", "/queue"): frozenset({R, S}),
    ("POST", "/queue/views"): frozenset({R, S, M}),
    ("POST", "/queue/views/{view_id}/remove"): frozenset({R, S, M}),
    ("GET", "/my-limits"): frozenset({R, S, M}),
    ("POST", "/my-limits"): frozenset({R, S, M}),
    ("POST", "/my-limits/break"): frozenset({R, S, M}),
    ("GET", "/flags/{flag_id}"): frozenset({R, S, M}),
    ("GET", "/flags/{flag_id}/sheet"): frozenset({R, M}),
    ("POST", "/flags/{flag_id}/claim"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/presence"): frozenset({R, S, M}),
    ("POST", "/flags/{flag_id}/release"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/names"): frozenset({R, S, M}),
    ("POST", "/flags/{flag_id}/reviews"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/reopen"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/statements"): frozenset({R, S, M}),
    ("POST", "/flags/{flag_id}/undo"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/support"): frozenset({R, M}),
    ("POST", "/flags/{flag_id}/representations"): frozenset({R, M}),
    ("POST", "/flags/{flag_id}/representations/{representation_id}/answer"): frozenset({R, M}),
    ("GET", "/appeals"): frozenset({R, M}),
    ("GET", "/incident-records/{record_id}"): frozenset({R, M}),
    ("GET", "/safeguarding"): frozenset({S}),
    ("POST", "/safeguarding/{flag_id}/acknowledge"): frozenset({S}),
    ("POST", "/api/flags/{flag_id}/reviews"): frozenset({R, S}),
    ("GET", "/contacts/{contact_id}"): frozenset({R, S, M, X}),
    ("POST", "/contacts/{contact_id}/names"): frozenset({R, S, M, X}),
    ("POST", "/contacts/{contact_id}/raw"): frozenset({X}),
    ("GET", "/issues/{issue_id}"): frozenset({R, M}),
    ("POST", "/issues/{issue_id}/names"): frozenset({R, M}),
    ("GET", "/search"): frozenset({R, M}),
    ("POST", "/search"): frozenset({R, M}),
    ("GET", "/people"): frozenset({R, M}),
    ("GET", "/people/{contact_id}"): frozenset({R, M}),
    ("POST", "/people/{contact_id}/names"): frozenset({R, M}),
    ("POST", "/people/{contact_id}/same"): frozenset({R, M}),
    ("POST", "/people/{contact_id}/not"): frozenset({R, M}),
    ("POST", "/people/{contact_id}/join"): frozenset({R, M}),
    ("POST", "/people/{contact_id}/move"): frozenset({R, M}),
    ("POST", "/people/rulings/{ruling_id}/undo"): frozenset({R, M}),
    ("GET", "/owed"): frozenset({R, M}),
    ("GET", "/owed/sheet"): frozenset({R, M}),
    ("GET", "/patterns"): frozenset({M}),
    ("GET", "/models"): frozenset({A}),
    ("POST", "/models/promote"): frozenset({A}),
    ("POST", "/models/rollback"): frozenset({A}),
    ("GET", "/rehearsals"): frozenset({A, M}),
    ("POST", "/rehearsals"): frozenset({A, M}),
    ("GET", "/rehearsals/{rehearsal_id}"): frozenset({A, M}),
    ("POST", "/rehearsals/{rehearsal_id}/stop"): frozenset({A, M}),
    ("GET", "/rehearsals/{rehearsal_id}/sheet"): frozenset({A, M}),
    ("GET", "/incidents/new"): frozenset({R, S, M, X}),
    ("POST", "/incidents"): frozenset({R, S, M, X}),
    ("GET", "/routes"): frozenset({X}),
    ("GET", "/intake"): frozenset({M, X}),
    ("POST", "/intake/quarantine/retry"): frozenset({X}),
    ("POST", "/intake/quarantine/{id}/raw"): frozenset({X}),
    ("POST", "/api/v1/intake/contacts"): NOBODY,
    ("POST", "/api/v1/intake/incidents"): NOBODY,
    ("POST", "/api/v1/intake/customers"): NOBODY,
    ("POST", "/api/v1/intake/visits"): NOBODY,
    ("POST", "/api/v1/intake/records"): NOBODY,
    ("GET", "/api/v1/intake/openapi.json"): NOBODY,
    ("GET", "/decisions"): frozenset({M}),
    ("GET", "/restrictions"): frozenset({M}),
    ("GET", "/restrictions/{restriction_id}/sheet"): frozenset({M}),
    ("GET", "/retention"): frozenset({M, X}),
    ("POST", "/retention/erase"): frozenset({X}),
    ("GET", "/own-records"): frozenset({S, M}),
    ("POST", "/own-records/sheet"): frozenset({S, M}),
    ("GET", "/audit"): frozenset({X, U}),
    ("GET", "/health"): frozenset({X, U}),
    ("POST", "/health/verify"): frozenset({X, U}),
}
ACCESS: Final = {**PAGES, **{route: PAGES[page] for route, page in SAME_AS.items()}}
"""The pages and the API: each of its routes admits whom its page admits."""

HOME: Final[Mapping[Duty, str]] = {R: "/", S: "/", A: "/models", M: "/patterns", X: "/health", U: "/audit"}

_MENU: Final = (
    ("/", "Queue"),
    ("/search", "Search"),
    ("/safeguarding", "Safeguarding"),
    ("/owed", "Owed"),
    ("/patterns", "Patterns"),
    ("/decisions", "Decisions"),
    ("/restrictions", "Restrictions"),
    ("/appeals", "Appeals"),
    ("/people", "Who wrote?"),
    ("/models", "Models"),
    ("/rehearsals", "Rehearsals"),
    ("/audit", "Audit"),
    ("/health", "Health"),
    ("/intake", "Intake"),
    ("/not-scored", "Not scored"),
    ("/own-records", "Requests for records"),
    ("/retention", "Retention"),
    ("/incidents/new", "Write down an incident"),
    ("/routes", "Other routes"),
    ("/policy", "Policy"),
    ("/my-limits", "My limits"),
    ("/keys", "Keyboard"),
)
ONE_ROW: Final = 10
"""Pages that a menu shows side by side; a role with more finds the rest under "More"."""


class Menu(NamedTuple):
    """The pages of a role as (address, name): those in the row, and those that unfold from it."""

    row: list[tuple[str, str]]
    more: list[tuple[str, str]]


def may(duty: Duty, method: str, path: str) -> bool:
    allowed = ACCESS[method, path]
    return allowed is OPEN or duty in allowed


def menu(duty: Duty) -> Menu:
    """The pages that this person may open."""
    pages = [(path, label) for path, label in _MENU if may(duty, "GET", path)]
    return Menu(row=pages[:ONE_ROW], more=pages[ONE_ROW:])


def check_complete(routes: Iterable[tuple[str, str]]) -> None:
    """Every route has its line in the table and the table has no line too many; anything else stops the start-up."""
    found = set(routes)
    if found != set(ACCESS):
        raise RuntimeError(f"Routes and the table of duties differ: {sorted(found ^ set(ACCESS))}.")
