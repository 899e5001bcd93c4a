"""A landlord of one folder, for tests of what takes mail in: its settings, and mail that lies in it."""

from datetime import UTC, datetime

SETTINGS = """database = "sqlite:///t.sqlite"
poll_seconds = 0.3
[[maildir]]
name = "repairs@hall.example"
folders = [{ name = "Inbox", role = "inbox" }]
"""


def make_folder(folder):
    for part in ("cur", "new", "tmp"):
        (folder / "Inbox" / part).mkdir(parents=True)


def put_mail(folder, number):
    head = f"From: ivy@post.example\nTo: repairs@hall.example\nSubject: Boiler\nMessage-ID: <{number}@post.example>\n"
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    name = f"{1700000000 + number}.M{number}.host"
    (folder / "Inbox" / "new" / name).write_text(f"{head}Date: {date}\n\nThe boiler is broken again.\n")
