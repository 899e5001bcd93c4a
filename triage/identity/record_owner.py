"""Step 4 for a record of the landlord: whose case it belongs to."""

from triage.domain.customer import Identification, LinkEvidence, Zone
from triage.domain.record import Record
from triage.identity.directory import Directory


def owner_of_record(record: Record, directory: Directory) -> Identification:
    """Whose case a record belongs to: the customer that it names, or the one whose case its reference is."""
    owners = [record.customer_ref] if record.customer_ref else sorted(directory.owners_of_ref(record.ref or ""))
    owners = sorted({directory.person(ref) for ref in owners})
    if len(owners) == 1:
        named = LinkEvidence(
            kind="record", weight=10.0, sentence="The landlord's record names the customer or a case of theirs."
        )
        return Identification(
            customer_ref=owners[0], zone=Zone.SURE, probability=1.0, evidence=(named,), role=directory.role(owners[0])
        )
    return Identification(customer_ref=f"record:{record.id}", zone=Zone.NO, probability=0.0)
