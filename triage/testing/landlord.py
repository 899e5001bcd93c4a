"""A small landlord in a store: four issues that between them hold every kind of flag."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.clocks import Clock as OwedClock
from triage.domain.clocks import OwedReply
from triage.domain.contact import Channel, Direction, Segment, SegmentKind, Speaker, Turn
from triage.domain.customer import Customer
from triage.domain.flag import FlagKind
from triage.domain.issue import Issue
from triage.domain.policy import Policy, shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.score import Scores, Span
from triage.domain.signal import Assessment, Counted, Element, ElementState, Finding, Side, Signal
from triage.queue import settle
from triage.store import Store, Unit
from triage.testing.contacts import MODEL, contact, put, span
from triage.testing.fakes import NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallLandlord:
    """The ids of what was built, so that tests can ask for it by name."""

    policy: Policy
    behaviour: str
    hazard: str
    service_failure: str
    safeguarding: str
    mixed: str
    safeguarded_contact: str
    abusive_contact: str
    not_scored_contact: str
    boiler_issue: str
    quiet_issue: str


SECRET = "I cannot go on like this and I have the tablets here"
SECRET_SUBJECT = "Last message from me"
INSULT = "you are a useless little man"


def small_landlord(store: Store, now: datetime = NOW) -> SmallLandlord:
    """Fills a store with four issues: an insult amid chasers of a late reply, a hazard, a failure of ours, and safeguarding."""
    policy = shipped_policy()
    with store.begin() as unit:
        unit.landlord.note_feed("records", now - timedelta(hours=2), "ok")
        unit.landlord.put_customer(
            Customer(
                ref="C-100",
                name="Ade Bright",
                emails=("ade@post.example",),
                adjustments=("Large print letters", "Phone before a visit"),
            )
        )
        _boiler(unit, policy, now)
        _hazard(unit, policy, now)
        _late(unit, policy, now)
        _safeguarding(unit, policy, now)
        put(
            unit,
            contact(
                "c-broken",
                now - timedelta(hours=3),
                subject="Fwd: photos",
                not_scored="the message is cut off in the middle of its first part",
            ),
            "i-boiler",
            "C-100",
        )
        flags = {(flag.issue_id, flag.kind): flag.id for flag in unit.flags.listed()}
    return SmallLandlord(
        policy=policy,
        behaviour=flags["i-boiler", FlagKind.BEHAVIOUR],
        hazard=flags["i-leak", FlagKind.HAZARD],
        service_failure=flags["i-late", FlagKind.SERVICE_FAILURE],
        safeguarding=flags["i-quiet", FlagKind.SAFEGUARDING],
        mixed=flags["i-quiet", FlagKind.BEHAVIOUR],
        safeguarded_contact="c-quiet-1",
        abusive_contact="c-boiler-5",
        not_scored_contact="c-broken",
        boiler_issue="i-boiler",
        quiet_issue="i-quiet",
    )


def _boiler(unit: Unit, policy: Policy, now: datetime) -> None:
    unit.issues.add(
        Issue(
            id="i-boiler", household_ref="C-100", opened=now - timedelta(days=20), title="Boiler locks out every night"
        )
    )
    opened = now - timedelta(days=20)
    unit.landlord.put_record(
        Record(
            id="r-1",
            at=opened + timedelta(hours=2),
            kind=RecordKind.CASE_OPENED,
            customer_ref="C-100",
            ref="H-2041",
            due=opened + timedelta(days=7),
            text="Repair raised.",
        ),
        "i-boiler",
    )
    unit.landlord.put_record(
        Record(
            id="r-2",
            at=opened + timedelta(days=1),
            kind=RecordKind.OWNER_TOLD,
            customer_ref="C-100",
            ref="H-2041",
            text="Repairs desk deals with it.",
        ),
        "i-boiler",
    )
    routes = (
        ("repairs@heron.example",),
        ("repairs@heron.example",),
        ("housing@heron.example", "complaints@heron.example"),
        ("repairs@heron.example",),
    )
    days = (20, 12, 9, 5)
    for number, (age, route) in enumerate(zip(days, routes, strict=True), 1):
        put(
            unit,
            contact(
                f"c-boiler-{number}",
                now - timedelta(days=age),
                "The boiler has locked out again. Is there any news?",
                subject="Boiler locks out every night",
                routes=route,
            ),
            "i-boiler",
            "C-100",
            Scores(model=MODEL),
        )
    put(
        unit,
        contact(
            "c-boiler-reply",
            now - timedelta(days=4),
            "An engineer will come on Friday.",
            direction=Direction.OUT,
            subject="Re: Boiler locks out every night",
            from_name="Repairs desk",
            from_addr="repairs@heron.example",
        ),
        "i-boiler",
        "C-100",
    )
    own = f"Nobody came. Tell your engineer Mr Poole that {INSULT} and I want somebody else.\n\n"
    quoted = "> An engineer will come on Friday.\n"
    text = own + quoted + "--\nAde Bright"
    segments = (
        Segment(start=0, end=len(own), kind=SegmentKind.OWN),
        Segment(start=len(own), end=len(own) + len(quoted), kind=SegmentKind.QUOTED, reason="quoted lines"),
        Segment(start=len(own) + len(quoted), end=len(text), kind=SegmentKind.SIGNATURE, reason="after two dashes"),
    )
    words = span(text, INSULT)
    scores = Scores(model=MODEL, probabilities={"A2": 0.91}, flagged=("A2",), spans={"A2": (words,)})
    at = now - timedelta(days=1)
    put(
        unit,
        contact(
            "c-boiler-5",
            at,
            text,
            subject="Re: Boiler locks out every night",
            segments=segments,
            attachments=("boiler.jpg",),
        ),
        "i-boiler",
        "C-100",
        scores,
    )
    turns = (
        Turn(speaker=Speaker.AGENT, text="Repairs, how can I help?", start_ms=0, confidence=0.97),
        Turn(
            speaker=Speaker.CUSTOMER,
            text="It is about the boiler, I have rung and rung.",
            start_ms=4200,
            confidence=0.72,
            masked=1,
        ),
    )
    put(
        unit,
        contact("c-boiler-6", now - timedelta(hours=5), channel=Channel.CALL, routes=("repairs line",), turns=turns),
        "i-boiler",
        "C-100",
        Scores(model=MODEL),
    )
    settle(unit, _kept(unit, _boiler_assessment(now, at, words)), policy)


def _boiler_assessment(now: datetime, at: datetime, words: Span) -> Assessment:
    chasers = tuple(f"c-boiler-{number}" for number in (1, 2, 3, 4))
    return Assessment(
        at=at,
        issue_id="i-boiler",
        policy="unacceptable-behaviour 2019-1.0/2",
        contact_id="c-boiler-5",
        findings=(
            Finding(
                code="A2",
                customer_ref="C-100",
                why="Words that may be an insult aimed at a named engineer.",
                contacts=("c-boiler-5",),
                event="c-boiler-5",
                probability=0.91,
                spans=(words,),
                elements=(
                    Element(name="At somebody", state=ElementState.MET, sentence="A person is named: Mr Poole."),
                    Element(
                        name="In their own voice",
                        state=ElementState.CANNOT_KNOW,
                        sentence="Whose words they are needs a reader.",
                    ),
                ),
                what_would_change="The same words about the boiler would not be flagged.",
            ),
            Finding(
                code="P3",
                customer_ref="C-100",
                why="Three routes within ten working days after being told who deals with it.",
                contacts=chasers,
                elements=(
                    Element(
                        name="Told who deals with it",
                        state=ElementState.MET,
                        sentence="The customer had been told who deals with it.",
                    ),
                    Element(
                        name="We were in time",
                        state=ElementState.NOT_MET,
                        sentence="We were past our own clock for part of the time.",
                    ),
                ),
                counted=(
                    Counted(contact_id="c-boiler-1", counted=True, why="First report."),
                    Counted(contact_id="c-boiler-2", counted=True, why="Same matter, same route."),
                    Counted(contact_id="c-boiler-3", counted=False, why="Sent while we were late."),
                    Counted(contact_id="c-boiler-4", counted=False, why="Sent while we were late."),
                ),
                what_would_change="One more route while we are in time would make it clearer.",
            ),
        ),
        signals=(
            Signal(
                code="A2",
                side=Side.FOR,
                sentence="The words name a member of staff.",
                source="rule:target",
                contacts=("c-boiler-5",),
                weight=1.8,
            ),
            Signal(
                code="A2",
                side=Side.AGAINST,
                sentence="It was said a day after an appointment that we missed.",
                source="owed:promise",
                weight=-0.7,
            ),
            Signal(
                code="P3", side=Side.AGAINST, sentence="We were late with the answer on the case.", source="owed:case"
            ),
        ),
        owed=(
            OwedReply(
                clock=OwedClock.CASE,
                source="r-1",
                since=now - timedelta(days=20),
                due=now - timedelta(days=13),
                sentence="Answer on case H-2041.",
                met_at=now - timedelta(days=4),
                met_by="c-boiler-reply",
            ),
            OwedReply(
                clock=OwedClock.PROMISE,
                source="c-boiler-reply",
                since=now - timedelta(days=4),
                due=now - timedelta(days=2),
                sentence="We said that an engineer would come on Friday.",
            ),
        ),
        circumstances=("The customer writes of a night without heating.",),
    )


def _hazard(unit: Unit, policy: Policy, now: datetime) -> None:
    at = now - timedelta(hours=2)
    text = "Water is coming through the ceiling light in the hall."
    unit.issues.add(Issue(id="i-leak", household_ref="C-200", opened=at, title="Water through the light"))
    put(
        unit,
        contact("c-leak-1", at, text, subject="Water through the light"),
        "i-leak",
        "C-200",
        Scores(model=MODEL, flagged=("HZ",), spans={"HZ": (span(text, "coming through the ceiling light"),)}),
    )
    finding = Finding(
        code="hazard",
        customer_ref="C-200",
        why="A report of water near electrics.",
        contacts=("c-leak-1",),
        event="c-leak-1",
        probability=0.97,
    )
    settle(
        unit,
        _kept(
            unit,
            Assessment(
                at=at,
                issue_id="i-leak",
                policy="unacceptable-behaviour 2019-1.0/2",
                contact_id="c-leak-1",
                findings=(finding,),
            ),
        ),
        policy,
    )


def _late(unit: Unit, policy: Policy, now: datetime) -> None:
    asked = now - timedelta(days=25)
    unit.issues.add(Issue(id="i-late", household_ref="C-300", opened=asked, title="When will the lift be mended?"))
    put(
        unit,
        contact("c-late-1", asked, "When will the lift be mended?", subject="When will the lift be mended?"),
        "i-late",
        "C-300",
        Scores(model=MODEL),
    )
    put(
        unit,
        contact(
            "c-late-2",
            now - timedelta(days=2),
            "Could you please answer me?",
            subject="Re: When will the lift be mended?",
        ),
        "i-late",
        "C-300",
        Scores(model=MODEL),
    )
    owed = OwedReply(
        clock=OwedClock.GENERAL_REPLY,
        source="c-late-1",
        since=asked,
        due=asked + timedelta(days=7),
        sentence="A reply to the e-mail that asks about the lift.",
    )
    finding = Finding(
        code="service_failure",
        customer_ref="C-300",
        why="The reply is eleven working days late and the customer has asked again.",
        contacts=("c-late-2",),
    )
    settle(
        unit,
        _kept(
            unit,
            Assessment(
                at=now - timedelta(days=2),
                issue_id="i-late",
                policy="unacceptable-behaviour 2019-1.0/2",
                contact_id="c-late-2",
                findings=(finding,),
                owed=(owed,),
            ),
        ),
        policy,
    )


def _safeguarding(unit: Unit, policy: Policy, now: datetime) -> None:
    """Words of despair and a threat in one message, and a reply of ours that quotes them."""
    at = now - timedelta(hours=1)
    threat = "and if that man comes back I will hurt him"
    text = f"{SECRET}, {threat}."
    unit.issues.add(Issue(id="i-quiet", household_ref="C-400", opened=at, title=SECRET_SUBJECT))
    scores = Scores(
        model=MODEL,
        probabilities={"S0": 0.98, "A1": 0.8},
        flagged=("S0", "A1"),
        spans={"S0": (span(text, SECRET),), "A1": (span(text, threat),)},
    )
    put(unit, contact("c-quiet-1", at, text, subject=SECRET_SUBJECT), "i-quiet", "C-400", scores)
    reply = "Thank you for writing, we will ring you now.\n"
    whole = f"{reply}> {text}\n"
    segments = (
        Segment(start=0, end=len(reply), kind=SegmentKind.OWN),
        Segment(start=len(reply), end=len(whole), kind=SegmentKind.QUOTED),
    )
    put(
        unit,
        contact(
            "c-quiet-2",
            at + timedelta(minutes=20),
            whole,
            direction=Direction.OUT,
            subject=f"Re: {SECRET_SUBJECT}",
            segments=segments,
        ),
        "i-quiet",
        "C-400",
    )
    found = [
        Finding(
            code="S0",
            customer_ref="C-400",
            why=f"Words of self-harm: {SECRET}",
            contacts=("c-quiet-1",),
            event="c-quiet-1",
            probability=0.98,
        ),
        Finding(
            code="A1",
            customer_ref="C-400",
            why=f"Words that may be a threat: {threat}",
            contacts=("c-quiet-1",),
            event="c-quiet-1",
            probability=0.8,
        ),
    ]
    signals = (
        Signal(code="A1", side=Side.FOR, sentence=f"It says: {threat}", source="rule:intent", contacts=("c-quiet-1",)),
    )
    settle(
        unit,
        _kept(
            unit,
            Assessment(
                at=at,
                issue_id="i-quiet",
                policy="unacceptable-behaviour 2019-1.0/2",
                contact_id="c-quiet-1",
                findings=tuple(found),
                signals=signals,
            ),
        ),
        policy,
    )


def _kept(unit: Unit, assessment: Assessment) -> Assessment:
    unit.issues.put_assessment(assessment)
    return assessment
