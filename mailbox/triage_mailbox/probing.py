"""Asking a source how it is, without taking anything: what a person wants to know who sets it up or looks for a fault."""

import time
from dataclasses import dataclass

from triage_mailbox.accounts import ImapAccount, TranscriptFolder
from triage_mailbox.errors import CredentialsRefusedError, MailboxError, NotTrustedError
from triage_mailbox.imap import Connection, FolderStatus
from triage_mailbox.transcripts.folder import place_of

PROBE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapFound:
    """What a mailbox's server answered. ``problem`` is a sentence, and None where signing in worked.

    ``is_trusted`` and ``is_signed_in`` say how far it came. ``folders`` has a status for each folder of the settings, or a
    sentence why it cannot be opened; ``on_server`` are the names that the server lists.
    """

    problem: str | None = None
    is_trusted: bool = True
    is_refused: bool = False
    tls: str = ""
    capabilities: frozenset[str] = frozenset()
    folders: tuple[tuple[str, FolderStatus | str], ...] = ()
    on_server: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFound:
    """What lies in a place of transcripts, files of all kinds; ``problem`` where it cannot be listed."""

    problem: str | None = None
    files: int = 0
    passed_over: tuple[str, ...] = ()


def probe_imap(account: ImapAccount, seconds: float = PROBE_SECONDS) -> ImapFound:
    """Signs in, opens each folder read-only (EXAMINE) and signs off; never raises for what the outside did."""
    deadline = time.monotonic() + seconds
    try:
        connection = Connection.open(account, deadline)
    except MailboxError as error:
        return ImapFound(
            problem=str(error),
            is_trusted=not isinstance(error, NotTrustedError),
            is_refused=isinstance(error, CredentialsRefusedError),
        )
    try:
        tls, capabilities = connection.tls_version, connection.capabilities()
        folders = tuple((name, _status(connection, name)) for name, _ in account.folders)
        missing = any(isinstance(status, str) for _, status in folders)
        names = tuple(connection.folder_names()) if missing and connection.is_usable else ()
    except MailboxError as error:
        return ImapFound(problem=str(error))
    finally:
        connection.close()
    return ImapFound(tls=tls, capabilities=capabilities, folders=folders, on_server=names)


def probe_place(account: TranscriptFolder) -> PlaceFound:
    """Connects, lists and reads nothing; never raises for what the outside did."""
    try:
        place = place_of(account)
        with place.opened():
            listing = place.listing()
    except MailboxError as error:
        return PlaceFound(problem=str(error))
    return PlaceFound(files=len(listing.files), passed_over=tuple(listing.problems))


def _status(connection: Connection, folder: str) -> FolderStatus | str:
    try:
        return connection.examine(folder)
    except MailboxError as error:
        return str(error)
