"""Commands that run the service: its rounds, its pages, the demo landlord, sign-ins and the doctor."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from triage.cli.terminal import Config, TeamNames, clear_errors, err, out, progress

SWITCH_SECONDS = 0.0005
"""How long one thread may keep the interpreter. Each statement of a page gives it up to wait for SQLite; with Python's usual
5 ms, a page of forty statements would wait a fifth of a second for another page to let go."""
PAGES_STOP_WITHIN = 8
"""Seconds that a page being made gets when the service is stopped."""


def run(config: Config = None, once: Annotated[bool, typer.Option(help="One round, then stop.")] = False) -> None:
    """Poll, read and flag, without the review pages. With --once, exit status 1 where a source could not be read."""
    from triage.bootstrap import build
    from triage.config import read_settings
    from triage.jobs.rounds import keep_going, not_reached, one_round
    from triage.reports.marked import seen

    with clear_errors():
        service = build(read_settings(config))
        with progress("Fetching and reading") as watched:
            if once:
                one_round(service, watched)
            else:
                keep_going(service, progress=watched)
        if once:
            summary(service)
            if told := not_reached(service.polled):
                err.print(seen(told), style="red", markup=False)  # a server's words could steer a terminal
                raise typer.Exit(1)


def serve(
    context: typer.Context,
    config: Config = None,
    invite: Annotated[bool, typer.Option(help="Print a one-time sign-in for each role.")] = False,
) -> None:
    """Serve the review pages, taking in beside them in a process of its own."""
    from triage.bootstrap import ground, open_places, open_sources
    from triage.config import read_settings

    with clear_errors():
        found = ground(read_settings(config))
        list(open_sources(found.settings))  # what the other process would refuse stops both here, in a sentence
        open_places(found.settings)
        if invite and found.settings.sign_in.invitations:
            _print_invitations(found, "First")
        elif invite:
            out.print("People sign in with what `triage user add ACCOUNT NAME ROLE` set up for them.", markup=False)
        _serve(found, context)


def taking_in(pipe: int) -> None:
    """What `serve` starts beside its pages: polls, reads and measures, until the pipe to the pages ends."""
    from multiprocessing.connection import Connection

    from triage.jobs.channel import Channel
    from triage.jobs.taking_in import take_in

    with clear_errors(), progress("Fetching and reading") as watched:
        take_in(Channel(Connection(pipe)), watched)


def doctor(config: Config = None) -> None:
    """Check settings, database, mailboxes, transcripts, model and exports; exit status 1 where something is wrong."""
    from triage.bootstrap import wall_clock
    from triage.config import read_settings
    from triage.doctor import State, examine, is_wrong
    from triage.reports.marked import seen

    styles = {State.OK: "green", State.WARN: "yellow", State.WRONG: "bold red"}
    checks = []
    if config is None:
        out.print("No settings file was named (-c triage.toml): these are the defaults and the environment.")
    with clear_errors(status=1):
        for check in examine(read_settings(config), wall_clock()):
            checks.append(check)
            sentence = seen(
                f"{check.what}: {check.found} {check.todo}".strip()
            )  # a server's words could steer a terminal
            out.print(Text.assemble((f"{check.state.value:6}", styles[check.state]), sentence), soft_wrap=True)
    if is_wrong(checks):
        raise typer.Exit(1)


def invite(
    person: str,
    role: Annotated[str, typer.Argument(help="reviewer, safeguarding, analyst, manager, administrator or auditor")],
    team: TeamNames = None,
    config: Config = None,
) -> None:
    """Print a sign-in that works once, for one person; only where the settings open that way."""
    from triage.bootstrap import ground, teams_of
    from triage.config import read_settings
    from triage.web.invitations import invitation

    with clear_errors():
        found = ground(read_settings(config))
        _check_invitations(found.settings)
        teams = teams_of(found.settings).check(team or ())
        out.print(invitation(found.store, found.settings, person, role, found.clock(), teams=teams), markup=False)


def demo(
    context: typer.Context,
    housing: Annotated[Path, typer.Option(help="Folder of the housing texts (training/housing).")],
    folder: Annotated[Path, typer.Option(help="Where the demo landlord lives.")],
    once: Annotated[bool, typer.Option(help="Process, print the summary and stop.")] = False,
    port: int = 8000,
) -> None:
    """Run everything over a bundled, invented landlord."""
    from triage.bootstrap import Ground, build
    from triage.config import read_settings
    from triage.demo import prepare
    from triage.jobs.rounds import one_round

    with clear_errors():
        service = build(read_settings(prepare(housing, folder), port=port, sign_in={"invitations": True}))
        with progress("Reading the demo landlord's mail and calls") as watched:
            one_round(service, watched)
        summary(service)
        if not once:
            found = Ground(settings=service.settings, store=service.store, policy=service.policy, clock=service.clock)
            del service  # with its model: the process beside the pages holds its own
            _print_invitations(found, "Demo")
            _serve(found, context)


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
    out.print(flagged if found.flagged else "Nothing was put before people.")
    if found.not_scored:
        reasons = Table("not scored, because", "count", title="Not scored")
        for reason, count in found.not_scored.items():
            reasons.add_row(reason, str(count))
        out.print(reasons)
    for problem in service.problems:
        out.print(problem, style="yellow", markup=False)


def _print_invitations(found: Any, kind: str) -> None:
    from triage.store.access import Duty
    from triage.web.invitations import invitation

    table = Table("role", "one-time sign-in", title="Sign in (each works once)")
    for duty in Duty:
        table.add_row(
            duty.value, invitation(found.store, found.settings, f"{kind} {duty.value}", duty.value, found.clock())
        )
    Console(width=200).print(table, markup=False) if not sys.stdout.isatty() else out.print(table)


def _serve(found: Any, context: typer.Context) -> None:
    """The pages over what was found, in this process, and taking in beside them, in another (docs/adr/0011)."""
    import uvicorn

    from triage.bootstrap import hours_of, retention_of, teams_of
    from triage.champions import Champions
    from triage.jobs.beside import ReaderBeside, TakingIn, command
    from triage.policy_on_record import put_on_record
    from triage.web.app import create_app

    settings = found.settings
    check_free(settings.host, settings.port)
    put_on_record(found.store, found.policy, found.clock())
    options = ["--verbose"] if context.find_root().params.get("verbose") else []
    intake = TakingIn(settings, found.clock, command("taking-in", *options))
    models = Champions(settings.models, found.store, ReaderBeside(intake), found.clock)
    web = create_app(
        store=found.store,
        policy=found.policy,
        clock=found.clock,
        models=models,
        secure_cookies=settings.secure_cookies,
        problems=intake.problems,
        intake=intake,
        links=intake,
        metrics=_metrics_door(settings),
        ways_in=ways_in_of(settings),
        blind_share=settings.blind_share,
        teams=teams_of(settings),
        hours=hours_of(settings),
        rehearsals=_rehearsals(found, models),
        retention=retention_of(settings),
        compiled=True,
    )
    sys.setswitchinterval(SWITCH_SECONDS)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(0)
    )  # once the pages are done with it: the other process is stopped too
    out.print(f"The review queue is at http://{settings.host}:{settings.port} (Ctrl-C stops).")
    with intake.running():
        uvicorn.run(
            web,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=PAGES_STOP_WITHIN,
        )


def _rehearsals(found: Any, models: Any) -> Any:
    from triage.domain.policy import shipped_text
    from triage.jobs.rehearsal import in_another_process
    from triage.rehearsal_desk import Rehearsals

    return Rehearsals(
        store=found.store,
        policy=found.policy,
        policy_text=shipped_text(found.settings.policy),
        clock=found.clock,
        models=models,
        folder=found.settings.models,
        run=in_another_process,
    )


def _check_invitations(settings: Any) -> None:
    """Raises SettingsError where one-time addresses sign nobody in."""
    from triage.domain.errors import SettingsError

    if not settings.sign_in.invitations:
        raise SettingsError(
            "The settings open no sign-in by one-time address. Add people with `triage user add ACCOUNT NAME ROLE`; "
            "for a first look, set invitations = true under [sign_in]."
        )


def ways_in_of(settings: Any) -> Any:
    """The ways of signing in that the settings open. Raises SettingsError for a provider that cannot be used."""
    from triage.intake import Secret
    from triage.store.access import Duty
    from triage.web.oidc import Provider
    from triage.web.ways_in import WaysIn

    chosen, provider = settings.sign_in, None
    if (asked := chosen.provider) is not None:
        kept = Secret.from_file(asked.client_secret_file) if asked.client_secret_file else None
        provider = Provider(
            name=asked.name,
            issuer=asked.issuer,
            client_id=asked.client_id,
            secret=lambda: kept() if kept else None,
            redirect=f"{asked.site.rstrip('/')}/sign-in/callback",
            roles={value: Duty(role) for value, role in asked.roles.items()},
            claim=asked.claim,
            name_claim=asked.name_claim,
            team_claim=asked.team_claim,
            teams=asked.teams,
        )
    codes = code_keys_of(settings)
    codes.check()
    return WaysIn(invitations=chosen.invitations, passwords=chosen.passwords, provider=provider, codes=codes)


def code_keys_of(settings: Any) -> Any:
    """How the keys of one-time codes are kept: under the settings' own key, or in clear where they name none."""
    import os

    from triage.web.code_keys import CodeKeys

    file, name = settings.sign_in.code_key_file, settings.sign_in.code_key_env
    if file is not None:
        return CodeKeys(keys=lambda: file.read_text("utf-8").splitlines())
    return CodeKeys(keys=lambda: os.environ.get(name, "").split()) if name is not None else CodeKeys()


def _metrics_door(settings: Any) -> Any:
    """None where the settings open no /metrics."""
    from triage.web.figures import MetricsDoor

    file = settings.metrics_token_file
    if file is not None:
        return MetricsDoor(token=lambda: file.read_text("utf-8"))
    return MetricsDoor() if settings.metrics else None


def check_free(host: str, port: int) -> None:
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
