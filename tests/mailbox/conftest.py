"""One real Dovecot for all the tests of this folder that need it."""

from collections.abc import Iterator

import pytest

from tests.components import require
from triage_mailbox.testing import DovecotServer, RecordingProxy

USERS = tuple((f"user{number}@tarnside.example", "a-test-password") for number in range(150))


@pytest.fixture(scope="session")
def dovecot() -> Iterator[DovecotServer]:
    require("dovecot")
    with DovecotServer(USERS) as server:
        yield server


@pytest.fixture(scope="session")
def _fresh_users(dovecot: DovecotServer) -> Iterator[str]:
    return iter(user for user, _ in dovecot.users)


@pytest.fixture
def user(_fresh_users: Iterator[str]) -> str:
    """A user whose mailbox no other test has touched."""
    return next(_fresh_users)


@pytest.fixture
def proxy(dovecot: DovecotServer) -> Iterator[RecordingProxy]:
    with RecordingProxy(dovecot.plain_port) as recording:
        yield recording
