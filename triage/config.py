"""One frozen settings object, read once from a TOML file and the environment, and passed down."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from triage.domain.errors import SettingsError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Folder(_Part):
    """A folder of a mailbox (a path, for Maildir and mbox) and whether it holds what came in or what staff sent."""

    name: str
    role: Literal["inbox", "sent"] = "inbox"


class Microsoft(_Part):
    """An app of Microsoft 365 with IMAP.AccessAsApp and FullAccess to the named mailboxes alone; needs the extra `oauth`."""

    tenant: str
    client_id: str
    client_secret_file: Path


class TokenEndpoint(_Part):
    """A token endpoint (https), such as Google's, that gives access tokens for a refresh token, or for the client alone."""

    url: str = "https://oauth2.googleapis.com/token"
    client_id: str
    client_secret_file: Path
    refresh_token_file: Path | None = None
    scope: str | None = None
    ca_file: str | None = None


class Imap(_Part):
    """A shared mailbox over IMAP. ``name`` is its address: the route by which customers reach it.

    The password is read from a file (mode 0600) or an environment variable at each use; it is never kept here.
    Instead of a password, one of `token_file`, `token_command`, `microsoft` and `token_endpoint` (OAuth).
    `authserv_ids` names the mail servers whose Authentication-Results are believed (RFC 8601); "" is one that signs none.
    """

    name: str
    host: str
    user: str
    password_file: Path | None = None
    password_env: str | None = None
    token_file: Path | None = None
    token_command: tuple[str, ...] | None = Field(default=None, min_length=1)
    microsoft: Microsoft | None = None
    token_endpoint: TokenEndpoint | None = None
    port: int = 993
    starttls: bool = False
    ca_file: str | None = None
    authserv_ids: tuple[str, ...] = ()
    folders: tuple[Folder, ...] = (Folder(name="INBOX"), Folder(name="Sent", role="sent"))


class Archive(_Part):
    """A Maildir or mbox on this machine."""

    name: str
    authserv_ids: tuple[str, ...] = ()
    folders: tuple[Folder, ...]


class Sftp(_Part):
    """An SFTP server on which transcripts lie; its key must be in the file ``known_hosts``."""

    host: str
    user: str
    known_hosts: Path
    folder: str = "/"
    port: int = 22
    password_file: Path | None = None
    key_file: Path | None = None


class Bucket(_Part):
    """An object store on which transcripts lie, as fsspec knows it: protocol "s3" with the extra `s3`, for example."""

    protocol: str = "s3"
    folder: str
    key: str | None = None
    secret_file: Path | None = None
    endpoint: str | None = None


class Calls(_Part):
    """A watched folder of call transcripts: one of a path on this machine, an SFTP server and an object store."""

    name: str
    path: Path | None = None
    sftp: Sftp | None = None
    store: Bucket | None = None
    settle_seconds: float = 5.0
    done_suffix: str | None = None

    @model_validator(mode="after")
    def _lies_somewhere(self) -> "Calls":
        if [self.path, self.sftp, self.store].count(None) != 2:
            raise ValueError(f"calls {self.name!r} needs one of path, sftp and store")
        return self


class Landlord(_Part):
    """The landlord's exports: its directory, its case records, its standards and contacts of other routes."""

    name: str = "the landlord"
    customers: Path | None = None
    records: Path | None = None
    standards: Path | None = None
    contacts: tuple[Path, ...] = ()


class Provider(_Part):
    """The organisation's own sign-in (OpenID Connect; needs the extra `oidc`). ``roles`` maps values of ``claim`` to roles,
    ``teams`` those of ``team_claim`` to names of teams.

    ``site`` is where people reach these pages; the provider must allow ``<site>/sign-in/callback``.
    """

    name: str = "your organisation"
    issuer: str
    client_id: str
    client_secret_file: Path | None = None
    site: str
    claim: str = "roles"
    name_claim: str = "name"
    team_claim: str = "groups"
    teams: dict[str, str] = {}
    roles: dict[str, Literal["reviewer", "safeguarding", "analyst", "manager", "administrator", "auditor"]]


class Notify(_Part):
    """A system of our own people that is told, by a signed webhook without any word of a message, that something waits."""

    name: str
    url: str
    secret_file: Path
    kinds: tuple[Literal["safeguarding", "staff_safety", "hazard", "behaviour", "service_failure"], ...] = (
        "safeguarding",
    )


class Team(_Part):
    """A team and what is its own: ``accounts`` and ``routes`` by name, as contacts show them. Others never see it."""

    name: str = Field(min_length=1, max_length=100)
    accounts: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _owns_something(self) -> "Team":
        if not any(place.strip() for place in (*self.accounts, *self.routes)):
            raise ValueError(f"team {self.name!r} needs an account or a route that it handles")
        return self


class DeskHours(_Part):
    """When somebody is at the desk on working days, London time; the clocks of safeguarding and of threats run then."""

    opens: time = time(9)
    closes: time = time(17)

    @model_validator(mode="after")
    def _opens_first(self) -> "DeskHours":
        if self.opens >= self.closes or (self.opens.tzinfo or self.closes.tzinfo):
            raise ValueError("the desk opens before it closes on the same day, London time without an offset")
        return self


class Keeping(_Part):
    """For how many days at least things are kept (triage/domain/retention.py says from when each counts)."""

    scores: int = Field(default=30, ge=1, le=36_500)
    dismissed: int = Field(default=90, ge=28, le=36_500)
    confirmed: int = Field(default=366, ge=28, le=36_500)
    serious: int = Field(default=1096, ge=28, le=36_500)
    restrictions: int = Field(default=366, ge=0, le=36_500)
    contacts: int = Field(default=731, ge=366, le=36_500)


class SignIn(_Part):
    """Ways of signing in. ``invitations`` are one-time addresses without a second factor: for a demo and the first look.

    ``code_key_file`` (or ``code_key_env``) holds the key under which those of one-time codes are kept, the newest line first.
    """

    invitations: bool = False
    passwords: bool = True
    code_key_file: Path | None = None
    code_key_env: str | None = None
    provider: Provider | None = None

    @model_validator(mode="after")
    def _one_place(self) -> "SignIn":
        if self.code_key_file is not None and self.code_key_env is not None:
            raise ValueError("the key of one-time codes has one place: code_key_file or code_key_env")
        return self


class Settings(BaseSettings):
    """Everything that can be set. ``clock_starts_at`` sets the clock back, for the bundled demonstration alone.

    ``detoxify``, a folder that `triage-training detoxify-onnx` made, reads in the champion's place.
    ``metrics`` opens /metrics to whoever reaches the port, ``metrics_token_file`` to whoever sends the token in that file.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="TRIAGE_", env_nested_delimiter="__")

    database: str = "sqlite:///triage.sqlite"
    models: Path | None = None
    detoxify: Path | None = None
    policy: str = "unacceptable-behaviour"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    poll_seconds: float = Field(default=60.0, gt=0)
    secure_cookies: bool = True
    metrics: bool = False
    metrics_token_file: Path | None = None
    clock_starts_at: datetime | None = None
    sign_in: SignIn = SignIn()
    blind_share: float = Field(default=0.05, ge=0, le=1)
    notify: tuple[Notify, ...] = ()
    desk_hours: DeskHours = DeskHours()
    keeping: Keeping = Keeping()
    team: tuple[Team, ...] = ()
    people_without_a_team_see: Literal["what belongs to no team", "everything"] = "what belongs to no team"
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
        faults = " ".join(f"{_place(fault['loc'])} {_fault(fault)}." for fault in error.errors())
        raise SettingsError(
            f"The settings in {path or 'the environment'} cannot be used. {faults} docs/triage.example.toml shows all of them."
        ) from error
    except ValueError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    finally:
        _file.clear()
    return settings if path is None else _beside(settings, path.parent.resolve())


def _place(loc: Sequence[int | str]) -> str:
    """Where a setting stands, as people count: "imap 1: host"."""
    names = [f" {part + 1}" if isinstance(part, int) else f": {part}" for part in loc]
    return "".join(names).removeprefix(": ") or "They:"


def _fault(fault: Mapping[str, Any]) -> str:
    match fault["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is no setting: take it out, or correct its name"
        case "int_parsing" | "int_type" | "float_parsing" | "float_type":
            return f"has to be a number, not {str(fault['input'])[:40]!r}"
        case "bool_parsing" | "bool_type":
            return f"has to be true or false, not {str(fault['input'])[:40]!r}"
        case "string_type":
            return 'has to be text in "quotes"'
        case _:
            return f"cannot be that: {fault['msg'].removeprefix('Value error, ').rstrip('.')}"


def _calls_beside(calls: Calls, at: Callable[[Path | None], Path | None]) -> Calls:
    places: dict[str, Any] = {"path": at(calls.path)}
    if calls.sftp is not None:
        names = ("known_hosts", "password_file", "key_file")
        places["sftp"] = calls.sftp.model_copy(update={name: at(getattr(calls.sftp, name)) for name in names})
    if calls.store is not None:
        places["store"] = calls.store.model_copy(update={"secret_file": at(calls.store.secret_file)})
    return calls.model_copy(update=places)


def _sign_in_beside(sign_in: SignIn, at: Callable[[Path | None], Path | None]) -> SignIn:
    sign_in = sign_in.model_copy(update={"code_key_file": at(sign_in.code_key_file)})
    if sign_in.provider is None:
        return sign_in
    provider = sign_in.provider.model_copy(update={"client_secret_file": at(sign_in.provider.client_secret_file)})
    return sign_in.model_copy(update={"provider": provider})


def _imap_beside(account: Imap, at: Callable[[Path | None], Path | None]) -> Imap:
    places = {"password_file": at(account.password_file), "token_file": at(account.token_file)}
    if account.microsoft is not None:
        secret = {"client_secret_file": at(account.microsoft.client_secret_file)}
        return account.model_copy(update={**places, "microsoft": account.microsoft.model_copy(update=secret)})
    if account.token_endpoint is not None:
        secrets = {
            "client_secret_file": at(account.token_endpoint.client_secret_file),
            "refresh_token_file": at(account.token_endpoint.refresh_token_file),
        }
        return account.model_copy(
            update={**places, "token_endpoint": account.token_endpoint.model_copy(update=secrets)}
        )
    return account.model_copy(update=places)


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
            "detoxify": at(settings.detoxify),
            "metrics_token_file": at(settings.metrics_token_file),
            "sign_in": _sign_in_beside(settings.sign_in, at),
            "notify": tuple(
                place.model_copy(update={"secret_file": at(place.secret_file)}) for place in settings.notify
            ),
            "landlord": landlord,
            "imap": tuple(_imap_beside(account, at) for account in settings.imap),
            "maildir": folders(settings.maildir),
            "mbox": folders(settings.mbox),
            "calls": tuple(_calls_beside(calls, at) for calls in settings.calls),
        }
    )
