"""Who a contact is from: what decides, what only asks, and what never decides alone."""

from dataclasses import replace
from time import process_time

import pytest

from triage.domain.contact import Channel, Direction, Segment, SegmentKind
from triage.domain.customer import Customer, Role, Zone
from triage.domain.record import Record, RecordKind
from triage.identity import Directory, identify
from triage.identity.normal import address_key, name_of, place_of


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("07700 900412", "+44 7700 900412"),
        ("(0161) 496 0377", "0161 496 0377"),
        ("Ivy.Q@Post.Example", "ivy.q@post.example"),
        ("@wherry_a (Instagram)", "@Wherry_A  (instagram)"),
    ],
)
def test_one_address_has_one_key_however_it_is_written(written, same):
    assert address_key(written) == address_key(same)


def test_a_number_that_no_operator_has_issued_is_still_a_number():
    assert address_key("07700 900123") == "+447700900123"


@pytest.mark.parametrize("line", ["60177 text service", "officer mobile", "117", ""])
def test_a_service_name_or_short_code_is_no_telephone_number(line):
    assert not (address_key(line) or "").startswith("+")


def test_flat_and_house_numbers_are_read_as_doors():
    assert place_of("Flat 2, Brunswick Lofts, E8").number == "2"
    assert place_of("44/3 Brae Place, Green").street == ("brae", "place")
    assert name_of("Cllr Denise Harbottle").last == "harbottle"


def test_an_address_on_file_is_sure_and_says_why(contact, directory_of):
    found = identify(contact("Hello", from_addr="EVANDER.quayle@post.example"), Directory(directory_of()))
    assert (found.customer_ref, found.zone) == ("evan", Zone.SURE)
    assert {"start", "email on file"} <= {step.kind for step in found.evidence}
    assert sum(step.weight for step in found.evidence) > 0


def test_a_shared_landline_alone_decides_nothing(contact, directory_of):
    found = identify(
        contact(said=[("customer", "It's the fan again")], from_addr="0131 496 0418"), Directory(directory_of())
    )
    assert found.zone is Zone.ASK


@pytest.mark.parametrize(("name", "who"), [("Morag Quayle", "morag"), ("Evander Quayle", "evan"), ("Morag", "morag")])
def test_the_name_said_on_a_shared_landline_decides(contact, directory_of, name, who):
    call = contact(
        said=[("agent", "Tollcross"), ("customer", f"It's {name}, forty-four three.")], from_addr="0131 496 0418"
    )
    found = identify(call, Directory(directory_of()))
    assert (found.customer_ref, found.zone) == (who, Zone.SURE)


def test_a_household_members_contact_is_written_for_the_tenant(contact, directory_of):
    call = contact(said=[("customer", "Morag Quayle here, the door's slamming")], from_addr="0131 496 0418")
    found = identify(call, Directory(directory_of()))
    assert (found.role, found.writes_for, found.household_ref) == (Role.HOUSEHOLD, "evan", "evan")


def test_a_withheld_number_decides_nothing(contact, directory_of):
    found = identify(
        contact(said=[("customer", "My boiler has gone off")], from_addr=None, id="x9"), Directory(directory_of())
    )
    assert (found.customer_ref, found.zone, found.probability) == ("contact:x9", Zone.NO, 0.0)


def test_a_full_name_with_its_address_in_numerals_said_aloud_is_sure(contact, directory_of):
    call = contact(said=[("customer", "Haven't got a reference. Ivy Grimshaw, two Spinners Fold.")], from_addr=None)
    found = identify(call, Directory(directory_of()))
    assert (found.customer_ref, found.zone) == ("ivy", Zone.SURE)


def test_a_place_without_a_person_only_asks(contact, directory_of):
    found = identify(
        contact(said=[("customer", "It's about two Spinners Fold")], from_addr="07700 900999"),
        Directory(directory_of()),
    )
    assert (found.customer_ref, found.zone) == ("ivy", Zone.ASK)
    assert found.probability < 0.9


def test_a_surname_with_the_family_home_only_asks_because_both_are_shared(contact, directory_of):
    call = contact(said=[("customer", "Yeah Mr Grimshaw, Spinners Fold. Has my wife rung you?")], from_addr=None)
    assert identify(call, Directory(directory_of())).zone is not Zone.SURE


def test_names_that_are_only_alike_are_not_joined(contact, directory_of):
    directory = Directory(directory_of())
    for name, number, who in (("Hussain", "12", "hussain"), ("Hussein", "21", "hussein")):
        letter = contact(
            f"Dear Sirs, the lift is out again. Mr {name}, {number} Mill House", channel=Channel.LETTER, from_addr=None
        )
        assert identify(letter, directory).customer_ref in {who, f"contact:{letter.id}"}
    call = contact(said=[("customer", "Yusuf Hussein, flat twenty one Mill House")], from_addr="07700 900555")
    found = identify(call, directory)
    assert (found.customer_ref, found.zone) == ("hussein", Zone.SURE)
    directory.note(call, found)
    assert (
        identify(contact(said=[("customer", "Me again")], from_addr="07700 900555"), directory).customer_ref
        == "hussein"
    )


def test_two_people_of_one_name_are_not_told_apart_by_it(contact):
    namesakes = [Customer(ref=ref, name="Ann Reed", emails=(f"{ref}@post.example",)) for ref in ("a", "b")]
    found = identify(contact("Hello", from_addr="new@post.example", from_name="Ann Reed"), Directory(namesakes))
    assert found.zone is Zone.ASK
    assert any(step.kind == "rivals" for step in found.evidence)


def test_somebody_who_rings_for_another_is_not_that_person(contact, directory_of):
    directory = Directory(directory_of())
    call = contact(
        said=[("customer", "I'm ringing for Ivy Grimshaw, two Spinners Fold. I'm her neighbour.")],
        from_addr="0161 496 0377",
    )
    assert identify(call, directory).zone is not Zone.SURE


def test_a_relative_known_by_number_writes_for_the_one_she_names_and_later_without_naming(contact, directory_of):
    directory = Directory(directory_of())
    first = contact(
        said=[("customer", "I'm Karen, Ivy Grimshaw's daughter, I've authority.")], from_addr="07700 900771"
    )
    found = identify(first, directory)
    assert (found.customer_ref, found.role, found.writes_for) == ("karen", Role.ADVOCATE, "ivy")
    directory.note(first, found)
    later = identify(contact("Attached is a table of six lockouts.", from_addr="karengt@inkwell.example"), directory)
    assert later.writes_for == "ivy"


def test_a_new_address_with_the_senders_name_is_learned_and_then_known(contact, directory_of):
    directory = Directory(directory_of())
    first = contact(
        "I only use this address now.",
        from_addr="fresh@inkwell.example",
        from_name="Evander Quayle",
        message_id="<1@x>",
    )
    directory.note(first, identify(first, directory))
    found = identify(contact("Any news?", from_addr="fresh@inkwell.example"), directory)
    assert (found.customer_ref, found.zone) == ("evan", Zone.SURE)


def test_an_unknown_address_keeps_one_key_and_a_role_from_its_words(contact, directory_of):
    directory = Directory(directory_of())
    letter = contact(
        "Dear Chief Executive, my constituent Ms Ivy Grimshaw of 2 Spinners Fold has no heating.",
        from_addr="casework@mp.example",
        from_name="Office of the MP",
    )
    found = identify(letter, directory)
    assert (
        found.customer_ref == identify(contact("And again.", from_addr="Casework@MP.example"), directory).customer_ref
    )
    assert found.customer_ref == "addr:casework@mp.example"
    assert (found.role, found.writes_for) == (Role.ADVOCATE, "ivy")


def test_a_case_reference_said_aloud_with_a_name_finds_its_owner(contact, directory_of):
    directory = Directory(directory_of())
    directory.note_record(
        Record(id="r", at=contact().at, kind=RecordKind.CASE_OPENED, customer_ref="ivy", ref="C-25-0911/2")
    )
    call = contact(said=[("customer", "Hiya, it's Ivy, ref C twenty five oh nine eleven")], from_addr=None)
    found = identify(call, directory)
    assert (found.customer_ref, found.zone) == ("ivy", Zone.SURE)


def test_a_signature_marked_by_the_parser_counts_and_quoted_words_do_not(contact, directory_of):
    text = "Any news?\n--\nEvander Quayle\n> Ivy Grimshaw, 2 Spinners Fold"
    cut, quote = text.index("--"), text.index(">")
    segments = (
        Segment(start=0, end=cut, kind=SegmentKind.OWN),
        Segment(start=cut, end=quote, kind=SegmentKind.SIGNATURE),
        Segment(start=quote, end=len(text), kind=SegmentKind.QUOTED),
    )
    found = identify(contact(text, from_addr="e.quayle@new.example", segments=segments), Directory(directory_of()))
    assert (found.customer_ref, found.zone) == ("evan", Zone.SURE)


def test_our_reply_is_to_the_address_it_goes_to_and_a_note_of_a_visit_to_the_name_it_gives(contact, directory_of):
    directory = Directory(directory_of())
    reply = contact("Dear Mr Quayle, the fan is sound.", direction=Direction.OUT, to=("evander.quayle@post.example",))
    visit = contact("Attended at ten.", direction=Direction.OUT, channel=Channel.VISIT_NOTE, to=("Ivy Grimshaw",))
    assert identify(reply, directory).customer_ref == "evan"
    assert identify(visit, directory).customer_ref == "ivy"


def test_a_title_that_we_have_used_tells_two_people_of_one_telephone_apart(contact, directory_of):
    directory = Directory(directory_of())
    reply = contact("Dear Mr Quayle, the fan is sound.", direction=Direction.OUT, to=("evander.quayle@post.example",))
    directory.note(reply, identify(reply, directory))
    call = contact(said=[("agent", "Tollcross"), ("customer", "It's Mrs Quayle")], from_addr="0131 496 0418")
    assert identify(call, directory).customer_ref == "morag"


def test_automatic_mail_and_doubtful_contacts_teach_nothing(contact, directory_of):
    directory = Directory(directory_of())
    auto = contact("I am away.", from_addr="robot@x.example", from_name="Evander Quayle", auto=True)
    doubtful = contact(said=[("customer", "It's about two Spinners Fold")], from_addr="07700 900999")
    for item in (auto, doubtful):
        directory.note(item, identify(item, directory))
    assert directory.learned_addresses == {}


def test_what_was_learned_survives_a_restart_and_does_not_depend_on_order(contact, directory_of):
    items = [
        contact("Hi", from_addr=f"{name}@n.example", from_name="Evander Quayle", message_id=f"<{name}>")
        for name in "ab"
    ]
    items.append(
        contact("Dear Mr Quayle", direction=Direction.OUT, to=("evander.quayle@post.example",), message_id="<o>")
    )
    states = []
    for order in (items, items[::-1]):
        directory = Directory(directory_of())
        for item in order:
            directory.note(item, identify(item, Directory(directory_of())))
        states.append(
            (
                directory.learned_addresses,
                directory.message_owners,
                directory.ref_owners,
                directory.represents,
                directory.titles,
            )
        )
    assert states[0] == states[1]
    again = Directory.from_parts(directory_of(), *states[0])
    assert (again.learned_addresses, again.message_owners, again.titles) == (states[0][0], states[0][1], states[0][4])


def test_only_the_last_messages_are_remembered_and_the_owners_of_others_are_asked_for(contact, directory_of):
    directory = Directory(directory_of(), recent=2)
    for name in "abc":
        mail = contact("Hi", from_addr="evander.quayle@post.example", message_id=f"<{name}>")
        directory.note(mail, identify(mail, directory))
    answer = contact("And?", in_reply_to="<c>", references=("<a>", "<x>", "<b>"))
    assert directory.unknown_messages(answer) == ["<a>", "<x>"]
    directory.note_owners({"<a>": "evan", "<x>": None})
    assert directory.unknown_messages(replace(answer, in_reply_to=None, references=("<a>", "<x>"))) == []
    assert directory.message_owners == {"<a>": "evan"}


def test_hostile_and_enormous_words_are_read_in_bounded_time(contact, directory_of):
    directory = Directory(directory_of())
    for text in (
        "\x00\ud800 nul and a lone surrogate",
        "It's " * 200_000,
        "a.b@c, " * 50_000,
        "(" * 100_000,
        "forty two " * 50_000,
    ):
        begin = process_time()
        found = identify(contact(text, subject=text[:200], from_addr=text[:300], from_name=text[:300]), directory)
        spoken = identify(contact(said=[("customer", text)], from_addr=None), directory)
        assert found.zone is not Zone.NO or spoken.zone is Zone.NO
        assert process_time() - begin < 5


def test_an_address_on_file_under_which_somebody_else_signs_only_asks(contact, directory_of):
    mail = contact("Any news of the fan?", from_addr="evander.quayle@post.example", from_name="Imran Hussain")
    assert identify(mail, Directory(directory_of())).zone is not Zone.SURE
    own = contact("Any news?", from_addr="evander.quayle@post.example", from_name="E. Quayle")
    assert identify(own, Directory(directory_of())).zone is Zone.SURE


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("carer", Role.CARER),
        ("solicitor", Role.ADVOCATE),
        ("Family", Role.HOUSEHOLD),
        ("tenant", Role.CUSTOMER),
        ("MP", Role.COUNCILLOR),
    ],
)
def test_landlords_own_words_for_a_role_are_known(written, role):
    assert Role(written) is role


def test_a_role_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="astronaut"):
        Role("astronaut")


def test_our_letter_to_a_door_is_to_who_lives_there(contact, directory_of):
    ours = contact("Dear Ms Grimshaw, the hours stay.", direction=Direction.OUT, to=("2 Spinners Fold",))
    assert identify(ours, Directory(directory_of())).customer_ref == "ivy"


def test_a_handle_made_like_a_name_is_read_behind_its_sign(contact, directory_of):
    post = contact("The lamp is still on.", channel=Channel.SOCIAL, from_addr="@Ivy_Grimshaw")
    assert "full name" in {step.kind for step in identify(post, Directory(directory_of())).evidence}


def test_our_letter_without_an_address_may_be_to_whom_it_greets_and_is_never_sure(contact, directory_of):
    ours = contact("Dear Ms Grimshaw, the hours stay.", direction=Direction.OUT, channel=Channel.LETTER)
    found = identify(ours, Directory(directory_of()))
    assert (found.customer_ref, found.zone) == ("ivy", Zone.ASK)


def test_our_own_note_of_a_visit_is_about_whom_it_calls_by_title_and_surname(contact, directory_of):
    """A note is written by staff: "Mrs Grimshaw" in it is whom they met, unless a relative may have been the one who spoke."""
    directory = Directory(directory_of())
    met = "Called at 2 Spinners Fold by appointment. Ms Grimshaw would not let me in and said she sees Denise only."
    note = contact(met, channel=Channel.VISIT_NOTE)
    assert (identify(note, directory).customer_ref, identify(note, directory).zone) == ("ivy", Zone.SURE)
    for words in (
        met.replace("Ms Grimshaw would", "Ms Grimshaw's son came to the door and would"),
        met.replace("Ms Grimshaw", "The tenant"),
        met + " Mr Lund next door says that it is always so.",
        "Visited this morning. Tenant says that Ms Grimshaw upstairs shouts at everybody.",
    ):
        assert identify(contact(words, channel=Channel.VISIT_NOTE), directory).zone is not Zone.SURE
    assert identify(contact(met), directory).zone is not Zone.SURE  # a mail with the same words is nobody's own note


@pytest.mark.parametrize(
    ("on_file", "said"), [("Terence Pugh", "Terry"), ("Liz Pugh", "Elizabeth"), ("William Pugh", "Bill")]
)
def test_a_short_form_of_a_first_name_is_no_other_name(contact, on_file, said):
    customer = Customer(ref="pugh", name=on_file, phones=("07700 900174",), address="1 Rectory Row")
    others = [Customer(ref=f"o{n}", name=f"{first} Ward") for n, first in enumerate(("Terry", "Elizabeth", "Bill"))]
    call = contact(said=[("customer", f"It's {said} Pugh, about the van.")], from_addr="07700 900174")
    who = identify(call, Directory([customer, *others]))
    assert (who.customer_ref, who.zone) == ("pugh", Zone.SURE)
    assert "another name" not in {step.kind for step in who.evidence}


def test_initials_are_of_the_name_on_file_not_of_its_short_form(contact):
    home = {"phones": ("0161 496 0377",), "address": "2 Spinners Fold"}
    couple = [
        Customer(ref="william", name="William Pugh", **home),
        Customer(ref="barbara", name="Barbara Pugh", **home),
    ]
    who = identify(contact("The lift is out. B Pugh, 2 Spinners Fold", channel=Channel.SMS), Directory(couple))
    assert who.customer_ref == "barbara"


def test_who_of_a_crowd_with_one_surname_it_is_does_not_depend_on_their_order(contact):
    """One search serves all who share what is said; who it is must not depend on who stands beside them in it."""
    crowd = [
        Customer(ref=f"c{n}", name=f"{first} Ward") for n, first in enumerate(("Ada", "Ben", "Carol", "Dev", "Ewa"))
    ]
    texts = (
        "The lift is out. C Ward",
        "Ben Ward here, the lift is out.",
        "The lift is out. Ewa",
        "Mr Ward's lift is out.",
    )
    for text in texts:
        together = identify(contact(text, channel=Channel.SMS), Directory(crowd))
        backwards = identify(contact(text, channel=Channel.SMS), Directory(crowd[::-1]))
        assert (together.customer_ref, together.evidence[1:]) == (
            backwards.customer_ref,
            backwards.evidence[1:],
        ) or together.zone is Zone.NO
    assert identify(contact(texts[0], channel=Channel.SMS), Directory(crowd)).customer_ref == "c2"
    assert identify(contact(texts[1], channel=Channel.SMS), Directory(crowd)).customer_ref == "c1"
    assert identify(contact(texts[2], channel=Channel.SMS), Directory(crowd)).customer_ref == "c4"


@pytest.mark.parametrize(
    ("page", "on_file"),
    [
        ("@irisbrandreth", "Iris Brandreth"),
        ("Kerry-Ann Doyle (Facebook)", "Kerry-Ann Doyle"),
        ("@lucianm_builds", "Lucian Marinescu"),
        ("@leoniebf", "Leonie Baptiste-Frayne"),
        ("priyanka.n.rn", "Priyanka Nair"),
        ("@donna_acht", "Donna Achterberg"),
        ("@cdeane_", "Callum Deane"),
    ],
)
def test_a_page_made_of_a_name_and_their_home_in_the_words_are_enough(contact, page, on_file):
    customer = Customer(ref="c", name=on_file, address="12 Cockle Lane")
    neighbour = Customer(ref="n", name="Oona Lund", address="14 Cockle Lane")
    strangers = [
        Customer(ref=f"s{n}", name=f"{first} Ward", address=f"{n} Mill Row")
        for n, first in enumerate(("Iris", "Donna", "Callum"))
    ]
    directory = Directory([customer, neighbour, *strangers])
    told = contact("hi can someone look at my rent please, 12 cockle lane", channel=Channel.SOCIAL, from_addr=page)
    assert (identify(told, directory).customer_ref, identify(told, directory).zone) == ("c", Zone.SURE)
    of_another = contact(
        "hi can someone look at my rent please, 14 cockle lane", channel=Channel.SOCIAL, from_addr=page
    )
    assert (identify(of_another, directory).customer_ref, identify(of_another, directory).zone) != ("n", Zone.SURE)


@pytest.mark.parametrize("page", ["@iris", "@moonlight_77", "@donna", "@wardrobe"])
def test_a_page_that_carries_half_a_name_or_none_is_for_a_person_to_say(contact, page):
    people = [
        Customer(ref=f"s{n}", name=f"{first} Ward", address=f"{n} Mill Row")
        for n, first in enumerate(("Iris", "Donna"))
    ]
    told = contact("hi can someone look at my rent please, 1 mill row", channel=Channel.SOCIAL, from_addr=page)
    assert identify(told, Directory(people)).zone is not Zone.SURE


def test_a_short_form_with_the_surname_is_the_full_name(contact, directory_of):
    people = [*directory_of(), Customer(ref="leo", name="Leopold Finch-Amadi", address="58 Sluice Lane")]
    told = contact("Hi, Leo Finch-Amadi here. Who can send my money back?", channel=Channel.SMS)
    assert (identify(told, Directory(people)).customer_ref, identify(told, Directory(people)).zone) == (
        "leo",
        Zone.SURE,
    )


@pytest.mark.parametrize(
    "said",
    ["Professor Ballantyne-Moss, Observatory Wharf.", "Good afternoon, Bryn. Ballantyne-Moss, Observatory Wharf."],
)
def test_a_surname_of_two_parts_is_one_name(contact, said):
    """The first part is no other first name, and neither is whom they greet."""
    customer = Customer(ref="gwyneth", name="Gwyneth Ballantyne-Moss", phones=("07700 900342",), address="Flat 31, Observatory Wharf, 9 Dial Road")  # fmt: skip
    call = contact(said=[("agent", "Tarn Homes"), ("customer", said)], from_addr="07700 900342")
    assert identify(call, Directory([customer])).zone is Zone.SURE


def _visited(contact, address, words="New washer on the hot bath tap. Tenant in."):
    return contact(words, channel=Channel.VISIT_NOTE, from_addr=address, from_name=None, subject="")


def test_our_note_of_a_visit_to_a_home_on_file_is_about_whoever_lives_there(contact):
    alone = Customer(ref="maud", name="Maud Tidswell", address="Flat 18, Larch Court, Norrick")
    found = identify(_visited(contact, "Flat 18, Larch Court, Norrick"), Directory([alone]))
    assert (found.customer_ref, found.zone) == ("maud", Zone.SURE)


def _surely(found, *refs):
    return found.zone is Zone.SURE and found.customer_ref in refs


def test_a_visit_to_a_home_of_two_or_to_none_on_file_is_surely_nobodys(contact):
    ada, bea = (
        Customer(ref=ref, name=name, address="Flat 18, Larch Court")
        for ref, name in (("a", "Ada Low"), ("b", "Bea Hay"))
    )
    assert not _surely(identify(_visited(contact, "Flat 18, Larch Court"), Directory([ada, bea])), "a", "b")
    assert not _surely(identify(_visited(contact, "Larch Court"), Directory([ada])), "a")
    assert not _surely(identify(_visited(contact, "Flat 19, Larch Court"), Directory([ada])), "a")


def test_an_address_as_a_mails_sender_is_nobodys_home(contact):
    alone = Customer(ref="maud", name="Maud Tidswell", address="Flat 18, Larch Court, Norrick")
    mail = contact("Hello", from_addr="Flat 18, Larch Court, Norrick", from_name=None)
    assert not _surely(identify(mail, Directory([alone])), "maud")
