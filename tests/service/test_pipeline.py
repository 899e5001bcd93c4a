"""The one path on real parts: what arrives is linked, read, measured and flagged in one transaction, whatever arrives."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from triage.bootstrap import england
from triage.domain.flag import FlagKind, FlagState
from triage.domain.signal import Judgement
from triage.intake import ParserChild, PollReport, contact_of_row, fingerprint, receive, with_delivery
from triage.pipeline import Pipeline
from triage.reports.flag import flag_page
from triage.reports.issues import issue_page
from triage.scoring import ModelReader
from triage.store import Store
from triage_mailbox.testing import build_mail, raw_mail
from triage_models.rules import SafetyRules

THREAT = "If your man comes here again I will break his legs, I mean it."


def open_flags(desk, kind=None):
    with desk.store.read() as unit:
        return unit.flags.listed(kinds=(kind,) if kind else tuple(FlagKind))


def test_a_threat_is_put_before_people_with_the_exact_words(desk):
    known_as = desk.contact("2026-05-05T10:00", f"Hello. {THREAT} Ivy")
    assert "A1" in desk.codes()
    with desk.store.read() as unit:
        placed = unit.contacts.get(known_as)
        assessment = unit.issues.assessment_of(known_as)
    [finding] = [finding for finding in assessment.findings if finding.code == "A1"]
    assert finding.spans
    assert all(span.text in placed.contact.text for span in finding.spans)
    assert assessment.policy


def test_words_that_are_quoted_are_not_the_senders(desk):
    desk.contact(
        "2026-05-05T10:00",
        f"Please see below, I was frightened.\n\nOn Mon, 4 May 2026 at 09:00, Bob <bob@x.example> wrote:\n> {THREAT}\n",
    )
    assert "A1" not in desk.codes()


def test_suicidal_words_are_safeguarding_and_never_a_behaviour(desk):
    desk.contact("2026-05-05T10:00", "I can't go on like this. I am going to kill myself tonight.")
    assert desk.codes() == {"S0"}


def test_the_same_mail_to_two_mailboxes_is_one_contact_with_two_routes(desk):
    first = desk.contact("2026-05-05T10:00", "Any news?", message_id="<1@post.example>")
    again = desk.contact(
        "2026-05-05T10:01", "Any news?", message_id="<1@post.example>", route="complaints@hall.example", id="copy"
    )
    assert again == first
    with desk.store.read() as unit:
        assert unit.contacts.get(first).contact.routes == ("repairs@hall.example", "complaints@hall.example")
        assert unit.contacts.counts()["in"] == 1


def test_other_words_under_a_known_message_id_are_another_contact(desk):
    first = desk.contact("2026-05-05T10:00", "Any news?", message_id="<1@post.example>")
    second = desk.contact("2026-05-05T10:05", THREAT, message_id="<1@post.example>")
    assert first != second
    assert "A1" in desk.codes()


def test_our_silence_is_owed_without_new_mail_and_becomes_a_card_when_the_customer_asks_again(desk):
    first = desk.contact("2026-05-05T10:00", "My boiler makes a noise. When can somebody look at it?")
    desk.pass_time("2026-05-18T10:00")
    with desk.store.read() as unit:
        [owed] = [reply for reply in unit.issues.last_assessment(f"i{first}").owed if reply.source == first]
    assert owed.overdue_at(desk.clock())
    desk.contact("2026-05-19T10:00", "I have heard nothing about my boiler.")
    assert desk.codes() == {"service_failure"}


def test_chasing_an_overdue_reply_is_never_persistence(desk):
    desk.contact("2026-04-01T10:00", "My boiler makes a noise. When can somebody look at it?")
    for day in (20, 21, 22, 23):
        for hour in range(9, 16):
            desk.contact(
                f"2026-04-{day}T{hour:02}:00", f"Still no answer, this is message {day} {hour}. When will you reply?"
            )
    assert "service_failure" in desk.codes()
    assert not {"P1", "P2", "P3"} & desk.codes()
    [issue_id] = desk.issues()
    with desk.store.read() as unit:
        page = issue_page(unit, desk.pipeline.policy, issue_id, desk.clock(), england())
    [continual] = [one for one in page.weighed if one.code == "P1"]
    assert continual.judgement is Judgement.NOTHING
    assert continual.why == "Mostly sent while we were late: our failure, not theirs."
    assert len(continual.counted) == 29
    assert all("while we were late" in line.why for line, _ in continual.counted[1:])


PRESSED = (
    "Have the bench shifted.",
    "Just move that bench now.",
    "The bench has to go, do it.",
    "Shift the bench. I mean it.",
    "You must move the bench today.",
    "Bench. Move. Now.",
)


def _bench(desk):
    desk.contact("2026-01-05T09:00", "Would you kindly have the bench moved?", subject="Bench")
    desk.reply("2026-01-06T09:00", "We have looked at the bench and it will stay where it is.", subject="Bench")


def _continual(desk):
    _bench(desk)
    for day in (10, 12):
        for hour, words in enumerate(PRESSED, start=9):
            desk.contact(f"2026-02-{day}T{hour:02}:05", words, subject="Bench")


def _refused(desk):
    _bench(desk)
    desk.reply(
        "2026-02-02T10:00",
        "This is our final decision on the bench: it stays. You may go to the Housing Ombudsman.",
        subject="Bench",
    )
    desk.record("2026-02-02T10:01", "final_response", text="The bench stays. Told of the Housing Ombudsman.")
    for day in ("02-09", "02-13", "02-17"):
        desk.contact(f"2026-{day}T10:00", "I do not accept it. You must move the bench now.", subject="Bench")


@pytest.mark.parametrize(
    ("code", "made", "holds", "ended"),
    [
        ("P1", _continual, "2026-03-12T14:00", "2026-03-12T14:06"),
        ("P2", _refused, "2026-04-18T10:59", "2026-04-18T11:01"),
    ],
)
def test_a_pattern_lapses_when_its_evidence_is_too_old_though_nothing_more_arrives(desk, code, made, holds, ended):
    made(desk)
    desk.pass_time(holds)
    assert code in desk.codes()
    desk.pass_time(ended)
    assert code not in desk.codes()
    with desk.store.read() as unit:
        [lapsed] = unit.flags.listed(states=(FlagState.LAPSED,), kinds=(FlagKind.BEHAVIOUR,))
        page = flag_page(
            unit, lapsed, desk.pipeline.policy, kinds=tuple(FlagKind), now=desk.clock(), safeguarding=False
        )
    [clause] = [clause for clause in page.clauses if clause.clause.code == code]
    assert clause.elements
    assert clause.counted


def test_a_reply_in_time_settles_what_is_owed(desk):
    desk.contact(
        "2026-05-05T10:00", "My boiler makes a noise. When can somebody look at it?", message_id="<1@post.example>"
    )
    desk.reply(
        "2026-05-06T10:00",
        "Dear Ivy, an engineer looked at the boiler today and it is fixed. Sam",
        in_reply_to="<1@post.example>",
    )
    desk.pass_time("2026-06-30T10:00")
    assert "service_failure" not in desk.codes()


def test_with_stale_records_no_demand_or_persistence_is_judged(desk):
    desk.pipeline.feed_assumed_fresh = False
    known_as = desk.contact("2026-05-05T10:00", "I do not accept your decision and never will.")
    with desk.store.read() as unit:
        cannot = set(unit.issues.assessment_of(known_as).cannot_judge)
    assert {"D1", "D2", "D3", "D4", "P1", "P2", "P3"} <= cannot


def test_automatic_mail_is_read_and_its_flag_says_that_a_program_sent_it(desk):
    known_as = desk.contact("2026-05-05T10:00", THREAT, auto=True)
    with desk.store.read() as unit:
        assert "A1" in unit.contacts.get(known_as).scores.flagged
        [code] = [code for flag in unit.flags.listed() for code in flag.codes if code.code == "A1"]
    assert "Sent by a program, as its headers say." in code.why


def test_every_flag_names_clause_and_policy_version(desk):
    desk.contact("2026-05-05T10:00", THREAT)
    [flag] = open_flags(desk, FlagKind.BEHAVIOUR)
    policy = desk.pipeline.policy
    assert {code.policy for code in flag.codes} == {f"{policy.id} {policy.version}"}
    assert all(policy.clause(code.code).quote for code in flag.codes)


def test_reading_again_with_the_same_model_changes_nothing(desk):
    desk.contact("2026-05-05T10:00", THREAT)
    assert desk.pipeline.read_again() == 0


def test_another_model_reads_everything_again_and_keeps_the_decisions(desk):
    desk.contact("2026-05-05T10:00", THREAT)

    class Renamed:
        model = "another/1"

        def __init__(self, reader):
            self.reader = reader

        def read(self, contacts):
            return [replace(scores, model=self.model) for scores in self.reader.read(contacts)]

    desk.pipeline.reader = Renamed(desk.pipeline.reader)
    before = open_flags(desk)
    assert desk.pipeline.read_again() == 1
    assert desk.pipeline.read_again() == 0
    assert open_flags(desk) == before


def test_what_a_refused_model_left_unjudged_is_listed_until_a_model_has_read_it(desk):
    whole = desk.pipeline.reader
    alone = ModelReader(None, SafetyRules())
    alone.problem = "The model in use was refused."
    desk.pipeline.reader = alone
    known_as = desk.contact("2026-05-05T10:00", THREAT)
    with desk.store.read() as unit:
        [listed] = unit.contacts.not_scored()
    assert listed.id == known_as and "only the safety and hazard rules looked at it" in listed.not_scored
    desk.pipeline.reader = whole
    assert desk.pipeline.read_again() == 1
    with desk.store.read() as unit:
        assert unit.contacts.not_scored() == [] and unit.contacts.get(known_as).contact.caveat is None


def test_a_stored_message_is_taken_up_after_a_crash(desk):
    """The bytes are kept first; what a killed process left half done is simply still waiting (fault 42)."""
    raw = raw_mail(build_mail(sender="ivy@post.example", text=THREAT, subject="Boiler"))
    desk.pipeline.ledger.discover(raw.account, raw.folder, raw.uidvalidity, [raw.uid], raw.received)
    desk.pipeline.ledger.store(raw, raw.received)
    reader = desk.pipeline.reader

    class Dies:
        model = "dies/1"

        def read(self, contacts):
            raise KeyboardInterrupt

    desk.pipeline.reader = Dies()
    with ParserChild() as parser:
        with pytest.raises(KeyboardInterrupt):
            desk.pipeline.take_stored(parser)
        desk.pipeline.reader = reader
        assert desk.pipeline.take_stored(parser) == 1
        assert desk.pipeline.take_stored(parser) == 0
    assert "A1" in desk.codes()


def test_what_cannot_be_read_is_kept_shown_and_stops_nothing(desk):
    broken = [
        b"",
        b"\x00" * 50,
        b"Content-Type: text/plain; charset=x-evil\r\n\r\n\xff\xfe",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n",
    ]
    mails = [*broken, build_mail(sender="ivy@post.example", text=THREAT)]
    raws = [raw_mail(content, uid=str(number)) for number, content in enumerate(mails, 1)]
    for raw in raws:
        desk.pipeline.ledger.discover(raw.account, raw.folder, raw.uidvalidity, [raw.uid], raw.received)
        desk.pipeline.ledger.store(raw, raw.received)
    with ParserChild() as parser:
        assert desk.pipeline.take_stored(parser) == len(mails)
    with desk.store.read() as unit:
        assert unit.contacts.count_unread() == 0
        assert unit.contacts.counts()["in"] == len(mails)
        reasons = [contact.not_scored for contact in unit.contacts.not_scored()]
    assert reasons
    assert all(reasons)
    assert "A1" in desk.codes()


def test_a_date_that_the_sender_made_up_is_not_believed():
    mail = build_mail("Hello", sent=datetime(2049, 1, 1, 10, tzinfo=UTC))
    raw = raw_mail(mail)
    with ParserChild() as parser:
        contact = receive(raw, parser.parse(raw))
    assert contact.at == raw.received


def test_a_delivery_counts_once():
    contact = contact_of_row(
        {"id": "a", "at": "2026-05-05T10:00", "direction": "in", "channel": "sms", "route": "text line", "text": "x"}
    )
    assert with_delivery(contact, contact) == contact


@pytest.mark.parametrize(
    "change", [{"text": "y"}, {"message_id": "<2@x>"}, {"from_addr": "b@x.example"}, {"subject": "z"}]
)
def test_another_sender_or_word_is_another_contact(change):
    row = {
        "id": "a",
        "at": "2026-05-05T10:00",
        "direction": "in",
        "channel": "email",
        "route": "r",
        "text": "x",
        "message_id": "<1@x>",
        "from_addr": "a@x.example",
    }
    assert fingerprint(contact_of_row(row)) == fingerprint(contact_of_row({**row, "id": "b"}))
    assert fingerprint(contact_of_row(row)) != fingerprint(contact_of_row({**row, **change}))


def test_what_is_kept_does_not_depend_on_stopping_in_between(tmp_path, desk, reader):
    """The pipeline's only state is rebuilt from the store: stopping after each contact gives what one run gives."""
    from triage.bootstrap import recall
    from triage.identity import Directory

    script = [
        ("2026-05-05T10:00", "My boiler is noisy, ref RB/1234. Who looks at it?"),
        ("2026-05-12T10:00", "Any news about the boiler?"),
        ("2026-05-20T10:00", "The hedge by the gate is dead. Can it be replaced?"),
        ("2026-05-28T10:00", THREAT),
    ]
    for at, text in script:
        desk.contact(at, text)
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite'}", durable=False).migrate()
    with desk.store.read() as unit, other.begin() as copy:
        for customer in unit.landlord.customers():
            copy.landlord.put_customer(customer)
    for number, (at, text) in enumerate(script, 1):
        pipeline = Pipeline(
            store=other,
            ledger=desk.pipeline.ledger,
            reader=reader,
            policy=desk.pipeline.policy,
            directory=Directory(),
            workdays=desk.pipeline.workdays,
            clock=desk.clock,
            feed_assumed_fresh=True,
        )
        recall(pipeline)
        row = {
            "id": f"m{number:03}",
            "at": at,
            "direction": "in",
            "channel": "email",
            "route": "repairs@hall.example",
            "from_addr": "ivy@post.example",
            "subject": "Boiler",
            "text": text,
        }
        contact = contact_of_row({**row, "to": ["repairs@hall.example"]})
        pipeline.advance(contact.at)
        pipeline.take_contact(contact)

    def kept(store):
        with store.read() as unit:
            flags = [
                (
                    flag.kind,
                    flag.customer_ref,
                    flag.issue_id,
                    tuple((code.code, code.raised_at, code.contacts) for code in flag.codes),
                )
                for flag in unit.flags.listed()
            ]
            return sorted(flags, key=repr), [
                (found.contact.id, found.issue_id, found.who.customer_ref) for found in unit.contacts.all()
            ]

    assert json.dumps(kept(other), default=str) == json.dumps(kept(desk.store), default=str)
    other.close()


class Source:
    """A source that waits, or fails, and says so."""

    def __init__(self, account, error=None):
        self.account, self.error = account, error

    def poll(self, ledger, now):
        if self.error:
            raise self.error
        return PollReport(account=self.account, folders=())


def test_an_account_that_fails_ends_no_others_round(desk):
    broken, fine = desk.pipeline.poll([Source("broken", OSError("no")), Source("fine")])
    assert "OSError" in broken.folders[0].problem
    assert (fine.account, fine.folders) == ("fine", ())


def test_a_contact_that_breaks_the_pipeline_is_set_aside_and_stops_no_other(desk):
    """Kept, shown as not scored, and the next one is read (fault 45)."""
    raws = [
        raw_mail(build_mail(text, sender="ivy@post.example"), uid=str(number))
        for number, text in enumerate(("breaks", THREAT), 1)
    ]
    for raw in raws:
        desk.pipeline.ledger.discover(raw.account, raw.folder, raw.uidvalidity, [raw.uid], raw.received)
        desk.pipeline.ledger.store(raw, raw.received)

    real = desk.pipeline._find_issue

    def fragile(unit, item, who):
        if "breaks" in item.text:
            raise RuntimeError("an error of ours")
        return real(unit, item, who)

    desk.pipeline._find_issue = fragile
    with ParserChild() as parser:
        assert desk.pipeline.take_stored(parser) == 2
        assert desk.pipeline.take_stored(parser) == 0
    with desk.store.read() as unit:
        [aside] = unit.contacts.not_scored()
        assert "RuntimeError" in aside.not_scored
        assert unit.contacts.raw_of(aside.id) == raws[0].content
    assert "A1" in desk.codes()
