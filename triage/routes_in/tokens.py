"""Making and ending a source's API token: a person's act, on record both times."""

from collections.abc import Iterable
from datetime import datetime

from triage.domain.errors import InputError, NotFoundError
from triage.routes_in.rows import kinds_that_may_be_allowed
from triage.store import Store
from triage.store.tokens import Token


def make_token(store: Store, source: str, kinds: Iterable[str], *, by: str, now: datetime) -> tuple[str, Token]:
    """The secret, to be shown once, and what is kept. Raises InputError for a kind that there is not, or no name."""
    wanted = [kind.strip() for kind in kinds if kind.strip()]
    known = kinds_that_may_be_allowed()
    unknown = [kind for kind in wanted if kind not in known]
    if unknown or not wanted:
        raise InputError(
            f"A token is for one or more of {', '.join(known)}; {unknown[0] if unknown else 'none'!r} was named."
        )
    if not source.strip() or len(source) > 100 or not source.isprintable():
        raise InputError("Name the source in at most 100 ordinary characters: the system that will hold the token.")
    with store.begin() as unit:
        secret, token = unit.tokens.make(source.strip(), wanted, by=by, at=now)
        detail = {"source": token.source, "kinds": " ".join(sorted(token.kinds))}
        unit.audit.append(at=now, actor=by, action="token.made", subject=token.id, detail=detail)
    return secret, token


def end_token(store: Store, token_id: str, *, by: str, now: datetime) -> Token:
    """The token that is good no longer. Raises NotFoundError where there is none of that id that still is."""
    with store.begin() as unit:
        token = unit.tokens.revoke(token_id, now)
        if token is None:
            raise NotFoundError(f"There is no live token {token_id}; `triage token list` shows them.")
        unit.audit.append(at=now, actor=by, action="token.revoked", subject=token.id, detail={"source": token.source})
    return token
