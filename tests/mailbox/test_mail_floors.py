"""What this package may reach for: its own modules, and one door to each protocol."""

import ast
import subprocess
import sys
from pathlib import Path

import triage_mailbox

PACKAGE = Path(triage_mailbox.__file__).parent


def imports():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((path.relative_to(PACKAGE).as_posix(), name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path.relative_to(PACKAGE).as_posix(), node.module


def test_nothing_of_the_service_or_the_models_is_imported():
    tops = {module.split(".")[0] for _, module in imports()}
    assert "mailparser" in tops
    assert not tops & {"triage", "triage_models", "triage_training", "smtplib", "spacy", "sqlalchemy"}


def test_imapclient_has_one_door():
    assert {path for path, module in imports() if module.split(".")[0] == "imapclient"} == {"imap.py"}


def test_importing_the_package_imports_no_parser():
    code = "import sys, triage_mailbox.messages, triage_mailbox.ledger, triage_mailbox.accounts, triage_mailbox.child; "
    code += "print(sorted({'mailparser', 'lxml', 'imapclient', 'quotequail', 'webvtt'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
