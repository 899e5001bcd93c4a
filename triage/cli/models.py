"""Commands for models: train a candidate, and `triage models`: the champion in use and its candidates."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from triage.cli.terminal import Config, clear_errors, out, progress

models_app = typer.Typer(no_args_is_help=True, help="The champion in use and its candidates.")


def train(
    config: Config = None,
    base: Annotated[Path, typer.Option(help="The base texts (training/housing of a checkout).")] = Path(
        "training/housing"
    ),
) -> None:
    """Train a candidate from reviewers' decisions and the base texts; promoting it is a person's act."""
    from triage.bootstrap import build
    from triage.config import read_settings
    from triage.domain.errors import InputError
    from triage.export import train_candidate

    with clear_errors():
        if not base.is_dir():
            raise InputError(
                f"There is no folder {base}: name the base texts, training/housing of a checkout, with --base."
            )
        service = build(read_settings(config))
        with progress("Training") as watched:
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
            f"{name} {version} is the champion in use; {_read_again(service)} contacts were read again.", markup=False
        )


@models_app.command()
def rollback(by: Annotated[str, typer.Option(help="Your name; it is recorded.")], config: Config = None) -> None:
    """Go back to the champion before."""
    with _desk(config) as (desk, service):
        desk.rollback(by)
        out.print(f"{service.pipeline.reader.model} is in use again; {_read_again(service)} contacts were read again.")


def _read_again(service: Any) -> int:
    with progress("Reading again") as watched:
        return int(service.pipeline.read_again(watched))


@contextlib.contextmanager
def _desk(config: Path | None) -> Iterator[tuple[Any, Any]]:
    from triage.bootstrap import build
    from triage.config import read_settings

    with clear_errors():
        service = build(read_settings(config))
        yield service.models, service


def models_folder(folder: Path | None) -> Path:
    """Where candidates go. Raises SettingsError where the settings name no models folder."""
    from triage.domain.errors import SettingsError

    if folder is None:
        raise SettingsError(
            'Name a models folder in the settings (models = "…"): candidates are never written into the package.'
        )
    return folder
