"""Whose voice a writer of the base set says that a contact is in, gathered into groups by key word."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

VOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Black and South Asian Englishes": ("caribbean", "mle", "west african", "south asian", "indian", "bengali", "pakistani", "nigerian", "jamaican"),
        "second language": ("arabic", "chinese", "polish", "somali", "latin american", "ukrainian", "vietnamese", "romanian", "turkish", "kurdish", "second language", "esl"),
        "regional British and Irish": ("scouse", "scots", "scottish", "geordie", "welsh", "northern irish", "irish", "brummie", "yorkshire", "cockney", "lancashire", "black country", "midlands", "west country", "northern"),
        "disability and illness": ("dyslexic", "autistic", "tourette", "dementia", "brain injury", "deaf", "psychosis", "disabled", "anxiety", "adhd", "learning"),
        "age and register": ("teenager", "older", "formal", "all caps", "standard", "texting"),
        "speaks for another": ("carer", "advocate", "councillor"),
    }
)  # fmt: skip
"""Key words of the free-text `voice` field; the first group that has one counts."""
UNNAMED: Final = "no voice named"


def voice_group(voice: str | None) -> str:
    """The group of a voice as its writer described it."""
    words = (voice or "").lower()
    return next((name for name, keys in VOICES.items() if any(key in words for key in keys)), "other") if words else UNNAMED  # fmt: skip


def read_voices(path: Path) -> dict[str, str]:
    """Contact id to voice group, from the base set's lines."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {str(row["id"]): voice_group(row.get("voice")) for row in rows}
