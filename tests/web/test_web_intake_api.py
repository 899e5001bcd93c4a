"""The intake API: who may give what, once; what is wrong is said in a sentence, and nothing is ever a fault of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.routes_in import what_waits
from triage.routes_in.tokens import end_token, make_token
from triage.store.access import Duty
from triage.web.sources import BY_TOKEN, INTAKE

WHEN = "2026-03-12T10:00:00+00:00"
FORM = {"id": "f-1", "at": WHEN, "channel": "webform", "from_addr": "ivy@post.example", "text": "The lift is out."}
RECORD = {"id": "r-1", "at": WHEN, "record": "case_opened", "customer_ref": "c-1", "ref": "RB-1"}


class Program:
    """Another system with its token."""

    def __init__(self, desk, *kinds, source="web forms"):
        self.desk, self.client, self.count = desk, desk.new_client(), 0
        self.secret, self.token = make_token(desk.store, source, kinds, by="Test", now=desk.clock())

    def post(self, what, body, key=None, **headers):
        self.count += 1
        sent = {
            "authorization": f"Bearer {self.secret}",
            "idempotency-key": key or f"{self.token.id}-key-{self.count}",
            "content-type": "application/json",
            **headers,
        }
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(f"{INTAKE}{what}", content=content, headers=sent)


@pytest.fixture
def forms(desk):
    return Program(desk, "webform", "sms")


@pytest.fixture
def landlord(desk):
    return Program(desk, "records", "customers", "visits", source="housing system")


def waiting(desk):
    with desk.store.read() as unit:
        return what_waits(unit, desk.clock())


def test_a_contact_is_kept_for_the_next_round_and_on_record(desk, forms):
    answer = forms.post("contacts", {"contacts": [FORM]})
    assert (answer.status_code, answer.json()) == (202, {"new": 1, "changed": 0, "same": 0})
    (contact,) = waiting(desk).items
    assert (contact.channel, contact.text, contact.routes) == ("webform", "The lift is out.", ("web forms",))
    assert desk.audit("rows.given") == [("source web forms", "contacts")]


def test_a_request_sent_again_gets_the_same_answer_and_takes_nothing_twice(desk, forms):
    first = forms.post("contacts", {"contacts": [FORM]}, key="a-key-of-mine")
    again = forms.post("contacts", {"contacts": [FORM]}, key="a-key-of-mine")
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(waiting(desk).items) == 1
    other = forms.post("contacts", {"contacts": [{**FORM, "text": "Other words."}]}, key="a-key-of-mine")
    assert other.status_code == 409
    assert "body" in other.json()["error"]


def test_the_same_key_of_two_sources_is_two_requests(desk, forms):
    other = Program(desk, "webform", source="another form")
    for program in (forms, other):
        assert program.post("contacts", {"contacts": [FORM]}, key="the-very-same").json()["new"] == 1
    assert len({contact.id for contact in waiting(desk).items}) == 2


def test_a_known_id_with_other_words_is_a_new_version_and_the_first_stays(desk, forms):
    forms.post("contacts", {"contacts": [FORM]})
    assert forms.post("contacts", {"contacts": [FORM]}).json() == {"new": 0, "changed": 0, "same": 1}
    assert forms.post("contacts", {"contacts": [{**FORM, "text": "The door is."}]}).json()["changed"] == 1
    (contact,) = waiting(desk).items
    assert contact.text == "The door is."
    with desk.store.read() as unit:
        assert [v.row["text"] for v in unit.arrivals.versions("contact", contact.id)] == [
            "The lift is out.",
            "The door is.",
        ]


def test_without_a_key_nothing_is_taken(desk, forms):
    headers = {"authorization": f"Bearer {forms.secret}"}
    answer = forms.client.post(f"{INTAKE}contacts", json={"contacts": [FORM]}, headers=headers)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["error"]
    assert waiting(desk).items == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text": None, "subject": ""}, "text"),
        ({"text": "  "}, "no words"),
        ({"chanel": "sms"}, "chanel"),
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "email"}, "channel"),
        ({"at": "yesterday"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "year"),
        ({"at": "2049-01-01T00:00:00Z"}, "future"),
        ({"id": ""}, "id"),
        ({"turns": [{"speaker": "ghost", "text": "boo"}]}, "speaker"),
        ({"text": "x" * 200_001}, "text"),
        ({"text": "\ud800"}, "text"),
    ],
)
def test_a_wrong_row_is_refused_whole_with_a_sentence_that_names_the_field(desk, forms, change, says):
    row = {key: value for key, value in {**FORM, **change}.items() if value is not None}
    answer = forms.post("contacts", {"contacts": [{**FORM, "id": "f-0"}, row]})
    assert answer.status_code == 422
    assert says in answer.json()["error"]
    assert "The lift is out" not in answer.text
    assert waiting(desk).items == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[" * 100_000, 400),
        (b"null", 422),
        (b"[]", 422),
        (b'{"contacts": []}', 422),
        (b'{"contacts": [NaN]}', 422),
        (b'{"contacts": [' + b"9" * 10_000 + b"]}", 400),
        (b'{"contacts": "\xff"}', 400),
        (b'{"contacts": [{}], "more": 1}', 422),
        (b'{"contacts": [' + b"{}," * 501 + b"{}]}", 422),
        (b'{"contacts": ["' + b"x" * 300_000 + b'"]}', 413),
    ],
)
def test_a_body_that_is_none_is_refused_in_json(forms, body, status):
    answer = forms.post("contacts", body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"].endswith(".")


def test_nothing_but_json_is_read(forms):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = forms.post("contacts", {"contacts": [FORM]}, **{"content-type": kind})
        assert answer.status_code == 415, kind


def test_a_token_opens_its_own_kinds_alone(desk, forms, landlord):
    assert forms.post("records", {"as_of": WHEN, "records": [RECORD]}).status_code == 403
    assert forms.post("contacts", {"contacts": [{**FORM, "channel": "letter_scan"}]}).status_code == 403
    answer = landlord.post("contacts", {"contacts": [FORM]})
    assert answer.status_code == 403
    assert "webform" in answer.json()["error"] and "records" in answer.json()["error"]
    assert waiting(desk).items == []


def test_a_token_opens_no_page_and_a_signed_in_person_no_intake(desk, forms):
    headers = {"authorization": f"Bearer {forms.secret}"}
    for path in ("/", "/health", "/routes", "/api/session"):
        assert forms.client.get(path, headers=headers).status_code == 401
    for duty in Duty:
        visitor = desk.signed_in(duty)
        for method, path in sorted(BY_TOKEN):
            answer = visitor.get(path) if method == "GET" else visitor.send(path, {"contacts": [FORM]})
            assert answer.status_code in (401, 403), f"{duty} {path}"


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer nonsense", "Basic dXNlcjpwYXNz", "Bearer " + "x" * 5_000])
def test_a_token_that_is_none_is_refused(desk, forms, sent):
    answer = forms.post("contacts", {"contacts": [FORM]}, authorization=sent)
    assert answer.status_code == 401
    assert waiting(desk).items == []


def test_a_revoked_token_is_good_no_longer(desk, forms):
    assert forms.post("contacts", {"contacts": [FORM]}).status_code == 202
    end_token(desk.store, forms.token.id, by="Test", now=desk.clock())
    assert forms.post("contacts", {"contacts": [FORM]}).status_code == 401
    assert [subject for _, subject in desk.audit("token.revoked")] == [forms.token.id]


def test_a_bad_token_beside_a_good_session_stays_a_bad_token(desk):
    visitor = desk.signed_in(Duty.ADMINISTRATOR)
    answer = visitor.client.post(
        f"{INTAKE}contacts", json={"contacts": [FORM]}, headers={"authorization": "Bearer nonsense"}
    )
    assert answer.status_code == 401


def test_the_secret_is_nowhere_in_the_database(desk, forms):
    with desk.store.engine.connect() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())
    assert forms.token.id in dump
    assert forms.secret not in dump


def test_customers_visits_and_records_say_how_old_they_are(desk, landlord):
    assert landlord.post("customers", {"as_of": WHEN, "customers": [{"customer_ref": "c-9", "name": "Sam"}]}).json()[
        "new"
    ]
    assert landlord.post("visits", {"as_of": WHEN, "visits": [{"id": "v-1", "at": "2026-03-14T09:00"}]}).json()["new"]
    assert landlord.post("records", {"as_of": WHEN, "records": [RECORD]}).json()["new"]
    found = waiting(desk)
    assert list(found.customers) == ["c-9"]
    assert [visit.id for visit in found.visits] == ["v-1"]
    assert [record.ref for record in found.items] == ["RB-1"]
    with desk.store.read() as unit:
        feeds = {source: at.isoformat() for source, at, _ in unit.landlord.feeds()}
    assert feeds["customers"] == feeds["visits"] == feeds["records"] == "2026-03-12T10:00:00+00:00"


def test_an_export_without_a_row_keeps_the_feed_fresh_and_one_from_the_future_is_refused(desk, landlord):
    now = desk.clock().isoformat()
    assert landlord.post("records", {"as_of": now, "records": []}).status_code == 202
    with desk.store.read() as unit:
        assert unit.landlord.feed("records") == (desk.clock(), "ok")
    late = landlord.post("records", {"as_of": "2049-01-01T00:00:00Z", "records": []})
    assert late.status_code == 422 and "future" in late.json()["error"]
    assert landlord.post("records", {"records": []}).status_code == 422


def test_the_api_is_described_to_whoever_holds_a_token_and_to_nobody_else(desk, forms):
    headers = {"authorization": f"Bearer {forms.secret}"}
    found = forms.client.get(f"{INTAKE}openapi.json", headers=headers).json()
    assert set(found["paths"]) == {path for _, path in BY_TOKEN}
    assert "channel" in found["components"]["schemas"]["ContactRow"]["properties"]
    assert {"401", "409", "413", "415", "422"} <= set(found["paths"][f"{INTAKE}contacts"]["post"]["responses"])
    assert desk.anonymous().get(f"{INTAKE}openapi.json").status_code == 401
    assert desk.anonymous().get("/openapi.json").status_code in (401, 404)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NEAR = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(st.just(FORM.get(name)), JSON) for name in (*FORM, "turns", "to", "subject", "customer_ref")
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    what=st.sampled_from(["contacts", "incidents", "customers", "visits", "records"]),
    rows=JSON | st.lists(NEAR, max_size=3),
)
def test_no_body_is_a_fault_of_ours(desk, what, rows):
    program = getattr(desk, "program", None) or Program(
        desk, "webform", "incidents", "customers", "visits", "records", source="fuzz"
    )
    desk.program = program
    answer = program.post(
        what, {"as_of": WHEN, what: rows} if what in ("customers", "visits", "records") else {what: rows}
    )
    assert answer.status_code in (202, 400, 403, 422), answer.text
    answer.json()
