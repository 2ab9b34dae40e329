"""What the components of a control plane say of themselves on /metrics, in the form of Prometheus."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from skel.client.access import Access, Credentials
from skel.cluster.cluster import Cluster
from skel.cluster.state import home, read_state
from skel.replay.pod_lines import Instant, Line

_MOST_SERIES = 50_000

# An API server has thousands of series and most of them are buckets; these are what a replay is looked at by.
_NAMES = (
    r"apiserver_(?:request_total|request_duration_seconds_(?:sum|count)|requested_deprecated_apis"
    r"|current_inflight_requests|storage_objects|admission_webhook_\w+_(?:sum|count|total))",
    r"scheduler_(?:schedule_attempts_total|pending_pods|queue_incoming_pods_total|preemption_attempts_total"
    r"|(?:pod_scheduling|pod_scheduling_sli|scheduling_attempt|scheduling_algorithm)_duration_seconds_(?:sum|count)"
    r"|pod_scheduling_attempts_(?:sum|count))",
    r"workqueue_(?:depth|adds_total|retries_total)",
    r"cronjob_controller_\w*job_creation_skew_duration_seconds_(?:sum|count)",
    r"job_controller_job_(?:sync_total|syncs_total|sync_duration_seconds_(?:sum|count))",
    r"etcd_(?:mvcc_db_total_size_in_bytes|server_proposals_committed_total|disk_wal_fsync_duration_seconds_(?:sum|count))",
    r"process_(?:cpu_seconds_total|resident_memory_bytes)",
)
_WANTED = re.compile(rf"^(?:{'|'.join(_NAMES)})[{{ ].*$", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Component:
    """A component and how to reach its metrics."""

    name: str
    access: Access
    path: str = "/metrics"


def local_components(cluster: Cluster) -> tuple[Component, ...]:
    """The components of a control plane of our own. Raises ClusterError if its state can't be read."""
    state = read_state(home(cluster.name))
    if state is None:
        return ()
    pki, ports, ca = cluster.folder / "pki", state.ports, cluster.ca_file.read_bytes()
    admin = Credentials(token=cluster.token)
    shown = Credentials(certificate=(pki / "etcd-client.crt").read_bytes(), key=(pki / "etcd-client.key").read_bytes())
    return (
        Component("kube-apiserver", Access(cluster.server, ca=ca, credentials=admin)),
        Component("kube-controller-manager", Access(_loopback(ports.controller_manager), ca=ca, credentials=admin)),
        Component("kube-scheduler", Access(_loopback(ports.scheduler), ca=ca, credentials=admin)),
        Component("etcd", Access(_loopback(ports.etcd), ca=ca, credentials=shown)),
        Component("kwok", Access(f"http://127.0.0.1:{ports.kwok}")),
    )


def _loopback(port: int) -> str:
    return f"https://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. `labels` are sorted."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


def samples(page: str) -> Iterator[Sample]:
    """The samples of a page that are of interest. Raises ValueError for a page that is none."""
    wanted = "\n".join(_WANTED.findall(page))
    for family in text_string_to_metric_families(f"{wanted}\n"):
        for sample in family.samples:
            if math.isfinite(sample.value):
                yield Sample(sample.name, tuple(sorted(sample.labels.items())), sample.value)


class MetricLines:
    """A line for each value that has changed since it was read last."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str, tuple[tuple[str, str], ...]], float] = {}

    def take(self, component: str, page: str, instant: Instant) -> Iterator[Line]:
        for sample in samples(page):
            key = component, sample.name, sample.labels
            if self._last.get(key) == sample.value:
                continue
            if key not in self._last and len(self._last) >= _MOST_SERIES:
                continue
            self._last[key] = sample.value
            yield {
                **instant.line(),
                "component": component,
                "name": sample.name,
                "labels": dict(sample.labels),
                "value": sample.value,
            }
