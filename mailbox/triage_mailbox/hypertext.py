"""HTML to the text that a reader sees (inscriptis, strict profile), with quoted and hidden stretches told apart."""

import html
import re
from dataclasses import dataclass

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig

from triage_mailbox.messages import SegmentKind

_UNSEEN = re.compile(r"<(script|style|title|head)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_PICTURE = re.compile(r"data:[\w/+.-]{0,80};base64,[A-Za-z0-9+/=\s]{200,}", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_MARK = "data-triage-words"
_RULES = {f"#{_MARK}={kind.value}": [kind.value] for kind in (SegmentKind.QUOTED, SegmentKind.SIGNATURE)}

_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0*(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*(?:0+(?:\.\d+)?|1|0?\.\d+)\s*(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|max-height\s*:\s*0+(?:px|pt)?\s*(?:;|!|$)|text-indent\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_WHITE_WORDS = re.compile(
    r"(?<![-\w])color\s*:\s*(?:white|#f{3}(?:f{3})?|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))\s*(?:;|!|$)", re.IGNORECASE
)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:", re.IGNORECASE)
_HIDING_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{1,2000})\}")
_CLASS = re.compile(r"\.([\w-]+)\s*$")
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

    Hidden by inline style, the `hidden` attribute, or a class that a style element hides: kept apart, never scored.
    White words count as hidden only where no element around them sets a background. Raises nothing for odd markup.
    """
    tree = _tree_of(markup)
    if tree is None:
        return ShownText(text="", marked=(), hidden=())
    hidden = _take_out_hidden(tree)
    _mark_quotes(tree)
    reader = Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"], annotation_rules=_RULES))
    text = reader.get_text()
    if not text.strip() and not hidden:
        return ShownText(text=_without_markup(markup), marked=(), hidden=())
    marked = tuple((note.start, note.end, SegmentKind(note.metadata)) for note in reader.get_annotations())
    return ShownText(text=text, marked=marked, hidden=tuple(hidden))


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
    classes = _hidden_classes(tree)
    found = []
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "head", "style", "script", "title"):
            continue
        if _is_hidden(element, classes) and element.getparent() is not None:
            words = " ".join("".join(element.itertext()).split())
            if words.strip("\u200c\u200b\u00ad\u034f\u2007 "):
                found.append(words)
            element.drop_tree()
    return found


def _hidden_classes(tree: lxml.html.HtmlElement) -> set[str]:
    classes = set()
    for style in tree.iter("style"):
        for selectors, body in _HIDING_RULE.findall(style.text or ""):
            if re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", body, re.IGNORECASE) and "@" not in selectors:
                classes |= {match.group(1) for match in map(_CLASS.search, selectors.split(",")) if match}
    return classes


def _is_hidden(element: lxml.html.HtmlElement, classes: set[str]) -> bool:
    style = element.get("style") or ""
    if element.get("hidden") is not None or _HIDING.search(style):
        return True
    if classes and classes & set((element.get("class") or "").split()):
        return True
    white = _WHITE_WORDS.search(style) or (element.tag == "font" and _is_white(element.get("color") or ""))
    return bool(white) and not _has_background(element)


def _is_white(colour: str) -> bool:
    return colour.strip().lower() in ("white", "#fff", "#ffffff")


def _has_background(element: lxml.html.HtmlElement) -> bool:
    around = [element, *element.iterancestors()]
    return any(part.get("bgcolor") or _BACKGROUND.search(part.get("style") or "") for part in around)


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
    divider = next((part for part in tree.iter() if part.get("id") in _QUOTE_IDS), None)
    if divider is not None:
        _mark_from(divider)


def _mark_from(divider: lxml.html.HtmlElement) -> None:
    """Mark an element and all that comes after it in reading order, up through its parents."""
    step = divider
    step.set(_MARK, SegmentKind.QUOTED.value)
    while step is not None and step.tag != "body":
        for later in step.itersiblings():
            if isinstance(later.tag, str):
                later.set(_MARK, SegmentKind.QUOTED.value)
        step = step.getparent()
