"""False links in the sure zone: odd-numbered timelines against the plain directory and directories that mislead.

Prints figures alone. The even-numbered timelines are not read.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from timelines_tool import history_of, timelines_tool

from triage.domain.contact import Contact, Direction
from triage.domain.customer import Customer, Zone
from triage.domain.record import Record
from triage.history import read_history
from triage.identity import Directory, identify

Customers = list[Customer]
FIRSTS = ("Pat", "Sam", "Lou", "Max", "Kit", "Jo", "Ray", "Val")


def _beside(made: Callable[[int, Customer], Customer | None]) -> Callable[[Customers], Customers]:
    """The directory with a stranger beside each customer."""
    return lambda known: [*known, *(one for place in enumerate(known) if (one := made(*place)) is not None)]


def _stranger(number: int, surname: str = "") -> Customer:
    name = f"{FIRSTS[number % 8]} {surname or 'Quorn' + chr(97 + number % 26)}"
    return Customer(ref=f"stranger-{number}", name=name, address=f"{number + 200} Elm Way, Town")


def _recycled(known: Customers) -> Customers:
    others = [replace(_stranger(n), emails=one.emails) for n, one in enumerate(known) if one.emails]
    return [*(replace(one, emails=()) for one in known), *others]


def _surname(one: Customer) -> str:
    return (one.name or "").split(" (")[0].split()[-1]


def _mistyped(word: str, number: int) -> str:
    place = 1 + number % max(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :] if len(word) > place + 1 else word


def _typos(known: Customers) -> Customers:
    return [
        replace(
            one,
            name=" ".join(_mistyped(word, n) for word in one.name.split()) if one.name else None,
            emails=tuple(_mistyped(address, n) for address in one.emails),
        )
        for n, one in enumerate(known)
    ]


DIRECTORIES: dict[str, Callable[[Customers], Customers]] = {
    "as given (first address only)": lambda known: known,
    "a stranger has each phone number too": _beside(
        lambda n, one: replace(_stranger(n), phones=one.phones) if one.phones else None
    ),
    "a stranger of the same surname": _beside(lambda n, one: _stranger(n, _surname(one)) if one.name else None),
    "another household at each door": _beside(
        lambda n, one: replace(_stranger(n), address=one.address) if one.address else None
    ),
    "namesakes": _beside(lambda n, one: replace(_stranger(n), name=one.name) if one.name else None),
    "recycled e-mail, on file for somebody else instead": _recycled,
    "recycled e-mail, on file for both": _beside(
        lambda n, one: replace(_stranger(n), emails=one.emails) if one.emails else None
    ),
    "names and e-mails mistyped": _typos,
    "neither e-mail nor phone on file": lambda known: [replace(one, emails=(), phones=()) for one in known],
}


def measure(items: Sequence[Contact | Record], known: Customers, gold: dict[str, str]) -> str:
    directory = Directory(known)
    seen = asked = sure = false = 0
    for item in items:
        if isinstance(item, Record):
            directory.note_record(item)
            continue
        who = identify(item, directory)
        directory.note(item, who)
        if item.direction is Direction.IN and not item.auto:
            seen += 1
            asked += who.zone is Zone.ASK
            if who.zone is Zone.SURE and not who.customer_ref.startswith("addr:"):
                sure += 1
                false += gold[item.id] != who.customer_ref
    return f"{seen} contacts, sure {sure}, for a person {asked}, sure and false {false} ({false / max(1, sure):.1%})"


def main(tools: Path, timelines: Path) -> None:
    tool = timelines_tool(tools)
    lines = timelines.read_text(encoding="utf-8").splitlines()
    odd = {line: one for line in lines if int((one := json.loads(line))["id"].split("-")[1]) % 2}
    gold = {
        tool.opaque(one["id"], place): tool.opaque(one["id"], event.get("from"))
        for one in odd.values()
        for place, event in enumerate(one["events"])
    }
    with NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("\n".join(odd) + "\n")
        file.flush()
        history = read_history(history_of(tools, Path(file.name)).decode().splitlines())
    items = [item for item in history.items if isinstance(item, Contact | Record)]
    for name, made in DIRECTORIES.items():
        print(f"{name}: {measure(items, made(list(history.customers)), gold)}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
