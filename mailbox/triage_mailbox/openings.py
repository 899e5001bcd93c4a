"""How mail programs of many languages introduce an earlier message: attributions, blocks of headers, marks.

The words are what Gmail, Outlook, Apple Mail, Thunderbird, Yahoo and Samsung write in each language.
"""

import re
from collections.abc import Sequence

_WROTE = (
    r"wrote|writes|a écrit|écrit|escribió|escreveu|ha scritto|geschreven|a scris|napisał(?:\(a\)|a|/a)?|pisze|napsal(?:\(a\)|a)?"
    r"|(?:şunları|şunu|bunu)? ?yazdı|(?:ezt )?írta|rašė|rakstīja|написал(?:\(а\)|а)?|пишет|написав|كتبت?|نوشت"
)
_WROTE_NAME = r"schrieb|skrev|schreef|kirjoitti|كتبت?|تمت كتابة ما يلي"  # the name comes after the verb
_INTRO_END = re.compile(
    rf"(?:(?:\b(?:{_WROTE})|\b(?:{_WROTE_NAME})\b[^:]{{0,160}})\s?:|[<(\[][^\s<>]+@[^\s<>]+[>)\]]\s?:)\s*$",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(r"@|\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")

_FIELDS = {
    "from": "from|de|von|da|van|od|från|fra|kimden|gönderen|de la|expéditeur|من|от|від|feladó|lähettäjä",
    "sent": (
        "sent|date|envoyé|gesendet|datum|enviado|enviado el|enviado em|enviada|enviada em|fecha|data|inviato|verzonden|wysłano"
        "|trimis|dată|tarih|gönderildi|gönderilme tarihi|skickat|sendt|dato|odesláno|elküldve|تم الإرسال|التاريخ|تاريخ|отправлено|дата"
    ),
    "to": "to|à|an|para|a|aan|do|către|catre|kime|alıcı|till|til|pour|komu|címzett|إلى|кому",
    "cc": "cc|kopie|dw|نسخة|копия|bilgi",
    "subject": (
        "subject|objet|betreff|asunto|assunto|oggetto|onderwerp|temat|subiect|konu|ämne|emne|předmět|tárgy|الموضوع|тема|sujet"
    ),
}
_LABEL = re.compile(
    r"^[*_\s>]*(?:"
    + "|".join(f"(?P<{field}>{'|'.join(sorted(words.split('|'), key=len, reverse=True))})" for field, words in _FIELDS.items())
    + r")\s?[*_]{0,2}:[*_]{0,2}(?:\s|$)",
    re.IGNORECASE,
)  # fmt: skip

_BEGINNING = re.compile(
    r"^[\s>]*(?:(?:on|le|am|em|el|op|den|il|w dniu|dnia|în|pe|dne|på|en|no dia|a \d|ter|ons|في|بتاريخ)\b|\w{2,4}[.,] |\d{1,4}[./ -])",
    re.IGNORECASE,
)
_FORWARDED = (
    "forwarded message|message transféré|message réexpédié|weitergeleitete nachricht|mensaje reenviado|mensagem encaminhada"
    "|mensagem reencaminhada|messaggio inoltrato|doorgestuurd bericht|wiadomość przesłana dalej|przekazana wiadomość"
    "|treść przekazanej wiadomości|mesaj redirecționat|mesaj transmis|iletilen mesaj|iletilmiş ileti|vidarebefordrat meddelande"
    "|videresendt meddelelse|رسالة معاد توجيهها|الرسالة المعاد توجيهها"
)
_BEGIN_FORWARDED = (
    "begin forwarded message|début du message (?:transféré|réexpédié)|anfang der weitergeleiteten (?:e-?mail|nachricht)"
    "|inicio del mensaje reenviado|início da mensagem (?:encaminhada|reencaminhada)|inizio messaggio inoltrato"
    "|początek przekazywanej wiadomości|iletilen ileti(?:nin)? başlangıcı|begin doorgestuurd bericht"
)
_ORIGINAL = (
    "original message|message d'origine|message original|ursprüngliche nachricht|mensaje original|mensagem original"
    "|messaggio originale|oorspronkelijk bericht|wiadomość oryginalna|oryginalna wiadomość|mesaj(?:ul)? original"
    "|orijinal (?:mesaj|ileti)|özgün ileti|ursprungligt meddelande|oprindelig meddelelse|الرسالة الأصلية"
)
_FORWARD_MARK = re.compile(rf"^[\s>]*(?:-+ ?(?:{_FORWARDED}) ?-+|(?:{_BEGIN_FORWARDED}) ?:?)\s*$", re.IGNORECASE)
_ORIGINAL_MARK = re.compile(rf"^[\s>]*(?:-+ ?(?:{_ORIGINAL}) ?-+|_{{20,}})\s*$", re.IGNORECASE)
_REPLY_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:re|aw|sv|ré|antw|odp|ynt|res|rif|bls|vá|ответ|رد)\s*(?:\[\d+\])?:", re.IGNORECASE
)
_FORWARD_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fw|fwd|tr|wg|vb|rv|enc|pd|ilt|i|doorst|továbbítás|إعادة توجيه)\s*:", re.IGNORECASE
)
MOST_INTRO_LINES = 4


def says_reply(subject: str) -> bool:
    """Whether a subject opens with "Re:" or what other languages' programs write for it."""
    return bool(_REPLY_SUBJECT.match(subject[:200]))


def says_forward(subject: str) -> bool:
    """Whether a subject opens with "Fwd:" or what other languages' programs write for it."""
    return bool(_FORWARD_SUBJECT.match(subject[:200]))


def ends_introduction(line: str) -> bool:
    """Whether a line ends like "... wrote:" in any of the languages."""
    return len(line) < 400 and bool(_INTRO_END.search(line))


def has_evidence(words: str) -> bool:
    """Whether words name an address, a time of day or a date in figures, as an introduction by a program does."""
    return bool(_EVIDENCE.search(words))


def introduction_above(lines: Sequence[str], last: int) -> int | None:
    """The first line of an introduction that ends on `lines[last]`; None where that line ends none.

    A program breaks a long introduction over lines; they are taken in while no empty line comes between, and the first
    that has an address, a time or a date ends the search upwards only when what is above it is not part of it.
    """
    if not ends_introduction(lines[last]):
        return None
    if has_evidence(lines[last]) and _begins_like_one(lines[last]):
        return last
    for first in range(last - 1, max(-1, last - MOST_INTRO_LINES), -1):
        if not lines[first].strip() or lines[first].rstrip().endswith((".", "!", "?")):
            break
        if _begins_like_one(lines[first]) and has_evidence(" ".join(lines[first : last + 1])):
            return first
    return last if has_evidence(lines[last]) else None


def _begins_like_one(line: str) -> bool:
    return bool(_BEGINNING.match(line))


def introduction_before_words(line: str) -> str | None:
    """The words after "On ... <address> wrote:" on the same line, as Yahoo's mobile program writes it; None elsewhere."""
    if len(line) > 1_000:
        return None
    match = re.match(rf"^(.{{10,300}}?[<(][^<>()\s]+@[^<>()\s]+[>)]\s(?:{_WROTE})\s?:)\s+(\S.*)$", line, re.IGNORECASE)
    return match.group(2) if match is not None and _EVIDENCE.search(match.group(1)) else None


def is_forward_mark(line: str) -> bool:
    """A line such as "---------- Forwarded message ---------"."""
    return len(line) < 200 and bool(_FORWARD_MARK.match(line))


def is_original_mark(line: str) -> bool:
    """A line such as "-----Original Message-----", or Outlook's long rule."""
    return len(line) < 200 and bool(_ORIGINAL_MARK.match(line))


def header_field(line: str) -> tuple[str, str] | None:
    """Which header a line of such a block is (from, sent, to, cc, subject) and its value; None for any other line."""
    match = _LABEL.match(line) if len(line) < 1000 else None
    return None if match is None else (str(match.lastgroup), line[match.end() :].strip())


def bare_subject(subject: str) -> str:
    """A subject without "Re:", "Fwd:" and their like, in one case and spacing."""
    subject = " ".join(subject.split())[:1000]
    while (match := _REPLY_SUBJECT.match(subject) or _FORWARD_SUBJECT.match(subject)) is not None:
        subject = subject[match.end() :].strip()
    return subject.casefold()


def header_lines(lines: Sequence[str], first: int) -> int:
    """How many lines the block of headers that opens on `lines[first]` has; 0 where none opens there.

    Three different headers, the sender's among the first three, with an address, a time, a date or a year in them, so
    that "From: now on", "To: be clear" is none. A value may go on over two lines.
    """
    if ":" not in lines[first]:
        return 0
    fields: set[str] = set()
    block = 0
    misses = 0
    for line in lines[first : first + 14]:
        match = _LABEL.match(line) if len(line) < 1000 else None
        if match is not None:
            fields.add(str(match.lastgroup))
            misses = 0
            if "from" not in fields and len(fields) > 2:
                return 0
        elif not line.strip() or not fields or misses == 2:
            break
        else:
            misses += 1
        block += 1
    words = " ".join(lines[first : first + block - misses])
    if len(fields) >= 3 and "from" in fields and (has_evidence(words) or _YEAR.search(words)):
        return block - misses
    return 0
