"""The oracles that are known, by name; what a scenario or `--oracle` asks for; those of users."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import Path

from skel.faults.errors import FaultError
from skel.faults.oracles.budgets import DisruptionBudget
from skel.faults.oracles.converges import Converges
from skel.faults.oracles.cron_jobs import CronJobForbid, CronJobOnce, CronJobStarts
from skel.faults.oracles.daemon_sets import OneDaemonPodANode
from skel.faults.oracles.deployments import OneReplicaSetATemplate
from skel.faults.oracles.jobs import JobPods
from skel.faults.oracles.nodes import BoundOnce, NodeCapacity, NodeNotLost
from skel.faults.oracles.oracle import Oracle
from skel.faults.oracles.orphans import NoOrphans
from skel.faults.oracles.owned_pods import OwnedPods
from skel.faults.oracles.stateful_sets import StatefulSetOrder
from skel.kube.duration import parse_duration
from skel.language.nearest import nearest

KNOWN: tuple[type[Oracle], ...] = (
    OwnedPods,
    OneReplicaSetATemplate,
    JobPods,
    CronJobForbid,
    CronJobOnce,
    CronJobStarts,
    StatefulSetOrder,
    OneDaemonPodANode,
    DisruptionBudget,
    NodeCapacity,
    BoundOnce,
    NodeNotLost,
    NoOrphans,
    Converges,
)
GROUP = "skel.oracles"
"""Of the entry points of other distributions."""

RESOURCES = (
    ("v1", "Pod", "pods"),
    ("v1", "Node", "nodes"),
    ("v1", "ReplicationController", "replicationcontrollers"),
    ("apps/v1", "ReplicaSet", "replicasets"),
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("apps/v1", "DaemonSet", "daemonsets"),
    ("batch/v1", "Job", "jobs"),
    ("batch/v1", "CronJob", "cronjobs"),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("coordination.k8s.io/v1", "Lease", "leases"),
)
"""apiVersion, kind and resource of what oracles look at: the world's own watch covers them."""


class OracleError(FaultError):
    """An oracle that can't be had."""


def oracles(names: Iterable[str] = (), files: Sequence[Path] = ()) -> tuple[Oracle, ...]:
    """New instances: those named, or all that are known if none is; and those of the files. Raises OracleError."""
    asked = tuple(names)
    own = tuple(made for file in files for made in _of_file(file))
    others = _installed()
    if not asked:
        return (*(form() for form in (*KNOWN, *others)), *own)
    return (*(_named(name, (*KNOWN, *others)) for name in asked), *own)


def is_known(name: str) -> bool:
    """Whether it is the name of an oracle, with a bound or without."""
    try:
        _named(name, (*KNOWN, *_installed()))
    except OracleError:
        return False
    return True


def _named(name: str, forms: Sequence[type[Oracle]]) -> Oracle:
    by_name = {form.name: form for form in forms}
    if name in by_name:
        return by_name[name]()
    head, bound, text = name.rpartition("<")
    if bound and head == Converges.name and (patience := parse_duration(text)):
        return Converges(patience)
    near = nearest(name, by_name)
    hint = f"did you mean `{near}`?" if near else f"known are {', '.join(by_name)}"
    raise OracleError(f"there is no oracle `{name}`", hint)


def _of_file(file: Path) -> list[Oracle]:
    """The oracles that a file of Python defines. It is run, as any program that one starts."""
    if not file.is_file():
        raise OracleError(f"there is no file {file}", "`skel fault new FILE.py` writes one to begin with")
    spec = importlib.util.spec_from_file_location(f"skel_oracle_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise OracleError(f"{file}: this is no file of Python", "its name has to end in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # it is somebody else's program: whatever it raises is told
        raise OracleError(f"{file}: {type(error).__name__}: {error}") from error
    forms = [it for it in vars(module).values() if isinstance(it, type) and issubclass(it, Oracle) and it.name]
    own = [form for form in forms if form.__module__ == module.__name__]
    if not own:
        raise OracleError(
            f"{file}: it defines no oracle", "a class below skel.faults.oracles.oracle.Oracle, with a `name`"
        )
    return [form() for form in own]


def _installed() -> tuple[type[Oracle], ...]:
    from importlib.metadata import entry_points

    return tuple(point.load() for point in entry_points(group=GROUP))
