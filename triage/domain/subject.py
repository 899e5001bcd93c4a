"""What mail programs set before a subject: marks of an answer or of mail passed on, and tags such as "[EXTERNAL]"."""

import re

_TAG = r"(?:\[[^\]\d]{1,40}\]\s*)"
"""A tag with a digit is none: it may be a case number."""
_MARKED = re.compile(rf"\s*{_TAG}*(?:re|fw|fwd|aw)\s*:", re.IGNORECASE)
_BEFORE = re.compile(rf"\s*{_TAG}*(?:(?:re|fw|fwd|aw|automatic reply|out of office)\s*:\s*{_TAG}*)*", re.IGNORECASE)


def is_marked(subject: str) -> bool:
    """Whether a mail program has marked it as an answer, or as mail passed on: nobody wrote it for this message."""
    return bool(_MARKED.match(subject))


def unmarked(subject: str) -> str:
    """The subject without such marks and tags."""
    return _BEFORE.sub("", subject, count=1).strip()
