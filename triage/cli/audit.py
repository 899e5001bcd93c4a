"""`triage audit`: the record of who did what is checked."""

import typer

from triage.cli.terminal import Config, clear_errors, out

audit_app = typer.Typer(no_args_is_help=True, help="The record of who did what.")


@audit_app.command()
def verify(config: Config = None) -> None:
    """Check the audit chain from its first entry to its last."""
    from triage.config import read_settings
    from triage.store import Store

    with clear_errors(), Store(read_settings(config).database).migrate().read() as unit:
        out.print(f"{unit.audit.verify()} entries, none altered or missing.")
