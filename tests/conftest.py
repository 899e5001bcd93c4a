"""What tests of every part may need."""

import socket

import pytest


@pytest.fixture(scope="module")
def free_port() -> int:
    """A port of this machine's loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
