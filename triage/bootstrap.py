"""The only place where adapters are built: settings in, a running service out."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from triage.champions import Champions
from triage.config import Folder, Imap, Settings
from triage.domain.errors import InputError, SettingsError
from triage.domain.policy import Policy, shipped_policy
from triage.domain.workdays import WorkingDays
from triage.history import Item
from triage.identity import Directory
from triage.intake import (
    LATEST_CLOCK,
    FolderRole,
    ImapAccount,
    MaildirAccount,
    MboxAccount,
    ParserChild,
    Secret,
    Source,
    TranscriptFolder,
    open_source,
)
from triage.landlord_files import LandlordFiles, read_landlord_files
from triage.pipeline import RECORDS_FEED, Pipeline
from triage.ports import Clock, Progress, Reader
from triage.replay import HistoryClock
from triage.scoring import ModelReader, open_reader
from triage.store import SqlLedger, Store

LONDON = ZoneInfo("Europe/London")


def wall_clock() -> datetime:
    return datetime.now(UTC)


@cache
def england() -> WorkingDays:
    """England's working days: bank holidays from the `holidays` library."""
    import holidays

    calendar = holidays.country_holidays("GB", subdiv="ENG")

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
    models: Champions
    clock: Clock
    sources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def round(self, parser: ParserChild, progress: Progress | None = None) -> int:
        """One round: poll every source, read the landlord's files again, take what is new. Returns how much was taken."""
        self.problems = [
            f"{report.account}, {folder.folder}: {folder.problem}"
            for report in self.pipeline.poll(self.sources)
            for folder in report.folders
            if folder.problem
        ]
        files = self._landlord_files_or_why_not()
        self.problems += files.problems
        if self.reader.problem:
            self.problems.append(self.reader.problem)
        self.pipeline.read_again()
        return self.pipeline.take_stored(parser, self._new(files), progress)

    def waiting(self) -> int:
        with self.store.read() as unit:
            return unit.contacts.count_unread()

    def _landlord_files_or_why_not(self) -> LandlordFiles:
        """An export that is missing or broken is told and stops no mail: its feed goes stale, and "cannot judge" follows (C13)."""
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
        files = read_landlord_files(
            customers=settings.customers,
            records=settings.records,
            standards=settings.standards,
            contacts=settings.contacts,
        )
        with self.store.begin() as unit:
            known = {customer.ref: customer for customer in unit.landlord.customers()}
            for customer in files.customers:
                if known.get(customer.ref) != customer:
                    unit.landlord.put_customer(customer)
                    self.pipeline.directory.add(customer)
            if files.standards:
                unit.landlord.put_standards(files.standards)
            if settings.records is not None:
                unit.landlord.note_feed(RECORDS_FEED, modified(settings.records, self.clock()), "ok")
        return files

    def _new(self, files: LandlordFiles) -> list[Item]:
        with self.store.read() as unit:
            records, contacts = unit.landlord.known_records(), unit.contacts.known()
        new = [item for item in files.items if item.id not in records and item.id not in contacts]
        by_now = self.clock() + LATEST_CLOCK
        self.problems += [
            f"{item.id} is dated {item.at:%Y-%m-%d %H:%M}, which has not come yet; it is taken when it has."
            for item in new
            if item.at > by_now
        ]
        return [item for item in new if item.at <= by_now]


def modified(path: Path, now: datetime) -> datetime:
    """When an export was written; a file from the future is as fresh as now."""
    return min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)


def build(settings: Settings) -> Service:
    """Opens the store (migrating it), loads the champion, and opens every account. Raises SettingsError in sentences."""
    clock: Clock = clock_from(settings.clock_starts_at) if settings.clock_starts_at else wall_clock
    store = Store(settings.database).migrate()
    policy = shipped_policy(settings.policy)
    reader = open_reader(settings.models)
    pipeline = _pipeline(store, reader, policy, clock)
    recall(pipeline)
    return Service(
        settings=settings,
        store=store,
        policy=policy,
        pipeline=pipeline,
        reader=reader,
        models=Champions(settings.models, store, reader, clock),
        clock=clock,
        sources=list(open_sources(settings)),
    )


def clock_from(start: datetime) -> Clock:
    """A clock that shows that moment now and goes on from there; without an offset, London's."""
    started, shown = time.monotonic(), start if start.tzinfo else start.replace(tzinfo=LONDON)
    return lambda: shown + timedelta(seconds=time.monotonic() - started)


def _pipeline(store: Store, reader: Reader, policy: Policy, clock: Clock) -> Pipeline:
    return Pipeline(
        store=store,
        ledger=SqlLedger(store),
        reader=reader,
        policy=policy,
        directory=Directory(),
        workdays=england(),
        clock=clock,
    )


def replay_pipeline(database: Path, models: Path | None, policy: str) -> tuple[Pipeline, HistoryClock]:
    """The same pipeline on a throw-away store, under the history's own clock; its record feed counts as current."""
    clock = HistoryClock()
    store = Store(f"sqlite:///{database}", durable=False).migrate()
    pipeline = _pipeline(store, open_reader(models), shipped_policy(policy), clock)
    pipeline.feed_assumed_fresh = True
    return pipeline, clock


def recall(pipeline: Pipeline) -> None:
    """Teaches the directory again what every contact and record in the store taught it, in order."""
    with pipeline.store.read() as unit:
        for customer in unit.landlord.customers():
            pipeline.directory.add(customer)
        for record in unit.landlord.records():
            pipeline.directory.note_record(record)
        for placed in unit.contacts.all():
            pipeline.directory.note(placed.contact, placed.who)


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
    _refuse_doubles(settings)
    for imap in settings.imap:
        yield open_source(
            ImapAccount(
                name=imap.name,
                host=imap.host,
                port=imap.port,
                user=imap.user,
                password=_secret(imap),
                folders=_folders(imap.folders),
                ca_file=imap.ca_file,
                starttls=imap.starttls,
            )
        )
    for maildir in settings.maildir:
        yield open_source(MaildirAccount(name=maildir.name, folders=_folders(maildir.folders)))
    for mbox in settings.mbox:
        yield open_source(MboxAccount(name=mbox.name, folders=_folders(mbox.folders)))
    for calls in settings.calls:
        yield open_source(TranscriptFolder(name=calls.name, path=str(calls.path), settle_seconds=calls.settle_seconds))


def _folders(folders: Iterable[Folder]) -> tuple[tuple[str, FolderRole], ...]:
    return tuple((folder.name, FolderRole(folder.role)) for folder in folders)


def _secret(imap: Imap) -> Secret:
    if imap.password_file is not None:
        return Secret.from_file(imap.password_file)
    if imap.password_env is not None:
        name = imap.password_env
        return Secret(lambda: _from_environment(imap.name, name))
    raise SettingsError(f"Account {imap.name} has no password; set password_file (mode 0600) or password_env.")


def _from_environment(account: str, name: str) -> str:
    import os

    try:
        return os.environ[name]
    except KeyError:
        raise SettingsError(
            f"Account {account} reads its password from the environment variable {name}, which is not set."
        ) from None
