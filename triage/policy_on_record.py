"""Which policy file was in use since when: an entry of the audit whenever the service starts under another one."""

from dataclasses import dataclass
from datetime import datetime

from triage.domain.policy import Policy
from triage.store import Store, Unit

SUBJECT = "policy"
IN_USE = "policy.in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInUse:
    """One policy file by its fingerprint, and when the service first ran under it after another."""

    version: str
    fingerprint: str
    since: datetime


def put_on_record(store: Store, policy: Policy, now: datetime) -> None:
    """Notes the policy in use, where the last on record is another. The file is changed outside, so nobody is named."""
    with store.read() as unit:
        last = unit.audit.newest(1, subject=SUBJECT)
    if last and last[0].detail.get("fingerprint") == policy.fingerprint:
        return
    detail = {"policy": policy.id, "version": policy.version, "fingerprint": policy.fingerprint}
    with store.begin() as unit:
        unit.audit.append(at=now, actor="service", action=IN_USE, subject=SUBJECT, detail=detail)


def policies_on_record(unit: Unit) -> tuple[PolicyInUse, ...]:
    """Newest first."""
    entries = [entry for entry in unit.audit.entries(subject=SUBJECT) if entry.action == IN_USE]
    return tuple(
        PolicyInUse(version=entry.detail["version"], fingerprint=entry.detail["fingerprint"], since=entry.at)
        for entry in reversed(entries)
    )
