"""The door for Prometheus: there only where the settings open it, and with a token where they name one."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from triage.web.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsDoor:
    """``token`` is fetched at each request, so that a changed one needs no restart; None asks for none."""

    token: Callable[[], str] | None = None

    def lets_in(self, sent: str | None) -> bool:
        """Whether an Authorization header carries the token. One that cannot be read, or is empty, lets nobody in."""
        if self.token is None:
            return True
        try:
            wanted = self.token().strip()
        except (OSError, ValueError, IndexError):
            return False
        scheme, _, secret = (sent or "").partition(" ")
        given = secret.strip().encode(errors="replace")
        return bool(wanted) and scheme.lower() == "bearer" and hmac.compare_digest(wanted.encode(), given)


def metrics_endpoint(desk: Desk, door: MetricsDoor) -> Callable[[Request], Response]:
    """No session opens it and it opens no page, so it is not in the table of duties."""
    from triage.metrics import CONTENT_TYPE, exposition

    def metrics(request: Request) -> Response:
        if not door.lets_in(request.headers.get("authorization")):
            return PlainTextResponse("Send the token of the settings in the header Authorization: Bearer.\n", 401)
        return Response(exposition(desk.store, desk.clock, desk.intake, desk.models), media_type=CONTENT_TYPE)

    return metrics
