"""What `run.json` says of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256

from skel.patch.values import Json
from skel.replay.plan import Plan
from skel.replay.result import Behind, Counts, Rejected, RunResult
from skel.replay.run_folder import SCHEMA_VERSION
from skel.replay.target import Target
from skel.trace.model import Trace

_MOST = 100
"""Rejected objects that are named in it; the lines of the steps have all."""


def beginning(plan: Plan, target: Target, started: float) -> dict[str, Json]:
    """What is known before the first step. `started` is Unix time in seconds."""
    window = plan.window
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": f"skel {plan.tool}".rstrip(),
        "trace": described(plan),
        "target": target.name,
        "kubernetes": target.version,
        "speed": window.speed,
        "started": iso(started),
        "finished": None,
        "namespacePrefix": plan.prefix,
        "simulation": plan.simulation,
        "ended": "running",
        "cleaned": False,
        "options": {
            "inputs": list(plan.inputs),
            "start": window.start,
            "duration": window.duration,
            "repeat": plan.repeat,
            "atOnce": plan.at_once,
            "failFast": plan.fail_fast,
            "keep": plan.keep,
            "cluster": plan.cluster,
            "namespaces": list(plan.choice.namespaces),
            "selector": plan.choice.selector,
            "podDelays": asdict(plan.delays),
            "metricsInterval": plan.interval,
            "hooks": list(plan.hook_files),
        },
    }


def ending(beginning: dict[str, Json], result: RunResult, finished: float) -> dict[str, Json]:
    """The same with everything that came of it."""
    return {
        **beginning,
        "finished": iso(finished),
        "ended": str(result.ended),
        "cleaned": not result.left,
        "seconds": round(result.seconds, 3),
        "counts": counted(result.counts),
        "behind": delays(result.behind),
        "rejected": [named(one) for one in result.rejected[:_MOST]],
        **({"error": result.error} if result.error else {}),
    }


def described(plan: Plan) -> dict[str, Json]:
    """The trace: by what one sees whether two runs played the same."""
    trace = plan.trace
    return {
        "name": trace.name if not plan.manifests else ", ".join(plan.inputs),
        "sha256": digest(trace),
        "start": trace.start,
        "end": trace.end,
        "events": len(trace.events),
        "objects": sum(len(event.applied_objs) + len(event.deleted_objs) for event in trace.events),
    }


def digest(trace: Trace) -> str:
    """SHA-256 of the bytes of the file, without a copy of them."""
    found = sha256()
    trace.write(_Sink(found.update))  # type: ignore[arg-type]
    return found.hexdigest()


class _Sink:
    """A file as far as a trace writes to one."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.write = take


def counted(counts: Counts) -> dict[str, Json]:
    return {name: getattr(counts, name) for name in Counts.__slots__}


def delays(behind: Behind) -> dict[str, Json]:
    return {"max": round(behind.max, 3), "mean": round(behind.mean, 6)}


def named(one: Rejected) -> dict[str, Json]:
    repair = one.repair
    return {
        "apiVersion": one.object.api_version,
        "kind": one.object.kind,
        "namespace": one.object.namespace,
        "name": one.object.name,
        "event": one.event,
        "verb": one.verb,
        "status": one.status,
        "reason": one.reason,
        "message": one.message,
        "times": one.times,
        "rule": repair.rule if repair else None,
        "fix": (repair.fix or None) if repair else None,
    }


def iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
