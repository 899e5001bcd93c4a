"""Somebody who speaks for a tenant is never that tenant, in whatever words they say so (behaviours A.12, requirement C30)."""

import pytest

from triage.domain.contact import Channel
from triage.domain.customer import Customer, Role, Zone
from triage.identity import Directory, identify

HOME = "14 Larch Road"


@pytest.fixture
def directory():
    """Mary Okafor, her son at the same door, the man next door, and two whose names end in s."""
    return Directory(
        [
            Customer(ref="mary", name="Mary Okafor", emails=("mary@post.example",), phones=("07700 900101",), tenancy_ref="TN-1001", address=HOME),
            Customer(ref="ben", role=Role.HOUSEHOLD, name="Ben Okafor", emails=("ben@post.example",), address=HOME),
            Customer(ref="tom", name="Tom Hale", address="16 Larch Road"),
            Customer(ref="james", name="James Pettis", address="3 Weir Court"),
            Customer(ref="nan", name="Ada Williams", address="5 Weir Court"),
        ]
    )  # fmt: skip


def said(contact, text, way):
    if way == "call":
        return contact(said=[("agent", "Good morning, how can I help?"), ("customer", text)], from_addr="07700 900555")
    if way == "sms":
        return contact(text, channel=Channel.SMS, from_addr="07700 900555")
    return contact(text, from_addr="jo@care.example", from_name="Jo Pye")


FORMS = [
    ("I am Mary Okafor's carer. Her boiler at 14 Larch Road is off.", Role.CARER),
    ("I am Mary Okafor’s carer. Her boiler at 14 Larch Road is off.", Role.CARER),
    ("I am Mary Okaforʼs live-in carer. Her boiler at 14 Larch Road is off, TN-1001.", Role.CARER),
    ("i am mary okafors carer. her boiler at 14 larch road is off", Role.CARER),
    ("I'm Mary, Mrs Okafor's carer. Her boiler at 14 Larch Road is off.", Role.CARER),
    ("I'm the carer for Mary Okafor of 14 Larch Road. Her boiler is off.", Role.CARER),
    ("I care for Mary Okafor, her boiler at 14 Larch Road is off.", Role.CARER),
    ("Boiler off at 14 Larch Road. I look after Mary Okafor", Role.CARER),
    ("I look after Mrs Okafor at 14 Larch Road and her boiler is off again.", Role.CARER),
    ("I support Mary Okafor at the day centre. 14 Larch Road has no heating.", Role.CARER),
    ("I'm Mary Okafor's support worker. Her home is 14 Larch Road.", Role.CARER),
    ("Please mend the boiler at 14 Larch Road for Mary Okafor. Jo Pye, carer", Role.CARER),
    ("Please mend the boiler at 14 Larch Road for Mary Okafor.\n\nThanks,\nJo Pye\nCarer", Role.CARER),
    ("This is Mary Okafor's son. Boiler off at 14 Larch Road.", Role.HOUSEHOLD),
    ("Mary Okafor's daughter here. Boiler off at 14 Larch Road.", Role.HOUSEHOLD),
    ("Hello, this is Mary Okafor's daughter Grace, the boiler at 14 Larch Road is off.", Role.HOUSEHOLD),
    ("Son of Mrs Okafor. Boiler off at 14 Larch Road.", Role.HOUSEHOLD),
    ("I'm the daughter-in-law of Mary Okafor, 14 Larch Road.", Role.HOUSEHOLD),
    ("Mrs Okafor is my mum. The boiler at 14 Larch Road is off.", Role.HOUSEHOLD),
    ("Mary Okafor is my mum. The boiler at 14 Larch Road is off.", Role.HOUSEHOLD),
    ("My mother Mary Okafor at 14 Larch Road has no heating.", Role.HOUSEHOLD),
    ("It is about my elderly mother, Mary Okafor, 14 Larch Road.", Role.HOUSEHOLD),
    ("I'm calling for my mum. Her name is Mary Okafor, 14 Larch Road.", Role.HOUSEHOLD),
    ("I'm writing on behalf of Mary Okafor, 14 Larch Road.", Role.ADVOCATE),
    ("I am Mary Okafor's social worker. 14 Larch Road has no heating.", Role.ADVOCATE),
    ("I live next door to Mrs Okafor at 14 Larch Road. Her boiler is off.", Role.NEIGHBOUR),
    ("I'm her neighbour. Mary Okafor at 14 Larch Road has no heating.", Role.NEIGHBOUR),
    ("I am a neighbour of Mary Okafor at 14 Larch Road.", Role.NEIGHBOUR),
    ("One of my constituents, Mary Okafor, 14 Larch Road, has contacted me about her boiler.", Role.COUNCILLOR),
]  # fmt: skip


@pytest.mark.parametrize("way", ["email", "call", "sms"])
@pytest.mark.parametrize(("text", "role"), FORMS)
def test_whoever_says_that_they_speak_for_a_tenant_is_somebody_else_for_her(contact, directory, text, role, way):
    mail = said(contact, text, way)
    found = identify(mail, directory)
    assert (found.role, found.writes_for) == (role, "mary")
    assert found.customer_ref not in {"mary", "ben"}
    directory.note(mail, found)
    assert not directory.learned_addresses


@pytest.mark.parametrize(
    ("text", "tenant"),
    [
        ("I am James' carer. The lift at 3 Weir Court is out.", "james"),
        ("I am James Pettis' carer. The lift at 3 Weir Court is out.", "james"),
        ("I am James Pettis’ carer. The lift at 3 Weir Court is out.", "james"),
        ("I'm Ada Williams's carer, 5 Weir Court.", "nan"),
        ("This is Mrs Williams' carer, 5 Weir Court.", "nan"),
    ],
)
@pytest.mark.parametrize("way", ["email", "call", "sms"])
def test_a_name_that_ends_in_s_is_read_in_its_possessive(contact, directory, text, tenant, way):
    found = identify(said(contact, text, way), directory)
    assert (found.role, found.writes_for) == (Role.CARER, tenant)
    assert found.customer_ref != tenant


@pytest.mark.parametrize(
    "text",
    [
        "My neighbour, Mary Okafor, 14 Larch Road, has no heating.",
        "Speaking for my nan, Mary Okafor, 14 Larch Road.",
        "The tenant's name is Mary Okafor, 14 Larch Road.",
        "please ring my mum mary okafor, 14 larch road",
        "I'm her carer. Mary Okafor, 14 Larch Road.",
    ],
)
@pytest.mark.parametrize("way", ["email", "call", "sms"])
def test_a_name_that_the_speaker_gives_as_anothers_is_never_sure(contact, directory, text, way):
    found = identify(said(contact, text, way), directory)
    assert found.zone is not Zone.SURE or found.customer_ref.startswith("addr:")


@pytest.mark.parametrize(
    ("name", "address"),
    [("Jane Smith MP", "jane.smith.mp@parliament.uk"), ("Cllr Pat Jones", "p.jones@borough.example")],
)
def test_a_member_or_councillor_who_writes_about_a_tenant_is_not_the_tenant(contact, directory, name, address):
    text = "Mary Okafor of 14 Larch Road has contacted me about her boiler."
    found = identify(contact(text, from_addr=address, from_name=name), directory)
    assert (found.role, found.writes_for, found.customer_ref) == (Role.COUNCILLOR, "mary", f"addr:{address}")


@pytest.mark.parametrize("name", [None, "Mary Okafor"])
@pytest.mark.parametrize("text", ["I am Mary Okafor's carer. Her boiler is off.", "This is Mrs Okafor's son."])
def test_somebody_else_at_her_own_address_is_for_a_person_to_say(contact, directory, text, name):
    found = identify(contact(text, from_addr="mary@post.example", from_name=name), directory)
    assert (found.customer_ref, found.zone) == ("mary", Zone.ASK)


@pytest.mark.parametrize(
    "text",
    [
        "I am Mary Okafor and my carer is away. 14 Larch Road is cold.",
        "It's Mary Okafor, my carer has not come, 14 Larch Road.",
        "Mary Okafor here, my son's room is damp at 14 Larch Road.",
        "Mould in my son's room at 14 Larch Road. Mary Okafor",
        "I care for my husband and the lift is out. Mary Okafor, 14 Larch Road",
        "My son Ben needs a bed and my mum Grace is here, 14 Larch Road. Mary Okafor",
        "My carer Jo Pye has no key for 14 Larch Road. Mary Okafor",
        "I live next door to Tom Hale, who is shouting again. Mary Okafor, 14 Larch Road",
        "My neighbour Tom Hale is shouting again. Mary Okafor, 14 Larch Road",
    ],
)
@pytest.mark.parametrize("way", ["call", "sms", "email"])
def test_a_tenant_who_speaks_of_her_carer_or_family_is_still_the_tenant(contact, directory, text, way):
    mail = (
        said(contact, text, way)
        if way != "email"
        else contact(f"{text}\n\nThanks,\nMary Okafor", from_addr="new@post.example")
    )
    found = identify(mail, directory)
    assert (found.customer_ref, found.zone, found.role) == ("mary", Zone.SURE, Role.CUSTOMER)


def test_her_own_mail_about_her_own_flat_is_hers(contact, directory):
    for text in (
        "Mary Okafor's flat is cold - Mary",
        "My son's room is damp.",
        "Mary Okafor’s carer did not come. Mary",
    ):
        found = identify(contact(text, from_addr="mary@post.example"), directory)
        assert (found.customer_ref, found.zone) == ("mary", Zone.SURE)


def test_her_own_telephone_is_hers_whoever_of_her_family_she_names(contact, directory):
    for text in (
        "My son Ben rang you about the boiler.",
        "I look after Ada Williams and cannot wait in.",
        "Grace is my mum.",
    ):
        found = identify(contact(text, channel=Channel.SMS, from_addr="07700 900101"), directory)
        assert (found.customer_ref, found.zone) == ("mary", Zone.SURE)


def test_a_stranger_who_names_a_relative_whom_nobody_knows_speaks_for_themselves(contact, directory):
    for text in ("My son Kelvin needs a bed.", "I live next door to Joan Slee.", "I am asking for texts, not calls."):
        assert identify(contact(text, from_addr="new@post.example"), directory).role is Role.CUSTOMER


def test_a_relative_on_file_is_known_by_her_own_address(contact, directory):
    found = identify(contact("I'm Mary Okafor's son, her boiler is off.", from_addr="ben@post.example"), directory)
    assert (found.customer_ref, found.zone, found.role, found.writes_for) == ("ben", Zone.SURE, Role.HOUSEHOLD, "mary")
