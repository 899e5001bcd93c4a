"""The keys of one-time codes as they are kept: encrypted under a key that is not in the database (Fernet), where one is named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from triage.domain.errors import SettingsError

SEALED: Final = "sealed:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeKeys:
    """``keys`` gives the keys of the settings, the newest first, at each use; None keeps what it is given in clear.

    What is sealed names its account, so that a row copied to another account is good for nothing.
    """

    keys: Callable[[], Sequence[str]] | None = None

    def sealed(self, account: str, secret: str) -> str:
        """As it is kept, under the newest key. Raises SettingsError where the keys cannot be used."""
        if self.keys is None:
            return secret
        return SEALED + str(self._fernets()[0].encrypt(f"{account}\n{secret}".encode()).decode())

    def opened(self, account: str, kept: str) -> str | None:
        """The secret; None where no key of the settings opens it, or it is another account's."""
        if not kept.startswith(SEALED):
            return kept
        for fernet in self._fernets() if self.keys is not None else ():
            if (secret := _opened(fernet, account, kept)) is not None:
                return secret
        return None

    def is_stale(self, account: str, kept: str) -> bool:
        """Whether it is to be sealed anew: it is in clear or under an older key, and there is a newer."""
        return self.keys is not None and (
            not kept.startswith(SEALED) or _opened(self._fernets()[0], account, kept) is None
        )

    def check(self) -> None:
        """Raises SettingsError where the keys cannot be used: told at the start, and not at somebody's sign-in."""
        if self.keys is not None:
            self._fernets()

    def _fernets(self) -> list[Any]:
        try:
            from cryptography.fernet import Fernet
        except ImportError as error:
            raise SettingsError(
                "Keeping the keys of one-time codes encrypted needs the package cryptography: pip install cryptography."
            ) from error
        try:
            found = [Fernet(key.strip()) for key in (self.keys() if self.keys else ()) if key.strip()]
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"The key of one-time codes cannot be used ({type(error).__name__}). `triage user key` makes one."
            ) from error
        if not found:
            raise SettingsError("The key of one-time codes is empty. `triage user key` makes one.")
        return found


def new_key() -> str:
    """A key for the settings' file."""
    from cryptography.fernet import Fernet

    return str(Fernet.generate_key().decode())


def _opened(fernet: Any, account: str, kept: str) -> str | None:
    from cryptography.fernet import InvalidToken

    try:
        whose, _, secret = fernet.decrypt(kept.removeprefix(SEALED).encode()).decode().partition("\n")
    except (InvalidToken, ValueError):
        return None
    return secret if whose == account else None
