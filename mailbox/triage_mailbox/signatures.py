"""Sign-offs, mobile footers and disclaimers at the end of a letter: only what is plainly not something being said."""

import re
from dataclasses import dataclass

# RFC 3676 section 4.3: two hyphens and a space; many programs lose the space.
_DELIMITER = re.compile(r"^(?:--|__)\s*$")
_MOBILE = re.compile(
    r"^\W{0,3}(?:sent with (?:proton ?mail|spark|airmail|tuta(?:nota)?|mailspring|k-9 mail)[\w ]{0,30}|sent (?:from|via|using) (?:my |the )?(?:[\w' ]{1,40})|get outlook for (?:ios|android)(?:<[^>]*>)?"
    r"|envoyé (?:de|depuis) (?:mon |l'application )?[\w ]{1,30}|(?:von meinem [\w ]{1,30} gesendet|gesendet (?:von|mit der?) [\w ]{1,40})"
    r"|verzonden (?:vanaf|met) mijn [\w ]{1,30}|enviado (?:desde|do|de|a partir do) (?:mi |meu |o meu )?[\w ]{1,30}|inviato da(?:l mio)? [\w ]{1,30}"
    r"|sendt fra min [\w ]{1,30}|skickat från min [\w ]{1,30}|(?:wysłane|wysłano) z [\w ]{1,30}|trimis de pe [\w ]{1,30}"
    r"|\w{2,20}['’]?(?:[ıiuü]m|m)?(?:den|dan|tan|ten) gönderildi|iphone['’]umdan gönderildi|تم الإرسال من (?:جهاز )?[\w ]{1,30}|أُرسلت من [\w ]{1,30}"
    r"|outlook (?:für|pour|para|per) (?:ios|android)[\w ]{0,20}|yahoo mail: [\w ,]{1,60}|sent from yahoo mail[\w .]{0,30})"
    r"(?:\s*<?https?://\S+)?[.!]?\W{0,3}$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"^(?:(?:(?:with )?(?:kind|kindest|best|warm|warmest|many) )?regards|(?:best|all the best|best wishes|kind wishes|cheers)"
    r"|yours(?: (?:sincerely|faithfully|truly))?|sincerely|(?:many )?thanks(?: again| in advance)?|thank you|thx|ta"
    r"|(?:many )?thanks and (?:kind )?regards|thanks,? kind regards|respectfully|rgds|kr"
    r"|(?:bien )?cordialement|bien à vous|merci(?: d'avance)?|(?:mit )?(?:freundlichen|freundliche|besten|beste|viele|liebe) grüßen?|mfg|lg"
    r"|saludos(?: cordiales)?|un saludo|atentamente|gracias|groeten|met vriendelijke groet(?:en)?|mvg|atenciosamente|atentamente"
    r"|cumprimentos|com os melhores cumprimentos|obrigad[oa]|cordiali saluti|distinti saluti|grazie|z poważaniem|pozdrawiam|dziękuję"
    r"|cu (?:stimă|respect)|mulțumesc|toate cele bune|saygılarımla|saygılar|teşekkürler|iyi günler|مع التحية|تحياتي|مع خالص التحية|شكرا"
    r"|med venlig hilsen|mvh|vänliga hälsningar|hilsen|s pozdravem|üdvözlettel|с уважением)"
    r"[,.!،]?(?P<name>(?: (?-i:[A-Z][\w'’-]*\.?)){0,4})$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"^p\.?\s?s\b", re.IGNORECASE)
_CONTACT = re.compile(
    r"https?://|www\.|@|\b(?:tel|phone|mob|mobile|fax|ext|t|m|e|w|f)\s*[:.]|\+?\d[\d ()-]{7,}|\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A stock phrase and, in lower case, pieces of which any match has one: looking for those is many times quicker."""

    pattern: re.Pattern[str]
    pieces: tuple[str, ...]

    def may_be_in(self, folded: str) -> bool:
        """Whether a text in the case of the pieces (`fold`) has one of them."""
        return any(piece in folded for piece in self.pieces)

    def is_in(self, text: str, folded: str) -> bool:
        """Whether `text` has the phrase; `folded` is that text in the case of the pieces."""
        return self.may_be_in(folded) and bool(self.pattern.search(text))


def _phrase(pattern: str, *pieces: str) -> Phrase:
    return Phrase(pattern=re.compile(pattern, re.IGNORECASE), pieces=pieces)


DISCLAIMER_PHRASES = (
    _phrase(r"intended (?:solely |only )?(?:for (?:the )?(?:use of )?(?:the )?|recipient)", "intended "),
    _phrase(r"\bconfidential\b|\bprivileged\b", "confidential", "privileged"),
    _phrase(r"if you (?:have received|are not the|received) ", "if you "),
    _phrase(r"in error\b", "in error"),
    _phrase(
        r"(?:this|the) (?:e-?mail|message|communication)(?: and any| or any|, including)? ?(?:attach\w+|files)?",
        "mail",
        "message",
        "communication",
    ),
    _phrase(r"(?:views|opinions) (?:expressed|stated|are)", "views ", "opinions "),
    _phrase(
        r"registered (?:in england|office|number|charity|society)|company (?:number|no\b)", "registered ", "company n"
    ),
    _phrase(r"virus|monitored|disclos|unauthori[sz]ed", "virus", "monitored", "disclos", "unauthori"),
    _phrase(
        r"originated (?:from )?outside|do not click (?:on )?(?:any )?links|unless you recogni[sz]e the sender",
        "originated ",
        "do not click ",
        "unless you recogni",
    ),
    _phrase(r"consider the environment|before printing", "consider the environment", "before printing"),
)
GATEWAY_PHRASES = (
    _phrase(r"^\W*(?:caution|warning|external|attention)\b", "caution", "warning", "external", "attention"),
    _phrase(
        r"(?:originated|sent|came|comes|is) from (?:outside|an? external)|external (?:sender|e-?mail|source)",
        " from ",
        "external ",
    ),
    _phrase(
        r"do not click (?:on )?(?:any )?links|(?:opening|open) attachments", "do not click ", "opening a", "open a"
    ),
    _phrase(r"recogni[sz]e the sender|(?:know|trust) the (?:content|sender)", "the sender", "the content"),
)
_LINES_OF_A_SIGNATURE = 10
_JOINING = frozenset(
    [
        "of",
        "and",
        "the",
        "for",
        "at",
        "in",
        "on",
        "to",
        "de",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "du",
        "da",
        "do",
        "and",
        "&",
        "y",
        "e",
        "und",
        "et",
        "bin",
        "al",
        "el",
        "ap",
    ]
)
_SAYING = frozenset(
    [
        "you",
        "your",
        "you're",
        "youre",
        "u",
        "ur",
        "he",
        "she",
        "they",
        "them",
        "him",
        "her",
        "it's",
        "its",
        "is",
        "are",
        "am",
        "was",
        "were",
        "be",
        "will",
        "not",
        "don't",
    ]
)
LEGAL_WORDS = _phrase(
    r"\b(?:liab\w+|notif\w+|delet\w+|copy\w*|copies|copied|recipient|sender|e-?mail\w*|polic\w+|charit\w+|law\w*|loss|damage|contents?"
    r"|attach\w*|distribut\w+|privacy|data protection|addressee|scan\w*|check\w*|warrant\w*|forward\w*|responsib\w+)\b",
    *("liab", "notif", "delet", "cop", "recipient", "sender", "mail", "polic", "charit", "law", "loss", "damage"),
    *("content", "attach", "distribut", "privacy", "addressee", "scan", "check", "warrant", "forward", "responsib"),
    "data protection",
)
_SPEAKING = frozenset(
    ["you", "your", "yours", "ur", "will", "they", "them", "he", "him", "she", "hers", "us", "we", "i"]
)
_RULER = re.compile(r"^[_=-]{10,}$")
_LIST_LINE = re.compile(
    r"^(?:[\w.-]{1,40} mailing list|<?(?:mailto:)?[\w.+-]{1,64}@[\w.-]{1,100}>?|<?https?://\S{1,300}>?"
    r"|(?:to unsubscribe|unsubscribe|list archive|archives?|manage your subscription)\b[^.!?]{0,12}[:,]? ?<?(?:https?://|mailto:)?[\w.+/@:=?&%-]{0,300}>?"
    r"|(?:you (?:received|are receiving) this (?:message|e-?mail) because you are subscribed to the [\w. -]{1,60}(?:list|group)\.?))$",
    re.IGNORECASE,
)


def is_mobile_footer(line: str) -> bool:
    """A line such as "Sent from my iPhone"."""
    return bool(_MOBILE.match(line.strip())) and not says_something(line)


def says_something(line: str) -> bool:
    """Whether a line speaks of or to somebody, as no device, header or introduction of a mail program does."""
    return line.rstrip().endswith(("!", "?")) or not _SPEAKING.isdisjoint(re.findall(r"[^\W\d_]+", line.lower()))


def signature_starts(lines: list[str], names: frozenset[str] = frozenset()) -> int | None:
    """The index of the line where a signature begins among a person's own lines, or None.

    A delimiter or a sign-off begins one only when nothing after it reads like something being said: a name, a post and
    ways of contact are a signature, "Thanks, and another thing: ..." and a postscript are not. Words in lower case are
    a name only where they are the sender's own (`names`), so that three insults below "Regards" stay words.
    """
    last = len(lines)
    while last and (not lines[last - 1].strip() or is_mobile_footer(lines[last - 1])):
        last -= 1
    for index in range(last - 1, -1, -1):
        line = lines[index].strip()
        if not line:
            continue
        if _DELIMITER.match(line) or (_SIGN_OFF.match(line) and index > 0):
            return index if is_signature(lines[index + 1 : last], names) else None
        if _is_prose(line, names):
            return None
    return None


def is_disclaimer(paragraph: str) -> bool:
    """Whether a paragraph is a disclaimer or a gateway's warning: three stock phrases, not a person's one.

    A sentence in it that speaks of or to somebody without a word of such texts is somebody's own: then none of it is.
    """
    folded = fold(paragraph)
    has_three = any(
        sum(phrase.may_be_in(folded) for phrase in phrases) >= 3
        and sum(phrase.is_in(paragraph, folded) for phrase in phrases) >= 3
        for phrases in (GATEWAY_PHRASES, DISCLAIMER_PHRASES)
    )
    return has_three and not any(
        says_something(part) and not _is_stock(part) for part in re.split(r"(?<=[.!?])\s+", paragraph)
    )


def _is_stock(sentence: str) -> bool:
    """Whether a sentence has a phrase or word of disclaimers and warnings."""
    folded = fold(sentence)
    return any(phrase.is_in(sentence, folded) for phrase in (*DISCLAIMER_PHRASES, *GATEWAY_PHRASES, LEGAL_WORDS))


def fold(text: str) -> str:
    """Lower case in which every letter that `re.IGNORECASE` takes for a plain one is that one (as for \u0130, \u0131, \u017f)."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    return lowered.replace("\u0307", "").replace("\u0131", "i").replace("\u017f", "s")


def is_list_footer(lines: list[str]) -> bool:
    """Whether lines are what a mailing list adds at the end: a ruler, then its name, addresses and ways to leave only."""
    filled = [line.strip() for line in lines if line.strip()]
    return 2 <= len(filled) <= 7 and bool(_RULER.match(filled[0])) and all(map(_LIST_LINE.match, filled[1:]))


def is_signature(lines: list[str], names: frozenset[str]) -> bool:
    """Whether lines hold names, posts and ways of contact only: nothing in them reads like something being said."""
    filled = [line for line in lines if line.strip()]
    return len(filled) <= _LINES_OF_A_SIGNATURE and not any(_is_prose(line, names) for line in filled)


def _is_prose(line: str, names: frozenset[str]) -> bool:
    line = line.strip()
    if _POSTSCRIPT.match(line):
        return True
    if _CONTACT.search(line):
        return len(line.split()) > 12
    if _DELIMITER.match(line) or _SIGN_OFF.match(line) or is_mobile_footer(line):
        return False
    if len(line.split()) > 6 or (line.endswith((".", "!", "?")) and len(line.split()) > 2) or _shouts(line):
        return True
    return not _is_like_a_name(line, names)


def _is_like_a_name(line: str, names: frozenset[str]) -> bool:
    """Every word begins with a capital, is joined to such a word, or is one of the sender's names."""
    words = re.findall(r"[^\W\d_][\w'’-]*", line)
    if any(word.lower() in _SAYING for word in words):
        return False
    return all(
        word[0] == word[0].upper() or word in _JOINING or word.lower() in names for word in words
    )  # scripts without capitals have only "upper" letters: they pass, as do initials


def _shouts(line: str) -> bool:
    return line.endswith(("!", "?"))
