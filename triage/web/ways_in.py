"""Which ways of signing in this installation has open."""

from dataclasses import dataclass

from triage.web.oidc import Provider


@dataclass(frozen=True, kw_only=True)
class WaysIn:
    """``invitations`` are one-time addresses; ``passwords`` come with a second factor; ``provider`` is the organisation's own."""

    invitations: bool = True
    passwords: bool = True
    provider: Provider | None = None
