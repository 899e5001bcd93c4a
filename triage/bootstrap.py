"""The only place where adapters are built: settings in, a running service out."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from triage.assessing import CUSTOMERS_FEED, RECORDS_FEED
from triage.champions import Champions
from triage.config import Calls, Folder, Imap, Settings, TokenEndpoint
from triage.domain.acknowledging import Hours
from triage.domain.errors import ConflictError, InputError, SettingsError
from triage.domain.flag import FlagKind
from triage.domain.policy import Policy, shipped_policy
from triage.domain.retention import Retention
from triage.domain.team import Team, Teams, WithoutTeam
from triage.domain.workdays import WorkingDays
from triage.forgetting import Follower
from triage.identity import Directory
from triage.intake import (
    FolderRole,
    ImapAccount,
    MailboxError,
    MaildirAccount,
    MboxAccount,
    ObjectStore,
    ParserChild,
    Pollers,
    PollReport,
    Secret,
    SftpPlace,
    Source,
    SourceState,
    TokenFile,
    Tokens,
    TranscriptFolder,
    from_command,
    from_endpoint,
    from_microsoft,
    open_source,
)
from triage.landlord_files import Exports, LandlordFiles, read_landlord_files, stamps_of
from triage.notifying import Place
from triage.pipeline import Pipeline
from triage.ports import Clock, Gists, Progress, Reader
from triage.quarantine import retry_after_upgrade
from triage.replay import HistoryClock
from triage.routes_in import Waiting, what_waits
from triage.scoring import ModelGists, ModelReader, open_reader
from triage.store import SqlLedger, Store, Unit
from triage.store.lessons import lessons
from triage.watched import WatchedLedger

LONDON = ZoneInfo("Europe/London")


def wall_clock() -> datetime:
    return datetime.now(UTC)


@cache
def england() -> WorkingDays:
    """England's working days: bank holidays from the `holidays` library."""
    import holidays

    calendar = holidays.country_holidays("GB", subdiv="ENG")

    @cache
    def is_holiday(day: date) -> bool:
        return day in calendar

    return WorkingDays(is_holiday)


@dataclass(kw_only=True)
class Service:
    """Everything that runs, built once from the settings."""

    settings: Settings
    store: Store
    policy: Policy
    pipeline: Pipeline
    reader: ModelReader
    gists: ModelGists
    models: Champions
    clock: Clock
    sources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    polled: tuple[PollReport, ...] = ()
    pollers: Pollers | None = None
    noted: dict[str, tuple[int, ...]] = field(default_factory=dict)
    exports_read: Exports | None = None
    exports: Exports | None = None
    erasures: Follower = field(default_factory=Follower)
    reading: threading.Lock = field(default_factory=threading.Lock)

    def round(self, parser: ParserChild, progress: Progress | None = None) -> int:
        """One round: poll every source, then `take` what is there; `polled` tells how it went. Returns how much was taken."""
        self.polled = tuple(self.pipeline.poll(self.sources, progress))
        problems = [
            f"{report.account}, {folder.folder}: {folder.problem}"
            for report in self.polled
            for folder in report.folders
            if folder.problem
        ]
        return self.take(parser, progress, problems)

    @contextmanager
    def polling(self, progress: Progress | None = None) -> Iterator[Pollers]:
        """Every source polled over and over in a thread of its own while the body runs; `source_states` tells how it goes."""
        ledger = self.pipeline.ledger if progress is None else WatchedLedger(self.pipeline.ledger, progress)
        self.pollers = Pollers(self.sources, ledger, self.clock, seconds=self.settings.poll_seconds)
        with self.pollers.running() as pollers:
            yield pollers

    @contextmanager
    def alone(self, patience: float) -> Iterator[None]:
        """Nothing else is read while the body runs; ConflictError where the reading of the moment outlasts ``patience`` seconds."""
        if not self.reading.acquire(timeout=patience):
            raise ConflictError("The service is busy reading what came in; try again in some minutes.")
        try:
            yield
        finally:
            self.reading.release()

    def source_states(self) -> tuple[SourceState, ...]:
        """How polling each source goes; empty before `polling`."""
        return self.pollers.states if self.pollers is not None else ()

    def take(self, parser: ParserChild, progress: Progress | None = None, problems: Iterable[str] | None = None) -> int:
        """Read the landlord's files again and take what is stored and new. Without `problems`, the pollers' are told.

        `reading` is held meanwhile: one thread at a time reads, whoever asks.
        """
        with self.reading:
            return self._take(parser, progress, problems)

    def _take(self, parser: ParserChild, progress: Progress | None, problems: Iterable[str] | None) -> int:
        self._forget_what_was_erased()
        states = self.source_states()
        told = [f"{state.account}, {problem}" for state in states for problem in state.problems]
        self.problems = told if problems is None else list(problems)
        files = self._landlord_files_or_why_not()
        self.problems += files.problems
        self.problems += [problem for problem in (self.reader.problem, self.gists.problem) if problem]
        self.pipeline.read_again(progress)
        retry_after_upgrade(self.pipeline, parser)
        waiting = self._what_waits(files)
        self.problems += waiting.problems
        taken = self.pipeline.take_stored(parser, waiting.items, progress)
        with self.store.begin() as unit:
            unit.arrivals.take(waiting.done(self.pipeline.not_taken), self.clock())
        self.pipeline.judge_what_waited()
        return taken

    def _forget_what_was_erased(self) -> None:
        """Another process may have erased something: what this one has learned is learned anew from what is left."""
        with self.store.read() as unit:
            if not self.erasures.look(unit):
                return
        self.pipeline.following.forget()
        self.pipeline.directory = Directory()
        recall(self.pipeline)

    def waiting(self) -> int:
        with self.store.read() as unit:
            return unit.contacts.count_unread()

    def _landlord_files_or_why_not(self) -> LandlordFiles:
        """An export that is missing or broken is told and stops no mail: its feed goes stale, and "cannot judge" follows (C13)."""
        self.exports_read = None
        try:
            return self._landlord_files()
        except InputError as error:
            return LandlordFiles(problems=[str(error)])
        except OSError as error:
            return LandlordFiles(
                problems=[f"An export of the landlord cannot be read: {error.strerror}; it is tried again."]
            )

    def _landlord_files(self) -> LandlordFiles:
        settings = self.settings.landlord
        stamps = stamps_of(settings.customers, settings.records, settings.standards, *settings.contacts)
        if self.exports is not None and self.exports.stamps == stamps:
            files, read = LandlordFiles(problems=list(self.exports.problems)), self.exports
        else:
            files = read_landlord_files(
                customers=settings.customers,
                records=settings.records,
                standards=settings.standards,
                contacts=settings.contacts,
            )
            read = Exports(stamps=stamps, problems=tuple(files.problems))
        with self.store.begin() as unit:
            if files.standards:
                unit.landlord.put_standards(files.standards)
            for feed, path in ((RECORDS_FEED, settings.records), (CUSTOMERS_FEED, settings.customers)):
                if path is not None:
                    unit.landlord.note_feed(feed, modified(path, self.clock()), "ok")
        self.exports_read = read
        return files

    def _what_waits(self, files: LandlordFiles) -> Waiting:
        """Rows of the settings' files that are new or changed, and what the API and imports brought; people come first."""
        now = self.clock()
        changed = [name for name in files.given if self.noted.get(name) != files.stamps.get(name)]
        with self.store.begin() as unit:
            known = _known_before_arrivals(unit) if changed else set()
            for name in changed:
                unit.arrivals.note(f"file {name}", files.given[name], now, taken=known)
            waiting = what_waits(unit, now)
            for visit in waiting.visits:
                unit.landlord.put_visit(visit)
            there = {item.ref: item for item in unit.landlord.customers()} if waiting.customers else {}
            for customer in waiting.customers.values():
                if there.get(customer.ref) != customer:
                    unit.landlord.put_customer(customer)
                    self.pipeline.directory.add(customer)
        self.noted |= {name: files.stamps[name] for name in changed if name in files.stamps}
        self.exports = self.exports_read or self.exports  # only once their rows are kept
        return waiting


def _known_before_arrivals(unit: Unit) -> set[tuple[str, str]]:
    """Records and contacts that were taken in before arrivals were kept: their first version here is no correction."""
    records = unit.landlord.known_records() - unit.arrivals.ids("record")
    contacts = unit.contacts.known() - unit.arrivals.ids("contact")
    return {("record", id) for id in records} | {("contact", id) for id in contacts}


def modified(path: Path, now: datetime) -> datetime:
    """When an export was written; a file from the future is as fresh as now."""
    return min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the pages stand on: the store (migrated), the policy and the clock; nothing of it reads or polls."""

    settings: Settings
    store: Store
    policy: Policy
    clock: Clock


def ground(settings: Settings) -> Ground:
    """Raises StoreError or PolicyError in sentences."""
    store = Store(settings.database).migrate()
    return Ground(settings=settings, store=store, policy=shipped_policy(settings.policy), clock=clock_of(settings))


def build(settings: Settings) -> Service:
    """Opens the store (migrating it), loads the champion, and opens every account. Raises SettingsError in sentences."""
    found = ground(settings)
    store, policy, clock = found.store, found.policy, found.clock
    reader, gists = open_reader(settings.models, settings.detoxify), ModelGists()
    pipeline = _pipeline(store, reader, policy, clock, hours_of(settings))
    pipeline.gists = gists
    pipeline.trusted_servers = {account.name: account.authserv_ids for account in settings.imap} | {
        archive.name: archive.authserv_ids for archive in (*settings.maildir, *settings.mbox)
    }
    recall(pipeline)
    return Service(
        settings=settings,
        store=store,
        policy=policy,
        pipeline=pipeline,
        reader=reader,
        gists=gists,
        models=Champions(settings.models, store, reader, clock),
        clock=clock,
        sources=list(open_sources(settings)),
    )


def open_places(settings: Settings) -> tuple[Place, ...]:
    """Where notices go. Raises SettingsError for an address that cannot be used, or a name that is there twice."""
    names = [place.name for place in settings.notify]
    for name in {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"The settings name {name!r} twice under notify; give one another name.")
    return tuple(
        Place(
            name=place.name,
            url=place.url,
            kinds=tuple(FlagKind(kind) for kind in place.kinds),
            secret=Secret.from_file(place.secret_file),
        )
        for place in settings.notify
    )


def hours_of(settings: Settings) -> Hours:
    """When somebody is at the desk."""
    return Hours(workdays=england(), opens=settings.desk_hours.opens, closes=settings.desk_hours.closes)


def retention_of(settings: Settings) -> Retention:
    """How long things are kept."""
    return Retention(**settings.keeping.model_dump())


def teams_of(settings: Settings) -> Teams:
    """The teams of the settings, and what people in none see. Raises SettingsError where they cannot be used."""
    teams = Teams(
        teams=tuple(Team(name=one.name, places=frozenset((*one.accounts, *one.routes))) for one in settings.team),
        without_team=WithoutTeam(settings.people_without_a_team_see),
    )
    if settings.sign_in.provider is not None:
        teams.check(settings.sign_in.provider.teams.values())
    return teams


def clock_of(settings: Settings) -> Clock:
    """The clock of the wall, or one that the settings set back."""
    return clock_from(settings.clock_starts_at) if settings.clock_starts_at else wall_clock


def clock_from(start: datetime) -> Clock:
    """A clock that shows that moment now and goes on from there; without an offset, London's."""
    started, shown = time.monotonic(), start if start.tzinfo else start.replace(tzinfo=LONDON)
    return lambda: shown + timedelta(seconds=time.monotonic() - started)


def _pipeline(
    store: Store, reader: Reader, policy: Policy, clock: Clock, hours: Hours, *, throw_away: bool = False
) -> Pipeline:
    return Pipeline(
        store=store,
        ledger=SqlLedger(store),
        reader=reader,
        policy=policy,
        directory=Directory(),
        workdays=england(),
        hours=hours,
        clock=clock,
        feed_assumed_fresh=throw_away,
        alone=throw_away,
    )


def replay_pipeline(
    database: Path, reader: Reader, policy: Policy, gists: Gists | None = None
) -> tuple[Pipeline, HistoryClock]:
    """The same pipeline on a throw-away store, under the history's own clock; its record feed counts as current."""
    clock = HistoryClock()
    store = Store(f"sqlite:///{database}", durable=False).migrate()
    pipeline = _pipeline(store, reader, policy, clock, Hours(workdays=england()), throw_away=True)
    pipeline.gists = gists
    return pipeline, clock


def recall(pipeline: Pipeline) -> None:
    """Teaches the directory again what every contact and record in the store taught it, in order."""
    with pipeline.store.read() as unit:
        for customer in unit.landlord.customers():
            pipeline.directory.add(customer)
        pipeline.directory.heed(unit.rulings.standing())
        for record in unit.landlord.records():
            pipeline.directory.note_record(record)
        for contact, who, times in lessons(unit.connection):
            pipeline.directory.note(contact, who, times)


def _refuse_doubles(settings: Settings) -> None:
    """What is known of a message is kept under account and folder: two of the same would hide each other's mail."""
    keys = [(account.name, folder.name) for account in settings.imap for folder in account.folders]
    keys += [
        (account.name, Path(folder.name).name)
        for account in (*settings.maildir, *settings.mbox)
        for folder in account.folders
    ]
    keys += [(calls.name, "calls") for calls in settings.calls]
    for name, folder in {key for key in keys if keys.count(key) > 1}:
        raise SettingsError(f"The settings name {name!r} with the folder {folder!r} twice; give one another name.")


def open_sources(settings: Settings) -> Iterable[Source]:
    """Every source that the settings name; a setting that cannot be used is a SettingsError, whoever finds it."""
    try:
        yield from _open_sources(settings)
    except MailboxError as error:
        raise SettingsError(str(error)) from error


def _open_sources(settings: Settings) -> Iterator[Source]:
    _refuse_doubles(settings)
    for imap in settings.imap:
        yield open_source(imap_account(imap))
    for maildir in settings.maildir:
        yield open_source(MaildirAccount(name=maildir.name, folders=_folders(maildir.folders)))
    for mbox in settings.mbox:
        yield open_source(MboxAccount(name=mbox.name, folders=_folders(mbox.folders)))
    for calls in settings.calls:
        yield open_source(transcript_folder(calls))


def imap_account(imap: Imap) -> ImapAccount:
    """A mailbox of the settings. Raises SettingsError or MailboxError for what cannot be used."""
    tokens = _tokens(imap)
    return ImapAccount(
        name=imap.name,
        host=imap.host,
        port=imap.port,
        user=imap.user,
        password=_secret(imap) if tokens is None else None,
        tokens=tokens,
        folders=_folders(imap.folders),
        ca_file=imap.ca_file,
        starttls=imap.starttls,
    )


def transcript_folder(calls: Calls) -> TranscriptFolder:
    """A place of transcripts of the settings."""
    place: SftpPlace | ObjectStore | None = None
    path = str(calls.path)
    if (sftp := calls.sftp) is not None:
        path = sftp.folder
        place = SftpPlace(
            host=sftp.host,
            port=sftp.port,
            user=sftp.user,
            known_hosts=str(sftp.known_hosts),
            password=Secret.from_file(sftp.password_file) if sftp.password_file else None,
            key_file=str(sftp.key_file) if sftp.key_file else None,
        )
    elif (bucket := calls.store) is not None:
        path = bucket.folder
        place = ObjectStore(
            protocol=bucket.protocol,
            key=bucket.key,
            secret=Secret.from_file(bucket.secret_file) if bucket.secret_file else None,
            endpoint=bucket.endpoint,
        )
    return TranscriptFolder(
        name=calls.name, path=path, place=place, settle_seconds=calls.settle_seconds, done_suffix=calls.done_suffix
    )


def _folders(folders: Iterable[Folder]) -> tuple[tuple[str, FolderRole], ...]:
    return tuple((folder.name, FolderRole(folder.role)) for folder in folders)


def _secret(imap: Imap) -> Secret:
    if imap.password_file is not None:
        return Secret.from_file(imap.password_file)
    if imap.password_env is not None:
        name = imap.password_env
        return Secret(lambda: _from_environment(imap.name, name))
    raise SettingsError(f"Account {imap.name} has no password; set password_file (mode 0600) or password_env.")


def _tokens(imap: Imap) -> Tokens | None:
    """The one way to get tokens that the settings name; None where a password is used."""
    ways = ("password_file", "password_env", "token_file", "token_command", "microsoft", "token_endpoint")
    named = [way for way in ways if getattr(imap, way) is not None]
    if len(named) > 1:
        raise SettingsError(f"Account {imap.name} names {' and '.join(named)}; keep the one that it signs in with.")
    if imap.token_file is not None:
        return TokenFile(imap.token_file)
    if imap.token_command is not None:
        return from_command(imap.token_command)
    if imap.microsoft is not None:
        app = imap.microsoft
        return from_microsoft(app.tenant, app.client_id, Secret.from_file(app.client_secret_file))
    return None if imap.token_endpoint is None else _tokens_of(imap.token_endpoint)


def _tokens_of(endpoint: TokenEndpoint) -> Tokens:
    fields: dict[str, str | Secret] = {
        "client_id": endpoint.client_id,
        "client_secret": Secret.from_file(endpoint.client_secret_file),
    }
    if endpoint.refresh_token_file is None:
        fields["grant_type"] = "client_credentials"
    else:
        fields |= {
            "grant_type": "refresh_token",
            "refresh_token": Secret.from_file(endpoint.refresh_token_file),
        }
    if endpoint.scope:
        fields["scope"] = endpoint.scope
    return from_endpoint(endpoint.url, fields, ca_file=endpoint.ca_file)


def _from_environment(account: str, name: str) -> str:
    import os

    try:
        return os.environ[name]
    except KeyError:
        raise SettingsError(
            f"Account {account} reads its password from the environment variable {name}, which is not set."
        ) from None
