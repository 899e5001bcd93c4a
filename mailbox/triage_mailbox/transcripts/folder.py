"""A watched place of transcripts: a file is taken once it is whole, and again when another takes its name.

The rule for a replaced file: a file is known by its name, size and time of change (or its store's own tag). When one of
these is another than before, it is a new version of the same call, taken as such; the earlier bytes stay where they are
kept, and the pipeline takes the new reading as a correction. Nothing is ever moved, changed or deleted at the source.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from triage_mailbox.accounts import FolderReport, PollReport, TranscriptFolder
from triage_mailbox.errors import NotReachedError
from triage_mailbox.ledger import Ledger, LedgerState, Vanished
from triage_mailbox.messages import FolderRole, RawMessage, SourceKind
from triage_mailbox.transcripts import SUFFIXES, carries_facts, is_complete
from triage_mailbox.transcripts.places import Found, Listing, LocalPlace, Place

FOLDER = "calls"
SIDECAR = ".call.json"
PATIENCE = 10
FORGOTTEN_AFTER = timedelta(hours=1)
OTHER_CLOCK_SECONDS = 120.0
_GENERATION = 1
_SIDECAR_BYTES = 64 * 1024


class TranscriptSource:
    """Polls one `TranscriptFolder`. Keeps, in memory only, since when each unfinished file has not changed."""

    def __init__(self, account: TranscriptFolder) -> None:
        self.account = account.name
        self._settings = account
        self._vanished = Vanished()
        self._seen: dict[str, tuple[str, float]] = {}
        self._place = place_of(account)

    def poll(self, ledger: Ledger, now: datetime) -> PollReport:
        """One round over the place; a file that cannot be read is reported in the ledger and tried again."""
        try:
            with self._place.opened():
                report = self._round(ledger, self._place.listing(), now)
        except NotReachedError as error:
            report = FolderReport(folder=FOLDER, problem=str(error))
        return PollReport(account=self.account, folders=(report,))

    def _round(self, ledger: Ledger, listing: Listing, now: datetime) -> FolderReport:
        known = ledger.known(self.account, FOLDER, _GENERATION)
        files = [file for file in listing.files.values() if _is_transcript(file.name)]
        self._look(files)
        here = {uid_of(file): file for file in files if uid_of(file) in known or self._is_settled(file, listing)}
        new = [uid for uid in here if known.get(uid) in (None, LedgerState.GONE)]
        ledger.discover(self.account, FOLDER, _GENERATION, list(here), now)
        lost = self._vanished.since(FOLDER, _GENERATION, known, here) if listing.is_whole else []
        ledger.gone(self.account, FOLDER, _GENERATION, lost, now)
        stored = failed = 0
        for uid in ledger.waiting(self.account, FOLDER, _GENERATION, now):
            if uid not in here:
                continue
            try:
                message = self._take(uid, here[uid], listing, now)
            except Exception as error:  # what a remote library raises is of no one family
                why = getattr(error, "strerror", None) or type(error).__name__
                ledger.failed(self.account, FOLDER, _GENERATION, uid, f"The file cannot be read: {why}.", now)
                failed += 1
                continue
            if message is not None:
                stored += ledger.store(message, now)
        problems = [*listing.problems, *self._not_said_done(files, listing, now)]
        return FolderReport(
            folder=FOLDER,
            discovered=len(new),
            stored=stored,
            failed=failed,
            gone=len(lost),
            problem=" ".join(problems) or None,
            uidvalidity=_GENERATION,
        )

    def _look(self, files: list[Found]) -> None:
        """Notes since when each file has been as it is, as seen from here."""
        looked = time.monotonic()
        before = self._seen
        self._seen = {
            file.name: seen
            if (seen := before.get(file.name)) is not None and seen[0] == file.version
            else (file.version, looked)
            for file in files
        }

    def _is_settled(self, file: Found, listing: Listing) -> bool:
        if self._settings.done_suffix is not None:
            return f"{file.name}{self._settings.done_suffix}" in listing.files
        return self._rest(file) >= self._settings.settle_seconds

    def _rest(self, file: Found) -> float:
        """Seconds for which a file has not changed: by its own time, or, when that is no help, as seen from here.

        Another machine's clock may be wrong, so its word counts for two minutes less.
        """
        seen = time.monotonic() - self._seen[file.name][1]
        if file.changed is None:
            return seen
        allowance = 0.0 if isinstance(self._place, LocalPlace) else OTHER_CLOCK_SECONDS
        return max(time.time() - file.changed.timestamp() - allowance, seen)

    def _take(self, uid: str, file: Found, listing: Listing, now: datetime) -> RawMessage | None:
        """The message, or None while the file may still be changing."""
        if not self._is_settled(file, listing):
            return None
        content, size = self._place.read(file.name, self._settings.max_bytes)
        if size != file.size:
            return None
        facts = str(PurePosixPath(file.name).with_suffix("")) + SIDECAR
        sidecar = self._place.read(facts, _SIDECAR_BYTES)[0] if facts in listing.files else None
        said_done = self._settings.done_suffix is not None
        is_whole = size <= len(content) and is_complete(content) and (sidecar is not None or carries_facts(content))
        if not (is_whole or said_done) and self._rest(file) < self._settings.settle_seconds * PATIENCE:
            return None
        return RawMessage.of(
            content,
            account=self.account,
            folder=FOLDER,
            uidvalidity=_GENERATION,
            uid=uid,
            received=min(file.changed or now, datetime.now(UTC)),
            kind=SourceKind.TRANSCRIPT,
            role=FolderRole.INBOX,
            name=file.name,
            sidecar=sidecar,
            truncated_from=size if size > len(content) else None,
        )

    def _not_said_done(self, files: list[Found], listing: Listing, now: datetime) -> list[str]:
        suffix = self._settings.done_suffix
        if suffix is None:
            return []
        late = [
            file.name
            for file in files
            if f"{file.name}{suffix}" not in listing.files
            and file.changed is not None
            and now - file.changed > FORGOTTEN_AFTER
        ]
        if not late:
            return []
        return [f"{len(late)} transcripts have waited for their {suffix} file for over an hour: {', '.join(late[:5])}."]


def uid_of(file: Found) -> str:
    """What names one version of one file in the ledger."""
    return f"{file.name}@{file.version}"


def place_of(account: TranscriptFolder) -> Place:
    """The place that the settings name; connects to nothing yet."""
    if account.place is None:
        return LocalPlace(account.path)
    from triage_mailbox.transcripts.remote import RemotePlace

    return RemotePlace(account.place, account.path)


def _is_transcript(name: str) -> bool:
    name = name.lower()
    return name.endswith(SUFFIXES) and not name.endswith(SIDECAR)
