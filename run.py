#!/usr/bin/env python3
"""The project's few verbs. Standard library only: it makes .venv, installs the locked dependencies and runs the rest there.

python3 run.py demo     a bundled landlord: read its mail and calls, then open the review queue (--once: only read)
python3 run.py serve    the service over your own settings (--config triage.toml)
python3 run.py test     install what the tests need and run them (--extras: what needs torch: Detoxify and fine-tuning)
python3 run.py check    style, types and the floors between the packages
python3 run.py bench    the figures of docs/figures.md, measured again
python3 run.py lock     write the lock files again from pyproject.toml
python3 run.py triage   any command of the service itself, e.g. run.py triage score --help
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCKS = ROOT / "locks"
OLDEST, NEWEST = (3, 11), (3, 13)
COMPONENTS = {"dovecot-imapd": "/usr/sbin/dovecot", "chromium": "/usr/bin/chromium"}
GROUPS = {"core": [], "test": ["--group", "test"]}


def stop(sentence: str) -> "SystemExit":
    return SystemExit(sentence)


def call(*command: str | Path, **options: object) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **options).returncode  # type: ignore[call-overload]


def must(*command: str | Path, sentence: str) -> None:
    if call(*command) != 0:
        raise stop(sentence)


class Environment:
    """A virtual environment installed from one lock file, and remembered by the lock's hash: a second start takes no time."""

    def __init__(self, folder: str) -> None:
        self.folder = ROOT / folder
        self.bin = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / ("python.exe" if os.name == "nt" else "python")

    def ready(self, lock: str) -> "Environment":
        """Installs the lock unless it, or one that holds it, is installed already."""
        stamp, wanted = self.folder / "installed.txt", _stamp(lock)
        if stamp.is_file() and wanted in stamp.read_text("utf-8").splitlines() and self.python.exists():
            return self
        if not self.python.exists():
            _make(self.folder)
        print(f"Installing the {lock} dependencies into {self.folder.name} (once) ...", flush=True)
        pip = (self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
        failed = f"Installing {lock} failed; the lines above say why. Nothing was run."
        if lock == "extras":
            must(*pip, "--no-deps", "-r", LOCKS / "extras.txt", sentence=failed + EXTRAS_HINT)
        else:
            must(*pip, "-r", LOCKS / "tools.txt", sentence=failed)
            must(
                self.bin / "uv",
                "pip",
                "sync",
                "--quiet",
                "--compile-bytecode",
                "--require-hashes",
                "--python",
                self.python,
                LOCKS / f"{lock}.txt",
                sentence=failed,
            )
        install = (
            (*pip[:-1], "--no-deps")
            if lock == "extras"
            else (self.bin / "uv", "pip", "install", "--quiet", "--no-deps", "--python", self.python)
        )
        must(*install, "--no-build-isolation", "-e", ".", sentence=failed)
        held = [wanted, _stamp("core")] if lock == "test" else [wanted]
        stamp.write_text("\n".join(held), "utf-8")
        return self


EXTRAS_HINT = (
    "\nThe extras group wants the CPU build of torch: see https://pytorch.org/get-started for how to point pip at it."
)


def _stamp(lock: str) -> str:
    parts = (LOCKS / f"{lock}.txt", ROOT / "pyproject.toml")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()
    return f"{lock} {digest} {sys.version_info.major}.{sys.version_info.minor}"


def _make(folder: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise stop("Python's venv module is missing. On Debian: apt-get install python3-venv")
    must(
        sys.executable,
        "-m",
        "venv",
        folder,
        sentence=f"The environment {folder} could not be made. On Debian: apt-get install python3-venv",
    )


def demo(arguments: list[str]) -> int:
    environment = Environment(".venv").ready("core")
    folder = ROOT / "var" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    return call(
        environment.bin / "triage", "demo", "--housing", ROOT / "training" / "housing", "--folder", folder, *arguments
    )


def serve(arguments: list[str]) -> int:
    return call(Environment(".venv").ready("core").bin / "triage", "serve", "--invite", *arguments)


def triage(arguments: list[str]) -> int:
    return call(Environment(".venv").ready("core").bin / "triage", *arguments)


def test(arguments: list[str]) -> int:
    if "--extras" in arguments:
        rest = [argument for argument in arguments if argument != "--extras"]
        return call(
            Environment(".venv-extras").ready("extras").python,
            "-m",
            "pytest",
            "-m",
            "detoxify or encoder",
            "tests/models",
            "tests/training",
            *rest,
        )
    environment = Environment(".venv").ready("test")
    _install_components()
    return call(
        environment.python,
        "-m",
        "pytest",
        "-m",
        "not detoxify and not encoder",
        *(arguments or ["-n", "2", "--dist", "loadfile", "tests"]),
    )


def _install_components() -> None:
    """Debian's real IMAP server and browser, where this is run as root on Debian; elsewhere their tests skip and say so."""
    missing = [package for package, binary in COMPONENTS.items() if not Path(binary).exists()]
    if not missing:
        return
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        print(
            f"Some tests will skip; to run them: sudo apt-get install --no-install-recommends {' '.join(missing)}",
            flush=True,
        )
        return
    print(f"Installing {', '.join(missing)} for the tests (once) ...", flush=True)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    call("apt-get", "update", "-qq", **quiet)
    call("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, **quiet)


def check(_: list[str]) -> int:
    environment = Environment(".venv").ready("test")
    steps = (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("lint-imports",),
    )
    return max(call(environment.bin / step[0], *step[1:]) for step in steps)


def bench(arguments: list[str]) -> int:
    environment = Environment(".venv").ready("test")
    return call(environment.python, ROOT / "tests" / "bench" / "bench.py", *arguments)


def lock(_: list[str]) -> int:
    """Hashes of every file of every dependency, for Python 3.11 to 3.13 on all platforms, and no index address."""
    environment = Environment(".venv").ready("test")
    compile_ = (
        environment.bin / "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
    )
    steps = [
        (*compile_, "--group", "tools", "-o", LOCKS / "tools.txt"),
        (*compile_, "pyproject.toml", "--group", "tools", "-o", LOCKS / "core.txt"),
        (
            *compile_,
            "pyproject.toml",
            "--group",
            "tools",
            "--group",
            "test",
            "-c",
            LOCKS / "core.txt",
            "-o",
            LOCKS / "test.txt",
        ),
        (*compile_, "--group", "fuzz", "-o", LOCKS / "fuzz.txt"),
    ]
    # The CPU build of torch, which its project serves itself: UV_FIND_LINKS or UV_INDEX says where, for this command alone.
    steps.append(
        (
            *compile_,
            "pyproject.toml",
            "--extra",
            "detoxify",
            "--extra",
            "encoder",
            "--group",
            "tools",
            "--group",
            "test",
            "-c",
            LOCKS / "test.txt",
            "-c",
            LOCKS / "torch-cpu.txt",
            "-o",
            LOCKS / "extras.txt",
        )
    )
    return max(call(*step) for step in steps)


VERBS = {"demo": demo, "serve": serve, "test": test, "check": check, "bench": bench, "lock": lock, "triage": triage}


def main() -> int:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise stop(
            f"Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} is needed; this is {sys.version.split()[0]}."
        )
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        print(__doc__)
        return 0 if len(sys.argv) < 2 or sys.argv[1] in {"-h", "--help", "help"} else 2
    try:
        return VERBS[sys.argv[1]](sys.argv[2:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
