"""One frozen settings object, read once from a TOML file and the environment, and passed down."""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from triage.domain.errors import SettingsError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Folder(_Part):
    """A folder of a mailbox (a path, for Maildir and mbox) and whether it holds what came in or what staff sent."""

    name: str
    role: Literal["inbox", "sent"] = "inbox"


class Imap(_Part):
    """A shared mailbox over IMAP. ``name`` is its address: the route by which customers reach it.

    The password is read from a file (mode 0600) or an environment variable at each use; it is never kept here.
    """

    name: str
    host: str
    user: str
    password_file: Path | None = None
    password_env: str | None = None
    port: int = 993
    starttls: bool = False
    ca_file: str | None = None
    folders: tuple[Folder, ...] = (Folder(name="INBOX"), Folder(name="Sent", role="sent"))


class Archive(_Part):
    """A Maildir or mbox on this machine."""

    name: str
    folders: tuple[Folder, ...]


class Calls(_Part):
    """A watched folder of call transcripts."""

    name: str
    path: Path
    settle_seconds: float = 5.0


class Landlord(_Part):
    """The landlord's exports: its directory, its case records, its standards and contacts of other routes."""

    name: str = "the landlord"
    customers: Path | None = None
    records: Path | None = None
    standards: Path | None = None
    contacts: tuple[Path, ...] = ()


class Settings(BaseSettings):
    """Everything that can be set. ``clock_starts_at`` sets the clock back, for the bundled demonstration alone."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="TRIAGE_", env_nested_delimiter="__")

    database: str = "sqlite:///triage.sqlite"
    models: Path | None = None
    policy: str = "unacceptable-behaviour"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    poll_seconds: float = Field(default=60.0, gt=0)
    secure_cookies: bool = True
    clock_starts_at: datetime | None = None
    landlord: Landlord = Landlord()
    imap: tuple[Imap, ...] = ()
    maildir: tuple[Archive, ...] = ()
    mbox: tuple[Archive, ...] = ()
    calls: tuple[Calls, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_file.get("path"))


_file: dict[str, Path | None] = {}


def read_settings(path: Path | None, **overrides: Any) -> Settings:
    """Reads the settings; relative paths in the file are relative to the file. Raises SettingsError naming each fault."""
    if path is not None and not path.is_file():
        raise SettingsError(f"There is no settings file {path}; copy docs/triage.example.toml and change it.")
    _file["path"] = path
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        raise SettingsError(f"The settings in {path or 'the environment'} cannot be used: {faults}.") from error
    except ValueError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    finally:
        _file.clear()
    return settings if path is None else _beside(settings, path.parent.resolve())


def _beside(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path made absolute from the settings file's folder."""

    def at(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    def folders(archives: tuple[Archive, ...]) -> tuple[Archive, ...]:
        return tuple(
            archive.model_copy(
                update={
                    "folders": tuple(
                        part.model_copy(update={"name": str(folder / part.name)}) for part in archive.folders
                    )
                }
            )
            for archive in archives
        )

    prefix = "sqlite:///"
    database = settings.database
    if database.startswith(prefix) and not database.startswith(prefix + "/") and ":memory:" not in database:
        database = f"{prefix}{folder / database.removeprefix(prefix)}"
    landlord = settings.landlord.model_copy(
        update={
            "customers": at(settings.landlord.customers),
            "records": at(settings.landlord.records),
            "standards": at(settings.landlord.standards),
            "contacts": tuple(folder / path for path in settings.landlord.contacts),
        }
    )
    return settings.model_copy(
        update={
            "database": database,
            "models": at(settings.models),
            "landlord": landlord,
            "imap": tuple(
                account.model_copy(update={"password_file": at(account.password_file)}) for account in settings.imap
            ),
            "maildir": folders(settings.maildir),
            "mbox": folders(settings.mbox),
            "calls": tuple(calls.model_copy(update={"path": folder / calls.path}) for calls in settings.calls),
        }
    )
