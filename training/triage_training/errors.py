"""What can go wrong in training, in sentences a person can act on."""


class TrainingError(Exception):
    """The root of this package's errors."""


class BadExample(TrainingError):  # noqa: N818 - it says what happened
    """A line of a labels file cannot be used; the sentence names the file, the line and what to change."""
