"""Same-issue linking against thread headers that the linker does not see, and repeat contact against a plain count, on real sets.

Other people's threads, not housing: reported as they come out. Prints figures alone, never a row.
"""

import csv
import email
import email.policy
import gzip
import re
import sys
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from triage.domain.contact import Channel, Contact, Delivery, Direction
from triage.domain.customer import Identification, Zone
from triage.domain.issue import Entry, History, Issue
from triage.issues import link

Row = tuple[str, str, datetime, str, str]  # person, thread, when, subject, words
FEWEST, MOST_PEOPLE, MOST_EACH = 3, 150, 30
CHOSEN_ON = 40
"""The weights of subject lines were chosen on so many people of spamassassin_ham; the others are measured apart."""


def ham(data: Path) -> Iterator[Row]:
    """E-mail of 2002: the thread is that of In-Reply-To and References, and where there are none the message alone."""
    thread_of: dict[str, str] = {}
    with tarfile.open(data / "spamassassin_ham" / "easy-ham-1.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None:
                continue
            try:
                mail = email.message_from_bytes(file.read(), policy=email.policy.compat32)
                at = parsedate_to_datetime(str(mail["Date"]))
            except (TypeError, ValueError):
                continue
            own = str(mail["Message-ID"] or member.name).strip()
            named = re.findall(r"<[^>]+>", f"{mail['References'] or ''} {mail['In-Reply-To'] or ''}")
            thread = next((thread_of[name] for name in named if name in thread_of), named[0] if named else own)
            thread_of[own] = thread
            part = next((one for one in mail.walk() if one.get_content_type() == "text/plain"), None)
            payload = part.get_payload(decode=True) if part is not None else None
            words = payload.decode("latin-1") if isinstance(payload, bytes) else ""
            lines = [line for line in words.splitlines() if not line.startswith(">")]
            sender = "".join(re.findall(r"[\w.+-]+@[\w.-]+", str(mail["From"]))[:1]).lower()
            yield (
                sender,
                thread,
                at if at.tzinfo else at.replace(tzinfo=UTC),
                str(mail["Subject"] or ""),
                "\n".join(lines)[:4000],
            )


def comments(data: Path) -> Iterator[Row]:
    """Comments on software issues: a person may write on several; the issue is the thread."""
    path = next((data / "eval_only" / "issue_comment_log").glob("*.csv.gz"))
    for row in _rows(path):
        at = _moment(row["created_at"])
        if at is not None:
            thread = f"{row['project_name']} {row['issue_id']}"
            yield row["user_id"], thread, at, "", row["comment_body"][:4000]


def tweets(data: Path) -> Iterator[Row]:
    """Customers and a help desk: the thread is the first tweet that a chain of replies comes from."""
    rows = {row["tweet_id"]: row for row in _rows(next((data / "eval_only" / "twitter_support").glob("*.csv.gz")))}
    for row in rows.values():
        at = _moment(row["created_at"])
        if row["inbound"].lower() == "true" and at is not None:
            yield row["author_id"], _root(rows, row["tweet_id"]), at, "", row["text"]


def airline(data: Path) -> Iterator[Row]:
    """Complaints to airlines: no threads; the reason that annotators gave stands for the issue."""
    for row in _rows(next((data / "eval_only" / "airline_tweets").glob("*.csv.gz"))):
        if row.get("negativereason"):
            try:
                at = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=float(row["tweet_created"]))
            except ValueError:
                continue
            yield row["name"], row["negativereason"], at, "", row["text"]


SETS = {"spamassassin_ham": ham, "issue_comment_log": comments, "twitter_support": tweets, "airline_tweets": airline}
CHANNELS = {"twitter_support": Channel.SOCIAL, "airline_tweets": Channel.SOCIAL}


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            yield {
                name: value or ""
                for name, value in row.items()
                if isinstance(name, str) and not isinstance(value, list)
            }


def _moment(text: str) -> datetime | None:
    for way in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%a %b %d %H:%M:%S %z %Y", "%Y-%m-%d %H:%M:%S%z"):
        try:
            at = datetime.strptime(text.strip(), way)  # noqa: DTZ007 (made aware below)
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def _root(rows: Mapping[str, Mapping[str, str]], id: str) -> str:
    for _ in range(100):
        before = rows[id]["in_response_to_tweet_id"].split(".")[0] if id in rows else ""
        if not before:
            break
        id = before
    return id


def linked(person: str, rows: Sequence[Row], channel: Channel = Channel.EMAIL) -> list[int]:
    """The linker's issue of each of one person's contacts, in order of time, without any header."""
    who = Identification(customer_ref=person, zone=Zone.SURE, probability=1.0)
    histories: list[History] = []
    answers = []
    for number, (_, _, at, subject, words) in enumerate(rows):
        contact = Contact(
            id=f"c{number}", at=at, received=at, direction=Direction.IN, channel=channel, subject=subject,
            text=words, from_addr="a@b.example", deliveries=(Delivery(route="info@x.example", received=at),),
        )  # fmt: skip
        found = link(contact, who, histories).issue_id
        place = int(found) if found is not None else len(histories)
        entry = Entry(contact=contact, who=who)
        if found is None:
            issue = Issue(id=str(place), household_ref=person, opened=at)
            histories.append(History(issue=issue, entries=(entry,)))
        else:
            known = histories[place]
            histories[place] = History(issue=known.issue, entries=(*known.entries, entry))
        answers.append(place)
    return answers


def b_cubed(gold: Sequence[object], found: Sequence[object]) -> tuple[float, float, float]:
    """Precision, recall and F1 over items (Bagga and Baldwin 1998)."""
    precision = recall = 0.0
    for mine, theirs in zip(gold, found, strict=True):
        same_gold = [g == mine for g in gold]
        same_found = [f == theirs for f in found]
        both = sum(g and f for g, f in zip(same_gold, same_found, strict=True))
        precision += both / sum(same_found)
        recall += both / sum(same_gold)
    precision, recall = precision / len(gold), recall / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def people_of(rows: Sequence[Row]) -> list[list[Row]]:
    """What each person wrote, in order of time: people with enough of it, in the order of their names, and the first of it."""
    people: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row[2]):
        if row[0] and row[4].strip():
            people[row[0]].append(row)
    return [items[:MOST_EACH] for _, items in sorted(people.items()) if len(items) >= FEWEST]


def measure(people: Sequence[Sequence[Row]], channel: Channel = Channel.EMAIL) -> str:
    """B-cubed beside "one issue per person" and "each contact its own", and persons with three contacts on one issue."""
    gold: list[object] = []
    ours: list[object] = []
    one: list[object] = []
    hits = {"linker": [0, 0, 0], "plain count": [0, 0, 0]}
    for items in people:
        person, true = items[0][0], [row[1] for row in items]
        found = linked(person, items, channel)
        gold += [(person, thread) for thread in true]
        ours += [(person, place) for place in found]
        one += [person] * len(items)
        repeats = _repeats(true)
        for name, said in (("linker", _repeats(found)), ("plain count", True)):
            hits[name][0] += said and repeats
            hits[name][1] += said
            hits[name][2] += repeats
    lines = [f"{len(people)} people, {len(gold)} contacts, {len(set(gold))} threads"]
    for name, answer in (("linker", ours), ("one issue per person", one), ("each its own", list(range(len(gold))))):
        lines.append("  B-cubed, {}: precision {:.3f}, recall {:.3f}, F1 {:.3f}".format(name, *b_cubed(gold, answer)))
    for name, (right, said, there) in hits.items():
        lines.append(
            f"  three or more on one issue, {name}: precision {right / max(1, said):.3f}, recall {right / max(1, there):.3f}"
        )
    return "\n".join(lines)


def _repeats(places: Sequence[object]) -> bool:
    return any(places.count(place) >= FEWEST for place in places)


def main(data: Path) -> None:
    for name, read in SETS.items():
        try:
            people = people_of(list(read(data)))
        except (OSError, KeyError, StopIteration) as error:
            print(f"{name}: not measured ({type(error).__name__})", flush=True)
            continue
        parts = {name: people[:MOST_PEOPLE]}
        if name == "spamassassin_ham":
            parts = {f"{name}, chosen on": people[:CHOSEN_ON], f"{name}, others": people[CHOSEN_ON:]}
        for part, those in parts.items():
            print(f"{part}: {measure(those, CHANNELS.get(name, Channel.EMAIL))}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
