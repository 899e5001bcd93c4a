"""The SQL ledger keeps the contract that every ledger keeps."""

from pathlib import Path

import pytest

from triage.store import SqlLedger, Store
from triage_mailbox.testing import LedgerContract


class TestSqlLedger(LedgerContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_ledger(self) -> SqlLedger:
        return SqlLedger(Store(f"sqlite:///{self.folder / 'ledger.sqlite'}").migrate())
