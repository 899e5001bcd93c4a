"""What some tests need beyond Python: skipped with the line that would install it, or failed where all must be there."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIRE_ALL = "TRIAGE_REQUIRE_COMPONENTS"
SHARED = "TRIAGE_SHARED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Something a test needs: whether it is here, and the one line that brings it."""

    is_here: Callable[[], bool]
    remedy: str


def shared_folder() -> Path:
    """The data folder beside the checkout, or where the environment variable says."""
    return Path(os.environ.get(SHARED) or ROOT.parent / "shared")


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin") for name in names)


def _module(name: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(name) is not None


COMPONENTS = {
    "dovecot": Component(is_here=_program("dovecot"), remedy="apt-get install dovecot-imapd"),
    "chromium": Component(is_here=_program("chromium"), remedy="apt-get install chromium"),
    "wheel": Component(
        is_here=lambda: Path(sys.executable).with_name("uv").exists(), remedy="python3 run.py test, which installs uv"
    ),
    "detoxify": Component(is_here=_module("detoxify"), remedy="python3 run.py test --extras"),
    "shared": Component(
        is_here=lambda: (shared_folder() / "data").is_dir(),
        remedy=f"put the data folder beside the checkout, or name it in {SHARED}",
    ),
}


def require(component: str) -> None:
    """Skip the test that calls where a component is missing; fail it where the environment says that all must be there."""
    needed = COMPONENTS[component]
    if needed.is_here():
        return
    sentence = f"{component} is missing: {needed.remedy}"
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
