"""Transcripts on an SFTP server or in an object store, through fsspec; a host's key is always checked."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from triage_mailbox.accounts import ObjectStore, SftpPlace
from triage_mailbox.errors import NotReachedError
from triage_mailbox.transcripts.places import DEEPEST, MOST_FILES, Found, Listing

_SECONDS = 20.0
_CHANGED = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")
_MARKS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "modified", "updated", "created")
_PIECE = 1024 * 1024


class RemotePlace:
    """A folder of an fsspec file system. Nothing is cached: each round connects and lists anew."""

    def __init__(self, place: SftpPlace | ObjectStore, path: str) -> None:
        self._place, self._path = place, path
        self._files: Any = None
        self._root = ""

    @contextmanager
    def opened(self) -> Iterator[None]:
        try:
            self._files = _connect(self._place)
            self._root = str(self._files._strip_protocol(self._path)).rstrip("/")
        except NotReachedError:
            raise
        except Exception as error:  # paramiko, botocore and others raise families of their own
            raise NotReachedError(
                f"{self._place.shown} cannot be reached or refused the sign-in ({type(error).__name__}); it is tried again."
            ) from error
        try:
            yield
        finally:
            close = getattr(getattr(self._files, "client", None), "close", None)
            if close is not None:
                close()
            self._files = None

    def listing(self) -> Listing:
        found = Listing(files={}, problems=[])
        try:
            self._add(found, self._root, DEEPEST)
        except Exception as error:
            raise NotReachedError(
                f"The folder {self._path} of {self._place.shown} cannot be listed ({type(error).__name__})."
            ) from error
        if len(found.files) >= MOST_FILES:
            found.problems.append(f"Only the first {MOST_FILES:,} files of the transcript folder were looked at.")
            found.is_whole = False
        return found

    def _add(self, found: Listing, folder: str, depth: int) -> None:
        for entry in sorted(self._files.ls(folder or "/", detail=True), key=lambda entry: str(entry["name"])):
            path = str(entry["name"]).rstrip("/")
            name = path.removeprefix(f"{self._root}/")
            if len(found.files) >= MOST_FILES or not _is_inside(name, path):
                continue
            if entry["type"] == "directory" and depth and path != folder:
                try:
                    self._add(found, path, depth - 1)
                except OSError:
                    found.is_whole = False
                    found.problems.append(f"The folder {name} of transcripts cannot be read.")
            elif entry["type"] == "file":
                found.files[name] = _found(name, entry)

    def read(self, name: str, limit: int) -> tuple[bytes, int]:
        path = f"{self._root}/{name}"
        facts = self._files.info(path)
        if facts["type"] != "file":
            raise OSError(0, "it is not a regular file")
        content = io.BytesIO()
        with self._files.open(path, "rb", cache_type="none") as file:
            while content.tell() < limit and (piece := file.read(min(_PIECE, limit - content.tell()))):
                content.write(piece)
        return content.getvalue(), int(facts["size"])


def _is_inside(name: str, path: str) -> bool:
    """Whether a listed name stays below the root; a server chooses what it lists."""
    parts = name.split("/")
    return name != path and all(part and not part.startswith(".") and "\x00" not in part for part in parts)


def _found(name: str, entry: dict[str, Any]) -> Found:
    mark = next((str(entry[key]) for key in _MARKS if entry.get(key) is not None), "")
    changed = next((time for key in _CHANGED if (time := _moment(entry.get(key))) is not None), None)
    return Found(name=name, size=int(entry.get("size") or 0), mark=mark, changed=changed)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return None


def _connect(place: SftpPlace | ObjectStore) -> Any:
    """A file system of its own, without fsspec's caches of connections and listings."""
    try:
        import fsspec  # type: ignore[import-untyped,unused-ignore]

        if isinstance(place, SftpPlace):
            return _sftp(place)
        options: dict[str, Any] = dict(place.options)
        if place.key is not None and place.secret is not None:
            options |= {"key": place.key, "secret": place.secret()}
        if place.endpoint is not None:
            options["endpoint_url"] = place.endpoint
        return fsspec.filesystem(place.protocol, skip_instance_cache=True, use_listings_cache=False, **options)
    except ImportError as error:
        raise NotReachedError(
            f"{place.shown} needs a package that is not installed ({error.name}); install the extra {place.extra}."
        ) from error


def _sftp(place: SftpPlace) -> Any:
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem  # type: ignore[import-untyped,unused-ignore]

    class CheckedSftp(SFTPFileSystem):  # type: ignore[misc,unused-ignore]
        """Refuses a host whose key is not in the file of known hosts, and never follows a link when asked what a file is."""

        def _connect(self) -> None:
            self.client = paramiko.SSHClient()
            self.client.load_host_keys(place.known_hosts)
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self.client.connect(
                place.host,
                port=place.port,
                username=place.user,
                password=place.password() if place.password is not None else None,
                key_filename=place.key_file,
                allow_agent=False,
                look_for_keys=False,
                timeout=_SECONDS,
                banner_timeout=_SECONDS,
                auth_timeout=_SECONDS,
                channel_timeout=_SECONDS,
            )
            self.ftp = self.client.open_sftp()
            channel = self.ftp.get_channel()
            if channel is not None:
                channel.settimeout(_SECONDS)

        def info(self, path: str, **_: Any) -> dict[str, Any]:
            facts: dict[str, Any] = self._decode_stat(self.ftp.lstat(self._strip_protocol(path)))
            return facts | {"name": path}

    return CheckedSftp(place.host, skip_instance_cache=True, use_listings_cache=False)
