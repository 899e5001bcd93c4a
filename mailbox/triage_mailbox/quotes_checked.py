"""Which quotations are believed: words marked as another's are compared with the earlier mail that is held.

The rule, in order:

1. Words that stand in earlier mail that is held are quoted, whatever marks them; our own words also where nothing does.
2. Words that only typing marks as another's (`Segment.typed`: "On ... wrote:" without ">", ">" without an introduction
   that names an address and a time, a block of headers in what is neither answer nor forward) and that stand in no
   mail that is held are the sender's own: they are scored, and the contact says so.
3. A quotation that a mail program's structure vouches for is believed, unless the message answers mail that is held, or
   the quotation names an address whose sent mail is held: then what is not in that mail was put there by the sender.
4. Forwarded messages with a program's structure are believed, unless the first writer that they name is one whose sent
   mail is held: nobody else holds them. The contact says so.

Nothing can tell a quotation of a stranger that is made by hand, line for line like a program's, from a real one: the
contact says that words were passed on, and a person sees them.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from triage_mailbox.messages import Segment, SegmentKind
from triage_mailbox.openings import (
    bare_subject,
    ends_introduction,
    header_field,
    header_lines,
    introduction_above,
    introduction_before_words,
    is_forward_mark,
    is_original_mark,
)
from triage_mailbox.signatures import is_disclaimer, is_mobile_footer, says_something

RUN = 4  # words in a row that must be the same
FEWEST_WORDS = 12  # of an unmarked run of whole lines, before it is taken to repeat our mail
MOST_EARLIER = 60  # texts compared
MOST_CHARACTERS = 20_000  # of each
MOST_WORDS = 60_000  # of the text that is checked
LONGEST_LINK = 2_000
LONGEST_DISCLAIMER = 6_000
_LINK = re.compile(r"^(?:<?(?:https?://|mailto:|cid:)|\[(?:cid|image)\b)", re.IGNORECASE)

NOT_HELD = (
    "Words are set out as a quotation but stand in no earlier mail that is held; they are scored as the sender's own."
)
ALTERED = "Words stand inside a quotation of our mail that are not in it; they are scored as the sender's own."
PASSED_ON = "The message repeats words of others that stand in no mail that is held; they are shown and not scored."

_OWN_NOT_HELD = "Set out as a quotation, but in no earlier mail that is held."
_OWN_ALTERED = "Inside a quotation of our mail, but not in that mail."
_KNOWN = "The same words stand in an earlier mail that is held."


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Earlier mail to compare with: `ours` what we sent, `others` all else of the thread or the same person.

    `answered` says that the message answers one of them (In-Reply-To or References); `our_addresses` are those whose
    sent mail is held, `subjects` those of this and of earlier mail.
    """

    ours: Sequence[str] = ()
    others: Sequence[str] = ()
    answered: bool = False
    our_addresses: Collection[str] = ()
    subjects: Collection[str] = ()


def check(text: str, segments: Sequence[Segment], held: Held) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    """The segments after the rule above, and sentences on what was changed; segments still cover the text."""
    if not text or not segments:
        return tuple(segments), ()
    ours = _Known(held.ours)
    both = _Known((*held.ours, *held.others))
    found: list[Segment] = []
    problems: list[str] = []
    for segment in segments:
        if segment.kind is SegmentKind.OWN:
            found += _own(text, segment, ours)
        elif segment.kind in (SegmentKind.QUOTED, SegmentKind.FORWARDED):
            pieces, problem = _quoted(text, segment, both, held)
            found += pieces
            problems += [problem] if problem else []
        else:
            found.append(segment)
    return tuple(_joined(found)), tuple(dict.fromkeys(problems))


class _Known:
    """Runs of words of earlier texts, and whole short lines."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._runs: set[tuple[str, ...]] = set()
        self._lines: set[tuple[str, ...]] = set()
        for text in texts[-MOST_EARLIER:]:
            words = _words(text[:MOST_CHARACTERS])
            self._runs.update(tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1))
            self._lines.update(tuple(_words(line)) for line in text[:MOST_CHARACTERS].split("\n"))

    def __bool__(self) -> bool:
        return bool(self._runs or self._lines)

    def marks(self, words: Sequence[str]) -> list[bool]:
        """For each word whether it stands in a run that is known."""
        known = [False] * len(words)
        for n in range(len(words) - RUN + 1):
            if tuple(words[n : n + RUN]) in self._runs:
                known[n : n + RUN] = [True] * RUN
        return known

    def has_line(self, words: Sequence[str]) -> bool:
        return tuple(words) in self._lines


@dataclass(slots=True, kw_only=True)
class _Line:
    """One line of a segment: its place, its words, and whether all but a word at most of them are known."""

    start: int
    end: int
    text: str
    words: list[str]
    known: bool = False
    structural: bool = False


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _lines(text: str, segment: Segment, known: _Known) -> list[_Line]:
    lines: list[_Line] = []
    place = segment.start
    for piece in text[segment.start : segment.end].splitlines(keepends=True) or [""]:
        bare = re.sub(r"^[\s>|]+", "", piece).rstrip("\n")
        lines.append(_Line(start=place, end=place + len(piece), text=bare, words=_words(bare)))
        place += len(piece)
    every = [word for line in lines for word in line.words][:MOST_WORDS]
    marks = iter(known.marks(every))
    for line in lines:
        hits = [next(marks, False) for _ in line.words]
        line.known = bool(line.words) and (sum(hits) >= len(hits) - (len(hits) > RUN) or known.has_line(line.words))
    return lines


def _set_apart(lines: Sequence[_Line], subjects: Collection[str]) -> None:
    """Mark what introduces or surrounds a quotation: headers, marks, introductions, disclaimers, footers, bare links.

    Only where it says nothing of its own: a header's value or an introduction could hold any words.
    """
    texts = [line.text for line in lines]
    number = 0
    while number < len(lines):
        block = header_lines(texts, number)
        for line in lines[number : number + block]:
            line.structural = _is_header(line.text, subjects)
        number += block or 1
    for number, line in enumerate(lines):
        if is_forward_mark(line.text) or is_original_mark(line.text) or is_mobile_footer(line.text) or _is_links(line):
            line.structural = True
        elif ends_introduction(line.text):
            first = introduction_above(texts, number)
            for part in lines[number if first is None else first : number + 1]:
                part.structural = len(part.words) <= 40 and not says_something(part.text)
    for paragraph in _paragraphs(lines):
        words = " ".join(line.text for line in paragraph)
        if len(words) < LONGEST_DISCLAIMER and is_disclaimer(words):
            for line in paragraph:
                line.structural = True


def _is_header(line: str, subjects: Collection[str]) -> bool:
    """Whether a line of a block of headers holds no more than names, addresses, dates or the subject of the thread."""
    found = header_field(line)
    if found is None:  # a value that goes on: only addresses do
        return "@" in line and not says_something(line)
    field, value = found
    if field == "subject":
        return bare_subject(value) in subjects
    plain = [word for word in re.findall(r"[^\W\d_]+", re.sub(r"\S+@\S+", " ", value)) if word.islower()]
    return not says_something(value) and (len(plain) <= 2 or bool(re.search(r"\d", value)))


def _is_links(line: _Line) -> bool:
    """Whether a line has no words, or addresses of the web and names of pictures only."""
    return not line.words or (len(line.text) < LONGEST_LINK and all(map(_LINK.match, line.text.split())))


def _paragraphs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    paragraph: list[_Line] = []
    for line in lines:
        if line.words:
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _quoted(text: str, segment: Segment, known: _Known, held: Held) -> tuple[list[Segment], str | None]:
    lines = _lines(text, segment, known)
    _set_apart(lines, {bare_subject(subject) for subject in held.subjects})
    unknown = [line for line in lines if not line.known and not line.structural]
    if segment.typed and not any(line.known for line in lines) and any(line.words for line in lines):
        return [Segment(start=segment.start, end=segment.end, kind=SegmentKind.OWN, reason=_OWN_NOT_HELD)], NOT_HELD
    if not unknown:
        return [segment], None
    is_forward = segment.kind is SegmentKind.FORWARDED
    is_ours = bool(known) and (
        _is_first_by_us(lines, held.our_addresses)
        if is_forward
        else held.answered or _names_us(lines, held.our_addresses)
    )
    if not segment.typed and not is_ours:
        return [segment], PASSED_ON
    if not any(line.known for line in lines):  # then what introduces it was made up as well
        return [Segment(start=segment.start, end=segment.end, kind=SegmentKind.OWN, reason=_OWN_NOT_HELD)], NOT_HELD
    told, reason = (ALTERED, _OWN_ALTERED) if is_ours else (NOT_HELD, _OWN_NOT_HELD)
    return _relabelled(segment, lines, unknown, reason), told


def _names_us(lines: Sequence[_Line], addresses: Collection[str]) -> bool:
    """Whether what introduces the quotation names an address of ours as the writer's."""
    heads = " ".join(line.text.casefold() for line in lines[:12] if line.structural)
    return any(address.casefold() in heads for address in addresses)


def _is_first_by_us(lines: Sequence[_Line], addresses: Collection[str]) -> bool:
    """Whether the first writer whom a forwarded message names has an address of ours; whom it was sent to is no writer."""
    for line in lines[:12]:
        field = header_field(line.text)
        if line.structural and "@" in line.text and (field is None or field[0] == "from"):
            return any(address.casefold() in line.text.casefold() for address in addresses)
    return False


def _relabelled(segment: Segment, lines: Sequence[_Line], unknown: Iterable[_Line], reason: str) -> list[Segment]:
    own = {line.start for line in unknown}
    pieces: list[Segment] = []
    for line in lines:
        part = replace(segment, start=line.start, end=line.end)
        if line.start in own:
            part = Segment(start=line.start, end=line.end, kind=SegmentKind.OWN, reason=reason)
        elif not line.words and pieces:
            part = replace(pieces[-1], start=line.start, end=line.end)
        pieces.append(part)
    return pieces


def _own(text: str, segment: Segment, ours: _Known) -> list[Segment]:
    """Whole lines of our own mail among the sender's words, with the introduction above them, are our words."""
    if not ours:
        return [segment]
    lines = _lines(text, segment, ours)
    texts = [line.text for line in lines]
    quoted: set[int] = set()
    for run in _known_runs(lines):
        if sum(len(lines[n].words) for n in run) < FEWEST_WORDS:
            continue
        quoted.update(run)
        above = next((n for n in range(run[0] - 1, -1, -1) if lines[n].words), None)
        first = introduction_above(texts, above) if above is not None else None
        if above is not None and first is not None:
            quoted.update(range(first, run[0]))
        elif above is not None and _introduces(lines[above], ours):
            quoted.update(range(above, run[0]))
        quoted.update(_headers_above(lines, texts, run[0]))
    if not quoted:
        return [segment]
    return [
        Segment(start=line.start, end=line.end, kind=SegmentKind.QUOTED, reason=_KNOWN)
        if number in quoted
        else replace(segment, start=line.start, end=line.end)
        for number, line in enumerate(lines)
    ]


def _introduces(line: _Line, ours: _Known) -> bool:
    """Whether a line is an introduction that our mail's first line follows without a break."""
    rest = introduction_before_words(line.text)
    return rest is not None and ours.has_line(_words(rest))


def _headers_above(lines: Sequence[_Line], texts: Sequence[str], below: int) -> range:
    """The block of headers that ends right above a line, with its mark."""
    for first in range(below - 1, max(-1, below - 14), -1):
        block = header_lines(texts, first)
        if block and not any(line.words for line in lines[first + block : below]):
            return range(first, below)
    return range(0)


def _known_runs(lines: Sequence[_Line]) -> Iterator[list[int]]:
    run: list[int] = []
    for number, line in enumerate(lines):
        if line.known:
            run.append(number)
        elif line.words and run:
            yield run
            run = []
    if run:
        yield run


def _joined(pieces: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbours of one kind and reason as one segment."""
    last: Segment | None = None
    for piece in pieces:
        if piece.start == piece.end:
            continue
        if last is not None and (last.kind, last.reason, last.typed) == (piece.kind, piece.reason, piece.typed):
            last = replace(last, end=piece.end)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
