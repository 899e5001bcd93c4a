"""Who may call what: one table of every route, checked at start-up to be complete (S13)."""

from collections.abc import Iterable, Mapping
from typing import Final

from triage.store.access import Duty

R, S, A, M, X = Duty.REVIEWER, Duty.SAFEGUARDING, Duty.ANALYST, Duty.MANAGER, Duty.ADMINISTRATOR
EVERYBODY: Final = frozenset(Duty)
OPEN: Final[None] = None
NOBODY: Final[frozenset[Duty]] = frozenset()
"""For no signed-in person: these are the routes of programs, which carry a token (triage.web.sources)."""

ACCESS: Final[Mapping[tuple[str, str], frozenset[Duty] | None]] = {
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/policy"): EVERYBODY,
    ("GET", "/keys"): EVERYBODY,
    ("GET", "/api/session"): EVERYBODY,
    ("GET", "/"): frozenset({R, S, M}),
    ("GET", "/not-scored"): frozenset({R, S, M, X}),
    ("GET", "/flags/{flag_id}"): frozenset({R, S, M}),
    ("POST", "/flags/{flag_id}/claim"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/reviews"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/reopen"): frozenset({R, S}),
    ("POST", "/flags/{flag_id}/statements"): frozenset({R, S, M}),
    ("POST", "/api/flags/{flag_id}/reviews"): frozenset({R, S}),
    ("GET", "/contacts/{contact_id}"): frozenset({R, S, M, X}),
    ("POST", "/contacts/{contact_id}/raw"): frozenset({X}),
    ("GET", "/issues/{issue_id}"): frozenset({R, M}),
    ("GET", "/owed"): frozenset({R, M}),
    ("GET", "/patterns"): frozenset({M}),
    ("GET", "/models"): frozenset({A}),
    ("POST", "/models/promote"): frozenset({A}),
    ("POST", "/models/rollback"): frozenset({A}),
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
    ("GET", "/health"): frozenset({X}),
    ("POST", "/health/verify"): frozenset({X}),
}

HOME: Final[Mapping[Duty, str]] = {R: "/", S: "/", A: "/models", M: "/patterns", X: "/health"}

_MENU: Final = (
    ("/", "Queue"),
    ("/owed", "Owed"),
    ("/patterns", "Patterns"),
    ("/not-scored", "Not scored"),
    ("/models", "Models"),
    ("/health", "Health"),
    ("/intake", "Intake"),
    ("/incidents/new", "Incident"),
    ("/routes", "Other routes"),
    ("/policy", "Policy"),
    ("/keys", "Keyboard"),
)


def may(duty: Duty, method: str, path: str) -> bool:
    allowed = ACCESS[method, path]
    return allowed is OPEN or duty in allowed


def menu(duty: Duty) -> list[tuple[str, str]]:
    """The pages that this person may open."""
    return [(path, label) for path, label in _MENU if may(duty, "GET", path)]


def check_complete(routes: Iterable[tuple[str, str]]) -> None:
    """Every route has its line in the table and the table has no line too many; anything else stops the start-up."""
    found = set(routes)
    if found != set(ACCESS):
        raise RuntimeError(f"Routes and the table of duties differ: {sorted(found ^ set(ACCESS))}.")
