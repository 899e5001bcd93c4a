"""Own words beside each library alone: `python tests/bench/own_words.py`, on the written set and on other projects' fixtures.

A word of the customer that is dropped costs ten times a word of a quotation that is kept. The written set was made and
worked on together with the code; the fixtures of others were not tuned on.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import quotequail
from mailparser_reply import EmailReplyParser

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.mailbox.own_words.cases import DROPPED_COSTS, Case, cost, own_words, read_cases, same  # noqa: E402
from triage_mailbox.child import parse_here  # noqa: E402
from triage_mailbox.messages import SegmentKind  # noqa: E402
from triage_mailbox.quotes_checked import Held, check  # noqa: E402
from triage_mailbox.quoting import LANGUAGES  # noqa: E402
from triage_mailbox.testing import raw_mail  # noqa: E402

FIXTURES = Path(os.environ.get("TRIAGE_SHARED") or ROOT.parent / "shared") / "data" / "email_fixtures"


def by_quotequail(case: Case) -> str:
    found = quotequail.unwrap(case.shown)
    return case.shown if found is None else "\n".join((found.get("text_top", ""), found.get("text_bottom", "")))


def by_reply_parser(case: Case) -> str:
    try:
        return EmailReplyParser(languages=list(LANGUAGES)).parse_reply(case.shown) or ""
    except (RecursionError, IndexError, ValueError):
        return case.shown


def by_reply_parser_body(case: Case) -> str:
    read = EmailReplyParser(languages=list(LANGUAGES)).read(case.shown)
    return read.replies[0].body if read.replies else ""


def by_the_parser_alone(case: Case) -> str:
    return parse_here(raw_mail(case.mail)).own_text


TALON_SAYS = {"outlook.eml": "Allo! Follow up MIME!"}  # as its own tests have it
WAYS: dict[str, Callable[[Case], str]] = {
    "this project (parsed, quotations compared with held mail)": own_words,
    "this project, parser alone": by_the_parser_alone,
    "quotequail alone": by_quotequail,
    "mail-parser-reply alone (latest reply)": by_reply_parser,
    "mail-parser-reply alone (body)": by_reply_parser_body,
}


def row(name: str, pairs: list[tuple[str, str]]) -> str:
    """A line of the table: exact matches, mails that lost a word, words dropped and kept, and the cost."""
    exact = sum(same(got, own) for got, own in pairs)
    costs = [cost(got, own) for got, own in pairs]
    dropped, kept = (sum(each[n] for each in costs) for n in (0, 1))
    lossy = sum(each[0] > 0 for each in costs)
    return f"| {name} | {exact} of {len(pairs)} | {lossy} | {dropped} | {kept} | {DROPPED_COSTS * dropped + kept} |"


HEAD = "| way | exact | mails that lost words | words lost | others' words kept | cost |\n|---|---|---|---|---|---|"


def written_set() -> None:
    cases = read_cases()
    for title, chosen in (
        ("all", cases),
        ("traps only", [case for case in cases if case.name.startswith("trap")]),
        ("without traps", [case for case in cases if not case.name.startswith("trap")]),
    ):
        print(f"\nThe written set, {title} ({len(chosen)} mails)\n\n{HEAD}")
        for name, way in WAYS.items():
            print(row(name, [(way(case), case.own) for case in chosen]))


def _plain_case(name: str, body: str, own: str) -> Case:
    return Case(name=name, kind="reply", form="plain", language="none", held="", body=body, own=own)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")


def discourse() -> list[Case]:
    """Discourse's trimmer: bodies of mails, and what it takes to be the reply."""
    folder = FIXTURES / "discourse_email_reply_trimmer"
    names = sorted(path.name for path in (folder / "trimmed").iterdir())
    return [_plain_case(name, _read(folder / "emails" / name), _read(folder / "trimmed" / name)) for name in names]


def talon() -> list[Case]:
    """Talon's replies of standard clients, with the reply text beside them or, in its own tests, one fixed sentence."""
    folder = FIXTURES / "talon" / "fixtures" / "standard_replies"
    cases = []
    for path in sorted(folder.glob("*.eml")):
        beside = path.with_name(path.stem + "_reply_text")
        own = _read(beside) if beside.exists() else TALON_SAYS.get(path.name, "Hello")
        message = parse_here(raw_mail(path.read_bytes()))
        cases.append(_plain_case(path.name, message.text, own))
    return cases


def others() -> None:
    for title, cases in (("discourse", discourse()), ("talon, standard replies", talon())):
        if not cases:
            continue
        print(f"\n{title} ({len(cases)} mails; nothing held, so what is only typed as a quotation is scored)\n\n{HEAD}")
        for name, way in WAYS.items():
            pairs = [(way(case), case.own) for case in cases]
            print(row(name, pairs))
            if "--names" in sys.argv and name.startswith("this project"):
                for case, (got, own) in zip(cases, pairs, strict=True):
                    if not same(got, own):
                        print(f"  {case.name}: {cost(got, own)}")


def zapier_and_crisp() -> None:
    """No answers lie beside these: how many of their mails keep at least one word."""
    for name in ("zapier_email_reply_parser", "crisp_email_reply_parser"):
        paths = [path for path in sorted((FIXTURES / name).rglob("*")) if path.is_file() and "LICENSE" not in path.name]
        kept = 0
        for path in paths:
            parsed = parse_here(raw_mail(_plain_case(path.name, _read(path), "").mail))
            segments, _ = check(parsed.text, parsed.segments, Held())
            kept += any(
                part.kind is SegmentKind.OWN and parsed.text[part.start : part.end].strip() for part in segments
            )
        print(f"{name}: {kept} of {len(paths)} keep own words")


def main() -> None:
    written_set()
    if FIXTURES.is_dir():
        others()
        print()
        zapier_and_crisp()


if __name__ == "__main__":
    main()
