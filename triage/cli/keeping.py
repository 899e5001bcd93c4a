"""Commands on what is kept: everything of one person as one text; what may go, and erasing it."""

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.terminal import Config, clear_errors, err, out

retention_app = typer.Typer(no_args_is_help=True, help="How long things are kept: a dry run, and the act.")


@retention_app.command("list")
def list_due(config: Config = None) -> None:
    """Say what may go now. It changes nothing."""
    from triage.bootstrap import ground, retention_of
    from triage.config import read_settings
    from triage.retention import due

    with clear_errors():
        found = ground(read_settings(config))
        with found.store.read() as unit:
            now_due = due(unit, found.policy, retention_of(found.settings), found.clock())
    for flag in now_due.flags:
        out.print(
            f"flag {flag.id}: {', '.join(flag.codes)}, {flag.kept.value}, since {flag.since:%Y-%m-%d}", soft_wrap=True
        )
    out.print(
        f"{len(now_due.flags)} flags, scores of {now_due.scores} contacts, words and bytes of {now_due.contacts} contacts."
    )


@retention_app.command("erase")
def erase_due(
    by: Annotated[str, typer.Option(help="Who erases it; it is on record.")],
    reason: Annotated[str, typer.Option(help="Why now; it is on record.")],
    config: Config = None,
) -> None:
    """Erase what `triage retention list` names, for ever. Counts are all that stays."""
    from triage.bootstrap import ground, retention_of
    from triage.config import read_settings
    from triage.retention import erase

    with clear_errors():
        found = ground(read_settings(config))
        done = erase(found.store, found.policy, retention_of(found.settings), by=by, reason=reason, now=found.clock())
    out.print(
        f"Erased: {done.flags} flags, scores of {done.scores} contacts, words and bytes of {done.contacts} contacts."
    )


def own_records(
    ref: Annotated[str, typer.Argument(help="The customer's reference.")],
    output: Annotated[Path, typer.Option(help="The text to write.")],
    by: Annotated[str, typer.Option(help="Who takes it out; it is on record.")],
    reason: Annotated[str, typer.Option(help="Why, for example when they asked; it is on record.")],
    config: Config = None,
) -> None:
    """Write everything kept about one person into a text, safeguarding among it: for whoever answers their request."""
    from triage.bootstrap import ground
    from triage.config import read_settings
    from triage.domain.errors import NotFoundError
    from triage.reports import own_records as gathering
    from triage.reports.own_records_text import as_text

    with clear_errors():
        found = ground(read_settings(config))
        with found.store.read() as unit:
            records = gathering.own_records(
                unit, ref, found.policy, reach=gathering.Reach.WHOLE, by=by, now=found.clock()
            )
        if records is None:
            raise NotFoundError(f"Nothing is kept under the reference {ref}. Check it in your own systems.")
        try:
            output.write_text(as_text(records), encoding="utf-8")
        except OSError as error:
            err.print(f"{output} cannot be written: {error.strerror}.", markup=False)
            raise typer.Exit(2) from error
        with found.store.begin() as unit:
            detail = {"reason": reason, "reach": gathering.Reach.WHOLE.value}
            unit.audit.append(at=found.clock(), actor=by, action="own_records.exported", subject=ref, detail=detail)
        out.print(
            f"{output}: {sum(len(part.items) for part in records.parts)} items, {records.others} lines of others."
        )
        out.print("What is with safeguarding is in it. Read it through before anything is given out.", markup=False)
