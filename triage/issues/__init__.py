"""Which issue a contact or record is about: thread, references, words, places and time, explained (step 5)."""

from triage.issues.linking import link
from triage.issues.titles import title_of

__all__ = ["link", "title_of"]
