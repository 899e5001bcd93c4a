"""The demo landlord: what the chosen housing texts become, and what they must not betray."""

import csv
import hashlib
import json
import mailbox
import re
import shutil
import tomllib
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from triage_training.demo import DemoError, DemoLandlord, main, render

HOUSING = Path(__file__).parents[2] / "training" / "housing"
CHOICE = Path(__file__).parents[2] / "training" / "triage_training" / "demo_choice.toml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[DemoLandlord, Path]:
    target = tmp_path_factory.mktemp("demo") / "landlord"
    return render(HOUSING, target), target


def mails(target: Path, tree: str) -> list[EmailMessage]:
    """Every message of that folder of every mailbox, read by the standard library alone."""
    parser = BytesParser(policy=policy.default)
    boxes = [mailbox.Maildir(folder, create=False) for folder in sorted(target.glob(f"mail/*/{tree}"))]
    return [parser.parsebytes(box.get_bytes(key)) for box in boxes for key in sorted(box.keys())]


def sound(found: list[EmailMessage]) -> list[EmailMessage]:
    return [mail for mail in found if not str(mail["Message-ID"]).startswith("<broken")]


def every_word(target: Path) -> str:
    """All that a reader of the files could see, encoded mail decoded."""
    parts = [path.read_text(encoding="utf-8") for path in target.glob("c*/*")]
    parts += [path.read_text(encoding="utf-8") for path in target.glob("*.*")]
    for mail in sound(mails(target, "Inbox") + mails(target, "Sent")):
        parts += [f"{name}: {value}" for name, value in mail.items()]
        parts += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join(parts)


def digest(folder: Path) -> str:
    known = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        known.update(str(path.relative_to(folder)).encode() + (path.read_bytes() if path.is_file() else b"/"))
    return known.hexdigest()


def test_ordinary_contacts_outnumber_the_troubling_ones_by_five_to_one(demo: tuple[DemoLandlord, Path]) -> None:
    landlord, _ = demo
    assert 280 <= landlord.incoming <= 320
    assert landlord.ordinary >= 5 * landlord.troubling > 0
    assert sum(landlord.channels.values()) == landlord.incoming


def test_the_hard_cases_and_every_kind_of_single_trouble_are_among_them(demo: tuple[DemoLandlord, Path]) -> None:
    landlord, _ = demo
    wanted = {"A1", "A2", "A4", "A5", "D1", "D2", "P1", "P2", "P3", "S0", "HZ", "QA"}
    assert wanted <= set(landlord.labels)


def test_two_renderings_are_the_same_to_the_byte(demo: tuple[DemoLandlord, Path], tmp_path: Path) -> None:
    landlord, target = demo
    assert render(HOUSING, tmp_path / "again") == landlord
    assert digest(tmp_path / "again") == digest(target)


def test_the_standard_librarys_maildir_reads_every_mail(demo: tuple[DemoLandlord, Path]) -> None:
    landlord, target = demo
    received, sent = mails(target, "Inbox"), mails(target, "Sent")
    assert len(sound(received)) + len(sent) == landlord.mails
    assert len(received) - len(sound(received)) == 3
    assert {folder.name for folder in (target / "mail").iterdir()} == set(landlord.mailboxes)
    for mail in sound(received) + sent:
        assert not mail.defects
        assert mail["Date"].datetime.utcoffset() is not None
        assert mail.get_body(("plain", "html")) is not None


def test_mails_come_in_the_shapes_that_real_ones_have(demo: tuple[DemoLandlord, Path]) -> None:
    found = sound(mails(demo[1], "Inbox"))
    kinds = {mail.get_content_type() for mail in found}
    encodings = {str(part["Content-Transfer-Encoding"]) for mail in found for part in mail.walk()}
    assert {"text/plain", "text/html", "multipart/alternative", "multipart/mixed", "multipart/report"} <= kinds
    assert {"quoted-printable", "base64"} <= encodings
    assert any(mail["Auto-Submitted"] == "auto-replied" for mail in found)
    assert any("wrote:" in body.get_content() for mail in found if (body := mail.get_body(("plain",))) is not None)


def test_replies_name_the_mail_that_they_answer(demo: tuple[DemoLandlord, Path]) -> None:
    received = {mail["Message-ID"] for mail in mails(demo[1], "Inbox")}
    answered = {mail["In-Reply-To"] for mail in mails(demo[1], "Sent")} & received
    assert len(answered) > 40
    assert len(received - answered) > 40


def test_a_mail_copied_to_a_second_mailbox_lies_in_both(demo: tuple[DemoLandlord, Path]) -> None:
    ids = [mail["Message-ID"] for mail in sound(mails(demo[1], "Inbox"))]
    copied = tomllib.loads(CHOICE.read_text(encoding="utf-8"))["messages"]["copied"]
    assert len(ids) - len(set(ids)) == len(copied)


def test_every_call_has_a_sidecar_and_only_the_broken_ones_do_not_parse(demo: tuple[DemoLandlord, Path]) -> None:
    landlord, target = demo
    sidecars = sorted((target / "calls").glob("*.call.json"))
    transcripts = [path for path in (target / "calls").iterdir() if not path.name.endswith(".call.json")]
    assert {path.stem for path in transcripts} == {path.name.removesuffix(".call.json") for path in sidecars}
    assert len(transcripts) == landlord.transcripts + 3
    assert {path.suffix for path in transcripts} == {".vtt", ".json"}
    unreadable = [path for path in transcripts if not turns(path)]
    assert len(unreadable) == 2
    for path in sidecars:
        call = json.loads(path.read_text(encoding="utf-8"))
        assert {"call_id", "started", "from", "route", "direction", "agent"} <= set(call)


def turns(path: Path) -> list[str]:
    words = path.read_text(encoding="utf-8")
    if path.suffix == ".vtt":
        assert not words or words.startswith("WEBVTT\n\n")
        return re.findall(r"-->.*\n<v [^>]+>", words)
    try:
        return [turn["Content"] for turn in json.loads(words)["Transcript"]]
    except json.JSONDecodeError:
        return []


def test_everything_happens_inside_the_window_and_staff_keep_bank_holidays(demo: tuple[DemoLandlord, Path]) -> None:
    landlord, target = demo
    choice = tomllib.loads(CHOICE.read_text(encoding="utf-8"))
    received = sound(mails(target, "Inbox"))
    sent = mails(target, "Sent")
    lines = (target / "contacts" / "other-routes.jsonl").read_text(encoding="utf-8").splitlines()
    calls = [json.loads(path.read_text(encoding="utf-8")) for path in (target / "calls").glob("*.call.json")]
    with (target / "records.csv").open(encoding="utf-8", newline="") as rows:
        records = [datetime.fromisoformat(row["at"]) for row in csv.DictReader(rows)]
    moments = [mail["Date"].datetime for mail in received + sent] + records
    moments += [datetime.fromisoformat(json.loads(line)["at"]) for line in lines]
    moments += [datetime.fromisoformat(call["started"]) for call in calls]
    assert landlord.start <= min(moments).date()
    assert max(moments) <= landlord.now
    assert (landlord.now.date() - landlord.start).days == 53
    by_people = [mail["Date"].datetime.date() for mail in sent if mail["Auto-Submitted"] is None]
    assert not set(by_people) & set(choice["window"]["bank_holidays"])
    assert len(records) == landlord.records


def test_no_other_landlords_name_is_left_anywhere(demo: tuple[DemoLandlord, Path]) -> None:
    choice = tomllib.loads(CHOICE.read_text(encoding="utf-8"))
    routes = re.findall(r'"route": "[^"@]+@([a-z.-]+)"', (HOUSING / "timelines.jsonl").read_text(encoding="utf-8"))
    names = {domain.removesuffix(".example") for domain in routes}
    names |= {name.lower() for rename in choice["renames"][:3] for name in rename["from"]}
    words = every_word(demo[1]).lower()
    assert len(names) > 20
    assert [name for name in names if name in words] == []


def test_every_address_of_the_landlord_is_a_mailbox_that_it_has(demo: tuple[DemoLandlord, Path]) -> None:
    landlord, target = demo
    found = set(re.findall(rf"\b([a-z.-]+)@{re.escape(landlord.domain)}", every_word(target)))
    assert found <= {*landlord.mailboxes, "no-reply"}


def test_invented_people_share_no_name_address_or_telephone(demo: tuple[DemoLandlord, Path]) -> None:
    with (demo[1] / "customers.csv").open(encoding="utf-8", newline="") as rows:
        invented = [row for row in csv.DictReader(rows) if row["tenancy_ref"].startswith("MD-")]
    assert len(invented) > 100
    for column in ("customer_ref", "name", "emails", "phones"):
        assert len({row[column] for row in invented}) == len(invented), column


def test_no_file_shows_a_gold_label(demo: tuple[DemoLandlord, Path]) -> None:
    lines = (demo[1] / "contacts" / "other-routes.jsonl").read_text(encoding="utf-8").splitlines()
    keys = set().union(*(json.loads(line) for line in lines))
    assert not keys & {"issue", "labels", "expected", "evidence", "note", "severity", "lookalike"}


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DemoError, match="not empty"):
        render(HOUSING, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_chosen_text_that_is_not_there_is_named(tmp_path: Path) -> None:
    shutil.copy(HOUSING / "timelines.jsonl", tmp_path)
    (tmp_path / "messages.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(DemoError, match=r"of demo_choice.toml is not among the housing messages"):
        render(tmp_path, tmp_path / "out")


def test_the_command_prints_the_counts_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["demo", str(HOUSING), str(tmp_path / "landlord")])
    assert main() == 0
    assert "incoming: " in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["demo", str(tmp_path / "nowhere"), str(tmp_path / "other")])
    assert main() == 2
    assert "timelines.jsonl is not there" in capsys.readouterr().err
