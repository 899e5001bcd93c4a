"""What this process remembers of texts is let go when something was erased: answers, values read, and a text's own readings."""

import sys

from triage.domain.remembered import forget_answers
from triage.issues.reading import forget_readings
from triage.store import Unit
from triage.store.codec import forget_known

ABOUT_TEXTS = ("triage.domain.", "triage.identity.", "triage.issues.", "triage.reports.")
"""Packages whose caches may hold words; those of models and of calendars are about nobody."""


def forget_texts() -> None:
    """Clears every such cache of this process. What is asked again is read again."""
    forget_answers()
    forget_known()
    forget_readings()
    for name, module in list(sys.modules.items()):
        if name.startswith(ABOUT_TEXTS):
            for value in list(vars(module).values()):
                clear = getattr(value, "cache_clear", None)
                if callable(clear):
                    clear()


class Follower:
    """Notices that another process erased something, at the next look."""

    def __init__(self) -> None:
        self._last: int | None = None

    def look(self, unit: Unit) -> bool:
        """Whether something was erased since the last look; then everything about texts is forgotten here."""
        last = unit.erasing.last()
        is_news, self._last = self._last is not None and last != self._last, last
        if is_news:
            forget_texts()
        return is_news
