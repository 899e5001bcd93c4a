"""What could not be read is never "processed": it is shown, kept byte for byte, tried again, and given out to a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from triage.domain.errors import InputError
from triage.intake import ParserChild, RawMessage, reader_version, receive
from triage.pipeline import Pipeline
from triage.store import Store
from triage.store.quarantine import Quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """How many messages a retry could read, and how many it could not."""

    read: int = 0
    failed: int = 0


def listed(store: Store) -> list[Quarantined]:
    """Everything that waits in quarantine, oldest first."""
    with store.read() as unit:
        return unit.quarantine.waiting()


def raw_bytes(store: Store, id: int) -> bytes:
    """The message as it arrived, byte for byte; raises InputError where there is no such message."""
    return _message(store, id).content


def retry(pipeline: Pipeline, parser: ParserChild, ids: Iterable[int] | None = None) -> Retried:
    """Reads these messages again, or all that wait; one that fails again counts one attempt more and stops no other.

    What is read takes the place of the contact that showed the failure, under the same id. Raises InputError for an id
    that does not wait in quarantine.
    """
    store, read, failed = pipeline.store, 0, 0
    chosen = [found.id for found in listed(store)] if ids is None else list(ids)
    for id in chosen:
        if _retry_one(pipeline, parser, id):
            read += 1
        else:
            failed += 1
    return Retried(read=read, failed=failed)


def retry_after_upgrade(pipeline: Pipeline, parser: ParserChild) -> Retried:
    """Tries once what other versions could not read; called in every round, it costs one query where nothing waits."""
    with pipeline.store.read() as unit:
        ids = unit.quarantine.not_tried_with(reader_version())
    return retry(pipeline, parser, ids) if ids else Retried()


def _retry_one(pipeline: Pipeline, parser: ParserChild, id: int) -> bool:
    found, raw = _found(pipeline.store, id), _message(pipeline.store, id)
    contact = receive(raw, parser.parse(raw), pipeline.trusted_of(raw.account))
    reason = contact.not_scored or "It could not be read."
    if not contact.quarantined:
        try:
            pipeline.take_again(found.contact_id, contact, raw)
        except Exception as error:  # whatever breaks, it goes on waiting and the next one is tried
            reason = f"Taking it in failed again ({type(error).__name__})."
        else:
            return True
    with pipeline.store.begin() as unit:
        unit.quarantine.put(raw, found.contact_id, reason, reader_version(), pipeline.clock())
    return False


def _found(store: Store, id: int) -> Quarantined:
    with store.read() as unit:
        found = unit.quarantine.get(id)
    if found is None:
        raise InputError(f"There is no message {id} in quarantine; `triage quarantine list` shows what waits.")
    return found


def _message(store: Store, id: int) -> RawMessage:
    found = _found(store, id)
    with store.read() as unit:
        message = unit.quarantine.message(found)
    if message is None:
        raise InputError(f"The bytes of message {id} are no longer in the ledger of {found.account}.")
    return message
