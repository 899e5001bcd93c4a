"""`triage quarantine`: what could not be read is listed, tried again and given out."""

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.terminal import Config, clear_errors, err, out

quarantine_app = typer.Typer(no_args_is_help=True, help="Messages that could not be read: kept, shown, tried again.")


@quarantine_app.command("list")
def list_quarantine(config: Config = None) -> None:
    """What could not be read, why, and how often it was tried."""
    from triage.config import read_settings
    from triage.quarantine import listed
    from triage.store import Store

    with clear_errors():
        waiting = listed(Store(read_settings(config).database).migrate())
        for found in waiting:
            out.print(
                f"{found.id:6} {found.account} {found.folder} {found.uid}  {found.size:,} bytes, {found.attempts} tries, "
                f"last {found.last_at:%Y-%m-%d %H:%M}: {found.reason}",
                markup=False,
            )
        out.print(f"{len(waiting)} in quarantine.")


@quarantine_app.command("retry")
def retry_quarantine(
    ids: Annotated[list[int] | None, typer.Argument(help="The numbers that `list` shows; without any, all.")] = None,
    config: Config = None,
) -> None:
    """Read messages again; what can be read takes the place of the contact that showed the failure."""
    from triage.bootstrap import build
    from triage.config import read_settings
    from triage.intake import ParserChild
    from triage.quarantine import retry

    with clear_errors(), ParserChild() as parser:
        done = retry(build(read_settings(config)).pipeline, parser, ids or None)
        out.print(f"{done.read} read, {done.failed} still cannot be read.")


@quarantine_app.command("export")
def export_quarantine(
    id: Annotated[int, typer.Argument(help="The number that `list` shows.")],
    output: Annotated[Path, typer.Option(help="Where to write the message, byte for byte; it may be hostile.")],
    config: Config = None,
) -> None:
    """Write a message's raw bytes to a file, for whoever can open it safely."""
    from triage.config import read_settings
    from triage.quarantine import raw_bytes
    from triage.store import Store

    with clear_errors():
        content = raw_bytes(Store(read_settings(config).database).migrate(), id)
        try:
            output.write_bytes(content)
        except OSError as error:
            err.print(f"{output} cannot be written: {error.strerror}.", markup=False)
            raise typer.Exit(2) from error
        out.print(f"{len(content):,} bytes written to {output}.", markup=False)
