"""What can go wrong in training, in sentences a person can act on."""


class TrainingError(Exception):
    """The root of this package's errors."""


class BadExample(TrainingError):  # noqa: N818 - it says what happened
    """A line of a labels file cannot be used; the sentence names the file, the line and what to change."""


class MissingWeights(TrainingError):  # noqa: N818 - it says what happened
    """The weights that fine-tuning starts from are not here; the message says how to get them."""
