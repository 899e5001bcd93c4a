"""`triage audit`: the record of who did what is checked."""

from typing import Annotated

import typer

from triage.cli.terminal import Config, clear_errors, out

audit_app = typer.Typer(no_args_is_help=True, help="The record of who did what.")


@audit_app.command()
def verify(
    since: Annotated[
        str | None,
        typer.Option(help="What an earlier run printed last, kept elsewhere: 'NUMBER HASH' must still be there."),
    ] = None,
    config: Config = None,
) -> None:
    """Check the audit chain from its first entry to its last.

    A chain cannot say by itself that its newest entries were taken off: keep what is printed somewhere else, and give it
    back with --since.
    """
    from triage.config import read_settings
    from triage.store import Store

    with clear_errors(), Store(read_settings(config).database).migrate().read() as unit:
        count = unit.audit.verify(since=since)
        out.print(f"{count} entries, none altered or missing.")
        for entry in unit.audit.newest(1):
            out.print(f"{entry.seq} {entry.hash}", soft_wrap=True)
