"""Which kinds are recorded: the recorder's own configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skel.record.errors import RecordError
from skel.record.tracked import everything, from_config, read_config, usual
from skel.trace.model import Trace

Json = Any


def test_paths_that_are_built_in_are_filled_in() -> None:
    config = {
        "trackedObjects": {"apps/v1.Deployment": {}, "v1.Pod": {"trackLifecycle": True}, "apps/v1.ReplicaSet": None}
    }
    assert from_config(config, "x").as_config() == {
        "trackedObjects": {
            "apps/v1.Deployment": {"podSpecTemplatePaths": ["/spec/template"]},
            "v1.Pod": {"podSpecTemplatePaths": [""], "trackLifecycle": True},
            "apps/v1.ReplicaSet": {"podSpecTemplatePaths": ["/spec"]},
        }
    }


def test_paths_of_other_kinds_and_the_older_name() -> None:
    config = {
        "trackedObjects": {
            "batch.volcano.sh/v1alpha1.Job": {"podSpecTemplatePaths": ["/spec/tasks/*/template"]},
            "example.com/v1.Widget": {"podSpecTemplatePath": "/spec/pod"},
            "example.com/v1.Gadget": {},
        }
    }
    assert [kind.templates for kind in from_config(config, "x")] == [("/spec/tasks/*/template",), ("/spec/pod",), ()]


@pytest.mark.parametrize("name", ["bare-pods", "cronjob", "dsb-scaling"])
@pytest.mark.shared
def test_the_configurations_of_recorded_traces_are_read(shared_traces: Path, name: str) -> None:
    config = Trace.open(str(shared_traces / f"{name}.sktrace")).config
    assert set(from_config(config, name).as_config()["trackedObjects"]) == set(config["trackedObjects"])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ([], "names no `trackedObjects`"),
        ({"trackedObjects": {}}, "names no `trackedObjects`"),
        ({"trackedObjects": {"apps/v1.Deployment": {}}, "tracked": 1}, "`tracked` beside"),
        ({"trackedObjects": {"Deployment": {}}}, "'Deployment' is no kind"),
        ({"trackedObjects": {3: {}}}, "3 is no kind"),
        ({"trackedObjects": {"v1.Pod": []}}, "must be a map"),
        ({"trackedObjects": {"v1.Pod": {"trackLifecycles": True}}}, "`trackLifecycles`, which means nothing"),
        ({"trackedObjects": {"v1.Pod": {"skipOwned": "yes"}}}, "must be true or false"),
        ({"trackedObjects": {"a/v1.B": {"podSpecTemplatePaths": "/spec"}}}, "must be a list of JSON pointers"),
        ({"trackedObjects": {"a/v1.B": {"podSpecTemplatePaths": ["spec"]}}}, "must be a list of JSON pointers"),
        (
            {"trackedObjects": {"apps/v1.Deployment": {"podSpecTemplatePaths": ["/x"]}}},
            "at '/spec/template', not at '/x'",
        ),
    ],
)
def test_what_is_no_configuration(config: Json, message: str) -> None:
    with pytest.raises(RecordError, match=r"tracer\.yaml") as error:
        from_config(config, "tracer.yaml")
    assert message in error.value.message


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such file"):
        read_config(str(tmp_path / "absent.yaml"))
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(RecordError, match="is not YAML"):
        read_config(str(tmp_path / "bad.yaml"))


def test_an_open_set_learns() -> None:
    tracked = everything()
    assert tracked.get("batch/v1beta1.CronJob") == usual("batch/v1beta1.CronJob")
    assert tracked.owner("batch/v1.CronJob") == usual("batch/v1beta1.CronJob"), "the same kind in another version"
    assert list(tracked.as_config()["trackedObjects"]) == ["batch/v1beta1.CronJob"]


def test_an_owner_of_a_group_that_moved() -> None:
    tracked = from_config({"trackedObjects": {"extensions/v1beta1.Deployment": {}}}, "x")
    found = tracked.owner("apps/v1.Deployment")
    assert found is not None
    assert found.gvk == "extensions/v1beta1.Deployment"
