"""A series of allegations is a person's, on whichever of their issues each was made (behaviours A.3)."""

BOILER, BENCH = "The boiler", "The bench by the pond"


def found_on(desk, contact_id):
    """The clauses that the newest look at the issue of that contact puts forward."""
    with desk.store.read() as unit:
        last = unit.issues.last_assessment(unit.contacts.get(contact_id).issue_id)
    return {finding.code for finding in last.findings}


def tell(desk):
    """Two issues with an allegation each and what came of it; a third allegation on the second."""
    first = desk.contact(
        "2026-01-05T09:00", "Kevin Barras took a bribe over the boiler, he is corrupt.", subject=BOILER
    )
    desk.record("2026-01-12T09:00", "allegation_not_upheld", text="Looked into: the boiler, Mr Barras. No bribe.")
    bench = desk.contact("2026-02-02T09:00", "Would you kindly have the bench by the pond moved?", subject=BENCH)
    desk.contact("2026-02-09T09:00", "Barras stole the money for the bench by the pond. He is a thief.", subject=BENCH)
    desk.record("2026-02-16T09:00", "allegation_not_upheld", text="Looked into: the bench by the pond. No theft.")
    desk.contact("2026-03-02T09:00", "Barras is a thief, a liar and corrupt, you all know it.", subject=BENCH)
    return first, bench


def test_a_third_allegation_is_put_forward_though_the_first_was_on_another_issue(desk):
    first, bench = tell(desk)
    assert len(desk.issues()) == 2
    assert "A3" in found_on(desk, bench)
    assert "A3" not in found_on(desk, first)


def test_one_that_is_upheld_on_another_issue_ends_it(desk):
    _, bench = tell(desk)
    desk.record("2026-03-09T09:00", "allegation_upheld", text="Looked into again: the boiler, Mr Barras. It was so.")
    assert "A3" not in found_on(desk, bench)
