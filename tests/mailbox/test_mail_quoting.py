"""Whose words a letter holds: replies, forwards, signatures, and customers' own words that only look like quotes."""

import pytest

from triage_mailbox.messages import SegmentKind
from triage_mailbox.quoting import MOST_CHARACTERS, MOST_LINES, TAKEN_LARGER, split

INTRO = "On Tue, 3 Mar 2026 at 10:12, Repairs Team <repairs@tarnside.example> wrote:"
OUTLOOK = (
    "From: Repairs Team <repairs@tarnside.example>\nSent: 03 March 2026 10:12\nTo: Ada Marsh\nSubject: RE: Heating\n"
)


def words_of(text, kind=SegmentKind.OWN, **options):
    segments, _ = split(text, **options)
    return "\n".join(text[part.start : part.end].strip() for part in segments if part.kind is kind)


REPLIES = {
    "gmail": f"Still no heating.\n\n{INTRO}\n\n> We will come on Friday.\n> Regards\n",
    "gmail with the introduction wrapped": f"Still no heating.\n\n{INTRO[:-7]}\nwrote:\n\n> We will come on Friday.\n",
    "outlook": f"Still no heating.\n\n{OUTLOOK}\nDear Ms Marsh, we will come on Friday.\n",
    "outlook with a line": f"Still no heating.\n\n________________________________\n{OUTLOOK}\nWe will come on Friday.\n",
    "outlook, original message": f"Still no heating.\n\n-----Original Message-----\n{OUTLOOK}\nWe will come on Friday.\n",
    "yahoo, not angled": f"Still no heating.\n\n    {INTRO}\n\n We will come on Friday.\n",
    "no address, not angled": "Still no heating.\n\nOn 3 Mar 2026 at 10:12, Ann Smith wrote:\n\nWe will come on Friday.\n",
    "iphone": "Still no heating.\n\nSent from my iPhone\n\n> On 3 Mar 2026, at 10:12, Repairs <r@t.example> wrote:\n> \n> We come Friday.\n",
    "french": "Still no heating.\n\nLe mar. 3 mars 2026 à 10:12, Réparations <r@t.example> a écrit :\n\n> Nous viendrons vendredi.\n",
    "german": "Still no heating.\n\nAm 03.03.2026 um 10:12 schrieb Repairs <r@t.example>:\n\n> Wir kommen am Freitag.\n> Gruß\n",
}


@pytest.mark.parametrize("text", REPLIES.values(), ids=REPLIES.keys())
def test_a_reply_keeps_only_the_senders_new_words(text):
    assert words_of(text, is_reply=True) == "Still no heating."


def test_a_french_reply_is_told_from_what_it_answers():
    text = (
        "Personne n'est venu.\n\nLe mar. 3 mars 2026 à 10:12, Réparations <r@t.example> a écrit :\n\nNous viendrons.\n"
    )
    assert words_of(text, is_reply=True) == "Personne n'est venu."


def test_answers_between_quoted_lines_are_kept():
    text = f"{INTRO}\n\n> When are you in?\n\nAny day.\n\n> Is there a dog?\n\nNo dog.\n\n> Which flat?\nFlat 2.\n"
    assert words_of(text, is_reply=True) == "Any day.\nNo dog.\nFlat 2."


def test_words_below_a_quoted_message_are_kept():
    text = f"{INTRO}\n> We will come on Friday.\n> Regards\n\nYou did not.\n"
    assert words_of(text, is_reply=True) == "You did not."


FORWARDS = {
    "gmail": f"Look at this.\n\n---------- Forwarded message ---------\n{OUTLOOK}\nI will get you.\n",
    "apple": "Look at this.\n\nBegin forwarded message:\n\n> From: Bob <bob@x.example>\n> Subject: you\n> Date: 3 March 2026\n> To: a@x.example\n>\n> I will get you.\n",
    "outlook": f"Look at this.\n\n{OUTLOOK}\nI will get you.\n",
    "french": "Look at this.\n\n-------- Message transféré --------\nDe : Bob <bob@x.example>\nDate : 3 mars 2026 10:12\nObjet : toi\n\nJe t'aurai.\n",
}


@pytest.mark.parametrize("text", FORWARDS.values(), ids=FORWARDS.keys())
def test_a_forwarded_message_is_another_persons_words(text):
    assert words_of(text) == "Look at this."
    assert words_of(text, SegmentKind.FORWARDED).endswith(("I will get you.", "Je t'aurai."))


TRAPS = {
    "wrote and from": "On Monday your man wrote:\nwe will fix it by Friday. That is a lie.\nFrom: now on I want it in writing.\n",
    "wrote with a day": "On Monday 3 March your officer wrote:\n\nno. I am not having that.\n",
    "wrote with a time": "On 3 May 2026 at 10:12 your officer Smith wrote:\nwe will fix it. He is lying to me.\n",
    "words, then wrote with a time": "I rang.\n\nOn 3 May 2026 at 10:12 your officer Smith wrote:\nwe come. He lies.\n",
    "words, then a sentence with an address": "I rang.\n\nOn Friday someone at <r@t.example> wrote:\nwe come. He lies.\n",
    "your officer wrote": "Your officer wrote:\n\nnothing at all.\n",
    "two headers of one's own": "From: now on I want it in writing.\nTo: be clear, every single time.\nSubject: closed.\n",
    "an answer below an unmarked quote": f"{INTRO}\nWe will come on Friday.\n\nYou did not and he is a liar.\n",
    "a list of demands": "I want:\n- a new boiler\n- an apology\n- the name of your boss\n",
    "thanks for nothing": "Thanks, and another thing: nobody came.\nI waited all day.\nSam\n",
    "best thing": "The flat is cold.\n\nBest\nthing you can do is sack him.\n",
    "one angle": "> 5 days I have waited\nand nobody came.\n",
    "sent from": "Sent from my own pocket was the money you owe me for the heater, all of it, last week.\n",
}


@pytest.mark.parametrize("text", TRAPS.values(), ids=TRAPS.keys())
def test_a_customers_own_words_are_never_taken_for_a_quote(text):
    assert words_of(text) == text.strip()


def test_disagreement_takes_the_larger_text_and_says_so():
    segments, problems = split(TRAPS["wrote and from"], is_reply=True)
    assert [part.kind for part in segments] == [SegmentKind.OWN]
    assert problems == (TAKEN_LARGER,)


def test_an_introduction_that_only_one_way_sees_is_kept_as_own():
    """quotequail knows Swedish, mail-parser-reply is not asked for it: they differ, so the larger text is taken."""
    text = "Ingen kom.\n\nDen tis 3 mars 2026 kl 10:12 skrev Ann <ann@t.example>:\nVi kommer.\n"
    segments, problems = split(text, is_reply=True)
    assert {part.kind for part in segments} == {SegmentKind.OWN}
    assert problems == (TAKEN_LARGER,)


SIGNATURES = {
    "kind regards": "Kind regards\nSam Lee\n07700 900123",
    "regards with a name": "Regards, Sam",
    "delimiter": "-- \nSam Lee\nFlat 2, Mill Street\nsam@larkpost.example",
    "mobile": "Sent from my iPhone",
    "outlook mobile": "Get Outlook for iOS<https://aka.example/o0ukef>",
    "french mobile": "Envoyé de mon iPhone",
    "thanks and a mobile": "Thanks,\nSam\n\nSent from my Galaxy",
}


@pytest.mark.parametrize("ending", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_a_signature_is_marked_and_not_scored(ending):
    text = f"The lift is broken.\n\n{ending}\n"
    assert words_of(text) == "The lift is broken."
    assert "".join(words_of(text, SegmentKind.SIGNATURE).split()) == "".join(ending.split())


NOT_SIGNATURES = {
    "postscript": "Regards,\nSam\n\nPS tell your manager he is a liar",
    "sentence after the delimiter": "-- \nand if he comes back I will deal with him myself",
    "shouting after the name": "Regards,\nSam\nUSELESS!",
    "short sentence": "Thanks\nyou are all thieves.",
}


@pytest.mark.parametrize("ending", NOT_SIGNATURES.values(), ids=NOT_SIGNATURES.keys())
def test_words_after_a_sign_off_are_kept(ending):
    text = f"The lift is broken.\n\n{ending}\n"
    assert ending.strip().split("\n")[-1] in words_of(text)


def test_a_disclaimer_is_marked():
    disclaimer = (
        "This e-mail and any attachments are confidential and intended solely for the use of the recipient. "
        "If you have received it in error please delete it."
    )
    assert words_of(f"The lift is broken.\n\n{disclaimer}\n") == "The lift is broken."


def test_a_customer_may_call_a_letter_confidential():
    text = "This is confidential: my neighbour hits her child.\n"
    assert words_of(text) == text.strip()


def test_words_put_into_a_disclaimer_are_scored():
    text = (
        "This e-mail and any attachments are confidential and intended solely for the use of the recipient. "
        "If you have received it in error please delete it. I know where you live.\n"
    )
    assert "I know where you live." in words_of(f"Hello.\n\n{text}")


def test_words_where_a_device_names_itself_are_scored():
    assert (
        words_of("Hello.\n\nSent from my house to where you live\n") == "Hello.\n\nSent from my house to where you live"
    )


def test_what_the_mail_program_marked_as_quoted_is_quoted():
    text = "No.\n\nOn Tuesday Repairs wrote:\nWe will come.\n\nThank you\n"
    start = text.index("On Tuesday")
    end = text.index("\n\nThank you")
    segments, _ = split(text, marked=[(start, end, SegmentKind.QUOTED)])
    assert [text[part.start : part.end].strip() for part in segments if part.kind is SegmentKind.QUOTED] == [
        "On Tuesday Repairs wrote:\nWe will come."
    ]


@pytest.mark.parametrize(
    "text", [*REPLIES.values(), *FORWARDS.values(), *TRAPS.values(), "\n", "\n\nx", " ", "x\n\n\n"]
)
@pytest.mark.parametrize("is_reply", [True, False])
def test_segments_cover_the_text_without_gaps(text, is_reply):
    segments, _ = split(text, is_reply=is_reply)
    assert "".join(text[part.start : part.end] for part in segments) == text
    assert segments[0].start == 0
    assert segments[-1].end == len(text)
    assert all(part.reason for part in segments)


def test_a_text_too_long_to_search_stays_whole_and_own():
    text = "a line of words\n" * (MOST_LINES + 10)
    segments, problems = split(text)
    assert "".join(text[part.start : part.end] for part in segments) == text
    assert {part.kind for part in segments} == {SegmentKind.OWN}
    assert any("so long" in problem for problem in problems)


def test_one_endless_line_is_read_quickly():
    text = "From: " * (MOST_CHARACTERS // 3)
    segments, _ = split(text)
    assert segments[-1].end == len(text)
