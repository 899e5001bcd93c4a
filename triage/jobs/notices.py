"""Tells the places of the settings of what was raised, in a thread of its own, so that no reading waits for a slow answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from triage.bootstrap import Service, open_places
from triage.notifying import Notifier

log = structlog.get_logger()
EVERY_SECONDS = 5.0


@contextmanager
def telling(service: Service) -> Iterator[None]:
    """Rounds of notices while something else runs; nothing where the settings name no place."""
    places = open_places(service.settings)
    if not places:
        yield
        return
    stop = threading.Event()
    notifier = Notifier(store=service.store, places=places, clock=service.clock)
    thread = threading.Thread(target=_keep_telling, args=(notifier, stop), name="notices", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=15)


def _keep_telling(notifier: Notifier, stop: threading.Event) -> None:
    while not stop.wait(EVERY_SECONDS):
        try:
            told, failed = notifier.round()
        except Exception as error:
            log.error("notices failed", error=type(error).__name__)
            continue
        if told or failed:
            log.info("notices", told=told, failed=failed)
