"""The bundled demo landlord: rendered from the housing texts, with settings that set the clock to its last day."""

from pathlib import Path

from triage.demo_stories import add_stories
from triage.domain.errors import InputError
from triage_training.demo import DemoLandlord, render
from triage_training.demo_files import DemoError

SETTINGS = "triage.toml"


def prepare(housing: Path, folder: Path) -> Path:
    """Renders the demo landlord once and returns its settings file; a folder that has it already is left as it is."""
    settings = folder / SETTINGS
    if not settings.is_file():
        try:
            landlord = render(housing, folder / "landlord")
            add_stories(landlord, folder / "landlord")
        except DemoError as error:
            raise InputError(f"The demo landlord cannot be rendered: {error}") from error
        settings.write_text(_settings(landlord), encoding="utf-8")
    return settings


def _settings(landlord: DemoLandlord) -> str:
    lines = [
        f"# The demo landlord, {landlord.name}: invented people, under a clock that starts at its last day.",
        'database = "sqlite:///triage.sqlite"',
        'models = "models"',
        f"clock_starts_at = {landlord.now.isoformat()}",
        "secure_cookies = false",
        "sign_in = { invitations = true }",
        "",
        "[landlord]",
        f'name = "{landlord.name}"',
        'customers = "landlord/customers.csv"',
        'records = "landlord/records.csv"',
        'standards = "landlord/standards.toml"',
        'contacts = ["landlord/contacts/other-routes.jsonl"]',
        "",
    ]
    for mailbox in landlord.mailboxes:
        lines += ["[[maildir]]", f'name = "{mailbox}@{landlord.domain}"', "folders = ["]
        lines += [
            f'    {{ name = "landlord/mail/{mailbox}/{name}", role = "{role}" }},'
            for name, role in (("Inbox", "inbox"), ("Sent", "sent"))
        ]
        lines += ["]", ""]
    return "\n".join([*lines, "[[calls]]", 'name = "calls"', 'path = "landlord/calls"', "settle_seconds = 0", ""])
