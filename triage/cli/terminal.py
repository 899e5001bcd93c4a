"""What every command shares: its options, its two streams, progress bars, files of lines, and errors as sentences."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from triage.domain.errors import TriageError

out, err = Console(), Console(stderr=True)

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file (TOML); docs/triage.example.toml shows all.")
]
Models = Annotated[
    Path | None, typer.Option(help="Models folder; without it, the champion that travels with the package.")
]
Detoxify = Annotated[
    Path | None,
    typer.Option(help="A folder that `triage-training detoxify-onnx` made: Detoxify reads in the champion's place."),
]
TeamNames = Annotated[
    list[str] | None, typer.Option("--team", help="A team of the settings; give it once for each. Without: no team.")
]
PolicyName = Annotated[str, typer.Option(help="Policy file shipped with the package.")]


class Bar:
    """A progress bar on the error stream of a terminal; gone when it is done."""

    def __init__(self, progress: Progress, what: str) -> None:
        self._progress, self._task, self._total = progress, progress.add_task(what, total=None), 0
        self._lock = threading.Lock()

    def expect(self, steps: int) -> None:
        """Called by several pollers at once."""
        with self._lock:
            self._total += steps
            self._progress.update(self._task, total=self._total)

    def step(self) -> None:
        self._progress.advance(self._task)


@contextlib.contextmanager
def progress(what: str) -> Iterator[Bar]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        yield Bar(bars, what)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[TextIO]:
    """Lines of a file; bytes that are no UTF-8 become U+FFFD, so that one bad line stops no other."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield lines
    except OSError as error:
        err.print(f"{path} cannot be read: {error.strerror}.", markup=False)
        raise typer.Exit(2) from error


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    try:
        # half a surrogate pair is no UTF-8: its backslash form is JSON's own
        with path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            yield lambda row: print(json.dumps(row, ensure_ascii=False), file=stream)
    except OSError as error:
        err.print(f"{path} cannot be written: {error.strerror}.", markup=False)
        raise typer.Exit(2) from error


@contextlib.contextmanager
def clear_errors(status: int = 2) -> Iterator[None]:
    """One sentence and exit status 2 for everything that a person can put right."""
    try:
        yield
    except TriageError as error:
        err.print(str(error), style="red", markup=False)
        raise typer.Exit(status) from error
