"""Links made again: what leaves the issue that it once opened begins one of its own."""

import pytest

from tests.linking.ruled_landlord import BINS, BOILER
from triage.domain.issue import Entry, Issue
from triage.issues.folding import Cluster, Fold, Thing


@pytest.mark.parametrize("there", [{"ia3"}, {"ia3", "elsewhere"}, {"elsewhere"}])
def test_what_leaves_the_issue_that_it_opened_takes_no_id_that_is_there(known, there):
    """The bins opened the issue "ia3", and the boiler, which had come late, stays on it, of this household or of another."""
    who = known("c-ann")
    issue = Issue(id="ia3" if "ia3" in there else "i9", household_ref="c-ann", opened=BOILER.at, title="Boiler")
    begun = [Cluster(id=issue.id, issue=issue, entries=[Entry(contact=BOILER, who=who)], people={"c-ann"})]
    is_there = (there | {"ia3"}).__contains__
    fold = Fold(begun, {}, lambda *_: (), {}, is_there)
    folded = fold.run([Thing(item=BINS, who=who, was=issue.id)], {issue.id})
    kept, new = folded.clusters
    assert (kept.id, [entry.contact.id for entry in kept.entries]) == (issue.id, ["a1"])
    assert [thing.item.id for thing in new.things] == ["a3"]
    assert new.id not in {None, "ia3", issue.id}
