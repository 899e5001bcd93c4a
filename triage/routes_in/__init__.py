"""Every other route in: web forms, texts, chats, letters, visit notes, incidents, and the landlord's own exports.

Rows come by the HTTP API, by ``triage import``, by the incident page or by the files named in the settings. Each is
checked against one set of row models, kept in the log of arrivals, and taken in by the next round on the one path.
"""

from triage.routes_in.files import FileRead, read_rows, write_rejects
from triage.routes_in.incident import IncidentRow, contact_of_incident
from triage.routes_in.rows import (
    FEEDS,
    ContactRow,
    CustomerRow,
    RecordRow,
    RowKind,
    VisitRow,
    faults,
    kinds_that_may_be_allowed,
    row_model,
)
from triage.routes_in.taking import as_given, take_in
from triage.routes_in.waiting import Waiting, what_waits

__all__ = [
    "FEEDS",
    "ContactRow",
    "CustomerRow",
    "FileRead",
    "IncidentRow",
    "RecordRow",
    "RowKind",
    "VisitRow",
    "Waiting",
    "as_given",
    "contact_of_incident",
    "faults",
    "kinds_that_may_be_allowed",
    "read_rows",
    "row_model",
    "take_in",
    "what_waits",
    "write_rejects",
]
