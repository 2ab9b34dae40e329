"""The figures of a recording for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from skel.record.live.recorder import Recorder
from skel.record.live.status import Figures


class RecordingCollector(Collector):
    """Reads the figures when it is asked for them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def collect(self) -> Iterator[Metric]:
        figures = self._recorder.figures()
        yield from _gauges(figures)
        yield from _counters(figures)
        yield from self._feeds()

    def _feeds(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("skel_record_feed_up", "Whether a kind is being watched.", labels=["feed"])
        lists = CounterMetricFamily("skel_record_feed_lists", "How often a kind was listed.", labels=["feed"])
        watches = CounterMetricFamily("skel_record_feed_watches", "How often a watch was opened.", labels=["feed"])
        for feed in self._recorder.feeds:
            up.add_metric([feed.name], not feed.problem)
            lists.add_metric([feed.name], feed.lists)
            watches.add_metric([feed.name], feed.watches)
        yield from (up, lists, watches)


def _gauges(figures: Figures) -> Iterator[Metric]:
    for name, help_, value in (
        ("objects", "Tracked objects that are there.", figures.objects),
        ("pods", "Pods that are there and whose lifetimes are kept.", figures.pods),
        ("lag_seconds", "How long the oldest news waits to be recorded.", figures.lag),
        ("inbox", "News that wait to be recorded.", figures.waiting),
        ("journal_bytes", "Size of the newest segment of the journal.", figures.journal_bytes),
        ("journal_unwritten_seconds", "How long the oldest entry waits for the disk.", figures.unwritten),
        ("ready", "Whether what was there at the beginning is recorded.", figures.is_ready),
        ("clock_ahead_seconds", "By how much times are ahead of a clock that was set back.", figures.clock_ahead),
        ("started_timestamp_seconds", "When the newest segment began.", figures.started),
    ):
        yield GaugeMetricFamily(f"skel_record_{name}", help_, value)


def _counters(figures: Figures) -> Iterator[Metric]:
    events = CounterMetricFamily("skel_record_events", "Objects that were recorded.", labels=["change"])
    events.add_metric(["applied"], figures.counts.applied)
    events.add_metric(["deleted"], figures.counts.deleted)
    yield events
    yield CounterMetricFamily("skel_record_seen", "States of tracked objects that were looked at.", figures.counts.seen)
    yield CounterMetricFamily("skel_record_lifetimes", "Lifetimes of pods that were begun.", figures.counts.lived)
    yield CounterMetricFamily("skel_record_traces_written", "Traces that are where they belong.", figures.written)


def registry(recorder: Recorder) -> CollectorRegistry:
    """Everything that is told about this process."""
    found = CollectorRegistry()
    found.register(RecordingCollector(recorder))
    ProcessCollector(registry=found)
    return found


def page(metrics: CollectorRegistry) -> bytes:
    """As Prometheus reads it."""
    return generate_latest(metrics)
