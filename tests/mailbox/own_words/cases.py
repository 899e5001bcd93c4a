"""The written set of reply formats: read from `replies.txt`, built into mails, and taken apart as the service does it."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from triage_mailbox.child import parse_here
from triage_mailbox.hypertext import read_html
from triage_mailbox.messages import SegmentKind
from triage_mailbox.quotes_checked import Held, check
from triage_mailbox.testing import raw_mail

FILE = Path(__file__).with_name("replies.txt")
DROPPED_COSTS = 10
SUBJECTS = {
    "fr": "RE: Chauffage", "de": "AW: Heizung", "pl": "Odp: Ogrzewanie", "es": "Re: Calefacción", "pt": "RE: Aquecimento",
    "ro": "Re: Căldură", "tr": "YNT: Kalorifer", "ar": "رد: التدفئة", "forward": "Fwd: noise", "new": "Heating",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One mail as its program writes it; `held` is our earlier mail, "" where none of it is held."""

    name: str
    kind: str
    form: str
    language: str
    held: str
    body: str
    own: str

    @property
    def subject(self) -> str:
        return SUBJECTS.get(self.language) or SUBJECTS.get(self.kind, "Re: Heating")

    @property
    def mail(self) -> bytes:
        head = [
            "From: Ada Marsh <ada@larkpost.example>",
            "To: Repairs Team <repairs@tarnside.example>",
            f"Subject: {self.subject}",
            "Message-ID: <case-1@larkpost.example>",
            "Date: Sat, 7 Mar 2026 09:00:00 +0000",
            "MIME-Version: 1.0",
            f"Content-Type: text/{self.form}; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
        ]
        if self.kind == "reply":
            head.append("In-Reply-To: <held-1@tarnside.example>")
        return ("\r\n".join(head) + "\r\n\r\n" + self.body.replace("\n", "\r\n")).encode()

    @property
    def shown(self) -> str:
        """The text that a reader sees, which is what a library alone is given."""
        return read_html(self.body).text if self.form == "html" else self.body


def read_cases() -> list[Case]:
    held: dict[str, str] = {"none": ""}
    cases = []
    for part in re.split(r"^##### ", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        if title.startswith("HELD "):
            held[title.removeprefix("HELD ").strip()] = rest
            continue
        body, _, own = rest.partition("#####= own\n")
        name, kind, form, language = (piece.strip() for piece in title.split("|"))
        case = Case(name=name, kind=kind, form=form, language=language, held=held[language], body=body, own=own)
        cases.append(case)
    return cases


def own_words(case: Case) -> str:
    """As the pipeline does it: parsed, then every quotation compared with the mail that is held."""
    parsed = parse_here(raw_mail(case.mail))
    held = Held(
        ours=[case.held] if case.held else [],
        answered=bool(case.held) and case.kind == "reply",
        our_addresses=["repairs@tarnside.example"] if case.held else [],
        subjects=[case.subject],
    )
    segments, _ = check(parsed.text, parsed.segments, held)
    return "\n".join(parsed.text[part.start : part.end] for part in segments if part.kind is SegmentKind.OWN)


def same(one: str, other: str) -> bool:
    return one.split() == other.split()


def cost(got: str, wanted: str) -> tuple[int, int]:
    """Own words that were dropped and others' words that were kept."""
    found, own = Counter(got.split()), Counter(wanted.split())
    return (own - found).total(), (found - own).total()
