"""Who a contact is from: evidence against the landlord's directory, in three zones (requirements C30)."""

from triage.identity.directory import Directory
from triage.identity.identify import identify

__all__ = ["Directory", "identify"]
