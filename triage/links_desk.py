"""What people say of links, taken up by a running service while nothing else is being read."""

from triage.bootstrap import Service
from triage.domain.ruling import Ruling

BUSY_SECONDS = 15.0


class RunningLinks:
    """Stands between a service and its pages."""

    def __init__(self, service: Service, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._service, self._busy_seconds = service, busy_seconds

    def rule(self, ruling: Ruling) -> None:
        with self._service.alone(self._busy_seconds):
            self._service.pipeline.rule(ruling)

    def undo(self, ruling_id: str, by: str) -> None:
        with self._service.alone(self._busy_seconds):
            self._service.pipeline.undo(ruling_id, by)
