"""The one error tree of the service; every message names the thing and says what to do."""


class TriageError(Exception):
    """Anything that the service itself refuses or cannot do."""


class SettingsError(TriageError):
    """The settings cannot be used."""


class StoreError(TriageError):
    """The database cannot be opened or used."""


class PolicyError(TriageError):
    """A policy file breaks its own rules."""


class InputError(TriageError):
    """A file or a line that a person gave cannot be read."""


class DecisionRefusedError(TriageError):
    """A review lacks what makes it a person's decision (requirements C2)."""


class ConflictError(TriageError):
    """Somebody else changed the same thing first (ASVS 2.3.4)."""


class NotFoundError(TriageError):
    """No such thing, or not for this person's eyes."""


class AuditBrokenError(TriageError):
    """The audit chain does not add up: an entry was changed, added or removed."""
