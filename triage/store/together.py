"""Small writes of several threads at once, such as the audit lines of views, committed together: one wait for the lock, one flush."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from triage.store.unit import Unit

Begin = Callable[[], AbstractContextManager[Unit]]


class _Write:
    """What one thread waits for; ``error`` is what its own act raised, or the commit that it was in."""

    __slots__ = ("act", "done", "error", "result")

    def __init__(self, act: Callable[[Unit], Any]) -> None:
        self.act, self.done = act, False
        self.result: Any = None
        self.error: BaseException | None = None


class Together:
    """Whoever comes first waits for the writer's lock and does what has come until it has it; the others wait for that commit.

    Nobody is let go before their own write is committed: what is on record then is on record whatever happens next.
    """

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._waiting: list[_Write] = []
        self._changed, self._leads = threading.Condition(), False

    def write(self, act: Callable[[Unit], Any]) -> Any:
        """Does it in one transaction with what others do at the moment; raises what it raises, and then keeps nothing of it."""
        mine = _Write(act)
        with self._changed:
            self._waiting.append(mine)
            while self._leads and not mine.done:
                self._changed.wait()
            if not mine.done:
                self._leads = True
        if not mine.done:
            try:
                self._lead(mine)
            finally:
                with self._changed:
                    self._leads = False
                    self._changed.notify_all()
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _lead(self, mine: _Write) -> None:
        taken: list[_Write] = []
        try:
            with self._begin() as unit:
                taken = self._take()
                for one in taken:
                    one.result = one.act(unit)
        except BaseException as error:
            if len(taken) < 2:
                self._drop(mine)
                mine.error, mine.done = error, True
                return
            for one in taken:
                self._alone(one)
        for one in taken:
            one.done = True

    def _alone(self, one: _Write) -> None:
        """Nothing of what was taken together is kept when one of it fails: each is then done by itself."""
        try:
            with self._begin() as unit:
                one.result = one.act(unit)
        except BaseException as error:
            one.error = error

    def _take(self) -> list[_Write]:
        with self._changed:
            taken, self._waiting = self._waiting, []
        return taken

    def _drop(self, mine: _Write) -> None:
        with self._changed:
            self._waiting = [one for one in self._waiting if one is not mine]
