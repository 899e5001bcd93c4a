"""The only door to SQLAlchemy: tables, migrations and the unit of work."""

from triage.store import revisions, uninvolved
from triage.store.engine import Store
from triage.store.ledger import SqlLedger
from triage.store.unit import Unit

__all__ = ["SqlLedger", "Store", "Unit", "revisions", "uninvolved"]
