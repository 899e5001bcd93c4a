"""`triage user`: people who sign in with a password and a second factor are added, reset and disabled."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.terminal import Config, clear_errors, out

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
    config: Config = None,
) -> None:
    """Add a person, and print the address at which they choose a password and set up their codes."""
    from triage.bootstrap import wall_clock
    from triage.web.users import add_user

    with _opened(config) as (settings, store):
        out.print(add_user(store, settings, account, name, role, wall_clock()), markup=False)


@user_app.command("reset")
def reset(account: Account, config: Config = None) -> None:
    """End password, second factor and sessions, and print the address of a new enrolment."""
    from triage.bootstrap import wall_clock
    from triage.web.users import reset_user

    with _opened(config) as (settings, store):
        out.print(reset_user(store, settings, account, wall_clock()), markup=False)


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
    """Every user: account, name, role, and whether they can sign in."""
    with _opened(config) as (_, store), store.read() as unit:
        for user in unit.users.all():
            state = "disabled" if user.disabled else "enrolled" if user.enrolled else "not enrolled yet"
            out.print(f"{user.account}  {user.name}: {user.duty.value} ({state})", markup=False)


@contextlib.contextmanager
def _opened(config: Config) -> "Iterator[tuple[Settings, Store]]":
    from triage.config import read_settings
    from triage.store import Store

    with clear_errors():
        settings = read_settings(config)
        with contextlib.closing(Store(settings.database).migrate()) as store:
            yield settings, store
