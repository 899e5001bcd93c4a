"""Labels in, a candidate model and its card out."""

from triage_training.candidate import TrainReport, train_candidate

__all__ = ["TrainReport", "train_candidate"]
