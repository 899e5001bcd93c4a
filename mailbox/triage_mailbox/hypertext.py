"""HTML to the text that a reader sees (inscriptis, strict profile), with quoted and hidden stretches told apart."""

import html
import re
from dataclasses import dataclass
from functools import cache

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig

from triage_mailbox.hiding import Hiding
from triage_mailbox.messages import SegmentKind

_UNSEEN = re.compile(r"<(script|style|title|head)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_PICTURE = re.compile(r"data:[\w/+.-]{0,80};base64,[A-Za-z0-9+/=\s]{200,}", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_NO_DISPLAY = re.compile(r"display\s*:\s*none[^;]*;?", re.IGNORECASE)
_MARK = "data-triage-words"
_RULES = {f"#{_MARK}={kind.value}": [kind.value] for kind in (SegmentKind.QUOTED, SegmentKind.SIGNATURE)}

_RULER_ABOVE = re.compile(r"border-top\s*:\s*solid\s+#(?:e1e1e1|b5c4df)", re.IGNORECASE)
_QUOTE_CLASSES = {"gmail_quote", "gmail_quote_container", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"}
_QUOTE_IDS = {"divRplyFwdMsg", "appendonsend", "reply-intro", "OLK_SRC_BODY_SECTION"}
_SIGNATURE_CLASSES = {"gmail_signature", "moz-signature", "protonmail_signature_block"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """What a reader sees, where the markup itself marks another's words, and the words that the markup hides."""

    text: str
    marked: tuple[tuple[int, int, SegmentKind], ...]
    hidden: tuple[str, ...]


def read_html(markup: str) -> ShownText:
    """Turn HTML into the text that is shown.

    What `Hiding` finds hidden is kept apart, marked and never scored. Raises nothing for odd markup.
    """
    tree = _tree_of(markup)
    if tree is None:
        return ShownText(text="", marked=(), hidden=())
    hidden = _take_out_hidden(tree)
    _mark_quotes(tree)
    reader = Inscriptis(tree, _reading())
    text = reader.get_text()
    if not text.strip() and not hidden:
        return ShownText(text=_without_markup(markup), marked=(), hidden=())
    marked = tuple((note.start, note.end, SegmentKind(note.metadata)) for note in reader.get_annotations())
    return ShownText(text=text, marked=marked, hidden=tuple(hidden))


@cache
def _reading() -> ParserConfig:
    """How to read; built once, as it copies all of its rules each time."""
    return ParserConfig(css=CSS_PROFILES["strict"], annotation_rules=_RULES)


def without_pictures(markup: str) -> str:
    """Markup without the pictures written into it (data: addresses), which would use up the characters that are read."""
    return _PICTURE.sub("data:", markup)


def _tree_of(markup: str) -> lxml.html.HtmlElement | None:
    markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    if not markup.strip():
        return None
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError):
        return None


def _without_markup(markup: str) -> str:
    """What is left when tags are cut out: for markup so deep or broken that it shows nothing (libxml2 stops at 256)."""
    markup = _UNSEEN.sub(" ", markup)
    return "\n".join(line.strip() for line in html.unescape(_TAG.sub("", markup)).split("\n")).strip()


def _take_out_hidden(tree: lxml.html.HtmlElement) -> list[str]:
    hiding = Hiding(tree)
    found = []
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "head", "style", "script", "title"):
            continue
        if hiding.hides(element) and element.getparent() is not None:
            words = " ".join("".join(element.itertext()).split())
            if words.strip("\u200c\u200b\u00ad\u034f\u2007 "):
                found.append(words)
            element.drop_tree()
        elif "none" in (element.get("style") or "").lower():  # set anew later: inscriptis would leave it out
            element.set("style", _NO_DISPLAY.sub("", element.get("style")))
    return found


def _mark_quotes(tree: lxml.html.HtmlElement) -> None:
    """Mark what mail programs themselves wrap as the earlier message; Outlook's divider makes all that follows it one."""
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        names = set((element.get("class") or "").split())
        if names & _QUOTE_CLASSES or (element.tag == "blockquote" and element.get("type") == "cite"):
            element.set(_MARK, SegmentKind.QUOTED.value)
        elif names & _SIGNATURE_CLASSES or element.get("data-smartmail") == "gmail_signature":
            element.set(_MARK, SegmentKind.SIGNATURE.value)
    divider = next((part for part in tree.iter() if _is_divider(part)), None)
    if divider is not None:
        _mark_from(divider)


def _is_divider(element: lxml.html.HtmlElement) -> bool:
    """Outlook's dividers: by id (the web and mobile), or a thin grey rule above a block of headers (the desktop)."""
    if not isinstance(element.tag, str):
        return False
    if element.get("id") in _QUOTE_IDS:
        return True
    if element.tag != "div" or not _RULER_ABOVE.search(element.get("style") or ""):
        return False
    lines = [line.strip() for line in element.text_content()[:2_000].replace("\r", "").split("\n") if line.strip()]
    return bool(lines) and ":" in lines[0][:30]


def _mark_from(divider: lxml.html.HtmlElement) -> None:
    """Mark an element and all that comes after it in reading order, up through its parents."""
    step = divider
    step.set(_MARK, SegmentKind.QUOTED.value)
    while step is not None and step.tag != "body":
        for later in step.itersiblings():
            if isinstance(later.tag, str):
                later.set(_MARK, SegmentKind.QUOTED.value)
        step = step.getparent()
