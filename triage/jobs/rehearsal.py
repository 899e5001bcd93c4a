"""A rehearsal in a process of its own: pages stay quick, it can be ended at once, and what it took goes with it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, TextIO

from triage.domain.errors import TriageError
from triage.rehearsal_desk import StoppedError, Watch
from triage.rehearsing import Rehearsed, Work, carry_out
from triage.store.codec import pack, unpack

NICER: Final = 10
TOLD: Final = 50
"""Steps between two words on how far it is."""


def in_another_process(work: Work, watch: Watch) -> Rehearsed:
    """Raises StoppedError where it was stopped, TriageError where the other process refused or ended without a result."""
    process = subprocess.Popen(
        [sys.executable, "-m", "triage.jobs.rehearsal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C is for the pages' process, which then stops this one
    )
    watch.kill = process.kill
    if watch.stopped.is_set():
        process.kill()
    try:
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            print(pack(work), file=process.stdin, flush=True)
        return _heard(process.stdout, watch)
    finally:
        process.kill()
        with process:
            pass


def _heard(lines: Iterable[str], watch: Watch) -> Rehearsed:
    for line in lines:
        word: dict[str, Any] = json.loads(line)
        if "expect" in word:
            watch.expect(int(word["expect"]))
        elif "step" in word:
            watch.reached(int(word["step"]))
        elif "refused" in word:
            raise TriageError(str(word["refused"]))
        else:
            return unpack(Rehearsed, word["done"])
    if watch.stopped.is_set():
        raise StoppedError
    raise TriageError("It ended without a result; perhaps the machine has too little memory. Choose a shorter period.")


class Telling:
    """Progress as lines for the other process."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._step = out, 0

    def say(self, **word: object) -> None:
        print(json.dumps(word), file=self._out, flush=True)

    def expect(self, steps: int) -> None:
        self.say(expect=steps)

    def step(self) -> None:
        self._step += 1
        if self._step % TOLD == 0:
            self.say(step=self._step)


def main() -> None:
    """Reads the work from the first line of its input, and ends with whoever gave it: the end of the input is their end."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints must not come between the lines
    os.nice(NICER)
    telling, work = Telling(out), unpack(Work, sys.stdin.readline())
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    try:
        telling.say(done=pack(carry_out(work, telling)))
    except TriageError as error:
        telling.say(refused=str(error))
    except Exception as error:  # its words could be a customer's: only its name is told (S34)
        telling.say(refused=f"It failed in a way that was not foreseen ({type(error).__name__}). Nothing was changed.")


def _end_with_the_other() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
