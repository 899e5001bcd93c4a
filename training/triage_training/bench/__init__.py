"""Measuring the reading: on other people's sets, ordinary streams, disguises, swapped names, speed and size. Nothing is tuned on it."""
