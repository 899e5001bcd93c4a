"""The demo landlord: which of the committed housing texts one invented landlord receives, and when.

What is chosen stands in demo_choice.toml. Standard library only, and the same bytes every time.
"""

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from triage_training.demo_files import (
    BEHAVIOUR,
    CUSTOMER_COLUMNS,
    RECORD_COLUMNS,
    DemoError,
    MailTrees,
    Piece,
    contact_line,
    london,
    opaque,
    put_broken,
    put_call,
    put_standards,
    put_table,
)
from triage_training.demo_messages import message_pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLandlord:
    """What was written. ``troubling``: contacts with an A, D, P or S0 label of their own, or evidence of an expected flag."""

    name: str
    domain: str
    mailboxes: tuple[str, ...]
    start: date
    now: datetime
    incoming: int
    outgoing: int
    troubling: int
    ordinary: int
    channels: Mapping[str, int]
    labels: Mapping[str, int]
    mails: int
    transcripts: int
    other_routes: int
    records: int
    customers: int
    broken: int


@dataclass(slots=True, kw_only=True)
class _Landlord:
    """Everything to be written."""

    pieces: list[Piece]
    records: list[dict[str, Any]]
    customers: list[dict[str, Any]]


def render(housing: Path, target: Path) -> DemoLandlord:
    """Write the demo landlord of demo_choice.toml under ``target``, which must be new or empty.

    ``housing`` holds messages.jsonl and timelines.jsonl. Raises DemoError where a chosen text is not there.
    """
    if target.exists() and any(target.iterdir()):
        raise DemoError(f"{target} is not empty: name a new folder, so that nothing of yours is mixed with the demo.")
    choice = tomllib.loads(files("triage_training").joinpath("demo_choice.toml").read_text(encoding="utf-8"))
    landlord = _Landlord(pieces=[], records=[], customers=[])
    timelines, messages = _read(housing / "timelines.jsonl"), _read(housing / "messages.jsonl")
    for chosen in choice["scenarios"]:
        _add_scenario(landlord, choice, chosen, _get(timelines, chosen["id"]))
    for customer, pieces in message_pieces(choice, messages, [*timelines.values()]):
        landlord.customers.append(customer)
        landlord.pieces += pieces
    landlord.pieces.sort(key=lambda piece: (piece.at, piece.id))
    landlord.records.sort(key=lambda record: (record["at"], record["id"]))
    target.mkdir(parents=True, exist_ok=True)
    return _write(landlord, choice, target)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        raise DemoError(f"{path} is not there: name the folder that holds messages.jsonl and timelines.jsonl.")
    with path.open(encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, filter(str.strip, lines))}


def _get(rows: Mapping[str, dict[str, Any]], key: str) -> dict[str, Any]:
    if key not in rows:
        raise DemoError(f"{key} of demo_choice.toml is not among the housing texts: choose another.")
    return rows[key]


# --- scenarios -------------------------------------------------------------------------------------------------------


def _add_scenario(
    landlord: _Landlord, choice: Mapping[str, Any], chosen: Mapping[str, Any], row: Mapping[str, Any]
) -> None:
    scenario = _renamed(row, choice, chosen)
    shift = timedelta(weeks=chosen.get("shift_weeks", 0))
    people = {person["key"]: person for person in scenario["people"]}
    refs = {key: opaque(scenario["id"], key) for key in people}
    landlord.customers += [
        {**person, "customer_ref": refs[key], "emails": person["emails"][:1], "phones": person["phones"][:1]}
        for key, person in people.items()
    ]
    first = next((key for key, person in people.items() if person["role"] == "customer"), next(iter(people)))
    for index, event in enumerate(scenario["events"]):
        key, at = opaque(scenario["id"], index), london(datetime.fromisoformat(event["at"]) + shift)
        if event["kind"] == "record":
            due = (date.fromisoformat(event["due"][:10]) + shift).isoformat() if event["due"] else ""
            landlord.records.append({**event, "id": key, "at": at, "customer_ref": refs[first], "due": due})
        else:
            codes = _evidence_of(event, scenario["expected"])
            landlord.pieces.append(_scenario_piece(event, key, at, people.get(event["from"]), codes))


def _renamed(row: Mapping[str, Any], choice: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario in the demo landlord's name, its named dates moved with it, each mailbox one that the landlord has."""
    words = json.dumps(row, ensure_ascii=False)
    for old, new in chosen.get("rewrites", []):
        if old not in words:
            raise DemoError(f'{row["id"]} has no "{old}" to rewrite: mend demo_choice.toml.')
        words = words.replace(old, new)
    for rename in choice["renames"]:
        for old in rename["from"]:
            words = words.replace(old, rename["to"])
    parts, domain = choice["local_parts"], choice["landlord"]["domain"]
    mailbox = re.compile(rf"\b([a-z.-]+)@{re.escape(domain)}")
    words = mailbox.sub(lambda found: f"{parts.get(found[1], found[1])}@{domain}", words)
    renamed: dict[str, Any] = json.loads(words)
    return renamed


def _scenario_piece(
    event: Mapping[str, Any], key: str, at: datetime, person: Mapping[str, Any] | None, codes: tuple[str, ...]
) -> Piece:
    named = event["direction"] == "out" or event["channel"] in {"email", "webform"}
    name = event.get("display_name") or (re.sub(r" \(.*\)$", "", person["name"]) if person else event["from"])
    return Piece(
        id=key,
        at=at,
        direction=event["direction"],
        channel=event["channel"],
        route=event["route"],
        from_addr=event["from_addr"],
        from_name=name if named else None,
        to=tuple(event["to"]),
        cc=tuple(event["cc"]),
        subject=event["subject"],
        text=event.get("text"),
        turns=tuple((turn["speaker"], turn["text"]) for turn in event.get("turns") or ()),
        message_id=event["message_id"],
        in_reply_to=event["in_reply_to"],
        auto=event["auto"],
        labels=codes,
        troubling=bool(codes),
    )


def _evidence_of(event: Mapping[str, Any], expected: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The expected codes that this contact is, generously, evidence of: for a pattern every one on the issue until it is due.

    A service failure is the landlord's: its evidence is no customer's.
    """
    if event["direction"] == "out" or event["auto"]:
        return ()
    return tuple(
        flag["code"]
        for flag in expected
        if BEHAVIOUR.fullmatch(flag["code"])
        and flag["issue"] == event["issue"]
        and event["at"] <= flag["latest"]
        and (flag["code"][0] in "DP" or event["at"] >= flag["earliest"])
    )


# --- writing ---------------------------------------------------------------------------------------------------------


def _write(landlord: _Landlord, choice: Mapping[str, Any], target: Path) -> DemoLandlord:
    own, window = choice["landlord"], choice["window"]
    trees = MailTrees(target=target, domain=own["domain"], mailboxes=tuple(own["mailboxes"]), now=london(window["now"]))
    trees.make()
    calls, contacts = target / "calls", target / "contacts"
    calls.mkdir()
    contacts.mkdir()
    thread = {piece.message_id: piece for piece in landlord.pieces if piece.message_id}
    mails, others, transcripts = 0, [], 0
    for piece in landlord.pieces:
        if piece.channel == "email":
            mails += trees.put(piece, thread)
        elif piece.channel == "call_transcript":
            put_call(calls, piece)
            transcripts += 1
        else:
            others.append(contact_line(piece))
    (contacts / "other-routes.jsonl").write_text("\n".join(others) + "\n", encoding="utf-8")
    put_table(target / "records.csv", RECORD_COLUMNS, landlord.records)
    put_table(target / "customers.csv", CUSTOMER_COLUMNS, landlord.customers)
    put_standards(target / "standards.toml", choice)
    broken = put_broken(trees, calls)
    incoming = [piece for piece in landlord.pieces if piece.direction == "in"]
    troubling = [piece for piece in landlord.pieces if piece.troubling]
    return DemoLandlord(
        name=own["name"],
        domain=own["domain"],
        mailboxes=trees.mailboxes,
        start=window["start"],
        now=trees.now,
        incoming=len(incoming),
        outgoing=len(landlord.pieces) - len(incoming),
        troubling=len(troubling),
        ordinary=sum(not piece.troubling for piece in incoming),
        channels=_counted(piece.channel for piece in incoming),
        labels=_counted(label for piece in landlord.pieces for label in piece.labels),
        mails=mails,
        transcripts=transcripts,
        other_routes=len(others),
        records=len(landlord.records),
        customers=len(landlord.customers),
        broken=broken,
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def main() -> int:
    """`python -m triage_training.demo HOUSING TARGET`: render, and print the counts; 2 where it cannot be done."""
    if len(sys.argv) != 3:
        sys.stderr.write("usage: python -m triage_training.demo HOUSING TARGET\n")
        return 2
    try:
        landlord = render(Path(sys.argv[1]), Path(sys.argv[2]))
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for name in DemoLandlord.__slots__:
        sys.stdout.write(f"{name}: {getattr(landlord, name)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
