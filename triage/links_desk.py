"""What people say of links, taken up by a running service while nothing else is being read."""

from collections.abc import Iterator
from contextlib import contextmanager

from triage.bootstrap import Service
from triage.domain.errors import ConflictError
from triage.domain.ruling import Ruling

BUSY_SECONDS = 15.0


class RunningLinks:
    """Stands between a service and its pages."""

    def __init__(self, service: Service, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._service, self._busy_seconds = service, busy_seconds

    def rule(self, ruling: Ruling) -> None:
        with self._alone():
            self._service.pipeline.rule(ruling)

    def undo(self, ruling_id: str, by: str) -> None:
        with self._alone():
            self._service.pipeline.undo(ruling_id, by)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        reading = self._service.reading
        if not reading.acquire(timeout=self._busy_seconds):
            raise ConflictError("The service is busy reading what came in; try again in some minutes.")
        try:
            yield
        finally:
            reading.release()
