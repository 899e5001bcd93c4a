"""What HTML hides from a reader: where it cannot be told for sure, words count as shown, and are scored."""

import re
from collections.abc import Iterable

import lxml.html  # type: ignore[import-untyped]

Declarations = dict[str, str]

_TAGS = frozenset({"template", "noscript", "datalist", "noframes", "object"})
_ZERO = re.compile(r"^0*\.?0+(?:px|pt|em|rem|ex|%|vw|vh|cm|mm|in)?$")
_TINY = re.compile(r"^(?:0+(?:\.\d+)?|1|0?\.\d+)(?:px|pt|em|rem|%)?$")
_FAR_AWAY = re.compile(r"^-\d{3,}")
_COLOUR_IN = re.compile(r"#[0-9a-f]{3,8}|rgba?\([^)]{1,40}\)|[a-z]{3,24}")
_CLEAR = re.compile(r"^(?:transparent|rgba\(\d+,\d+,\d+,0(?:\.0+)?\)|#[0-9a-f]{6}00)$")
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{1,2000})\}")
_CLASS = re.compile(r"\.([\w-]+)\s*$")
_COLOURS = {"white": "#ffffff", "black": "#000000", "rgb(255,255,255)": "#ffffff", "rgb(0,0,0)": "#000000"}
_INHERITED = ("color", "font-size", "visibility")


def declarations(style: str) -> Declarations:
    """The declarations of a style in lower case without spaces; the last of a property counts, save for !important."""
    found: Declarations = {}
    important: set[str] = set()
    for part in style.lower().split(";")[:200]:
        name, colon, value = part.partition(":")
        name, value = name.strip(), "".join(value.split())
        if not colon or (name in important and "!important" not in value):
            continue
        if "!important" in value:
            important.add(name)
        found[name] = value.replace("!important", "")
    return found


class Hiding:
    """What one document hides: by inline style, attribute, tag, or a class that its style elements hide."""

    def __init__(self, tree: lxml.html.HtmlElement) -> None:
        self._classes: dict[str, Declarations] = {}
        for style in tree.iter("style"):
            for selectors, body in _RULE.findall((style.text or "")[:200_000]):
                for selector in selectors.split(","):
                    match = _CLASS.search(selector)
                    if match is not None and "@" not in selectors:
                        self._classes.setdefault(match.group(1), {}).update(declarations(body))

    def hides(self, element: lxml.html.HtmlElement) -> bool:
        """Whether a reader sees nothing of an element and of all that is in it."""
        if element.get("hidden") is not None or element.tag in _TAGS:
            return True
        style = self._style(element)
        if not style and element.tag != "font":
            return False
        if style.get("display") == "none" or style.get("mso-hide") == "all" or _is_zero(style.get("opacity")):
            return True
        if _is_cut_away(style):
            return True
        if style.get("visibility") in ("hidden", "collapse") or _TINY.match(style.get("font-size", "")):
            return not self._is_undone_inside(element)
        return self._is_unseen_colour(element, style) and not self._is_undone_inside(element)

    def _style(self, element: lxml.html.HtmlElement) -> Declarations:
        inline = element.get("style") or ""
        names = (element.get("class") or "").split() if self._classes else []
        if not inline and not names:
            return {}
        found: Declarations = {}
        for name in names:
            found.update(self._classes.get(name, {}))
        return {**found, **declarations(inline)}

    def _is_undone_inside(self, element: lxml.html.HtmlElement) -> bool:
        """Whether something inside sets anew what it would inherit: then it may well be seen."""
        inside: Iterable[lxml.html.HtmlElement] = element.iterdescendants()
        return any(
            part.get("color") or part.get("size") or any(name in self._style(part) for name in _INHERITED)
            for part in inside
            if isinstance(part.tag, str)
        )

    def _is_unseen_colour(self, element: lxml.html.HtmlElement, style: Declarations) -> bool:
        """Words that are clear, of the colour of the nearest background, or white where nothing sets a background."""
        named = style.get("color") or (element.get("color") if element.tag == "font" else None)
        colour = _colour(named or "")
        if not colour:
            return False
        if _CLEAR.match(colour):
            return True
        for part in (element, *element.iterancestors()):
            around = self._style(part)
            ground = around.get("background-color") or around.get("background") or (part.get("bgcolor") or "").lower()
            if around.get("background-image") or part.get("background"):
                return False
            if ground:
                match = _COLOUR_IN.search(ground)
                return match is not None and _colour(match.group()) == colour
        return colour == "#ffffff"


def _is_zero(value: str | None) -> bool:
    return value is not None and bool(_ZERO.match(value))


def _is_cut_away(style: Declarations) -> bool:
    """Off the page, cut to nothing or shrunk to nothing; a size of nothing hides only where what flows over is cut off."""
    cut = style.get("overflow", style.get("overflow-y", "")) in ("hidden", "clip")
    if cut and any(_is_zero(style.get(name)) for name in ("height", "max-height", "width", "max-width")):
        return True
    placed = style.get("position") in ("absolute", "fixed", "relative")
    if placed and any(_FAR_AWAY.match(style.get(name, "")) for name in ("left", "top", "right", "bottom")):
        return True
    if placed and re.match(r"rect\(0|rect\(1px,1px", style.get("clip", "")):
        return True
    if _FAR_AWAY.match(style.get("text-indent", "")) or re.match(r"-\d{4,}", style.get("margin-left", "")):
        return True
    if re.match(r"inset\((?:50|100)%\)", style.get("clip-path", "")):
        return True
    return bool(re.search(r"scale[xy]?\(0(?:\.0\d*)?[,)]|translate[xy]?\(-\d{4,}", style.get("transform", "")))


def _colour(value: str) -> str:
    """A colour in one spelling: lower case, no spaces, six hexadecimal figures where three were written."""
    value = "".join(value.lower().split())
    value = _COLOURS.get(value, value)
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        value = "#" + "".join(2 * figure for figure in value[1:])
    return value
