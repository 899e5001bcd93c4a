"""An organisation's own provider of sign-ins: OpenID Connect, code flow with PKCE (RFC 7636), state and nonce."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from triage.domain.errors import SettingsError, TriageError
from triage.store.access import Duty, Person
from triage.store.users import ProviderStart

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures by the provider's own key alone: neither "none" nor a shared secret."""
FRESH: Final = 3600.0
CLOCKS_APART: Final = 60
TIMEOUT: Final = 10.0


class ProviderError(TriageError):
    """The provider could not be asked, or what came back from it is not to be believed."""


@dataclass(kw_only=True)
class Provider:
    """One provider. ``roles`` says which value of the claim gives which role; the first that fits counts, none lets nobody in.

    ``secret`` is asked at each use and never kept. Needs the extra `oidc`; raises SettingsError where it is missing, and
    for an issuer that is not https (http is for this machine alone).
    """

    name: str
    issuer: str
    client_id: str
    secret: Callable[[], str | None]
    redirect: str
    roles: Mapping[str, Duty]
    claim: str = "roles"
    name_claim: str = "name"
    team_claim: str = "groups"
    teams: Mapping[str, str] = field(default_factory=dict)
    _found: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        place = urlsplit(self.issuer)
        if place.scheme != "https" and place.hostname not in ("localhost", "127.0.0.1"):
            raise SettingsError(f"The provider {self.issuer} is not https; sign-ins over it could be read on the way.")
        try:
            import authlib.integrations.httpx_client  # type: ignore[import-untyped]  # noqa: F401
        except ImportError as error:
            raise SettingsError(
                "Signing in at a provider needs the extra `oidc`: pip install 'triage[oidc]'."
            ) from error

    def start(self) -> tuple[str, str, ProviderStart]:
        """Where to send the browser, the state that it must bring back, and what is kept here meanwhile."""
        state = secrets.token_urlsafe(24)
        started = ProviderStart(nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48))
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._described()["authorization_endpoint"],
                state=state,
                nonce=started.nonce,
                code_verifier=started.verifier,
            )
        return str(address), state, started

    def finish(self, code: str, started: ProviderStart) -> tuple[Person, str]:
        """Who has signed in, and the provider's own id of them. Raises ProviderError in a sentence."""
        from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]

        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._described()["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=started.verifier,
                )
        except AuthlibBaseError as error:
            raise ProviderError("The provider did not accept the sign-in. Start again.") from error
        except _network_errors() as error:
            raise _unreachable(error) from error
        claims = self._checked(token.get("id_token"), started)
        return self._person(claims), str(claims["sub"])

    def _checked(self, id_token: object, started: ProviderStart) -> dict[str, Any]:
        """The claims of an ID token that passes OpenID Connect Core 3.1.3.7."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        if not isinstance(id_token, str):
            raise ProviderError("The provider sent no ID token; ask for the scope openid to be allowed.")
        rules = jwt.JWTClaimsRegistry(
            leeway=CLOCKS_APART,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": started.nonce},
        )
        try:
            claims = self._decoded(id_token)
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise ProviderError("What the provider sent cannot be believed. Start again.") from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self.client_id:
            raise ProviderError("What the provider sent is for another service. Start again.")
        return claims

    def _decoded(self, id_token: str) -> dict[str, Any]:
        """The signature is checked with the provider's keys; once more with new ones, because keys are changed."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        address = self._described()["jwks_uri"]
        try:
            keys = KeySet.import_key_set(self._fetched(address))  # type: ignore[arg-type]
            return dict(jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError):
            self._found.pop(address, None)
            keys = KeySet.import_key_set(self._fetched(address))  # type: ignore[arg-type]
            return dict(jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims)

    def _person(self, claims: Mapping[str, Any]) -> Person:
        held = _values(claims, self.claim)
        duty = next((duty for value, duty in self.roles.items() if value in held), None)
        if duty is None:
            raise ProviderError("Your account has no role here. Ask your administrator for one.")
        name = claims.get(self.name_claim)
        if not isinstance(name, str) or not name.strip():
            raise ProviderError(
                f"The provider did not say your name (claim {self.name_claim}). Ask your administrator."
            )
        groups = _values(claims, self.team_claim)
        teams = sorted({team for value, team in self.teams.items() if value in groups})
        return Person(name=name.strip()[:200], duty=duty, teams=tuple(teams))

    def _described(self) -> dict[str, Any]:
        found = self._fetched(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderError("The provider calls itself by another name than the settings; correct `issuer`.")
        return found

    def _fetched(self, address: str) -> dict[str, Any]:
        """JSON of the provider's own, kept for an hour; no redirect is followed."""
        at, found = self._found.get(address, (0.0, {}))
        if found and time.monotonic() - at < FRESH:
            return found
        try:
            with self._client() as client:
                answer = client.request("GET", address, withhold_token=True)
                answer.raise_for_status()
                found = json.loads(answer.content)
        except (_network_errors(), ValueError) as error:
            raise _unreachable(error) from error
        if not isinstance(found, dict):
            raise ProviderError("What the provider says of itself cannot be read. Try again later.")
        self._found[address] = (time.monotonic(), found)
        return found

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            client_id=self.client_id,
            client_secret=self.secret(),
            redirect_uri=self.redirect,
            scope="openid profile",
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )


def _values(claims: Mapping[str, Any], claim: str) -> set[str]:
    """What a claim holds: one text, or the texts of a list."""
    given = claims.get(claim)
    if isinstance(given, str):
        return {given}
    return {value for value in given if isinstance(value, str)} if isinstance(given, list | tuple) else set()


def _network_errors() -> type[Exception]:
    from authlib.integrations.httpx_client._compat import httpx2  # type: ignore[import-untyped]

    found: type[Exception] = httpx2.HTTPError
    return found


def _unreachable(error: Exception) -> ProviderError:
    return ProviderError(f"The provider cannot be reached ({type(error).__name__}). Try again later.")
