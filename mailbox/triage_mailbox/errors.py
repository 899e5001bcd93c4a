"""The one tree of errors that this package raises: every sentence names the thing, the value and what to do."""


class MailboxError(Exception):
    """Something outside went wrong (server, file, network) or a setting cannot be used; `str()` is for people.

    `wait_seconds` is how long the server asked to be left alone, where it did.
    """

    def __init__(self, sentence: str, wait_seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.wait_seconds = wait_seconds


class SettingError(MailboxError):
    """An account's settings contradict each other; correct the settings file."""


class NotReachedError(MailboxError):
    """The server or folder could not be reached; a later round tries again."""


class NotTrustedError(MailboxError):
    """TLS could not be verified, so no credential was sent (RFC 9051 section 11.1)."""


class CredentialsRefusedError(MailboxError):
    """The server refused the sign-in; repeating it may lock the account, so a person must look."""


class TokenRefusedError(CredentialsRefusedError):
    """No access token was issued; nothing was sent to the mail server."""


class DeadlineError(MailboxError):
    """A command or a whole round took longer than it may; what was stored before stays stored."""


class ProtocolError(MailboxError):
    """The server said something that IMAP does not allow (RFC 3501), or cut the connection."""


class RefusedError(MailboxError):
    """The server answered NO or BAD to a command, in good form."""


class FolderMissingError(MailboxError):
    """A folder named in the settings is not there."""
