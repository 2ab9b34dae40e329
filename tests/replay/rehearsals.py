"""Rehearsals for tests: a small history, and a stage that judges by a list of what a release serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skel.packs.manifest import Pack
from skel.replay.rehearsal import Rehearsal, Scene
from skel.replay.rehearse import Order, Part, rehearse
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace
from skel.upgrade.checking import prepare
from tests.replay.runs import NOT_FOUND, request, write_run

START = 1_700_000_000
POD = {"containers": [{"name": "main", "image": "busybox:1"}], "restartPolicy": "Never"}
Json = dict[str, Any]


def web(replicas: int = 1) -> Json:
    labels = {"app": "web"}
    containers = [{"name": "main", "image": "nginx:1"}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def cron_job(name: str = "report", version: str = "batch/v1beta1") -> Json:
    job = {"spec": {"template": {"spec": POD}}}
    return {
        "apiVersion": version,
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"schedule": "*/5 * * * *", "jobTemplate": job},
    }


def policy() -> Json:
    """Of a kind that 1.25 does not serve, and that nothing can take the place of."""
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "restricted"},
        "spec": {"seLinux": {"rule": "RunAsAny"}},
    }


def history(*objects: Json) -> Trace:
    """The objects once, and once more ten minutes later."""
    events = [Event(START + after, [encode_object(one) for one in objects], []) for after in (0, 600)]
    return Trace.make(events, {"trackedObjects": {}}, {}, {})


Serves = Callable[[str, Json], tuple[str, dict[str, Any]]]
"""What a release makes of an object: a verdict, and more of the line."""


def by_version(release: str, manifest: Json) -> tuple[str, dict[str, Any]]:
    """1.25 does not serve what ends in beta1."""
    if release != "1.24" and manifest["apiVersion"].endswith("v1beta1"):
        return "rejected", {"status": 404, "reason": "NotFound", "message": NOT_FOUND}
    return "accepted", {}


@dataclass(slots=True)
class FakeStage:
    """Writes a run folder for each part, without a server. `header` changes what the run says of itself."""

    serves: Serves = by_version
    header: Callable[[Part], dict[str, Any]] = lambda _: {}
    more: Callable[[Part], dict[str, Any]] = lambda _: {}
    played: list[str] = field(default_factory=list)

    def __call__(self, part: Part) -> None:
        self.played.append(part.title)
        trace = {"name": "shop.sktrace", "start": part.trace.start, "end": part.trace.end}
        header = {"target": f"fake:{part.release}", "kubernetes": part.release, "speed": None, "trace": trace}
        write_run(part.folder, self._lines(part), **{**header, **self.more(part), **self.header(part)})

    def _lines(self, part: Part) -> Iterable[Json]:
        for number, event in enumerate(part.trace.events):
            for raw in event.applied_objs:
                manifest = decode_object(raw)
                verdict, more = self.serves(part.release, manifest)
                names = {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "event": number}
                metadata = manifest["metadata"]
                who = {"name": metadata["name"], "namespace": metadata.get("namespace", "")}
                yield request(float(event.ts - START), verdict=verdict, **{**names, **who, "message": "", **more})


def rehearsed(
    folder: Path, trace: Trace, stage: FakeStage | None = None, *, source: str = "1.24", **scene: Any
) -> Rehearsal:
    """A rehearsal of an upgrade to 1.25."""
    return rehearse(order(folder, trace, source=source, **scene), stage or FakeStage())


def order(
    folder: Path, trace: Trace, *, source: str = "1.24", packs: Sequence[Pack] | None = None, **scene: Any
) -> Order:
    """With the packs of the library if none are given."""
    stage = Scene(**{"inputs": ("shop.sktrace",), "source": source, "target": "1.25", **scene})
    return Order(trace, prepare(source, "1.25", packs=packs), stage, folder)
