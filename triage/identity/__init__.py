"""Who a contact is from: evidence against the landlord's directory, in three zones (requirements C30)."""

from triage.identity.directory import Directory
from triage.identity.identify import identify
from triage.identity.record_owner import owner_of_record

__all__ = ["Directory", "identify", "owner_of_record"]
