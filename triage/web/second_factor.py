"""The second factor: one-time codes by the clock (TOTP, RFC 6238), each of which counts once."""

import hmac
from datetime import datetime
from typing import Final

import pyotp

SKEW: Final = (-1, 0, 1)
"""Steps of 30 seconds that a person's clock may be away from ours (RFC 6238, 5.2)."""


def new_secret() -> str:
    """160 random bits, as RFC 4226 recommends, in base 32."""
    return pyotp.random_base32(length=32)


def step_of(secret: str, code: str, now: datetime, *, after: int | None = None) -> int | None:
    """The step whose code this is, later than ``after``; None for a code that is wrong, too old or used before."""
    totp, typed = pyotp.TOTP(secret), code.replace(" ", "").encode("utf-8", "replace")
    current = totp.timecode(now)
    found = None
    for step in (current + skew for skew in SKEW):
        good = hmac.compare_digest(totp.generate_otp(step).encode(), typed)
        if good and (after is None or step > after):
            found = step
    return found


def address_for_apps(secret: str, account: str) -> str:
    """The otpauth address that an authenticator app takes in."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="Contact triage")
