"""The stories that are open on the demo landlord's last day, added to what is rendered from the housing texts."""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from triage_training.demo import DemoLandlord
from triage_training.demo_files import (
    CUSTOMER_COLUMNS,
    RECORD_COLUMNS,
    MailTrees,
    Piece,
    london,
    opaque,
    put_call,
)


def add_stories(landlord: DemoLandlord, target: Path) -> None:
    """Writes the mails, calls, records and people of demo_stories.toml beside those that were rendered into ``target``."""
    stories = tomllib.loads(files("triage").joinpath("demo_stories.toml").read_text("utf-8"))["stories"]
    trees = MailTrees(target=target, domain=landlord.domain, mailboxes=landlord.mailboxes, now=landlord.now)
    for story in stories:
        customer = story["customer"]
        pieces = [_piece(row, customer, landlord.domain) for row in story["contacts"]]
        thread = {piece.message_id: piece for piece in pieces if piece.message_id}
        for piece in pieces:
            if piece.turns:
                put_call(target / "calls", piece)
            else:
                trees.put(piece, thread)
        _append(target / "customers.csv", CUSTOMER_COLUMNS, [customer])
        _append(target / "records.csv", RECORD_COLUMNS, [_record(row, customer) for row in story["records"]])


def _piece(row: Mapping[str, Any], customer: Mapping[str, Any], domain: str) -> Piece:
    """A mail of the customer's, or of the member of staff who is named with ``by``; or a call."""
    at = london(row["at"])
    key = opaque(customer["customer_ref"], row["at"])
    if "turns" in row:
        turns = tuple((speaker, words) for speaker, words in row["turns"])
        return Piece(
            id=key, at=at, direction="in", channel=row["channel"], route=row["route"],
            from_addr=customer["phones"][0], from_name=None, turns=turns,
        )  # fmt: skip
    (theirs,), ours, staff = customer["emails"], f"{row['mailbox']}@{domain}", row.get("by")
    sender, reader = (ours, theirs) if staff else (theirs, ours)
    return Piece(
        id=key,
        at=at,
        direction="out" if staff else "in",
        channel="email",
        route=ours,
        from_addr=sender,
        from_name=staff or customer["name"],
        to=(reader,),
        subject=row["subject"],
        text=row["text"],
        message_id=f"<{key}@{sender.partition('@')[2]}>",
    )


def _record(row: Mapping[str, Any], customer: Mapping[str, Any]) -> dict[str, Any]:
    ref, at = customer["customer_ref"], london(row["at"])
    return {"due": "", **row, "id": opaque(ref, "record", row["at"]), "at": at.isoformat(), "customer_ref": ref}


def _append(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("a", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in rows:
            cells = (row[name] for name in columns)
            writer.writerow([";".join(cell) if isinstance(cell, list) else cell for cell in cells])
