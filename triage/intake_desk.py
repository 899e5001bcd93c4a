"""The intake of a running service as its pages and metrics see it: the sources of the settings, and trying again."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from triage.bootstrap import Service
from triage.config import Settings
from triage.domain.errors import ConflictError
from triage.intake import ParserChild, SourceState
from triage.ports import SourceNow
from triage.quarantine import Retried, listed, retry

BUSY_SECONDS = 15.0
RETRY_SECONDS = 60.0
CALLS_FOLDER = "calls"


class RunningIntake:
    """Stands between a service and its pages; asks nothing of the outside."""

    def __init__(
        self, service: Service, *, busy_seconds: float = BUSY_SECONDS, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._service, self._busy_seconds, self._retry_seconds = service, busy_seconds, retry_seconds

    @property
    def poll_seconds(self) -> float:
        return self._service.settings.poll_seconds

    @property
    def is_polling(self) -> bool:
        return self._service.pollers is not None

    @property
    def problem(self) -> str | None:
        return None  # whoever can ask is in the process that takes in

    def sources(self) -> Sequence[SourceNow]:
        states = {state.account: state for state in self._service.source_states()}
        return [
            _now(states.get(account), account, kind, folders)
            for account, kind, folders in named(self._service.settings)
        ]

    def retry(self, ids: Sequence[int] | None, by: str) -> tuple[int, int, int]:
        """One message at a time, those tried longest ago first, for a minute; new mail is read between them."""
        service, read, failed = self._service, 0, 0
        if ids is None:
            chosen = [found.id for found in sorted(listed(service.store), key=lambda found: found.last_at)]
        else:
            chosen = list(ids)
        ends = time.monotonic() + self._retry_seconds
        with ParserChild() as parser:
            for id in chosen:
                try:
                    done = self._retry_one(parser, id)
                except ConflictError:
                    if not read + failed:
                        raise
                    break  # what was done goes on record
                read, failed = read + done.read, failed + done.failed
                if time.monotonic() > ends:
                    break
        left = len(chosen) - read - failed
        with service.store.begin() as unit:
            detail = {"read": str(read), "failed": str(failed), "left": str(left)}
            subject = "all" if ids is None else " ".join(map(str, ids))
            unit.audit.append(at=service.clock(), actor=by, action="quarantine.retried", subject=subject, detail=detail)
        return read, failed, left

    def _retry_one(self, parser: ParserChild, id: int) -> Retried:
        """The reading of the moment goes first: whoever is at the page waits for it, for a while."""
        with self._service.alone(self._busy_seconds):
            return retry(self._service.pipeline, parser, [id])


def named(settings: Settings) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(account, kind, folders as the ledger calls them) of everything that the settings poll."""
    for imap in settings.imap:
        yield imap.name, "IMAP", tuple(folder.name for folder in imap.folders)
    for archives, kind in ((settings.maildir, "Maildir"), (settings.mbox, "mbox")):
        for archive in archives:
            yield archive.name, kind, tuple(Path(folder.name).name for folder in archive.folders)
    for calls in settings.calls:
        where = "SFTP" if calls.sftp else "object store" if calls.store else "folder"
        yield calls.name, f"Transcripts, {where}", (CALLS_FOLDER,)


def _now(state: SourceState | None, account: str, kind: str, folders: tuple[str, ...]) -> SourceNow:
    if state is None:
        return SourceNow(account=account, kind=kind, folders=folders)
    return SourceNow(
        account=account,
        kind=kind,
        folders=folders,
        tried=state.tried,
        reached=state.reached,
        problems=state.problems,
        failures=state.failures,
        rounds=state.rounds,
        stored=state.stored,
    )
