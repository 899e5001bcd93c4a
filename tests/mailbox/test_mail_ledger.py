"""The ledger in memory keeps the contract that the real one keeps."""

from triage_mailbox.ledger import Ledger
from triage_mailbox.testing import LedgerContract, MemoryLedger


class TestMemoryLedger(LedgerContract):
    def make_ledger(self):
        return MemoryLedger()


def test_the_memory_ledger_is_a_ledger():
    assert isinstance(MemoryLedger(), Ledger)
