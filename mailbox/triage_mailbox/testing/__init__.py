"""Fakes, builders and real servers for tests, shipped so that others test against the same ones."""

from triage_mailbox.testing.dovecot import DovecotServer
from triage_mailbox.testing.ledger import LedgerContract, MemoryLedger
from triage_mailbox.testing.mail import build_mail, raw_mail, raw_transcript
from triage_mailbox.testing.proxy import RecordingProxy

__all__ = [
    "DovecotServer",
    "LedgerContract",
    "MemoryLedger",
    "RecordingProxy",
    "build_mail",
    "raw_mail",
    "raw_transcript",
]
