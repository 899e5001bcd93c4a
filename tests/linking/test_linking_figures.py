"""Links over the labelled timelines, replayed as plain history and scored by the shared tools: floors, not targets."""

import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.timelines_tool import history_of, timelines_tool
from tests.components import ROOT, require, shared_folder
from triage.domain.contact import Contact, Direction
from triage.domain.customer import Customer, Identification, Zone
from triage.domain.issue import Entry, History, Issue
from triage.domain.record import Record
from triage.history import read_history
from triage.identity import Directory, identify
from triage.issues import link, title_of

pytestmark = pytest.mark.shared
TIMELINES = ROOT / "training" / "housing" / "timelines.jsonl"


@pytest.fixture(scope="module")
def replayed():
    """Every contact with who it is from and its issue; 10,000 strangers stand around."""
    require("shared")
    history = read_history(history_of(shared_folder() / "tools", TIMELINES).decode().splitlines())
    assert history.problems == []
    return _replay(history.items, history.customers)


def _tool(name: str) -> Path:
    return shared_folder() / "tools" / name


def _strangers(count: int = 10_000) -> list[Customer]:
    firsts = ["Ann", "Tom", "Mary", "John", "Ali", "Grace", "Omar", "Sue", "Ivy", "Lee"]
    lasts = [
        "Smith",
        "Jones",
        "Khan",
        "Brown",
        "Green",
        "Patel",
        "Wood",
        "Ahmed",
        "Hill",
        "Evans",
        "Shaw",
        "Cole",
        "Ford",
    ]
    return [
        Customer(
            ref=f"x{number}",
            name=f"{firsts[number % 10]} {lasts[number % 13]}{chr(97 + number // 13 % 26) if number % 7 else ''}",
            emails=(f"x{number}@mail.example",),
            phones=(f"07{123_000_000 + 7919 * number}",),
            tenancy_ref=f"ZZ{number:06}",
            address=f"{number % 90 + 1} {lasts[number % 13]} {['Road', 'Street', 'Close'][number % 3]}, Town",
        )
        for number in range(count)
    ]


def _replay(items, customers):
    directory = Directory([*customers, *_strangers()])
    known = {customer.ref: customer for customer in customers}
    issues: dict[str, History] = {}
    around: dict[str, list[str]] = defaultdict(list)
    links = {}
    for item in items:
        if not isinstance(item, Contact | Record):
            continue
        if isinstance(item, Contact):
            who = identify(item, directory)
        else:
            directory.note_record(item)
            who = Identification(customer_ref=item.customer_ref or "", zone=Zone.SURE, probability=1.0)
        near = list(dict.fromkeys([*around[who.household_ref], *around[who.customer_ref]]))
        found = link(item, who, [issues[name] for name in near])
        name = found.issue_id or f"i{len(issues)}"
        if found.issue_id is None:
            issues[name] = History(
                issue=Issue(id=name, household_ref=who.household_ref, opened=item.at, title=title_of(item))
            )
            for person in {who.household_ref, who.customer_ref}:
                around[person].append(name)
        past = issues[name]
        people = {
            **past.customers,
            **{ref: known[ref] for ref in (who.customer_ref, who.household_ref) if ref in known},
        }
        if isinstance(item, Contact):
            directory.note(item, who)
            issues[name] = replace(past, entries=(*past.entries, Entry(contact=item, who=who)), customers=people)
            links[item.id] = (item, who, name)
        else:
            issues[name] = replace(past, records=(*past.records, item), customers=people)
    return links


def _scores(replayed, folder, half):
    rows = [
        {"id": key, "customer": who.customer_ref, "issue": name}
        for key, (item, who, name) in replayed.items()
        if item.direction is Direction.IN
    ]
    (folder / "links.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "flags.jsonl").write_text("")
    command = [
        sys.executable,
        str(_tool("evaluate_timelines.py")),
        str(TIMELINES),
        str(folder / "flags.jsonl"),
        str(folder / "links.jsonl"),
        "--only",
        half,
        "--json",
    ]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize(
    ("half", "customers", "precision", "issues", "several"),
    [("odd", 0.985, 0.99, 0.945, 0.955), ("even", 0.970, 0.98, 0.93, 0.875)],
)
def test_links_stay_above_what_was_reached(replayed, tmp_path, half, customers, precision, issues, several):
    scores = _scores(replayed, tmp_path, half)
    assert scores["customers"]["f1"] >= customers
    assert scores["customers"]["precision"] >= precision
    assert scores["issues"]["f1"] >= issues
    assert scores["issues_where_several"]["f1"] >= several
    assert scores["issues_where_several"]["f1"] > scores["issues_where_several_if_one"]["f1"] + 0.1


def test_at_most_one_sure_link_in_a_hundred_is_false(replayed):
    sure = {
        key: who.customer_ref
        for key, (item, who, _) in replayed.items()
        if item.direction is Direction.IN and not item.auto and who.zone is Zone.SURE
    }
    gold = _gold()
    false = [key for key, ref in sure.items() if gold[key] != ref and not ref.startswith("addr:")]
    assert len(sure) > 500
    assert len(false) <= len(sure) / 100


def _gold() -> dict[str, str]:
    found = {}
    tool = timelines_tool(shared_folder() / "tools")
    for line in TIMELINES.read_text().splitlines():
        scenario = json.loads(line)
        for index, event in enumerate(scenario["events"]):
            found[tool.opaque(scenario["id"], index)] = tool.opaque(scenario["id"], event.get("from"))
    return found
