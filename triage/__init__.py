"""Triage of customer contacts against a policy's own definitions, for people to review. It never acts on a customer."""

from importlib.metadata import version

__version__ = version("triage")
