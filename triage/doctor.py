"""Looks at everything that the service stands on and says, in words, what is wrong and what to do; it changes nothing."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from triage.bootstrap import imap_account, transcript_folder
from triage.config import Archive, Calls, Imap, Settings
from triage.domain.errors import TriageError
from triage.domain.policy import shipped_policy
from triage.intake import ImapFound, MailboxError, probe_imap, probe_place
from triage.landlord_files import read_landlord_files
from triage.scoring import ModelGists, open_reader
from triage.store import SqlLedger, Store
from triage.store.inspection import DatabaseFound, inspect_database

FRESH = timedelta(hours=24)
CLOCK_SLACK = timedelta(minutes=2)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
MEGABYTE = 1024 * 1024
LEAST_FREE, LITTLE_FREE = 500 * MEGABYTE, 5_000 * MEGABYTE
LARGE_LOG = 256 * MEGABYTE
AT_ONCE = 8
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class State(StrEnum):
    """``WARN`` works and deserves a look; ``WRONG`` does not work until a person has put it right."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at; ``todo`` says what to do, and is empty where nothing is to be done."""

    what: str
    state: State
    found: str
    todo: str = ""


def examine(settings: Settings, now: datetime) -> Iterator[Check]:
    """One check after the other, each as soon as it is known; never a secret and never a word of a message."""
    yield from _settings(settings)
    database = inspect_database(settings.database)
    yield from _database(database)
    yield from _clock(settings, database, now)
    readable = database.problem is None and database.is_there and database.revision == database.wanted
    listed = _listed(settings) if readable else {}
    jobs: list[Callable[[], list[Check]]] = []
    jobs += [lambda imap=imap: list(_mailbox(imap, listed)) for imap in settings.imap]  # type: ignore[misc]
    jobs += [lambda calls=calls: list(_place(calls)) for calls in settings.calls]  # type: ignore[misc]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for checks in pool.map(lambda job: job(), jobs):
            yield from checks
    for archive in settings.maildir:
        yield from _archive(archive, "Maildir", lambda path: (path / "cur").is_dir() and (path / "new").is_dir())
    for archive in settings.mbox:
        yield from _archive(archive, "mbox", Path.is_file)
    if not (settings.imap or settings.calls or settings.maildir or settings.mbox):
        yield _warn("sources", "The settings name no mailbox and no folder of transcripts.", "Add an [[imap]] block.")
    yield from _model(settings)
    yield from _feeds(settings, now)
    if readable:
        yield from _left_over(settings)


def _ok(what: str, found: str) -> Check:
    return Check(what=what, state=State.OK, found=found)


def _warn(what: str, found: str, todo: str) -> Check:
    return Check(what=what, state=State.WARN, found=found, todo=todo)


def _wrong(what: str, found: str, todo: str) -> Check:
    return Check(what=what, state=State.WRONG, found=found, todo=todo)


def _settings(settings: Settings) -> Iterator[Check]:
    try:
        policy = shipped_policy(settings.policy)
        yield _ok("settings", f"They can be used; policy {policy.title} {policy.version}.")
    except (TriageError, OSError, ValueError) as error:
        yield _wrong("settings", f"The policy {settings.policy} cannot be read ({error}).", "Name one that is shipped.")
    outside = settings.host not in LOOPBACK
    if outside and not settings.secure_cookies:
        yield _wrong(
            "pages",
            f"They are served on {settings.host} with cookies that travel in the clear.",
            "Set secure_cookies = true and put a TLS proxy before them.",
        )
    if outside and settings.metrics and settings.metrics_token_file is None:
        yield _warn(
            "metrics", f"Whoever reaches {settings.host} can read /metrics.", "Name a metrics_token_file, or shut it."
        )
    for path in _secrets(settings):
        yield from _secret(path)
    for imap in settings.imap:
        if imap.password_env and not os.environ.get(imap.password_env):
            found = f"The password of {imap.name} is to come from {imap.password_env}, which is not set here."
            yield _warn("secrets", found, "Set it for the service; then look again from there.")


def _secrets(settings: Settings) -> Iterator[Path]:
    """Every file of the settings that holds a secret."""
    found: list[Path | None] = [settings.metrics_token_file, settings.sign_in.code_key_file]
    found += [settings.sign_in.provider.client_secret_file] if settings.sign_in.provider else []
    found += [place.secret_file for place in settings.notify]
    for imap in settings.imap:
        found += [imap.password_file, imap.token_file]
        found += [imap.microsoft.client_secret_file] if imap.microsoft else []
        if imap.token_endpoint:
            found += [imap.token_endpoint.client_secret_file, imap.token_endpoint.refresh_token_file]
    for calls in settings.calls:
        found += [calls.sftp.password_file, calls.sftp.key_file] if calls.sftp else []
        found += [calls.store.secret_file] if calls.store else []
    yield from dict.fromkeys(path for path in found if path is not None)


def _secret(path: Path) -> Iterator[Check]:
    """Said only where something is wrong with it."""
    try:
        facts = path.stat()
    except OSError as error:
        yield _wrong(
            "secrets", f"{path} cannot be read: {error.strerror}.", "Put the secret there, for this user alone."
        )
        return
    if facts.st_size == 0:
        yield _wrong("secrets", f"{path} is empty.", "Put the secret in its first line.")
    if stat.S_IMODE(facts.st_mode) & 0o077:
        yield _warn("secrets", f"Others on this machine may read {path}.", f"chmod 600 {path}")


def _database(found: DatabaseFound) -> Iterator[Check]:
    what = "database"
    if found.problem is not None:
        yield _wrong(what, found.problem, "Put it right, or name another file in the settings.")
    elif not found.is_there:
        yield _warn(what, f"There is no file {found.path} yet.", "It is made at the first start.")
    elif found.is_whole is False:
        yield _wrong(what, f"{found.path} is damaged.", "Stop the service and restore the last backup.")
    elif not found.is_known:
        yield _wrong(what, f"{found.path} was written by a newer version.", "Install that version of the service.")
    elif found.revision != found.wanted:
        yield _warn(
            what, f"Its tables are of an earlier version ({found.revision or 'none'}).", "The next start migrates them."
        )
    elif found.journal != "wal":
        yield _warn(what, f"Its journal is {found.journal}, not WAL.", "The next start sets it.")
    else:
        checked = "whole" if found.is_whole else "not checked for damage: it is large"
        yield _ok(what, f"{found.path}: {_size(found.size)}, {checked}, tables of this version, journal WAL.")
    if found.wal_size > LARGE_LOG:
        yield _warn(
            "database",
            f"Its write-ahead log has grown to {_size(found.wal_size)}.",
            "Something reads without end: restart the service, and what else has the file open.",
        )
    if found.path is not None and found.path.parent.is_dir():
        yield from _room(found)


def _room(found: DatabaseFound) -> Iterator[Check]:
    free = f"{_size(found.free)} free where the database lies"
    if found.free < LEAST_FREE:
        yield _wrong("disk", f"Only {free}; soon nothing can be stored.", "Make room. What waits stays on the servers.")
    elif found.free < LITTLE_FREE:
        yield _warn("disk", f"{free}.", "Make room soon.")
    else:
        yield _ok("disk", f"{free}.")


def _size(number: int) -> str:
    return f"{number / MEGABYTE:,.0f} MB" if number < 10_000 * MEGABYTE else f"{number / MEGABYTE / 1024:,.0f} GB"


def _clock(settings: Settings, database: DatabaseFound, now: datetime) -> Iterator[Check]:
    try:
        ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:
        yield _wrong("clock", "The time zone Europe/London is not known here.", "Install the package tzdata.")
    if settings.clock_starts_at is not None:
        yield _warn("clock", "The settings set the clock; that is for demonstrations.", "Remove clock_starts_at.")
        return
    last = database.last_written
    if now < BUILT:
        yield _wrong("clock", f"It says {now:%Y-%m-%d %H:%M} UTC.", "Set it, and keep it by NTP.")
    elif last is not None and last > now + CLOCK_SLACK:
        yield _wrong(
            "clock",
            f"It says {now:%Y-%m-%d %H:%M} UTC, and the database was written at {last:%Y-%m-%d %H:%M}.",
            "The clock is or was wrong: set it, and keep it by NTP.",
        )
    else:
        yield _ok("clock", f"{now:%Y-%m-%d %H:%M} UTC.")


def _listed(settings: Settings) -> dict[tuple[str, str], int]:
    """How many messages the ledger knows on the server, for each account and folder that was ever listed."""
    store = Store(settings.database)
    try:
        return {(row.account, row.folder): row.counts.on_server for row in SqlLedger(store).folders()}
    finally:
        store.close()


def _mailbox(imap: Imap, listed: dict[tuple[str, str], int]) -> Iterator[Check]:
    what = f"mailbox {imap.name}"
    try:
        found = probe_imap(imap_account(imap))
    except (TriageError, MailboxError) as error:
        yield _wrong(what, str(error), "Correct the account in the settings.")
        return
    if found.problem is not None:
        yield _wrong(what, found.problem, _advice(found))
        return
    idle = "told of new mail at once (IDLE)" if "IDLE" in found.capabilities else "no IDLE, so polled"
    extras = "CONDSTORE offered" if "CONDSTORE" in found.capabilities else "no CONDSTORE, and none is needed"
    yield _ok(what, f"Reached over {found.tls}, signed in; {idle}; {extras}.")
    for name, status in found.folders:
        if isinstance(status, str):
            there = ", ".join(found.on_server[:12]) or "none that we were told of"
            yield _wrong(what, status, f"Correct the folder {name!r}; the server has: {there}.")
            continue
        known = listed.get((imap.name, name))
        on_server = f"Folder {name}: {status.exists:,} on the server"
        if known is None:
            yield _warn(what, f"{on_server}, never polled yet.", "Start the service.")
        elif status.exists > known:
            new = status.exists - known
            yield _warn(what, f"{on_server}, {new:,} of them not listed yet.", "The next round lists them; look again.")
        else:
            yield _ok(what, f"{on_server}, all of them known.")


def _advice(found: ImapFound) -> str:
    if not found.is_trusted:
        return "No password was sent. Check host, port, starttls and ca_file."
    if found.is_refused:
        return "Check user and password or token; too many wrong tries lock accounts."
    return "Check host and port, and whether a firewall lets this machine out."


def _place(calls: Calls) -> Iterator[Check]:
    what = f"transcripts {calls.name}"
    try:
        found = probe_place(transcript_folder(calls))
    except (TriageError, MailboxError) as error:
        yield _wrong(what, str(error), "Correct the place in the settings.")
        return
    if found.problem is not None:
        yield _wrong(what, found.problem, "Check path, host, key and rights.")
    else:
        yield _ok(what, f"{found.files:,} files.")
    for sentence in found.passed_over:
        yield _warn(what, sentence, "Give them to the folder's owner, or leave them out.")


def _archive(archive: Archive, kind: str, is_one: Callable[[Path], bool]) -> Iterator[Check]:
    for folder in archive.folders:
        path, what = Path(folder.name), f"mailbox {archive.name}"
        try:
            good = is_one(path)
        except OSError:
            good = False
        if good:
            yield _ok(what, f"{path} is a {kind}.")
        else:
            yield _wrong(
                what, f"{path} is no {kind} that can be read.", "Correct the path, or give this user the right."
            )


def _model(settings: Settings) -> Iterator[Check]:
    for what, reader, todo in (
        (
            "model",
            open_reader(settings.models, settings.detoxify),
            "Roll back on the Models page, or install its files again.",
        ),
        ("gist reader", ModelGists(), "Install the package again: its files travel with it."),
    ):
        if reader.problem is not None:
            yield _wrong(what, reader.problem, todo)
        else:
            yield _ok(what, f"{reader.model} is loaded and passed its self-test.")


def _feeds(settings: Settings, now: datetime) -> Iterator[Check]:
    landlord = settings.landlord
    if landlord.records is None:
        yield _warn(
            "records", "The settings name no export of records.", "Unless the API or imports bring them: cannot judge."
        )
    for what, path in (("records", landlord.records), ("customers", landlord.customers)):
        if path is not None:
            yield from _export(what, path, now)
    others = [landlord.standards] if landlord.standards else []
    try:
        found = read_landlord_files(
            customers=landlord.customers,
            records=landlord.records,
            standards=landlord.standards,
            contacts=landlord.contacts,
        )
    except (TriageError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        yield _wrong("exports", f"An export cannot be read: {why}", "Export it again.")
        return
    if found.problems:
        first = found.problems[0]
        yield _warn("exports", f"{len(found.problems)} rows cannot be used; the first: {first}", "Correct them.")
    elif others or landlord.contacts or landlord.records or landlord.customers:
        yield _ok("exports", "Every row can be used.")


def _export(what: str, path: Path, now: datetime) -> Iterator[Check]:
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        yield _wrong(what, f"{path} cannot be read: {error.strerror}.", "Export it, or correct the path.")
        return
    age = now - written
    if age > FRESH:
        hours = age.total_seconds() / 3600
        yield _wrong(
            what, f"{path} is {hours:,.0f} hours old: demands and persistence cannot be judged.", "Export it every day."
        )
    else:
        yield _ok(what, f"{path} is fresh.")


def _left_over(settings: Settings) -> Iterator[Check]:
    store = Store(settings.database)
    try:
        with store.read() as unit:
            quarantined, unread = sum(unit.quarantine.counts().values()), unit.contacts.count_unread()
        lost = sum(row.counts.unfetchable for row in SqlLedger(store).folders())
    finally:
        store.close()
    if quarantined:
        yield _warn("quarantine", f"{quarantined:,} messages could not be read.", "Look at the Intake page.")
    if lost:
        yield _warn(
            "ledger", f"{lost:,} messages could not be fetched.", "The Intake page says why; it goes on trying."
        )
    if not (quarantined or lost):
        yield _ok("ledger", f"Nothing is unfetchable or in quarantine; {unread:,} stored messages wait to be read.")


def is_wrong(checks: Iterable[Check]) -> bool:
    """Whether anything needs a person before the service can do its work."""
    return any(check.state is State.WRONG for check in checks)
