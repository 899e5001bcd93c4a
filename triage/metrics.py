"""The intake in figures for Prometheus: counts, ages and states by source; never a word, an address of a customer or an id."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from triage.ports import Clock, IntakeDesk, ModelDesk, SourceNow
from triage.reports.queue import freshness
from triage.store import SqlLedger, Store

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Figures(Collector):
    """Asks store and intake at each scrape. Labels are names that an administrator gave: accounts, folders, sources."""

    def __init__(self, store: Store, clock: Clock, intake: IntakeDesk | None, models: ModelDesk | None) -> None:
        self._store, self._clock, self._intake, self._models = store, clock, intake, models

    def collect(self) -> Iterator[Metric]:
        yield from self._folders()
        yield from self._polling()
        yield from self._store_counts()
        down = self._intake is not None and self._intake.problem is not None
        yield _gauge("triage_intake_down", "1 while the process that takes mail in is not up.", float(down))
        broken = self._models is not None and self._models.problem is not None
        yield _gauge(
            "triage_model_refused", "1 while no model reads contacts and only the safety rules do.", float(broken)
        )

    def _folders(self) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "triage_folder_messages",
            "Messages of a folder's newest generation: on_server, stored, waiting, unfetchable, gone.",
            labels=("account", "folder", "state"),
        )
        reached = GaugeMetricFamily(
            "triage_folder_reached_timestamp_seconds",
            "When the source last listed the folder.",
            labels=("account", "folder"),
        )
        stored = GaugeMetricFamily(
            "triage_folder_stored_timestamp_seconds",
            "When a message of the folder was last stored.",
            labels=("account", "folder"),
        )
        for row in SqlLedger(self._store).folders():
            key, counts = (row.account, row.folder), row.counts
            for state in ("on_server", "stored", "waiting", "unfetchable", "gone"):
                messages.add_metric((*key, state), getattr(counts, state))
            reached.add_metric(key, row.reached.timestamp())
            if row.last_stored is not None:
                stored.add_metric(key, row.last_stored.timestamp())
        yield from (messages, reached, stored)

    def _polling(self) -> Iterator[Metric]:
        rounds = CounterMetricFamily("triage_poll_rounds", "Rounds of polling since the start.", labels=("account",))
        stored = CounterMetricFamily("triage_messages_stored", "Messages stored since the start.", labels=("account",))
        failing = GaugeMetricFamily(
            "triage_poll_failures", "Rounds in a row with a problem; 0 while all is well.", labels=("account",)
        )
        for source in self._sources():
            rounds.add_metric((source.account,), source.rounds)
            stored.add_metric((source.account,), source.stored)
            failing.add_metric((source.account,), source.failures)
        yield from (rounds, stored, failing)

    def _store_counts(self) -> Iterator[Metric]:
        now = self._clock()
        with self._store.read() as unit:
            fresh, counts = freshness(unit, now), unit.contacts.counts()
            quarantined, rows = unit.quarantine.counts(), unit.arrivals.sources()
        in_quarantine = GaugeMetricFamily(
            "triage_quarantined_messages", "Messages that could not be read.", labels=("account",)
        )
        for account in {*quarantined, *(row.account for row in self._sources())}:
            in_quarantine.add_metric((account,), quarantined.get(account, 0))
        contacts = GaugeMetricFamily("triage_contacts", "Contacts: in, out, and those not scored.", labels=("state",))
        for state in ("in", "out", "not_scored"):
            contacts.add_metric((state,), counts[state])
        waiting = GaugeMetricFamily(
            "triage_rows_waiting", "Rows that wait for the next round.", labels=("source", "kind")
        )
        last = GaugeMetricFamily(
            "triage_rows_timestamp_seconds", "When a source last gave a row.", labels=("source", "kind")
        )
        for source, kind, _, left, at in rows:
            waiting.add_metric((source, kind), left)
            last.add_metric((source, kind), at.timestamp())
        age = GaugeMetricFamily("triage_feed_age_seconds", "How old the landlord's facts are.", labels=("feed",))
        for feed in fresh.feeds:
            age.add_metric((feed.source,), max(0.0, (now - feed.at).total_seconds()))
        yield from (in_quarantine, contacts, waiting, last, age)
        yield _gauge("triage_unread_messages", "Messages stored and not read yet.", fresh.unread)
        cannot = float(not fresh.records_fresh)
        yield _gauge("triage_cannot_judge", "1 while records or directory are missing or over 24 hours old.", cannot)

    def _sources(self) -> Iterator[SourceNow]:
        yield from self._intake.sources() if self._intake is not None else ()


def exposition(store: Store, clock: Clock, intake: IntakeDesk | None, models: ModelDesk | None) -> bytes:
    """One scrape, in Prometheus' text format, from a registry of its own: nothing of the process itself is told."""
    registry = CollectorRegistry()
    registry.register(Figures(store, clock, intake, models))
    return generate_latest(registry)


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=value)
