"""The whole way with the driver and the dry target: nothing is faked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from skel.program import compile as compile_program
from skel.replay.dry.target import DryTarget
from skel.replay.rehearsal import Readiness, Rehearsal
from skel.replay.rehearse import rehearse
from skel.replay.running import Open
from skel.replay.staging import staged
from skel.replay.target import Target
from skel.trace.model import Trace
from tests.replay.rehearsals import cron_job, history, order, policy


@contextmanager
def dry(release: str) -> Iterator[Open]:
    async def open_target() -> Target:
        return DryTarget(release)

    yield open_target


def played(folder: Path, trace: Trace, **scene: object) -> Rehearsal:
    wanted = order(folder, trace, **scene)  # type: ignore[arg-type]
    return rehearse(wanted, staged(dry, wanted.scene))


def test_ready_once_migrated(tmp_path: Path) -> None:
    found = played(tmp_path, history(cron_job()))
    assert found.readiness is Readiness.READY
    (item,) = found.failing
    assert (item.answer.status, item.answer.reason, item.after) == (404, "NotFound", "accepted")
    assert item.answer.rule == "kubernetes/cronjob-batch-v1"
    assert found.comparison.same_requests == 2


def test_not_ready(tmp_path: Path) -> None:
    found = played(tmp_path, history(cron_job(), policy()))
    assert found.readiness is Readiness.NOT_READY
    assert [item.is_repaired for item in found.failing] == [True, False]


@pytest.mark.shared
def test_a_recorded_history(tmp_path: Path, shared_traces: Path) -> None:
    """Recorded on a later release, moved back to the API of 1.24."""
    program = compile_program('modify(kind == "CronJob", apiVersion = "batch/v1beta1");')
    old, _ = program.apply(Trace.open(str(shared_traces / "cronjob.sktrace")))
    found = played(tmp_path, old)
    assert found.readiness is Readiness.READY
    assert [str(item.object) for item in found.failing] == ["CronJob/default/hello-simkube"]
    assert replace(found.scene, on="local").rehearse().endswith("--on local")
