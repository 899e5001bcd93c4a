"""Bytes to text that a database and a browser can hold, with every change noted as a sentence."""

import codecs
import re

# Charsets that mail is really written in. Codecs such as utf-7, idna, base64 or unicode_escape hide or rewrite words.
_ALLOWED = frozenset(
    codecs.lookup(name).name
    for name in [
        "ascii",
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "cp437",
        "cp850",
        "cp852",
        "cp866",
        "cp874",
        "cp932",
        "cp949",
        "cp950",
        "iso8859-1",
        "iso8859-2",
        "iso8859-3",
        "iso8859-4",
        "iso8859-5",
        "iso8859-6",
        "iso8859-7",
        "iso8859-8",
        "iso8859-9",
        "iso8859-10",
        "iso8859-11",
        "iso8859-13",
        "iso8859-14",
        "iso8859-15",
        "iso8859-16",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "big5",
        "gb2312",
        "gbk",
        "gb18030",
        "euc-jp",
        "euc-kr",
        "shift_jis",
        "iso2022_jp",
    ]
)
MOST_BYTES = 8_000_000  # of one part; a multiple of 4, so that no wide character is cut
_OTHER_NAMES = {"iso-8859-8-i": "iso8859-8", "windows-874": "cp874", "x-sjis": "shift_jis", "macintosh": "mac-roman"}
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85")


def decode(content: bytes, declared: str | None) -> tuple[str, str | None]:
    """Text of a part and, where the declared charset was no help, a sentence: declared, then UTF-8, then cp1252."""
    name = _known_charset(declared)
    content = content[:MOST_BYTES]
    if name is not None:
        try:
            return _decoded(content, name), None
        except (UnicodeError, LookupError):
            trouble = f"The text is not valid {declared}, which the message names"
    elif declared:
        trouble = f"The message names an unknown character set, {declared[:40]!r}"
    else:
        trouble = ""
    text, used = _guessed(content)
    if trouble:
        return text, f"{trouble}; it was read as {used}."
    return text, None if used == "UTF-8" else f"The message names no character set; it was read as {used}."


def _decoded(content: bytes, name: str) -> str:
    """Strictly decoded, save that a character may be cut in two where the content was."""
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        if len(content) < MOST_BYTES or error.start < len(content) - 8:
            raise
        return content[: error.start].decode(name)


def _guessed(content: bytes) -> tuple[str, str]:
    """UTF-8 when the bytes are, or nearly are: one broken byte must not turn every other accent into two letters."""
    try:
        return _decoded(content, "utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", "replace")
    broken = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - broken
    if whole > broken:
        return text, f"UTF-8 with {broken} broken characters"
    return content.decode("cp1252", "replace"), "Windows-1252"


def clean_text(text: str) -> tuple[str, list[str]]:
    r"""Text with `\n` line ends and without NUL, control characters and lone surrogates, and what was changed."""
    problems = []
    if "\x00" in text:
        problems.append(f"The text held {text.count(chr(0))} NUL characters; they were taken out.")
        text = text.replace("\x00", "")
    if _SURROGATES.search(text):
        text, count = _SURROGATES.subn("\ufffd", text)
        problems.append(f"The text held {count} halves of characters (lone surrogates); each is shown as \ufffd.")
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)), problems


def clean_line(text: str, limit: int = 2000) -> str:
    """A header's value on one line: controls and line breaks gone, spaces collapsed, at most `limit` characters."""
    text = _SURROGATES.sub("\ufffd", text[: limit * 4].replace("\x00", ""))
    return " ".join(_CONTROLS.sub(" ", text).split())[:limit]


def _known_charset(declared: str | None) -> str | None:
    if not declared:
        return None
    name = declared.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    if found not in _ALLOWED:
        return None
    # What calls itself ASCII or Latin-1 is Windows-1252 in practice (WHATWG Encoding, "names and labels").
    return "cp1252" if found == "iso8859-1" else found
