"""Sign-offs, mobile footers and disclaimers at the end of a letter: only what is plainly not something being said."""

import re

# RFC 3676 section 4.3: two hyphens and a space; many programs lose the space.
_DELIMITER = re.compile(r"^(?:--|__)\s*$")
_MOBILE = re.compile(
    r"^\W{0,3}(?:sent (?:from|via|using) (?:my |the )?(?:[\w' ]{1,40})|get outlook for (?:ios|android)(?:<[^>]*>)?"
    r"|envoyé (?:de|depuis) mon [\w ]{1,30}|gesendet von [\w ]{1,30}|verzonden (?:vanaf|met) mijn [\w ]{1,30}"
    r"|enviado desde mi [\w ]{1,30}|sendt fra min [\w ]{1,30}|skickat från min [\w ]{1,30}|wysłane z [\w ]{1,30}|yahoo mail: [\w ,]{1,60}|sent from yahoo mail[\w .]{0,30})"
    r"(?:\s*<?https?://\S+)?[.!]?\W{0,3}$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"^(?:(?:(?:kind|kindest|best|warm|warmest|many) )?regards|(?:best|all the best|best wishes|cheers)"
    r"|yours(?: (?:sincerely|faithfully|truly))?|sincerely|(?:many )?thanks(?: again)?|thank you|thanks and regards"
    r"|cordialement|bien à vous|mit freundlichen grüßen|viele grüße|saludos|groeten|met vriendelijke groet)"
    r"[,.!]?(?P<name>(?: (?-i:[A-Z][\w'’-]*\.?)){0,4})$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"^p\.?\s?s\b", re.IGNORECASE)
_CONTACT = re.compile(
    r"https?://|www\.|@|\b(?:tel|phone|mob|mobile|fax|ext|t|m|e|w|f)\s*[:.]|\+?\d[\d ()-]{7,}|\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b",
    re.IGNORECASE,
)
_DISCLAIMER_PHRASES = tuple(
    re.compile(phrase, re.IGNORECASE)
    for phrase in (
        r"intended (?:solely |only )?(?:for (?:the )?(?:use of )?(?:the )?|recipient)",
        r"\bconfidential\b|\bprivileged\b",
        r"if you (?:have received|are not the|received) ",
        r"in error\b",
        r"(?:this|the) (?:e-?mail|message|communication)(?: and any| or any|, including)? ?(?:attach\w+|files)?",
        r"(?:views|opinions) (?:expressed|stated|are)",
        r"registered (?:in england|office|number|charity|society)|company (?:number|no\b)",
        r"virus|monitored|disclos|unauthori[sz]ed",
        r"originated (?:from )?outside|do not click (?:on )?(?:any )?links|unless you recogni[sz]e the sender",
        r"consider the environment|before printing",
    )
)
_LINES_OF_A_SIGNATURE = 10


def is_mobile_footer(line: str) -> bool:
    """A line such as "Sent from my iPhone"."""
    return bool(_MOBILE.match(line.strip()))


def signature_starts(lines: list[str]) -> int | None:
    """The index of the line where a signature begins among a person's own lines, or None.

    A delimiter or a sign-off begins one only when nothing after it reads like a sentence: a name, a post and ways of
    contact are a signature, "Thanks, and another thing: ..." and a postscript are not.
    """
    last = len(lines)
    while last and (not lines[last - 1].strip() or is_mobile_footer(lines[last - 1])):
        last -= 1
    for index in range(last - 1, -1, -1):
        line = lines[index].strip()
        if not line:
            continue
        if _DELIMITER.match(line) or (_SIGN_OFF.match(line) and index > 0):
            return index if _is_signature(lines[index + 1 : last]) else None
        if _is_prose(line):
            return None
    return None


def is_disclaimer(paragraph: str) -> bool:
    """Whether a paragraph is a disclaimer or a gateway's warning: three stock phrases, not a person's one."""
    return sum(bool(phrase.search(paragraph)) for phrase in _DISCLAIMER_PHRASES) >= 3


def _is_signature(lines: list[str]) -> bool:
    filled = [line for line in lines if line.strip()]
    return len(filled) <= _LINES_OF_A_SIGNATURE and not any(_is_prose(line) for line in filled)


def _is_prose(line: str) -> bool:
    line = line.strip()
    if _POSTSCRIPT.match(line):
        return True
    if _CONTACT.search(line):
        return len(line.split()) > 12
    if _DELIMITER.match(line) or _SIGN_OFF.match(line) or is_mobile_footer(line):
        return False
    return len(line.split()) > 6 or (line.endswith((".", "!", "?")) and len(line.split()) > 2) or _shouts(line)


def _shouts(line: str) -> bool:
    return line.endswith(("!", "?"))
