"""Which page each route of the API is the same as: whoever may open the page may call the route, and nobody else."""

from collections.abc import Mapping
from typing import Final

API: Final = "/api/v1"
Route = tuple[str, str]

SAME_AS: Final[Mapping[Route, Route]] = {
    ("GET", f"{API}/openapi.json"): ("GET", "/policy"),
    ("GET", f"{API}/session"): ("GET", "/policy"),
    ("GET", f"{API}/policy"): ("GET", "/policy"),
    ("GET", f"{API}/queue"): ("GET", "/"),
    ("POST", f"{API}/queue"): ("POST", "/queue"),
    ("GET", f"{API}/queue/views"): ("GET", "/"),
    ("POST", f"{API}/queue/views"): ("POST", "/queue/views"),
    ("POST", f"{API}/queue/views/{{view_id}}/remove"): ("POST", "/queue/views/{view_id}/remove"),
    ("GET", f"{API}/my-limits"): ("GET", "/my-limits"),
    ("POST", f"{API}/my-limits"): ("POST", "/my-limits"),
    ("POST", f"{API}/my-limits/break"): ("POST", "/my-limits/break"),
    ("POST", f"{API}/flags/{{flag_id}}/presence"): ("POST", "/flags/{flag_id}/presence"),
    ("POST", f"{API}/flags/{{flag_id}}/release"): ("POST", "/flags/{flag_id}/release"),
    ("POST", f"{API}/flags/{{flag_id}}/names"): ("POST", "/flags/{flag_id}/names"),
    ("GET", f"{API}/not-scored"): ("GET", "/not-scored"),
    ("GET", f"{API}/flags/{{flag_id}}"): ("GET", "/flags/{flag_id}"),
    ("POST", f"{API}/flags/{{flag_id}}/claim"): ("POST", "/flags/{flag_id}/claim"),
    ("POST", f"{API}/flags/{{flag_id}}/reviews"): ("POST", "/flags/{flag_id}/reviews"),
    ("POST", f"{API}/flags/{{flag_id}}/reopen"): ("POST", "/flags/{flag_id}/reopen"),
    ("POST", f"{API}/flags/{{flag_id}}/undo"): ("POST", "/flags/{flag_id}/undo"),
    ("POST", f"{API}/flags/{{flag_id}}/statements"): ("POST", "/flags/{flag_id}/statements"),
    ("POST", f"{API}/flags/{{flag_id}}/support"): ("POST", "/flags/{flag_id}/support"),
    ("GET", f"{API}/safeguarding"): ("GET", "/safeguarding"),
    ("POST", f"{API}/safeguarding/{{flag_id}}/acknowledge"): ("POST", "/safeguarding/{flag_id}/acknowledge"),
    ("GET", f"{API}/incident-records/{{record_id}}"): ("GET", "/incident-records/{record_id}"),
    ("GET", f"{API}/contacts/{{contact_id}}"): ("GET", "/contacts/{contact_id}"),
    ("GET", f"{API}/issues/{{issue_id}}"): ("GET", "/issues/{issue_id}"),
    ("GET", f"{API}/owed"): ("GET", "/owed"),
    ("GET", f"{API}/patterns"): ("GET", "/patterns"),
    ("GET", f"{API}/models"): ("GET", "/models"),
    ("POST", f"{API}/models/promote"): ("POST", "/models/promote"),
    ("POST", f"{API}/models/rollback"): ("POST", "/models/rollback"),
    ("GET", f"{API}/sources"): ("GET", "/intake"),
    ("POST", f"{API}/quarantine/retry"): ("POST", "/intake/quarantine/retry"),
    ("GET", f"{API}/health"): ("GET", "/health"),
    ("POST", f"{API}/health/verify"): ("POST", "/health/verify"),
    ("GET", f"{API}/decisions"): ("GET", "/decisions"),
    ("GET", f"{API}/audit"): ("GET", "/audit"),
}
