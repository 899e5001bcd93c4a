"""What a person watches while a mailbox fills: every message to fetch, read or import is one step, and each is made once."""

import threading
import time
from datetime import UTC, datetime

from triage.bootstrap import build
from triage.config import read_settings
from triage.jobs.rounds import keep_going, one_round
from triage.routes_in.importing import import_file
from triage.store import SqlLedger, Store
from triage.watched import WatchedLedger
from triage_mailbox.testing import LedgerContract, MemoryLedger, raw_mail

NOW = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)


class Watched:
    def __init__(self):
        self.expected = self.made = 0

    def expect(self, steps):
        self.expected += steps

    def step(self):
        self.made += 1


class TestAWatchedLedgerIsALedger(LedgerContract):
    def make_ledger(self):
        return WatchedLedger(MemoryLedger(), Watched())


def test_what_a_round_left_is_expected_once_and_what_failed_is_settled():
    watched = Watched()
    ledger = WatchedLedger(MemoryLedger(), watched)
    ledger.discover("help", "INBOX", 7, ["1", "2", "3"], NOW)
    ledger.waiting("help", "INBOX", 7, NOW)
    ledger.store(raw_mail(uid="1"), NOW)
    assert (watched.expected, watched.made) == (3, 1)
    ledger.waiting("help", "INBOX", 7, NOW)
    assert watched.expected == 3
    ledger.store_all([raw_mail(uid="2")], NOW)
    ledger.failed("help", "INBOX", 7, "3", "It came empty.", NOW)
    assert (watched.expected, watched.made) == (3, 3)
    ledger.waiting("help", "INBOX", 7, NOW)
    assert watched.expected == 4


def three_letters(tmp_path):
    """The settings of a service whose Maildir holds three letters that nobody has fetched."""
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Inbox" / part).mkdir(parents=True)
    for number in range(3):
        text = f"From: ivy@post.example\nTo: a@hall.example\nMessage-ID: <{number}@x>\n\nThe gate, part {number}.\n"
        (tmp_path / "Inbox" / "new" / f"17000000{number}.M1.host").write_text(text)
    (tmp_path / "triage.toml").write_text(
        'database = "sqlite:///t.sqlite"\n[[maildir]]\nname = "a@hall.example"\nfolders = [{ name = "Inbox" }]\n'
    )
    return read_settings(tmp_path / "triage.toml")


def test_the_first_fill_beside_the_pages_counts_as_well(tmp_path):
    service, watched, stop = build(three_letters(tmp_path)), Watched(), threading.Event()
    thread = threading.Thread(target=keep_going, args=(service, stop, watched), daemon=True)
    thread.start()
    ends = time.monotonic() + 60
    while watched.made < 3 * 3 and time.monotonic() < ends:
        time.sleep(0.02)
    stop.set()
    thread.join(20)
    assert watched.expected == watched.made == 3 * 3


def test_the_first_fill_of_a_mailbox_counts_fetching_and_reading(tmp_path):
    service, watched = build(three_letters(tmp_path)), Watched()
    assert one_round(service, watched) == 3
    assert watched.expected == watched.made == 3 * 3  # fetched, parsed, taken
    assert len(SqlLedger(service.store).known("a@hall.example", "Inbox", 1)) == 3
    again = Watched()
    one_round(service, again)
    assert again.expected == 0


def test_reading_again_counts_each_contact(desk):
    desk.contact("2026-05-05T09:00", "The boiler is broken.")
    desk.contact("2026-05-06T09:00", "It is broken still.")
    watched = Watched()
    desk.pipeline.read_again(watched)
    assert watched.expected == 0

    class Another:
        model = "another/1"

        def read(self, items):
            return reader.read(items)

    reader, desk.pipeline.reader = desk.pipeline.reader, Another()
    assert desk.pipeline.read_again(watched) == 2
    assert watched.expected == watched.made == 2


def test_an_import_counts_its_lines(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}", durable=False).migrate()
    file = tmp_path / "forms.csv"
    file.write_text("id,at,channel,text\n1,2026-05-05T09:00:00Z,webform,The lift is out.\n2,nonsense,webform,Broken.\n")
    watched = Watched()
    done = import_file(store, file, "contacts", source="forms", channel=None, as_of=None, now=NOW, progress=watched)
    store.close()
    assert (done.noted.new, len(done.refused)) == (1, 1)
    assert (watched.expected, watched.made) == (3, 2)
