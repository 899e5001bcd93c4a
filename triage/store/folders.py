"""What the ledger counts in each folder, of its newest generation alone: an older one was numbered anew by the server."""

from sqlalchemy import Connection, and_, func, select

from triage.store.tables import folder as folder_table
from triage.store.tables import ledger
from triage_mailbox.ledger import FolderCounts, LedgerCounts, LedgerState

COUNTED = {
    "stored": LedgerState.STORED,
    "waiting": LedgerState.DISCOVERED,
    "gone": LedgerState.GONE,
    "unfetchable": LedgerState.UNFETCHABLE,
}

of_newest = and_(
    ledger.c.account == folder_table.c.account,
    ledger.c.folder == folder_table.c.folder,
    ledger.c.uidvalidity == folder_table.c.uidvalidity,
)


def folder_counts(connection: Connection) -> tuple[FolderCounts, ...]:
    """One for each account and folder that was ever listed, by name."""
    numbers = (
        select(
            folder_table,
            func.max(ledger.c.stored_at).label("last_stored"),
            func.count().filter(ledger.c.present).label("on_server"),
            *(func.count().filter(ledger.c.state == state.value).label(name) for name, state in COUNTED.items()),
        )
        .outerjoin(ledger, of_newest)
        .group_by(*folder_table.c)
        .order_by(folder_table.c.account, folder_table.c.folder)
    )
    return tuple(
        FolderCounts(
            account=row.account,
            folder=row.folder,
            uidvalidity=row.uidvalidity,
            reached=row.seen_at,
            last_stored=row.last_stored,
            counts=LedgerCounts(on_server=row.on_server, **{name: row._mapping[name] for name in COUNTED}),
        )
        for row in connection.execute(numbers)
    )
