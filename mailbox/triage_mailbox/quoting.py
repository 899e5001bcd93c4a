"""Whose words a letter holds: spans over the text, never deletions; where two splitters differ, more is kept as own."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import quotequail
from mailparser_reply.parser import EmailMessage

from triage_mailbox.messages import Segment, SegmentKind
from triage_mailbox.signatures import is_disclaimer, is_mobile_footer, signature_starts

MOST_CHARACTERS = 200_000
MOST_LINES = 2_000
MOST_QUOTES = 40  # each costs a pass over the lines
LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pl", "pt")

_QUOTED_LINE = re.compile(r"^\s{0,3}>")
_INTRO_EVIDENCE = re.compile(r"@|\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_ANGLED_ADDRESS = re.compile(r"[<\[(](?:mailto:)?[^<>\s@]+@[^<>\s@]+[>\])]")
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_TIME_AND_NAME = re.compile(
    r"\d[:.h]\d{2}(?::\d{2})?(?: ?[APap]\.?[Mm]\.?)?(?: [A-Z+]\S{0,8})?, [\"']?(?:[^\W\d_a-z][\w.'’-]*[\"']? ){1,5}"
)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_INTRO_END = re.compile(
    r"(?:wrote|a écrit|schrieb.*|escribió|écrit|skrev.*|escreveu|schreef.*|geschreven|ha scritto|napisał\(?a?\)?)\s?:$"
)
_FORWARD_MARK = re.compile(
    r"^\W*(?:begin forwarded message|-+ ?forwarded message ?-+|-+ ?original message ?-+|début du message (?:transféré|réexpédié)"
    r"|-+ ?message (?:transféré|d'origine) ?-+|anfang der weitergeleiteten|-+ ?ursprüngliche nachricht ?-+|_{20,})",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(
    r"^[*\s>]*(?:from|de|von|sent|envoyé|gesendet|date|datum|to|à|an|subject|objet|betreff|från|skickat|till|ämne|fra|sendt|til|emne)\s?:\*?\s",
    re.IGNORECASE,
)

TAKEN_LARGER = "Two ways of finding the sender's own words disagree here; the larger text was taken."


@dataclass(slots=True)
class _Sheet:
    """A text in lines, each with its place and, once known, whose it is."""

    text: str
    lines: list[str] = field(init=False)
    starts: list[int] = field(init=False)
    labels: list[tuple[SegmentKind, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        self.starts = []
        place = 0
        for line in self.lines:
            self.starts.append(place)
            place += len(line) + 1
        self.labels = [(SegmentKind.OWN, "The sender's own new words.")] * len(self.lines)

    def label(self, numbers: Iterable[int], kind: SegmentKind, reason: str) -> None:
        for number in numbers:
            self.labels[number] = (kind, reason)

    def own(self) -> list[int]:
        return [number for number, (kind, _) in enumerate(self.labels) if kind is SegmentKind.OWN]

    def line_at(self, place: int) -> int:
        return self.text.count("\n", 0, place)


def split(
    text: str,
    *,
    is_reply: bool = False,
    marked: Sequence[tuple[int, int, SegmentKind]] = (),
) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    r"""Segments that cover `text` (line ends `\n`), and problems as sentences.

    `is_reply` says that headers or subject make it an answer; without it a single line after ">" stays the sender's own.
    `marked` are places where the markup itself marks another's words. Reads at most `MOST_CHARACTERS` and
    `MOST_LINES`; what is beyond stays the sender's own.
    """
    if not text:
        return (), ()
    head, beyond = _bounded(text)
    sheet = _Sheet(head)
    problems = ["The text is so long that only its beginning was searched for quoted words."] if beyond else []
    _label_marked(sheet, marked)
    problems += _label_wrapped(sheet, is_reply)
    _label_angled(sheet, is_reply)
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
        what = "an earlier message" if kind is SegmentKind.QUOTED else "a signature"
        sheet.label(inside, kind, f"The mail program marked this as {what}.")


def _label_wrapped(sheet: _Sheet, is_reply: bool) -> list[str]:
    """Label what quotequail finds around the sender's words, checked against mail-parser-reply."""
    problems: list[str] = []
    own = sheet.own()
    for _ in range(MOST_QUOTES):
        if not own:
            break
        found = _unwrap([sheet.lines[n] for n in own], is_reply)
        if found is None:
            break
        if not _is_believed([sheet.lines[n] for n in own], found):
            problems.append(TAKEN_LARGER)
            own = own[found.first + 1 :]  # the sender's own sentence: look on below it
            continue
        sheet.label(own[found.first : found.last], found.kind, found.reason)
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


def _unwrap(lines: list[str], is_reply: bool) -> _Wrapped | None:
    """The first wrapped message in `lines` by quotequail; None when there is none.

    quotequail gives texts, not places: what is left over is at the top and at the bottom, so lengths give the places.
    """
    found = quotequail.unwrap("\n".join(lines))
    if found is None:
        return None
    first = _lines_from_top(lines, found.get("text_top", ""))
    last = len(lines) - _lines_from_bottom(lines, found.get("text_bottom", ""))
    opening = next((n for n in range(first, last) if lines[n].strip()), None)
    if opening is None:
        return None
    is_bare = found["type"] == "quote"
    is_forward = found["type"] == "forward" and not (is_reply and "forward" not in lines[opening].lower())
    return _Wrapped(
        kind=SegmentKind.FORWARDED if is_forward else SegmentKind.QUOTED,
        first=first,
        last=last,
        opening=opening,
        is_bare=is_bare,
        reason='Lines after ">" repeat an earlier message.'
        if is_bare
        else f"An earlier message, introduced by {_short(lines[opening])}.",
    )


def _lines_from_top(lines: list[str], top: str) -> int:
    if not top:
        return next((n for n, line in enumerate(lines) if line.strip()), 0)
    blank = next((n for n, line in enumerate(lines) if line.strip()), 0)
    return blank + top.count("\n") + 1


def _lines_from_bottom(lines: list[str], bottom: str) -> int:
    if not bottom:
        return 0
    trailing = 0
    while trailing < len(lines) and not lines[-1 - trailing].strip():
        trailing += 1
    return trailing + bottom.count("\n") + 1


def _has_headers(lines: list[str]) -> bool:
    """Whether lines open with a block such as From, Sent, To; figures or an address keep "From: now on" out of it."""
    block = [line for line in lines if _HEADER_LINE.match(line)][:8]
    return len(block) >= 2 and bool(_INTRO_EVIDENCE.search(" ".join(block)) or _YEAR.search(" ".join(block)))


def _is_believed(lines: list[str], found: _Wrapped) -> bool:
    """Whether an introduction such as "On ... wrote:" is a mail program's and not the sender's own sentence.

    Believed when what follows is angled, or when a program's mark or block of headers opens it. Else there must be
    words above it, an address or a time followed by a comma and a name in it, and mail-parser-reply must end the newest
    reply at the same place.
    """
    opening = lines[found.opening]
    if found.is_bare or _FORWARD_MARK.match(opening) or _has_headers(lines[found.opening : found.opening + 10]):
        return True
    intro_end = next(
        (n for n in range(found.opening, min(found.opening + 3, found.last)) if _INTRO_END.search(lines[n].strip())),
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


def _label_angled(sheet: _Sheet, is_reply: bool) -> None:
    angled = [n for n, line in enumerate(sheet.lines) if _QUOTED_LINE.match(line)]
    if not angled or (len(angled) == 1 and not is_reply):
        return
    new = [n for n in angled if sheet.labels[n][0] is SegmentKind.OWN]
    sheet.label(new, SegmentKind.QUOTED, 'Lines after ">" repeat an earlier message.')
    for run in _runs(angled):
        _label_intro_before(sheet, run[0])


def _label_intro_before(sheet: _Sheet, number: int) -> None:
    """Label the one or two lines "On ... wrote:" right above an angled line."""
    above = number - 1
    while above >= 0 and not sheet.lines[above].strip():
        above -= 1
    if above < 0 or sheet.labels[above][0] is not SegmentKind.OWN or not _INTRO_END.search(sheet.lines[above].strip()):
        return
    lines = [above]
    if above and not re.match(r"^\s*(?:On|Le|Am|El|Em|Op|Den|Il)\b", sheet.lines[above]):
        lines.append(above - 1)
    intro = " ".join(sheet.lines[n].strip() for n in reversed(lines))
    if _INTRO_EVIDENCE.search(intro) or len(lines) == 1:
        sheet.label(lines, SegmentKind.QUOTED, "Introduces the earlier message below it.")


def _label_endings(sheet: _Sheet) -> None:
    for run in _runs(sheet.own()):
        for paragraph in _paragraphs(sheet, run):
            if is_disclaimer(" ".join(sheet.lines[n] for n in paragraph)):
                sheet.label(
                    paragraph, SegmentKind.DISCLAIMER, "A standing disclaimer or warning, not the sender's words."
                )
    for run in _runs(sheet.own()):
        mobile = [n for n in run if is_mobile_footer(sheet.lines[n])]
        sheet.label(mobile, SegmentKind.SIGNATURE, "A line that the device or program adds.")
        start = signature_starts([sheet.lines[n] for n in run])
        if start is not None:
            sheet.label(run[start:], SegmentKind.SIGNATURE, "A sign-off or signature: names and ways of contact only.")


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
    segments: list[Segment] = []
    for number, (kind, reason) in enumerate(sheet.labels):
        start = sheet.starts[number]
        end = sheet.starts[number + 1] if number + 1 < len(sheet.lines) else len(sheet.text)
        is_blank = not sheet.lines[number].strip()
        if segments and (is_blank or segments[-1].kind is kind):
            last = segments[-1]
            segments[-1] = Segment(start=last.start, end=end, kind=last.kind, reason=last.reason)
        else:
            segments.append(Segment(start=start, end=end, kind=kind, reason=reason))
    return tuple(segment for segment in segments if segment.end > segment.start)


def _short(line: str) -> str:
    line = " ".join(line.split())
    return repr(line if len(line) <= 60 else line[:57] + "...")
