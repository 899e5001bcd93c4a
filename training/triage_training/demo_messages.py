"""Single messages of the demo landlord: invented customers, a plausible moment for each, and what staff answered."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from triage_training.demo_files import BEHAVIOUR, DemoError, Piece, draw, london, opaque

_HOURS = {  # first and last full hour of a channel's day; all but texts keep working days
    "call_transcript": (8, 17),
    "live_chat": (9, 16),
    "letter_scan": (10, 10),
    "visit_note": (10, 15),
    "sms": (7, 21),
}
_NAME = r"[A-Z][a-zà-ž'’]+"
_CLOSED = r"(?:[Tt]hanks|[Rr]egards|[Ss]incerely|wishes|Yours|faithfully|Cheers|Ta),?\s+|[.?!]\s+|\n"
_NO_NAME = (
    r"(?!Flat|Many|Kind|Thank|Yours|Best|Regard|Cheers|Sincere|With|No|Ta\b|Block|Friday|Good|Please|Lease|Compl)"
)
_SIGNED = re.compile(
    rf"(?:{_CLOSED})(?:Dr |Mrs? |Ms )?{_NO_NAME}((?:{_NAME}|[A-Z]\.)(?: [A-Z][\w'’-]+)?)(?:,[^.\n]{{0,30}})?\.?\s*$"
)


def message_pieces(
    choice: Mapping[str, Any], messages: Mapping[str, dict[str, Any]], known: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[dict[str, Any], list[Piece]]]:
    """Each chosen message's invented customer and contacts: the message and, where staff answered, the reply.

    No telephone number of the customers already ``known`` is given out again.
    """
    chosen = choice["messages"]
    taken = set(re.findall(r"07700 900\d{3}", json.dumps(known)))
    phones = iter(sorted({f"07700 900{n:03}" for n in range(1000)} - taken))
    for number, key in enumerate([*chosen["ordinary"], *chosen["reported"], *chosen["troubling"]]):
        if key not in messages:
            raise DemoError(f"{key} of demo_choice.toml is not among the housing messages: choose another.")
        customer = _invented_customer(messages[key], number, next(phones), choice["people"])
        piece = _message_piece(messages[key], customer, choice)
        reply = _reply(piece, choice)
        yield customer, [piece, reply] if reply else [piece]


def _words(message: Mapping[str, Any]) -> str:
    return "\n".join([message.get("subject") or "", message.get("text") or "", *_customer_turns(message)])


def _customer_turns(message: Mapping[str, Any]) -> list[str]:
    return [turn["text"] for turn in message.get("turns") or () if turn["speaker"] == "customer"]


def _invented_customer(
    message: Mapping[str, Any], number: int, phone: str, people: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    first, last = people["first"][number % len(people["first"])], people["last"][number * 7 % len(people["last"])]
    signed = _SIGNED.search(message.get("text") or "")
    if signed:
        given, *rest = signed[1].split()
        initial = next(name for name in people["first"] if name[0] == given[0])
        first, last = initial if given.endswith(".") else given, rest[0] if rest else last
    local = re.sub(r"[^a-z.]", "", f"{first}.{last}".lower())
    street = people["streets"][draw(message["id"] + "street", len(people["streets"]))]
    return {
        "customer_ref": opaque("customer", message["id"]),
        "role": "customer",
        "name": f"{first} {last}",
        "emails": [f"{local}{number}@{people['mail_domains'][number % len(people['mail_domains'])]}"],
        "phones": [phone],
        "tenancy_ref": f"MD-{20000 + number * 37}",
        "address": f"{1 + draw(message['id'] + 'house', 90)} {street}, Marrowdale",
        "adjustments": [],
    }


def _message_piece(message: Mapping[str, Any], customer: Mapping[str, Any], choice: Mapping[str, Any]) -> Piece:
    channel, domain = message["channel"], choice["landlord"]["domain"]
    mailbox = _topic(_words(message).lower(), choice["topics"])
    copied = choice["messages"]["copied"].get(message["id"])
    from_addr: str | None = None
    if channel in {"email", "webform", "live_chat"}:
        from_addr = customer["emails"][0]
    elif channel in {"sms", "call_transcript"}:
        from_addr = customer["phones"][0]
    elif channel == "social_media_dm":
        first, last = customer["name"].split(" ", 1)
        from_addr = f"{first} {last[0]}. (Facebook)"
    out, mail = channel == "visit_note", channel == "email"
    name = customer["name"] if channel in {"email", "webform"} else None
    return Piece(
        id=opaque("message", message["id"]),
        at=_moment(message["id"], channel, choice["window"]),
        direction="out" if out else "in",  # a visit note is written by staff, as in the timelines
        channel=channel,
        route=f"{mailbox}@{domain}" if mail else _route(channel, mailbox, choice),
        from_addr=from_addr,
        from_name=_staff(message["id"], mailbox, choice) if out else name,
        to=(f"{mailbox}@{domain}",) if mail else (customer["name"],) if out else (),
        cc=(f"{copied}@{domain}",) if copied else (),
        subject=message.get("subject"),
        text=message.get("text"),
        turns=tuple((turn["speaker"], turn["text"]) for turn in message.get("turns") or ()),
        message_id=f"<{opaque('mail', message['id'])}@{str(from_addr).partition('@')[2]}>" if mail else None,
        auto=message["id"] in choice["messages"]["automatic"],
        labels=tuple(message["labels"]),
        troubling=any(BEHAVIOUR.fullmatch(label) for label in message["labels"]),
        invented=True,
    )


def _topic(words: str, topics: Sequence[Mapping[str, Any]]) -> str:
    fits = (topic["mailbox"] for topic in topics if re.search(_any_of(topic["words"]), words))
    return next(fits, "customerservices")


def _any_of(words: Sequence[str]) -> str:
    return rf"\b(?:{'|'.join(map(re.escape, words))})s?\b"


def _route(channel: str, mailbox: str, choice: Mapping[str, Any]) -> str:
    repairs = mailbox == "repairs"
    return {
        "call_transcript": "repairs line" if repairs else "contact centre line",
        "webform": "report a repair form" if repairs else "website contact form",
        "sms": str(choice["landlord"]["text_number"]),
        "live_chat": "website chat",
        "social_media_dm": "Facebook page inbox",
        "letter_scan": "post room",
        "visit_note": "home visit",
    }[channel]


def _staff(key: str, mailbox: str, choice: Mapping[str, Any]) -> str:
    names = choice["staff"][mailbox]
    return str(names[draw(key + "staff", len(names))])


def _moment(key: str, channel: str, window: Mapping[str, Any]) -> datetime:
    """A plausible moment of the window; staffed channels keep working days, the rest are quieter at weekends."""
    days = (window["now"].date() - window["start"]).days
    first, last = _HOURS.get(channel, (6, 22))
    for attempt in range(1000):
        day = window["start"] + timedelta(days=draw(f"{key}day{attempt}", days))
        staffed = channel in _HOURS and channel != "sms"
        if _is_working_day(day, window) or (not staffed and draw(f"{key}off{attempt}", 3) == 0):
            hour = first + draw(key + "hour", last - first + 1)
            return london(datetime.combine(day, time(hour, draw(key + "minute", 60), draw(key + "second", 60))))
    raise DemoError(f"No moment found for {key}: the window of demo_choice.toml has no working day.")


def _is_working_day(day: date, window: Mapping[str, Any]) -> bool:
    return day.weekday() < 5 and day not in window["bank_holidays"]


def _reply(asked: Piece, choice: Mapping[str, Any]) -> Piece | None:
    """What staff answered: three in five in time, one in eight late, the rest not (yet); danger within the hour."""
    if asked.auto or asked.channel in {"call_transcript", "live_chat", "visit_note"}:
        return None
    urgent = {"S0", "HZ"} & set(asked.labels)
    chance = draw(asked.id + "chance", 100)
    if not urgent and (asked.troubling or chance >= 72):
        return None
    at = asked.at + timedelta(minutes=12 + draw(asked.id + "wait", 40))
    if not urgent:
        working = 1 + draw(asked.id + "days", 4) if chance < 60 else 7 + draw(asked.id + "days", 3)
        at = _working_days_on(asked.at, working, choice["window"])
    if at > london(choice["window"]["now"]):
        return None
    return _reply_piece(asked, at, _reply_words(asked.id, bool(urgent), choice["reply_words"]), choice)


def _working_days_on(at: datetime, days: int, window: Mapping[str, Any]) -> datetime:
    day = at.date()
    while days:
        day += timedelta(days=1)
        days -= _is_working_day(day, window)
    key = at.isoformat()
    return london(datetime.combine(day, time(9 + draw(key + "hour", 7), draw(key + "minute", 60))))


def _reply_words(key: str, urgent: bool, words: Mapping[str, Sequence[str]]) -> str:
    parts = ("urgent",) if urgent else ("opening", "middle", "closing")
    return "\n\n".join(words[part][draw(key + part, len(words[part]))] for part in parts)


def _reply_piece(asked: Piece, at: datetime, words: str, choice: Mapping[str, Any]) -> Piece:
    name, domain = choice["landlord"]["name"], choice["landlord"]["domain"]
    by_mail = asked.channel in {"email", "webform"}
    mailbox = asked.route.partition("@")[0] if "@" in asked.route else "customerservices"
    staff, key = _staff(asked.id, mailbox, choice), opaque("reply", asked.id)
    text = (
        f"Dear {asked.from_name},\n\n{words}\n\n{staff}\n{name}" if by_mail else f"{words} {staff}".replace("\n\n", " ")
    )
    subject = f"Re: {re.sub(r'(?i)^re: *', '', asked.subject)}" if asked.subject else f"Your message to {name}"
    return Piece(
        id=key,
        at=at,
        direction="out",
        channel="email" if by_mail else asked.channel,
        route=f"{mailbox}@{domain}" if by_mail else asked.route,
        from_addr=f"{mailbox}@{domain}" if by_mail else asked.route,
        from_name=staff,
        to=(asked.from_addr,) if asked.from_addr else (),
        subject=subject if by_mail else None,
        text=text,
        message_id=f"<{key}@{domain}>" if by_mail else None,
        in_reply_to=asked.message_id,
        invented=True,
    )
