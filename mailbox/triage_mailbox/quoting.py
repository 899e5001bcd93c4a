"""Whose words a letter holds: spans over the text, never deletions; where two splitters differ, more is kept as own."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from mailparser_reply.parser import EmailMessage

from triage_mailbox.messages import Segment, SegmentKind
from triage_mailbox.openings import (
    ends_introduction,
    header_lines,
    introduction_above,
    is_forward_mark,
    is_original_mark,
)
from triage_mailbox.signatures import is_disclaimer, is_list_footer, is_mobile_footer, is_signature, signature_starts
from triage_mailbox.wrapping import find_wrapped

MOST_CHARACTERS = 200_000
MOST_LINES = 2_000
MOST_QUOTES = 40  # each costs a pass over the lines
LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pl", "pt")

_QUOTED_LINE = re.compile(r"^\s{0,3}>")
_ANGLED_ADDRESS = re.compile(r"[<\[(](?:mailto:)?[^<>\s@]+@[^<>\s@]+[>\])]")
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_TIME_AND_NAME = re.compile(
    r"\d[:.h]\d{2}(?::\d{2})?(?: ?[APap]\.?[Mm]\.?)?(?: [A-Z+]\S{0,8})?, [\"']?(?:[^\W\d_a-z][\w.'’-]*[\"']? ){1,5}"
)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
TAKEN_LARGER = "Two ways of finding the sender's own words disagree here; the larger text was taken."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    """Whose a line is and why; `typed` as in `Segment`."""

    kind: SegmentKind
    reason: str
    typed: bool = False


_OWN = _Label(kind=SegmentKind.OWN, reason="The sender's own new words.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a message's headers and markup say of its quotes.

    `is_reply`: headers or subject make it an answer; without it a single line after ">" stays the sender's own.
    `answers`: it carries In-Reply-To or References (RFC 5322, 3.6.4), as a mail program's answer does.
    `passes_on`: the subject says that it is a forward. `names`: the sender's names in lower case, by which a signature
    is known.
    """

    is_reply: bool = False
    answers: bool = False
    passes_on: bool = False
    names: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Sheet:
    """A text in lines, each with its place and, once known, whose it is."""

    text: str
    facts: Facts
    lines: list[str] = field(init=False)
    starts: list[int] = field(init=False)
    labels: list[_Label] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        self.starts = []
        place = 0
        for line in self.lines:
            self.starts.append(place)
            place += len(line) + 1
        self.labels = [_OWN] * len(self.lines)

    def label(self, numbers: Iterable[int], kind: SegmentKind, reason: str, *, typed: bool = False) -> None:
        for number in numbers:
            self.labels[number] = _Label(kind=kind, reason=reason, typed=typed)

    def own(self) -> list[int]:
        return [number for number, label in enumerate(self.labels) if label.kind is SegmentKind.OWN]

    def line_at(self, place: int) -> int:
        return self.text.count("\n", 0, place)


def split(
    text: str,
    facts: Facts | None = None,
    *,
    is_reply: bool = False,
    marked: Sequence[tuple[int, int, SegmentKind]] = (),
) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    r"""Segments that cover `text` (line ends `\n`), and problems as sentences.

    `facts` is what headers and markup say; `is_reply` alone is short for facts of an answer that says no more.
    `marked` are places where the markup itself marks another's words. Reads at most `MOST_CHARACTERS` and
    `MOST_LINES`; what is beyond stays the sender's own.
    """
    if not text:
        return (), ()
    head, beyond = _bounded(text)
    sheet = _Sheet(head, facts or Facts(is_reply=is_reply))
    problems = ["The text is so long that only its beginning was searched for quoted words."] if beyond else []
    _label_marked(sheet, marked)
    _label_blocks(sheet)
    problems += _label_wrapped(sheet)
    _label_angled(sheet)
    _label_endings(sheet)
    segments = _merge(sheet)
    if beyond:
        rest = Segment(
            start=len(head), end=len(text), kind=SegmentKind.OWN, reason="Beyond what is searched for quotes."
        )
        segments = (*segments, rest)
    return segments, tuple(problems)


def _bounded(text: str) -> tuple[str, str]:
    end = min(len(text), MOST_CHARACTERS)
    if text.count("\n", 0, end) >= MOST_LINES:
        end = len("\n".join(text[:end].split("\n", MOST_LINES)[:MOST_LINES]))
    return text[:end], text[end:]


def _label_marked(sheet: _Sheet, marked: Sequence[tuple[int, int, SegmentKind]]) -> None:
    for start, end, kind in marked:
        if start >= len(sheet.text):
            continue
        first, last = sheet.line_at(start), sheet.line_at(min(end, len(sheet.text)))
        if sheet.text[sheet.starts[first] : start].strip():
            first += 1
        inside = [n for n in range(first, last + 1) if sheet.starts[n] < end]
        if kind is not SegmentKind.QUOTED:
            if is_signature([sheet.lines[n] for n in inside], sheet.facts.names):  # else anything could hide in one
                sheet.label(inside, kind, "The mail program marked this as a signature.")
        elif any(is_forward_mark(sheet.lines[n]) for n in [n for n in inside if sheet.lines[n].strip()][:3]):
            sheet.label(inside, SegmentKind.FORWARDED, "The mail program marked this as a message passed on.")
        else:
            reason = "The mail program marked this as an earlier message."
            sheet.label(inside, kind, reason, typed=not (sheet.facts.answers or sheet.facts.passes_on))


def _label_blocks(sheet: _Sheet) -> None:
    """Label from the first block of headers on, in any of the languages, with the program's mark above it."""
    own = set(sheet.own())
    for number in sorted(own):
        if not header_lines(sheet.lines, number):
            continue
        first = opening = number
        for above in range(number - 1, max(-1, number - 4), -1):
            if is_forward_mark(sheet.lines[above]) or is_original_mark(sheet.lines[above]):
                first = opening = above
            elif sheet.lines[above].strip():
                break
        is_forward = is_forward_mark(sheet.lines[opening]) or not sheet.facts.is_reply
        kind = SegmentKind.FORWARDED if is_forward else SegmentKind.QUOTED
        facts = sheet.facts
        typed = not (facts.answers or facts.passes_on)
        reason = f"An earlier message, introduced by {_short(sheet.lines[opening])}."
        sheet.label([n for n in range(first, len(sheet.lines)) if n in own], kind, reason, typed=typed)
        return


def _label_wrapped(sheet: _Sheet) -> list[str]:
    """Label what quotequail finds around the sender's words, checked against mail-parser-reply."""
    problems: list[str] = []
    own = sheet.own()
    for _ in range(MOST_QUOTES):
        if not own:
            break
        found = _unwrap([sheet.lines[n] for n in own], sheet.facts)
        if found is None:
            break
        if not _is_believed([sheet.lines[n] for n in own], found):
            problems.append(TAKEN_LARGER)
            own = own[found.first + 1 :]  # the sender's own sentence: look on below it
            continue
        sheet.label(own[found.first : found.last], found.kind, found.reason, typed=found.typed)
        own = own[found.last :]
    return list(dict.fromkeys(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapped:
    """An earlier message in some lines: from `first` up to, not including, `last`; `opening` is its first filled line."""

    kind: SegmentKind
    first: int
    last: int
    opening: int
    is_bare: bool
    reason: str
    typed: bool


def _unwrap(lines: list[str], facts: Facts) -> _Wrapped | None:
    """The first wrapped message in `lines` by quotequail, and what vouches for it; None when there is none."""
    found = find_wrapped(lines)
    if found is None:
        return None
    first, last = found.first, found.last
    opening = next((n for n in range(first, last) if lines[n].strip()), None)
    if opening is None:
        return None
    is_bare = found.kind == "quote"
    is_forward = found.kind == "forward" and not (facts.is_reply and not is_forward_mark(lines[opening]))
    # An answer quotes; a program that passes a message on writes its headers, and those were found before this.
    is_vouched = (facts.answers and not is_forward) or _is_introduced_in_full(lines[:last], opening)
    is_typed = not is_vouched or (is_bare and not _is_introduced(lines, opening))
    return _Wrapped(
        kind=SegmentKind.FORWARDED if is_forward else SegmentKind.QUOTED,
        first=first,
        last=last,
        opening=opening,
        is_bare=is_bare,
        reason='Lines after ">" repeat an earlier message.'
        if is_bare
        else f"An earlier message, introduced by {_short(lines[opening])}.",
        typed=is_typed or (not is_bare and not _is_followed_by_angles(lines, opening)),
    )


def _is_introduced(lines: Sequence[str], number: int) -> bool:
    """Whether the first filled line above is the end of an introduction."""
    above = next((n for n in range(number - 1, -1, -1) if lines[n].strip()), None)
    return above is not None and introduction_above(lines, above) is not None


def _is_introduced_in_full(lines: Sequence[str], number: int) -> bool:
    """Whether an introduction at a line, or right above it, names an address in brackets and a time or a year."""
    above = next((n for n in range(number - 1, -1, -1) if lines[n].strip()), None)
    ends = [*range(number, min(number + 3, len(lines))), *([] if above is None else [above])]
    for last in ends:
        first = introduction_above(lines, last)
        if first is not None:
            intro = " ".join(line.strip() for line in lines[first : last + 1])
            return bool(_ANGLED_ADDRESS.search(intro) and (_TIME.search(intro) or _YEAR.search(intro)))
    return False


def _is_followed_by_angles(lines: Sequence[str], opening: int) -> bool:
    """Whether angled lines come within the next few filled lines, as a program writes them below its introduction."""
    filled = [line for line in lines[opening : opening + 12] if line.strip()][:5]
    return any(_QUOTED_LINE.match(line) for line in filled)


def _is_believed(lines: list[str], found: _Wrapped) -> bool:
    """Whether an introduction such as "On ... wrote:" is a mail program's and not the sender's own sentence.

    Believed when what follows is angled, or when a program's mark or block of headers opens it. Else there must be
    words above it, an address or a time followed by a comma and a name in it, and mail-parser-reply must end the newest
    reply at the same place.
    """
    opening = lines[found.opening]
    if found.is_bare or is_forward_mark(opening) or is_original_mark(opening):
        return True
    if any(header_lines(lines, n) for n in range(found.opening, min(found.opening + 3, found.last))):
        return True
    intro_end = next(
        (n for n in range(found.opening, min(found.opening + 3, found.last)) if ends_introduction(lines[n].strip())),
        found.opening,
    )
    following = next((line for line in lines[intro_end + 1 : found.last] if line.strip()), "")
    if _QUOTED_LINE.match(following):
        return True
    if not any(line.strip() for line in lines[: found.first]):
        return False  # with nothing above it, what is below may be the answer and not what is answered
    intro = " ".join(line.strip() for line in lines[found.opening : intro_end + 1])
    has_address = _ANGLED_ADDRESS.search(intro) and (_TIME.search(intro) or _YEAR.search(intro))
    if not (has_address or _TIME_AND_NAME.search(intro)):
        return False
    return _words("\n".join(lines[: found.first])) == _words(_second_opinion("\n".join(lines)))


def _second_opinion(text: str) -> str:
    """The newest reply as mail-parser-reply sees it, without angled lines; all of the text when it fails."""
    try:
        message = EmailMessage(text=text, languages=list(LANGUAGES), keep_hyphen_lists=True).read()
    except (RecursionError, IndexError, ValueError):
        return text
    newest = message.replies[0].content if message.replies else ""
    return "\n".join(line for line in newest.split("\n") if not _QUOTED_LINE.match(line))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _label_angled(sheet: _Sheet) -> None:
    angled = [n for n, line in enumerate(sheet.lines) if _QUOTED_LINE.match(line)]
    if not angled or (len(angled) == 1 and not sheet.facts.is_reply):
        return
    runs = _runs(angled)
    is_introduced = any(_is_introduced(sheet.lines, run[0]) for run in runs)
    new = [n for n in angled if sheet.labels[n].kind is SegmentKind.OWN]
    in_full = any(_is_introduced_in_full(sheet.lines, run[0]) for run in runs)
    typed = not ((sheet.facts.answers and is_introduced) or in_full)
    sheet.label(new, SegmentKind.QUOTED, 'Lines after ">" repeat an earlier message.', typed=typed)
    for run in runs:
        _label_intro_before(sheet, run[0], typed=typed)


def _label_intro_before(sheet: _Sheet, number: int, *, typed: bool) -> None:
    """Label the lines "On ... wrote:", in any of the languages, right above an angled line."""
    above = number - 1
    while above >= 0 and not sheet.lines[above].strip():
        above -= 1
    if above < 0 or sheet.labels[above].kind is not SegmentKind.OWN or not ends_introduction(sheet.lines[above]):
        return
    first = introduction_above(sheet.lines, above)
    reason = "Introduces the earlier message below it."
    sheet.label(range(above if first is None else first, above + 1), SegmentKind.QUOTED, reason, typed=typed)


def _label_endings(sheet: _Sheet) -> None:
    for run in _runs(sheet.own()):
        for paragraph in _paragraphs(sheet, run):
            if is_disclaimer(" ".join(sheet.lines[n] for n in paragraph)):
                sheet.label(
                    paragraph, SegmentKind.DISCLAIMER, "A standing disclaimer or warning, not the sender's words."
                )
    _label_list_footer(sheet)
    for run in _runs(sheet.own()):
        mobile = [n for n in run if is_mobile_footer(sheet.lines[n])]
        sheet.label(mobile, SegmentKind.SIGNATURE, "A line that the device or program adds.")
        start = signature_starts([sheet.lines[n] for n in run], sheet.facts.names)
        if start is not None:
            sheet.label(run[start:], SegmentKind.SIGNATURE, "A sign-off or signature: names and ways of contact only.")


def _label_list_footer(sheet: _Sheet) -> None:
    for run in _runs(sheet.own())[-1:]:
        ruler = next((n for n in reversed(run) if re.match(r"^[_=-]{10,}\s*$", sheet.lines[n])), None)
        if ruler is not None and is_list_footer(sheet.lines[ruler : run[-1] + 1]):
            numbers = [n for n in run if n >= ruler]
            sheet.label(numbers, SegmentKind.DISCLAIMER, "A footer that a mailing list adds, not the sender's words.")


def _runs(numbers: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _paragraphs(sheet: _Sheet, run: list[int]) -> list[list[int]]:
    return _grouped(run, lambda number: bool(sheet.lines[number].strip()))


def _grouped(numbers: list[int], is_filled: Callable[[int], bool]) -> list[list[int]]:
    groups: list[list[int]] = [[]]
    for number in numbers:
        if is_filled(number):
            groups[-1].append(number)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def _merge(sheet: _Sheet) -> tuple[Segment, ...]:
    """One segment for each run of lines of one kind; blank lines join the run before them."""
    openings: list[tuple[int, _Label]] = []
    for number, label in enumerate(sheet.labels):
        last = openings[-1][1] if openings else None
        if last is None or ((last.kind is not label.kind or last.typed != label.typed) and sheet.lines[number].strip()):
            openings.append((sheet.starts[number], label))
    ends = [start for start, _ in openings[1:]] + [len(sheet.text)]
    return tuple(
        Segment(start=start, end=end, kind=label.kind, reason=label.reason, typed=label.typed)
        for (start, label), end in zip(openings, ends, strict=True)
        if end > start
    )


def _short(line: str) -> str:
    line = " ".join(line.split())
    return repr(line if len(line) <= 60 else line[:57] + "...")
