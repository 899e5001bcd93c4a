"""A flag in plain English, for whoever asks why (C5)."""

from triage.web.same_as import API


def _text(visitor, flag_id):
    answer = visitor.get(f"/flags/{flag_id}/sheet")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    assert "attachment" in answer.headers["content-disposition"]
    return answer.text


def test_what_we_owed_stands_before_what_was_suggested_and_what_one_can_do_comes_last(desk, manager):
    text = _text(manager, desk.landlord.behaviour)
    places = [
        text.index(words)
        for words in (
            "1. What we owed",
            "3. What was suggested",
            "5. What you say of it",
            "6. What you can do",
            "Ombudsman",
        )
    ]
    assert places == sorted(places)
    for said in (
        "Verbal abuse",
        "The policy (",
        "Nobody has decided it yet.",
        "ask for another person",
        "scores nobody",
    ):
        assert said in text
    assert desk.audit("flag.exported") == [("Test manager", desk.landlord.behaviour)]
    assert manager.get(f"{API}/flags/{desk.landlord.behaviour}/sheet").text == text


def test_it_is_no_opening_of_the_context(desk, reviewer):
    _text(reviewer, desk.landlord.behaviour)
    with desk.store.read() as unit:
        assert unit.flags.viewed_at(desk.landlord.behaviour, "Test reviewer") is None


def test_a_decision_is_told_with_its_reason_as_an_opinion(desk, reviewer, manager):
    flag_id = desk.landlord.behaviour
    flag = reviewer.get(f"{API}/flags/{flag_id}").json()["flag"]
    sent = [{"code": code, "answer": "no", "reason": "It is about the boiler."} for code in flag["codes"]]
    assert (
        reviewer.send(
            f"{API}/flags/{flag_id}/reviews", {"flag_version": flag["version"], "decisions": sent}
        ).status_code
        == 201
    )
    text = _text(manager, flag_id)
    assert "no, this did not happen. The reason, which is this person’s opinion: It is about the boiler." in text


def test_safeguarding_is_explained_to_nobody(desk, manager, reviewer):
    for visitor in (manager, reviewer):
        assert visitor.get(f"/flags/{desk.landlord.safeguarding}/sheet").status_code == 404
