"""The commands, thin: each reads its arguments, builds the service and calls one thing."""

import contextlib
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from triage.domain.errors import TriageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they could hold a message's words
    help="Triage of customer contacts for human review. It never acts on a customer.",
)
models_app = typer.Typer(no_args_is_help=True, help="The champion in use and its candidates.")
audit_app = typer.Typer(no_args_is_help=True, help="The record of who did what.")
app.add_typer(models_app, name="models")
app.add_typer(audit_app, name="audit")

out, err = Console(), Console(stderr=True)

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file (TOML); docs/triage.example.toml shows all.")
]
Models = Annotated[
    Path | None, typer.Option(help="Models folder; without it, the champion that travels with the package.")
]
PolicyName = Annotated[str, typer.Option(help="Policy file shipped with the package.")]


@app.callback()
def _start(verbose: Annotated[bool, typer.Option(help="Log each step (ids only, never words).")] = False) -> None:
    level = logging.INFO if verbose else logging.WARNING
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the stream of the moment: it may be replaced
    )


@app.command()
def score(
    input: Annotated[Path, typer.Option(help="Contacts, one JSON object a line.")],
    output: Annotated[Path, typer.Option(help="Where to write one prediction a line.")],
    models: Models = None,
) -> None:
    """Score contacts from a file with the champion in use."""
    from triage.scoring import open_reader
    from triage.scoring_files import score_lines

    with _clear_errors(), _reading(input) as lines, _writing(output) as write:
        for row in score_lines(lines, open_reader(models)):
            write(row)


@app.command()
def replay(
    input: Annotated[Path, typer.Option(help="A history, one JSON object a line.")],
    flags: Annotated[Path, typer.Option(help="Where to write each code as it is first raised.")],
    links: Annotated[Path, typer.Option(help="Where to write who and which issue each contact was linked to.")],
    models: Models = None,
    policy: PolicyName = "unacceptable-behaviour",
) -> None:
    """Run the real pipeline over a history, under the history's own clock."""
    from triage.bootstrap import replay_pipeline
    from triage.history import read_history
    from triage.replay import replay as run

    with _clear_errors(), _reading(input) as lines, TemporaryDirectory() as folder:
        history = read_history(lines)
        for problem in history.problems:
            err.print(problem, markup=False)
        pipeline, clock = replay_pipeline(Path(folder) / "replay.sqlite", models, policy)
        with _progress("Replaying") as watched:
            done = run(history, pipeline, clock, watched)
        pipeline.store.close()
        for path, rows in ((flags, done.flags), (links, done.links)):
            with _writing(path) as write:
                for row in rows:
                    write(row)
    err.print(f"{len(history.items)} items, {len(done.flags)} flags, {len(done.links)} contacts linked.")


@app.command()
def run(config: Config = None, once: Annotated[bool, typer.Option(help="One round, then stop.")] = False) -> None:
    """Poll, read and flag, without the review pages."""
    from triage.bootstrap import build
    from triage.config import read_settings
    from triage.jobs.rounds import keep_going, one_round

    with _clear_errors():
        service = build(read_settings(config))
        if once:
            one_round(service)
            summary(service)
        else:
            keep_going(service)


@app.command()
def serve(
    config: Config = None, invite: Annotated[bool, typer.Option(help="Print a one-time sign-in for each role.")] = False
) -> None:
    """Serve the review pages, polling beside them."""
    from triage.bootstrap import build
    from triage.config import read_settings

    with _clear_errors():
        service = build(read_settings(config))
        if invite:
            _print_invitations(service, "First")
        _serve(service)


@app.command()
def invite(
    person: str,
    role: Annotated[str, typer.Argument(help="reviewer, safeguarding, analyst, manager or administrator")],
    config: Config = None,
) -> None:
    """Print a sign-in that works once, for one person."""
    from triage.bootstrap import build
    from triage.config import read_settings
    from triage.web.invitations import invitation

    with _clear_errors():
        service = build(read_settings(config))
        out.print(invitation(service.store, service.settings, person, role, service.clock()), markup=False)


@app.command()
def demo(
    housing: Annotated[Path, typer.Option(help="Folder of the housing texts (training/housing).")],
    folder: Annotated[Path, typer.Option(help="Where the demo landlord lives.")],
    once: Annotated[bool, typer.Option(help="Process, print the summary and stop.")] = False,
    port: int = 8000,
) -> None:
    """Run everything over a bundled, invented landlord."""
    from triage.bootstrap import build
    from triage.config import read_settings
    from triage.demo import prepare
    from triage.jobs.rounds import one_round

    with _clear_errors():
        service = build(read_settings(prepare(housing, folder), port=port))
        with _progress("Reading the demo landlord's mail and calls") as watched:
            one_round(service, watched)
        summary(service)
        if not once:
            _print_invitations(service, "Demo")
            _serve(service, polling=False)


def summary(service: Any) -> None:
    """What was read, what was not and why, and what was flagged, as tables."""
    from triage.reports.summary import summarise

    found = summarise(service.store, service.policy)
    read = Table("read", "count", title="Contacts")
    for name, count in found.read.items():
        read.add_row(name, str(count))
    flagged = Table("clause", "raised", "open flags", title=f"Put before people (policy {service.policy.version})")
    for clause, raised, still_open in found.flagged:
        flagged.add_row(clause, str(raised), str(still_open))
    out.print(read)
    out.print(flagged)
    if found.not_scored:
        reasons = Table("not scored, because", "count", title="Not scored")
        for reason, count in found.not_scored.items():
            reasons.add_row(reason, str(count))
        out.print(reasons)
    for problem in service.problems:
        out.print(problem, style="yellow", markup=False)


@app.command()
def train(
    config: Config = None,
    base: Annotated[Path, typer.Option(help="The base texts (training/housing of a checkout).")] = Path(
        "training/housing"
    ),
) -> None:
    """Train a candidate from reviewers' decisions and the base texts; promoting it is a person's act."""
    from triage.bootstrap import build
    from triage.config import read_settings
    from triage.export import train_candidate

    with _clear_errors():
        service = build(read_settings(config))
        with _progress("Training") as watched:
            report = train_candidate(
                service.store, base, models_folder(service.settings.models), service.clock(), lambda _: watched.step()
            )
        out.print(report, markup=False)


@models_app.command("list")
def list_models(config: Config = None) -> None:
    """The champion in use and the candidates."""
    with _desk(config) as (desk, _):
        for entry in desk.models():
            out.print(
                f"{entry.state.value:9} {entry.name} {entry.version}  {entry.problem or entry.summary}", markup=False
            )


@models_app.command()
def promote(
    name: str, version: str, by: Annotated[str, typer.Option(help="Your name; it is recorded.")], config: Config = None
) -> None:
    """Make a candidate the champion in use."""
    with _desk(config) as (desk, service):
        desk.promote(name, version, by)
        out.print(
            f"{name} {version} is the champion in use; {service.pipeline.read_again()} contacts were read again.",
            markup=False,
        )


@models_app.command()
def rollback(by: Annotated[str, typer.Option(help="Your name; it is recorded.")], config: Config = None) -> None:
    """Go back to the champion before."""
    with _desk(config) as (desk, service):
        desk.rollback(by)
        out.print(
            f"{service.pipeline.reader.model} is in use again; {service.pipeline.read_again()} contacts were read again."
        )


@audit_app.command()
def verify(config: Config = None) -> None:
    """Check the audit chain from its first entry to its last."""
    from triage.config import read_settings
    from triage.store import Store

    with _clear_errors(), Store(read_settings(config).database).migrate().read() as unit:
        out.print(f"{unit.audit.verify()} entries, none altered or missing.")


def models_folder(folder: Path | None) -> Path:
    """Where candidates go. Raises SettingsError where the settings name no models folder."""
    from triage.domain.errors import SettingsError

    if folder is None:
        raise SettingsError(
            'Name a models folder in the settings (models = "…"): candidates are never written into the package.'
        )
    return folder


@contextlib.contextmanager
def _desk(config: Path | None) -> Iterator[tuple[Any, Any]]:
    from triage.bootstrap import build
    from triage.config import read_settings

    with _clear_errors():
        service = build(read_settings(config))
        yield service.models, service


def _print_invitations(service: Any, kind: str) -> None:
    from triage.store.access import Duty
    from triage.web.invitations import invitation

    table = Table("role", "one-time sign-in", title="Sign in (each works once)")
    for duty in Duty:
        table.add_row(
            duty.value, invitation(service.store, service.settings, f"{kind} {duty.value}", duty.value, service.clock())
        )
    Console(width=200).print(table, markup=False) if not sys.stdout.isatty() else out.print(table)


def _serve(service: Any, *, polling: bool = True) -> None:
    import uvicorn

    from triage.jobs.rounds import beside
    from triage.web.app import create_app

    settings = service.settings
    _check_free(settings.host, settings.port)
    web = create_app(
        store=service.store,
        policy=service.policy,
        clock=service.clock,
        models=service.models,
        secure_cookies=settings.secure_cookies,
        problems=lambda: tuple(service.problems),
    )
    out.print(f"The review queue is at http://{settings.host}:{settings.port} (Ctrl-C stops).")
    with beside(service) if polling else contextlib.nullcontext():
        uvicorn.run(web, host=settings.host, port=settings.port, log_level="warning", server_header=False)


def _check_free(host: str, port: int) -> None:
    """Raises SettingsError where nothing can listen there, before polling starts beside the pages."""
    import socket

    from triage.domain.errors import SettingsError

    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise SettingsError(
            f"The pages cannot be served at {host}:{port} ({error.strerror}); choose another host or port."
        ) from error


class _Bar:
    """A progress bar on the error stream; gone when it is done."""

    def __init__(self, progress: Progress, what: str) -> None:
        self._progress, self._task, self._total = progress, progress.add_task(what, total=None), 0

    def expect(self, steps: int) -> None:
        self._total += steps
        self._progress.update(self._task, total=self._total)

    def step(self) -> None:
        self._progress.advance(self._task)


@contextlib.contextmanager
def _progress(what: str) -> Iterator[_Bar]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        yield _Bar(progress, what)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[Iterator[str]]:
    """Lines of a file; bytes that are no UTF-8 become U+FFFD, so that one bad line stops no other."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield lines
    except OSError as error:
        err.print(f"{path} cannot be read: {error.strerror}.", markup=False)
        raise typer.Exit(2) from error


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    try:
        with path.open("w", encoding="utf-8") as stream:
            yield lambda row: print(json.dumps(row, ensure_ascii=False), file=stream)
    except OSError as error:
        err.print(f"{path} cannot be written: {error.strerror}.", markup=False)
        raise typer.Exit(2) from error


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """One sentence and exit status 2 for everything that a person can put right."""
    try:
        yield
    except TriageError as error:
        err.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
