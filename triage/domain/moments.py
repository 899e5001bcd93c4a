"""Reads dates and hours out of plain English, cautiously: what is not clearly a moment is not read."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from triage.domain.workdays import CLOSES, LONDON, WorkingDays, close_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNT = r"(\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|fourteen|fifteen|twenty|thirty|sixty|ninety|forty[- ]eight|twenty[- ]four)"
_LONGER = {
    "half": 1,
    "sixty": 60,
    "ninety": 90,
    "an": 1,
    "fourteen": 14,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "twentyfour": 24,
    "fortyeight": 48,
}
_MONTH = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_WEEKDAY = r"(mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thur?s?(?:day)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"

_BARE = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2}(?:[:.]\d{2})?)"
_BESIDE = 16
_MORNING = re.compile(r"(?<!this )(?<!good )\bmorning\b|\bmorning slot\b", re.IGNORECASE)
_MORNING_ENDS = time(13)
"""Calls of a morning are made until one."""
_HOUR = re.compile(
    r"\b(?:(?P<noon>noon|midday|lunch ?time|lunch)|(?P<tea>tea ?time|half past|bed ?time)"
    r"|(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s*(?P<half>am|pm|a\.m\.|p\.m\.)|(?P<h24>\d{1,2}):(?P<m24>\d{2})\b"
    r"|(?P<word>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})\s+o'?clock"
    rf"|(?<=by )(?P<bare>{_BARE})(?P<after>\b(?!\s*(?:working|business|days?|weeks?|months?|hours?|mins?|minutes?|of\b|per|%|/|-|\.\d|"
    rf"{_MONTH})))|(?<=til )(?P<till>{_BARE})\b|(?<=till )(?P<till2>{_BARE})\b|(?<=until )(?P<until>{_BARE})\b(?!\s*(?:days?|of|{_MONTH}))"
    rf"|(?<=before )(?P<before>{_BARE})\b(?!\s*(?:days?|weeks?|of|{_MONTH})))",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?: (20\d\d))?", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)", re.IGNORECASE)
_NUMERIC = re.compile(r"\b(\d{1,2})/(\d{1,2})(?:/(?:20)?(\d\d))?\b")
_PLAINLY_COUNTED = r"floors?|store?y|times?|part(?:y|ies)|person|hand|class|attempt|occasion|birthday|anniversary|century|things?|thoughts?|half|offence|instance|landing|one|ones"
_COUNTED = (
    rf"(?:[- ](?:missed|failed|broken|separate|cancelled|unanswered|formal|new|wasted|final|such))?[- ](?:{_PLAINLY_COUNTED}|visit|stage|letter|calls?|days?|two|flat|page|line|step|stair|door|week|month|year|"
    r"e?-?mails?|messages?|texts?|appointment|post|opinion|place|aid|name|item|form|photo|reply|complaint|report|street|avenue|road|house|home|block|bin|bedroom|room|gate|point|reason|question|"
    r"of (?:these|those|my|your|our|the(?! month)|all|many|several|three|four|five|six))\b"
)
"""What an ordinal counts instead of naming a day; "the 16th visit" in figures is rather the visit of the 16th."""
_THE_NTH = re.compile(rf"\b(?:the )?(\d{{1,2}})(?:st|nd|rd|th)\b(?![- ](?:{_PLAINLY_COUNTED})\b)", re.IGNORECASE)
_NTHS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth",
    "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twentyfirst", "twentysecond", "twentythird", "twentyfourth",
    "twentyfifth", "twentysixth", "twentyseventh", "twentyeighth", "twentyninth", "thirtieth", "thirtyfirst",
)  # fmt: skip
_LOW = "|".join(_NTHS[:12])
_HIGH = rf"{'|'.join(_NTHS[12:20])}|twenty[- ]?(?:{'|'.join(_NTHS[:9])})|thirtieth|thirty[- ]?first"
_NOT_MAY_I = r"(?:(?-i:(?=[A-Z]))|(?!may|march))"
"""A month, not the verb of "the first may be late"."""
_SAID_WITH_MONTH = (
    re.compile(
        rf"\b(?:{_WEEKDAY},? (?:the )?)?(?P<nth>{_HIGH}|{_LOW}) (?:of |{_NOT_MAY_I})(?P<month>{_MONTH})\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_NOT_MAY_I}(?P<month>{_MONTH}),? (?:the )?(?P<nth>{_HIGH}|{_LOW})\b(?!{_COUNTED})", re.IGNORECASE),
)
_SAID_NTH = (
    re.compile(rf"\b(?:{_WEEKDAY},? )?the (?P<nth>{_HIGH})\b(?!{_COUNTED})", re.IGNORECASE),
    re.compile(rf"\b{_WEEKDAY},? (?P<nth>{_HIGH})\b(?!{_COUNTED})", re.IGNORECASE),
    re.compile(
        rf"(?:\b{_WEEKDAY},? |(?:\b(?:by|until|till?|before|due|dated|says?|saying|said|(?:booked|down|arranged|scheduled|set|promised) for)|(?<!live )(?<!lives )(?<!lived )(?<!living )\bon) )"
        rf"the (?P<nth>{_LOW})\b(?=\W*$|\s*[.,;:!?)\n]|\s+(?:at|in|to|from|by|between|around|about|after|before|or|and|but|so|as|if|because|when|then|that|which|please|pls|thanks|thank|mate|love|instead|still|"
        r"with|for|he|she|they|we|you|i|it|his|her|their|our|my|your|it'll|we'll|he'll|she'll|they'll|i'll|is|was|will|works|suits|stands)\b)",
        re.IGNORECASE,
    ),
)
"""A day of the month as it is spoken: "the note says the eighteenth". From the thirteenth on few ordinals count anything else; one up to the
twelfth is a day only where a day is expected before it and nothing to be counted follows ("the second visit", "the first thing", "on the third")."""
_ON_WEEKDAY = re.compile(rf"\b(next )?{_WEEKDAY}\b", re.IGNORECASE)
_SOON = re.compile(
    r"\b(?P<now>immediately|straight ?away|right (?:now|away)|at once|(?:with)?in(?:side)? the (?:next )?hour|(?<!\w )(?:the )?next hour(?=\W*(?:please|pls|or\b|[.!]|$)))\b"
    r"|\b(?P<today>today|tonight|this (?:morning|afternoon|evening)|(?:close|end) of (?:play|business|(?:the )?day)|cop\b|eod\b)"
    r"|\b(?P<tomorrow>tomorrow|tomoz|tmrw)\b|\b(?P<next>end of next week)\b|\b(?P<week>end of (?:the|this) week|this week)\b|\b(?P<month>end of (?:the|this) month|month end)\b",
    re.IGNORECASE,
)
_END_OF_MONTH = re.compile(rf"\bend of {_MONTH}\b", re.IGNORECASE)
_WITHIN = re.compile(
    rf"\b(?:within|in|inside|next|got|have|has|give you|you)\s+(?:like |just |the (?:next )?|about )?{_COUNT}(?: an)?\s*"
    r"(?P<working>working |business )?(?P<unit>seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)\b",
    re.IGNORECASE,
)


def number(word: str) -> int:
    """A small count in digits or in words; 0 where it is neither."""
    plain = word.lower().replace("-", "").replace(" ", "")
    if plain.isdigit():
        return int(plain)
    return _NUMBERS.index(plain) if plain in _NUMBERS else _LONGER.get(plain, 0)


_Found = tuple[int, int, datetime]
"""Where the words for a moment begin and end, and the moment."""


def moments_in(
    text: str, said: datetime, workdays: WorkingDays, *, hours_of_days: bool = False
) -> Iterator[tuple[int, datetime]]:
    """Each moment that ``text`` names, with where it stands; a day without an hour means 17:00 London time.

    Read as lying after ``said``: a day of the month without a month is the next such day, a weekday the next such weekday.
    ``hours_of_days``: an hour is of the day that was named last before it ("Scott comes on Thursday, it will be up by noon"), not the next such hour.
    """
    local = said.astimezone(LONDON)
    days = _apart(_days_in(text, local, workdays))
    for start, _, moment in days:
        yield start, moment
    for start, _, moment in _apart(_hours_in(text, local), days):
        day = max((one for one in days if hours_of_days and one[1] <= start), default=None)
        yield start, moment if day is None else datetime.combine(day[2].astimezone(LONDON), moment.timetz())


def _apart(found: Iterable[_Found], taken: Sequence[_Found] = ()) -> list[_Found]:
    """Those that share no letter with one before them or with one ``taken``."""
    kept: list[_Found] = []
    for one in found:
        if not any(one[0] < end and start < one[1] for start, end, _ in (*taken, *kept)):
            kept.append(one)
    return kept


def _days_in(text: str, local: datetime, workdays: WorkingDays) -> Iterator[_Found]:
    for match in _WITHIN.finditer(text):
        moment = _after(local, number(match[1]), match["unit"].lower(), bool(match["working"]), workdays)
        yield match.start(), match.end(), moment
    for match in _DAY_MONTH.finditer(text):
        yield from _dated(text, match, local, int(match[1]), match[2], match[3])
    for match in _MONTH_DAY.finditer(text):
        yield from _dated(text, match, local, int(match[2]), match[1], None)
    for match in _NUMERIC.finditer(text):
        if 1 <= int(match[2]) <= 12:
            yield from _dated(text, match, local, int(match[1]), _MONTHS[int(match[2]) - 1], None)
    for match in _THE_NTH.finditer(text):
        yield from _dated(text, match, local, int(match[1]), None, None)
    for pattern in (*_SAID_WITH_MONTH, *_SAID_NTH):
        for match in pattern.finditer(text):
            day = _NTHS.index(re.sub(r"[- ]", "", match["nth"].lower())) + 1
            yield from _dated(text, match, local, day, match.groupdict().get("month"), None)
    for match in _END_OF_MONTH.finditer(text):
        yield from _dated(text, match, local, _last_day(local, match[1]), match[1], None)
    for match in _SOON.finditer(text):
        yield *_span(text, match), _soon(match, text, local)
    for match in _ON_WEEKDAY.finditer(text):
        ahead = (_weekday(match[2]) - local.weekday()) % 7 or 7
        yield *_span(text, match), _at_hour(local.date() + timedelta(days=ahead), text, match)


def _hours_in(text: str, local: datetime) -> Iterator[_Found]:
    for match in _HOUR.finditer(text):
        hour = _hour(match)
        if hour is not None:
            same_day = datetime.combine(local.date(), hour, LONDON)
            yield match.start(), match.end(), same_day if same_day > local else same_day + timedelta(days=1)


def _after(local: datetime, count: int, unit: str, working: bool, workdays: WorkingDays) -> datetime:
    if unit.startswith(("min", "sec")):
        return local + timedelta(minutes=count)
    if unit.startswith("h"):
        return local + timedelta(hours=count)
    if unit.startswith("w"):
        return close_of(local.date() + timedelta(weeks=count))
    return workdays.add(local, count) if working else close_of(local.date() + timedelta(days=count))


def _dated(
    text: str, match: re.Match[str], local: datetime, day: int, month: str | None, year: str | None
) -> Iterator[_Found]:
    found = _next_date(local.date(), day, None if month is None else _MONTHS.index(month[:3].lower()) + 1)
    if found is not None and year is not None and int(year) != found.year:
        found = None
    if found is not None:
        yield *_span(text, match), _at_hour(found, text, match)


def _next_date(today: date, day: int, month: int | None) -> date | None:
    """The first such day on or after ``today``; with a month, one up to two months ago is read as past and not given."""
    for ahead in range(13):
        year, index = divmod(today.month - 1 + ahead, 12)
        if month is not None and index + 1 != month:
            continue
        try:
            found = date(today.year + year, index + 1, day)
        except ValueError:
            continue
        if found >= today:
            return found if month is None or (found - today).days <= 300 else None
    return None


def _last_day(local: datetime, month: str) -> int:
    """The last day of the month of that name that is not over."""
    index = _MONTHS.index(month[:3].lower()) + 1
    return monthrange(local.year + (index < local.month), index)[1]


def _soon(match: re.Match[str], text: str, local: datetime) -> datetime:
    if match["now"]:
        return local + timedelta(hours=1)
    if match["tomorrow"]:
        return _at_hour(local.date() + timedelta(days=1), text, match)
    if match["next"]:
        return close_of(local.date() + timedelta(days=11 - local.weekday()))
    if match["week"]:
        return close_of(local.date() + timedelta(days=max(0, 4 - local.weekday())))
    if match["month"]:
        return close_of(local.date().replace(day=_last_day(local, _MONTHS[local.month - 1])))
    evening = "tonight" in match[0].lower() or "evening" in match[0].lower() or local.time() >= CLOSES
    latest = datetime.combine(local.date(), time(23, 59), LONDON)
    return latest if evening else _at_hour(local.date(), text, match)


def _at_hour(day: date, text: str, match: re.Match[str]) -> datetime:
    """The hour that stands beside a day ("Friday at noon", "8am tomorrow"), else the close of the day."""
    near = _hour_beside(text, match)
    hour = _hour(near) if near else None
    if near is None and _MORNING.search(text, max(0, match.start() - _BESIDE), match.end() + _BESIDE):
        hour = _MORNING_ENDS
    return close_of(day) if hour is None else datetime.combine(day, hour, LONDON)


def _hour_beside(text: str, match: re.Match[str]) -> re.Match[str] | None:
    after = _HOUR.search(text, match.end(), match.end() + _BESIDE)
    begins = max(0, match.start() - _BESIDE, *(text.rfind(stop, 0, match.start()) for stop in ",;"))
    return after or _HOUR.search(text, begins, match.start())


def _span(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Where a day stands together with the hour beside it, so that the hour is not read a second time."""
    near = _hour_beside(text, match)
    return (min(match.start(), near.start()), max(match.end(), near.end())) if near else match.span()


def _hour(match: re.Match[str]) -> time | None:
    if match["noon"] or match["tea"]:
        return time(12) if match["noon"] else CLOSES
    bare = next((match[name] for name in ("bare", "till", "till2", "until", "before") if match[name]), None)
    if bare is not None:
        return _clock_hour(bare)
    if match["h24"]:
        hour, minute = int(match["h24"]), int(match["m24"])
    elif match["word"]:
        return _clock_hour(match["word"])
    else:
        hour, minute = int(match["h"]), int(match["m"] or 0)
        hour = hour % 12 + 12 * match["half"].lower().startswith("p")
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _clock_hour(words: str) -> time | None:
    """An hour said without am or pm: from eight to twelve it is the morning or noon, otherwise the afternoon."""
    hour_part, _, minutes = words.replace(".", ":").partition(":")
    hour = number(hour_part)
    hour += 12 if 1 <= hour <= 7 else 0
    return time(hour, int(minutes or 0)) if 0 < hour < 24 and int(minutes or 0) < 60 else None


def _weekday(word: str) -> int:
    return next(index for index, day in enumerate(_DAYS) if day.startswith(word[:3].lower()))
