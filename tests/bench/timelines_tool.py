"""The shared tool that makes a history of timelines: run, and as a module, since what it calls an event is needed to know the truth of it."""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType


def timelines_tool(tools: Path) -> ModuleType:
    """tools/timelines_to_history.py; its ``opaque`` gives the id of an event, and of a person."""
    loader = SourceFileLoader("timelines_to_history", str(tools / "timelines_to_history.py"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    tool = module_from_spec(spec)
    loader.exec_module(tool)
    return tool


def set_of(scenario: str) -> str:
    """The set that a scenario, or an event of it, is of: what stands before the first "-"."""
    return scenario.partition("-")[0]


def history_of(tools: Path, timelines: Path) -> bytes:
    """The plain history of these timelines, as `triage replay` reads it."""
    command = [sys.executable, str(tools / "timelines_to_history.py"), str(timelines)]
    return subprocess.run(command, capture_output=True, check=True).stdout
