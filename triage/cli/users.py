"""`triage user`: people who sign in with a password and a second factor are added, reset and disabled."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.terminal import Config, TeamNames, clear_errors, out

if TYPE_CHECKING:
    from triage.config import Settings
    from triage.store import Store

user_app = typer.Typer(no_args_is_help=True, help="People who sign in with a password and a one-time code.")
Account = Annotated[str, typer.Argument(help="The name they sign in with: small letters, digits and . _ @ -")]


@user_app.command("add")
def add(
    account: Account,
    name: Annotated[str, typer.Argument(help="The person's name; it is on every decision.")],
    role: Annotated[str, typer.Argument(help="reviewer, safeguarding, analyst, manager, administrator or auditor")],
    team: TeamNames = None,
    config: Config = None,
) -> None:
    """Add a person, and print the address at which they choose a password and set up their codes."""
    from triage.bootstrap import teams_of, wall_clock
    from triage.cli.service import code_keys_of
    from triage.web.users import add_user

    with _opened(config) as (settings, store):
        teams = teams_of(settings).check(team or ())
        codes = code_keys_of(settings)
        out.print(add_user(store, settings, account, name, role, wall_clock(), teams=teams, codes=codes), markup=False)


@user_app.command("move")
def move(account: Account, team: TeamNames = None, config: Config = None) -> None:
    """Say which teams a person belongs to from now on, and no other; they sign in again."""
    from triage.bootstrap import teams_of, wall_clock
    from triage.web.users import move_user

    with _opened(config) as (settings, store):
        user = move_user(store, account, teams_of(settings).check(team or ()), wall_clock())
        out.print(f"{user.account} ({user.name}) is of {_teams(user.teams)} and signed out everywhere.", markup=False)


@user_app.command("reset")
def reset(account: Account, config: Config = None) -> None:
    """End password, second factor and sessions, and print the address of a new enrolment."""
    from triage.bootstrap import wall_clock
    from triage.cli.service import code_keys_of
    from triage.web.users import reset_user

    with _opened(config) as (settings, store):
        codes = code_keys_of(settings)
        out.print(reset_user(store, settings, account, wall_clock(), codes=codes), markup=False)


@user_app.command("key")
def key() -> None:
    """Print a new key for code_key_file: the first line of it seals, and older lines below still open."""
    from triage.web.code_keys import new_key

    out.print(new_key(), markup=False)


@user_app.command("disable")
def disable(account: Account, config: Config = None) -> None:
    """End an account and its sessions at once."""
    from triage.bootstrap import wall_clock
    from triage.web.users import disable_user

    with _opened(config) as (_, store):
        user = disable_user(store, account, wall_clock())
        out.print(f"{user.account} ({user.name}) is disabled and signed out everywhere.", markup=False)


@user_app.command("list")
def list_users(config: Config = None) -> None:
    """Every user: account, name, role, teams, and whether they can sign in."""
    with _opened(config) as (_, store), store.read() as unit:
        users = list(unit.users.all())
        if not users:
            out.print("There is nobody yet; `triage user add ACCOUNT NAME ROLE` adds a person.", markup=False)
        for user in users:
            state = "disabled" if user.disabled else "enrolled" if user.enrolled else "not enrolled yet"
            out.print(f"{user.account}  {user.name}: {user.duty.value}, {_teams(user.teams)} ({state})", markup=False)


def _teams(names: tuple[str, ...]) -> str:
    return ", ".join(names) if names else "no team"


@contextlib.contextmanager
def _opened(config: Config) -> "Iterator[tuple[Settings, Store]]":
    from triage.config import read_settings
    from triage.store import Store

    with clear_errors():
        settings = read_settings(config)
        with contextlib.closing(Store(settings.database).migrate()) as store:
            yield settings, store
