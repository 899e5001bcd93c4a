"""What can go wrong with models, in sentences a person can act on."""


class ModelError(Exception):
    """The root of this package's errors."""


class ModelRefused(ModelError):  # noqa: N818 - it says what happened
    """A model's files are not what their manifest says, or hold something that is not allowed: it is not loaded."""


class UnknownModel(ModelError):  # noqa: N818 - it says what happened
    """No model of that name and version is in the registry."""


class RuleError(ModelError):
    """A rule file says something that cannot be compiled, or that its own example contradicts."""
