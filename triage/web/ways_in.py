"""Which ways of signing in this installation has open."""

from dataclasses import dataclass, field

from triage.web.code_keys import CodeKeys
from triage.web.oidc import Provider


@dataclass(frozen=True, kw_only=True)
class WaysIn:
    """``invitations`` are one-time addresses; ``passwords`` come with a second factor; ``provider`` is the organisation's own.

    ``codes`` opens and seals the keys of the second factor.
    """

    invitations: bool = True
    passwords: bool = True
    provider: Provider | None = None
    codes: CodeKeys = field(default_factory=CodeKeys)
