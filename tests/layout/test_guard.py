"""The layout's own traps: names that shadow the standard library, files that must travel, parts that must not act."""

import ast
import mailbox
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    ROOT / "triage",
    ROOT / "mailbox" / "triage_mailbox",
    ROOT / "models" / "triage_models",
    ROOT / "training" / "triage_training",
)


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in package.rglob("*.py")]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_the_standard_librarys_mailbox_is_still_the_standard_librarys():
    assert mailbox.Maildir.__module__ == "mailbox"
    assert ROOT not in Path(mailbox.__file__).parents


@pytest.mark.parametrize("folder", ["mailbox", "models", "training", "tests", "notebooks"])
def test_the_part_folders_are_no_packages(folder):
    assert not (ROOT / folder / "__init__.py").exists()


def test_policies_and_migrations_and_templates_resolve_as_resources():
    assert files("triage.domain").joinpath("policies", "unacceptable-behaviour.toml").is_file()
    assert files("triage.store").joinpath("migrations", "env.py").is_file()
    assert files("triage.web").joinpath("templates", "queue.html").is_file()


def test_nothing_imports_a_client_that_could_write_to_a_customer():
    banned = {"smtplib", "aiosmtplib", "twilio", "imaplib2", "telnetlib", "nntplib"}
    assert modules()
    for path in modules():
        assert not {name.split(".")[0] for name in imported(path)} & banned, path


def test_only_one_module_speaks_imap():
    def importers(name):
        return {path.name for path in modules() if name in {found.split(".")[0] for found in imported(path)}}

    assert importers("imapclient") == {"imap.py"}, "one door"
    beneath, filling = "imap_safety.py", "dovecot.py"  # the socket beneath the door; what fills the test server
    assert importers("imaplib") == {"imap.py", beneath, filling}


def test_the_socket_beneath_the_imap_door_is_used_by_the_door_alone_and_gives_no_command():
    module = "triage_mailbox.imap_safety"
    assert {path.name for path in modules() if module in imported(path)} == {"imap.py"}
    source = (ROOT / "mailbox" / "triage_mailbox" / "imap_safety.py").read_text("utf-8")
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    commands = {"send", "sendall", "uid", "append", "store", "copy", "select", "login", "authenticate", "_command"}
    assert not called & (commands | {"_simple_command", "expunge", "create", "delete", "rename"})


def test_nothing_is_unpickled():
    for path in modules():
        names = imported(path)
        assert not names & {"pickle", "dill", "cloudpickle", "shelve", "marshal"}, path
        assert "joblib.load(" not in path.read_text("utf-8"), path


def test_locks_hold_hashes_and_name_no_index():
    for path in (ROOT / "locks").glob("*.txt"):
        text = path.read_text("utf-8")
        assert "--hash=sha256:" in text or path.name == "torch-cpu.txt", path
        assert "://" not in text, path
        assert "index-url" not in text, path


def test_torch_and_detoxify_are_behind_an_extra_alone():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert not [name for name in project["dependencies"] if name.startswith(("torch", "detoxify", "transformers"))]
    assert [name for name in project["optional-dependencies"]["detoxify"] if name.startswith("detoxify")]
    for name in ("core", "test"):
        lock = (ROOT / "locks" / f"{name}.txt").read_text("utf-8")
        assert not [line for line in lock.splitlines() if line.startswith(("torch==", "detoxify==", "nvidia"))]


def test_the_test_lock_holds_every_line_of_the_core_lock():
    core, test = (
        {line for line in (ROOT / "locks" / f"{name}.txt").read_text("utf-8").splitlines() if "==" in line}
        for name in ("core", "test")
    )
    assert core <= test


def test_the_floors_between_the_packages_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_label_is_put_on_a_person_in_what_people_read():
    """Requirement C12."""
    words = ("vexatious", "habitual", "abuser", "serial complainer")
    shown = [*ROOT.glob("triage/web/templates/**/*.html"), *ROOT.glob("triage/domain/policies/*.toml")]
    assert shown
    for path in shown:
        text = path.read_text("utf-8").lower()
        assert not [word for word in words if word in text], path
