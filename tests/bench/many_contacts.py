"""A landlord of any size, made up from housing-like statistics: its customers, and contacts as rows of the plain history format.

Nobody in it is real and no text is anybody's: sentences are put together from a short list.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

Row = dict[str, Any]
LONDON: Final = ZoneInfo("Europe/London")
START: Final = datetime(2024, 1, 1, 8, 0, tzinfo=LONDON)
A_CUSTOMER: Final = 16
"""Contacts in and out, per customer of the landlord."""
CHANNELS: Final = (("email", 0.62), ("webform", 0.12), ("sms", 0.14), ("letter_scan", 0.02), ("call_transcript", 0.10))
ROUTES: Final = ("repairs@heron.example", "housing@heron.example", "rents@heron.example", "complaints@heron.example")
MATTERS: Final = (
    ("boiler", "The boiler has stopped again and the pressure gauge stands at nought."),
    ("parking", "A van stands in my parking bay every evening and I cannot get in."),
    ("leak", "The kitchen tap drips and the cupboard under it is wet."),
    ("rent", "My rent statement shows a charge that I do not recognise."),
    ("door", "The entrance door of the block does not close and slams all night."),
    ("window", "The bedroom window no longer locks and lets in the wind."),
    ("lift", "The lift is out of order and my mother cannot use the stairs."),
    ("bins", "The bins were not emptied and the store is full of bags."),
    ("noise", "There is loud music from the flat above on most nights."),
    ("transfer", "I should like to know where my transfer application stands."),
    ("gutter", "Rain comes over the gutter and down the front wall."),
    ("fence", "The fence between the gardens has fallen over."),
)
FOLLOW: Final = (
    "Could you tell me when somebody will come?",
    "I am writing again because nothing has happened.",
    "Thank you, that works now.",
    "I was in all day and nobody came.",
    "Please call me in the morning, I work in the afternoon.",
    "Is there any news?",
)
ANSWERS: Final = (
    "Thank you for your message. An engineer will call on you tomorrow between eight and one.",
    "I have looked into it and the work has been ordered; the contractor will ring you.",
    "Thank you, we have received your message and will reply within ten working days.",
    "I am sorry for the delay. The part has come and was fitted this morning.",
)
_FIRST: Final = (
    "Ada",
    "Ben",
    "Carol",
    "Dev",
    "Ewa",
    "Femi",
    "Grace",
    "Hugo",
    "Ines",
    "Jamal",
    "Kim",
    "Leo",
    "Mina",
    "Noor",
    "Omar",
    "Pia",
    "Quinn",
    "Rosa",
    "Sam",
    "Tess",
)
_SYLLABLES: Final = (
    "ab",
    "ber",
    "cor",
    "dan",
    "el",
    "fer",
    "gan",
    "hol",
    "in",
    "jar",
    "kel",
    "lor",
    "mar",
    "nor",
    "os",
    "per",
    "ran",
    "sal",
    "tor",
    "wen",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    number: int
    ref: str
    name: str
    email: str
    phone: str
    address: str


def person(number: int) -> Person:
    """The customer of that number: always the same, and names as various as the landlord is large."""
    first = _FIRST[number % len(_FIRST)]
    rest, last = number // len(_FIRST), ""
    for _ in range(3):
        rest, place = divmod(rest, len(_SYLLABLES))
        last += _SYLLABLES[place]
    name = f"{first} {last.title()}"
    street = f"{_SYLLABLES[number % 20]}{_SYLLABLES[number // 20 % 20]}{_SYLLABLES[number // 400 % 20]}".title()
    return Person(
        number=number,
        ref=f"C{number:06d}",
        name=name,
        email=f"{first}.{last}{number}@post.example".lower(),
        phone=f"07{number % 10**9:09d}",
        address=f"{number // 8000 + 1} {street} Road",
    )


def customer_row(number: int) -> Row:
    who = person(number)
    return {
        "kind": "customer",
        "customer_ref": who.ref,
        "name": who.name,
        "emails": [who.email],
        "phones": [who.phone],
        "tenancy_ref": f"T-{number:06d}",
        "address": who.address,
    }


def history(contacts: int, *, seed: int = 1, days: int = 730) -> Iterator[Row]:
    """Customers first, then that many contacts in the order of time; a few people write far more than all others."""
    chance = random.Random(seed)
    people = max(1, contacts // A_CUSTOMER)
    yield {"kind": "standards", "general_reply_working_days": 10}
    yield from (customer_row(number) for number in range(people))
    pause = timedelta(days=days) / contacts
    for number in range(contacts):
        yield contact_row(number, people, START + pause * number, chance)


def contact_row(number: int, people: int, at: datetime, chance: random.Random) -> Row:
    """One contact; whose it is follows a long tail (the square of an even chance), as in real mailboxes."""
    who = person(int(people * chance.random() ** 1.5))
    name, opening = MATTERS[(who.number + int(chance.random() ** 4 * 4)) % len(MATTERS)]
    ours = chance.random() < 0.35
    channel = "email" if ours else chance.choices(*zip(*CHANNELS, strict=True))[0]
    words = chance.choice(ANSWERS) if ours else opening if chance.random() < 0.4 else chance.choice(FOLLOW)
    route = ROUTES[who.number % len(ROUTES)]
    row: Row = {
        "kind": "contact",
        "id": f"m{number}",
        "at": at.isoformat(),
        "direction": "out" if ours else "in",
        "channel": channel,
        "route": route,
        "subject": f"{'Re: ' if ours else ''}{name.title()}" if channel in ("email", "webform") else "",
    }
    if ours:
        return row | {
            "from_addr": route,
            "from_name": "Heron Homes",
            "to": [who.email],
            "text": f"Dear {who.name},\n{words}",
        }
    if channel == "call_transcript":
        turns = [
            ("agent", "Heron Homes, good morning."),
            ("customer", f"{who.name} here. {words}"),
            ("agent", "I will see to it."),
        ]
        return row | {"from_addr": who.phone, "turns": [{"speaker": speaker, "text": said} for speaker, said in turns]}
    sender = who.phone if channel == "sms" else who.email
    message_id = {"message_id": f"<m{number}@post.example>"} if channel == "email" else {}
    return (
        row | message_id | {"from_addr": sender, "from_name": who.name, "text": f"{words}\n{who.name}, {who.address}"}
    )
