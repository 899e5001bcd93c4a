"""From a contact to what the encoder reads: word pieces in windows, each piece with whose it is and where it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from triage_models.labels import Speaker
from triage_models.normalise import normalise
from triage_models.parts import customer_parts, read_parts, voice_of
from triage_models.scorer import Part, ScoringInput

WINDOW: Final = 192
"""Word pieces of one window, its marks among them; a longer contact is read in several."""
OVERLAP: Final = 40
"""Pieces that two windows of a long contact share, so that no sentence is seen only in halves."""
MOST_WINDOWS: Final = 160
"""Windows of one contact that are read (about 23,000 pieces, as many as a two-hour call has): cost stays bounded."""
_CONTEXT_PART: Final = 400
_CHANNEL_WORDS: Final = {
    "email": "email", "webform": "form", "sms": "text", "call_transcript": "call", "visit_note": "visit",
    "social_media_dm": "message", "letter_scan": "letter", "live_chat": "chat",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One word piece: its number in the vocabulary, and where it stands, or None where it is context or a mark."""

    number: int
    place: tuple[Part, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One stretch that the encoder reads at once, `[CLS]` first and `[SEP]` last."""

    pieces: tuple[Piece, ...]

    @property
    def own(self) -> list[bool]:
        """Which pieces are the customer's own words: only they can be evidence."""
        return [piece.place is not None for piece in self.pieces]


def tokeniser_of(content: bytes) -> Any:
    """The tokeniser of a `tokenizer.json`'s bytes; it neither pads nor cuts."""
    from tokenizers import Tokenizer

    tokeniser = Tokenizer.from_buffer(content)
    tokeniser.no_padding()
    tokeniser.no_truncation()
    return tokeniser


class Encoding:
    """Holds one tokeniser; the same for training and for reading, so that both see the same pieces."""

    def __init__(self, tokeniser: Any) -> None:
        self._tokeniser = tokeniser
        self._first, self._last = tokeniser.token_to_id("[CLS]"), tokeniser.token_to_id("[SEP]")

    @classmethod
    def of_file(cls, content: bytes) -> "Encoding":
        """The encoding of a `tokenizer.json`'s bytes."""
        return cls(tokeniser_of(content))

    def windows(self, contact: ScoringInput) -> list[Window]:
        """The windows of one contact that are read, in order; at least one, and `MOST_WINDOWS` at most."""
        return read_windows(self.every_window(contact))

    def every_window(self, contact: ScoringInput) -> list[Window]:
        """All its windows, however many."""
        head = self._marks(_CHANNEL_WORDS.get(contact.channel, "message") + " :")
        pieces = list(self._pieces(contact))
        room = WINDOW - len(head) - 2
        starts = range(0, max(1, len(pieces) - OVERLAP), room - OVERLAP)
        first, last = Piece(number=self._first, place=None), Piece(number=self._last, place=None)
        return [Window(pieces=(first, *head, *pieces[start : start + room], last)) for start in starts]

    def _pieces(self, contact: ScoringInput) -> Iterator[Piece]:
        """Own words with their places; other speakers' words, cut short, as context before and between them."""
        spoken: dict[int, list[tuple[str, int]]] = {}
        for part, words, offset in read_parts(customer_parts(contact)[0]):
            if isinstance(part, int):
                spoken.setdefault(part, []).append((words, offset))
            else:
                yield from self._own(part, words, offset)
                if part == "subject":
                    yield from self._marks(".")
        voice = voice_of(contact)
        for index, turn in enumerate(contact.turns):
            if turn.speaker == voice:
                yield from self._marks("customer :")
                for words, offset in spoken.get(index, ()):
                    yield from self._own(index, words, offset)
            elif turn.speaker == Speaker.AGENT:
                yield from self._marks("agent : " + normalise(turn.text[:_CONTEXT_PART]).text)

    def _own(self, part: Part, words: str, offset: int) -> Iterator[Piece]:
        normal = normalise(words)
        encoded = self._tokeniser.encode(normal.text, add_special_tokens=False)
        for number, (start, end) in zip(encoded.ids, encoded.offsets, strict=True):
            begin, finish = normal.source_span(start, end)
            yield Piece(number=number, place=(part, begin + offset, finish + offset))

    @lru_cache(maxsize=4096)  # noqa: B019 - one encoding lives as long as the process
    def _marks(self, words: str) -> tuple[Piece, ...]:
        encoded = self._tokeniser.encode(words, add_special_tokens=False)
        return tuple(Piece(number=number, place=None) for number in encoded.ids)


def read_windows(windows: Sequence[Window]) -> list[Window]:
    """Those of a contact's windows that are read: all; of too many those with the customer's own words; of these, where they are still too
    many, the first, the last and as many between as may be, evenly spread."""
    if len(windows) <= MOST_WINDOWS:
        return list(windows)
    own = [window for window in windows if any(window.own)]
    if len(own) <= MOST_WINDOWS:
        return own
    return [own[place * (len(own) - 1) // (MOST_WINDOWS - 1)] for place in range(MOST_WINDOWS)]
