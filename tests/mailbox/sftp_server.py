"""A real SFTP server in this process, over a folder: paramiko's own server half, with a host key of its own."""

import contextlib
import os
import socket
import threading
from pathlib import Path

import paramiko
from paramiko import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED, SFTPAttributes, SFTPHandle, SFTPServerInterface

USER, PASSWORD = "calls", "a-test-password"


class _Accounts(paramiko.ServerInterface):
    def __init__(self, asked: list[str]) -> None:
        self._asked = asked

    def check_auth_password(self, username: str, password: str) -> int:
        self._asked.append(username)
        return AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class _Files(SFTPServerInterface):
    """Read-only: a client that tried to write, move or delete would be refused, and the server remembers it."""

    writes: list[str] = []  # noqa: RUF012 - shared by every session of the one server of a test run
    root = Path("/nowhere")

    def _real(self, path: str) -> str:
        return str(self.root / path.lstrip("/"))

    def list_folder(self, path: str) -> object:
        try:
            names = os.listdir(self._real(path))
            return [SFTPAttributes.from_stat(os.lstat(self._real(f"{path}/{name}")), name) for name in names]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def stat(self, path: str) -> object:
        return self._stat(os.stat, path)

    def lstat(self, path: str) -> object:
        return self._stat(os.lstat, path)

    def _stat(self, how: object, path: str) -> object:
        try:
            return SFTPAttributes.from_stat(how(self._real(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def open(self, path: str, flags: int, attr: object) -> object:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            self.writes.append(path)
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            file = open(self._real(path), "rb")  # noqa: SIM115 - closed by the handle
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = SFTPHandle(flags)
        handle.readfile = file
        return handle

    def remove(self, path: str) -> int:
        self.writes.append(path)
        return paramiko.SFTP_PERMISSION_DENIED

    rmdir = remove

    def rename(self, oldpath: str, newpath: str) -> int:
        return self.remove(oldpath)


class SftpServer:
    """Serves a folder until left; `known_hosts` is the file that a client needs to trust it."""

    def __init__(self, root: Path, keys: Path) -> None:
        self.files = type("Files", (_Files,), {"root": root, "writes": []})
        self._key = paramiko.RSAKey.generate(2048)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.known_hosts = keys / "known_hosts"
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} ssh-rsa {self._key.get_base64()}\n")
        self.asked: list[str] = []
        self._transports: list[paramiko.Transport] = []

    @property
    def writes(self) -> list[str]:
        return self.files.writes

    def __enter__(self) -> "SftpServer":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self._key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
            try:
                transport.start_server(server=_Accounts(self.asked))
            except (paramiko.SSHException, EOFError):
                continue
            self._transports.append(transport)

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for transport in self._transports:
            transport.close()
