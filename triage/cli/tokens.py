"""`triage token`: API tokens are made, listed and ended."""

import contextlib
from typing import Annotated

import typer

from triage.cli.terminal import Config, TeamNames, clear_errors, out

token_app = typer.Typer(no_args_is_help=True, help="API tokens of the systems that give rows to the service.")


@token_app.command("new")
def new_token(
    source: Annotated[str, typer.Argument(help="The system that will hold it; rows are kept under this name.")],
    kinds: Annotated[str, typer.Option(help="What it may give, joined with commas: webform,sms,records,...")],
    by: Annotated[str, typer.Option(help="Your name; it is recorded.")],
    config: Config = None,
) -> None:
    """Make a token for one system. It is shown once and kept as a hash."""
    from triage.bootstrap import wall_clock
    from triage.config import read_settings
    from triage.routes_in.tokens import make_token
    from triage.store import Store

    with clear_errors(), contextlib.closing(Store(read_settings(config).database).migrate()) as store:
        secret, token = make_token(store, source, kinds.split(","), by=by, now=wall_clock())
        out.print(f"Token {token.id} of {token.source} for {', '.join(sorted(token.kinds))}:", markup=False)
        out.print(secret, markup=False)


@token_app.command("session")
def new_session(
    person: Annotated[str, typer.Argument(help="Whose acts they will be; it is on record with each.")],
    role: Annotated[str, typer.Argument(help="reviewer, safeguarding, analyst, manager, administrator or auditor")],
    by: Annotated[str, typer.Option(help="Your name; it is recorded.")],
    team: TeamNames = None,
    config: Config = None,
) -> None:
    """Print what a program sends to the JSON API for a person: good for an hour of quiet, twelve hours at most."""
    from triage.bootstrap import teams_of, wall_clock
    from triage.config import read_settings
    from triage.store import Store
    from triage.web.programs import program_session

    with clear_errors():
        settings = read_settings(config)
        teams = teams_of(settings).check(team or ())
        with contextlib.closing(Store(settings.database).migrate()) as store:
            out.print(program_session(store, person, role, by=by, now=wall_clock(), teams=teams), markup=False)


@token_app.command("list")
def list_tokens(config: Config = None) -> None:
    """Every token ever made: whose, for what, last used, revoked."""
    from triage.config import read_settings
    from triage.store import Store

    with clear_errors(), Store(read_settings(config).database).migrate().read() as unit:
        tokens = list(unit.tokens.all())
        if not tokens:
            out.print("There is no token yet; `triage token new SOURCE --kinds … --by …` makes one.", markup=False)
        for token in tokens:
            used = f"last used {token.used_at:%Y-%m-%d %H:%M}" if token.used_at else "never used"
            state = f"revoked {token.revoked_at:%Y-%m-%d %H:%M}" if token.revoked_at else used
            kinds = ", ".join(sorted(token.kinds))
            out.print(f"{token.id}  {token.source}: {kinds} (made by {token.made_by}, {state})", markup=False)


@token_app.command("revoke")
def revoke_token(
    id: Annotated[str, typer.Argument(help="The id that `list` shows.")],
    by: Annotated[str, typer.Option(help="Your name; it is recorded.")],
    config: Config = None,
) -> None:
    """End a token at once."""
    from triage.bootstrap import wall_clock
    from triage.config import read_settings
    from triage.routes_in.tokens import end_token
    from triage.store import Store

    with clear_errors(), contextlib.closing(Store(read_settings(config).database).migrate()) as store:
        token = end_token(store, id, by=by, now=wall_clock())
        out.print(f"Token {token.id} of {token.source} is good no longer.", markup=False)
