"""What a person reads of an upgrade, and what the command line refuses."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from skel.cli.main import run as skel
from skel.replay.account import account
from skel.replay.legs import legs
from skel.replay.run_lines import RequestLine
from skel.replay.upgrade_lines import Away, Changes, Group, HopLine, Named, Pods, Upgrade, write_upgrade
from skel.report.findings.view import View
from skel.report.runs.render import render
from skel.report.runs.upgrade_text import upgrade_text
from skel.report.runs.upgrade_words import course
from tests.replay.runs import a_run, cronjob, request

WARNING = "policy/v1beta1 PodDisruptionBudget is deprecated"
CHANGES = Changes(
    read_back=(Group("CronJob", "batch/v1beta1", "batch/v1", 1, (Named("CronJob", "report", "shop", "batch"),)),),
    vanished=(
        Group("PodSecurityPolicy", "policy/v1beta1", "", 1, (Named("PodSecurityPolicy", "tight", "", "policy"),)),
        Group("Nothing", "x/v1alpha1", "", 0),
    ),
    gone_versions=(
        Group("CronJob", "batch/v1beta1", "batch/v1", 1),
        Group("RuntimeClass", "node/v1beta1", "node/v1", 0),
    ),
    touched=(Named("Deployment", "web", "shop", "apps", ("kube-controller-manager",), "spec"),),
    status_only={"Job.batch": 2},
    of_the_cluster={"ClusterRole.rbac.authorization.k8s.io": 3},
    pods=Pods(5, 3, moved=(Named("Pod", "web-1", "shop", note="node-0 -> node-1"),)),
)
HOP = HopLine(
    source="1.24.17",
    target="1.25.16",
    asked=1800.0,
    t=1812.0,
    wall=30.2,
    seconds=9.5,
    gone=31.0,
    answered=36.0,
    away=(Away("kube-apiserver", 5.0), Away("kube-scheduler", 0.75)),
    refused=12,
    changes=CHANGES,
)
UPGRADE = Upgrade(((1800.0, "1.25.16"), (3000.0, "1.26.15")), (HOP,))


def lines() -> list[RequestLine]:
    found = [request(60.0 * minute) for minute in range(60)]
    found += [cronjob(60.0, "report"), cronjob(2400.0, "report", "rejected"), request(2500.0, warnings=[WARNING])]
    return [msgspec.convert(line, RequestLine) for line in found]


def test_text() -> None:
    shown = "".join(upgrade_text(msgspec.structs.replace(UPGRADE, legs=legs(UPGRADE, lines())), View()))
    assert shown == (
        """\
upgrade  1.24.17 → 1.25.16 at 30:12
  took 9.50 s; away: kube-apiserver 5.00 s, kube-scheduler 0.75 s; 12 requests found no server and
  were repeated
  vanished  PodSecurityPolicy policy/v1beta1, 1 object stranded
    No version of it is served: what is stored can't be read, changed or deleted any more.
    tight
  read back  CronJob batch/v1beta1 → batch/v1, 1 object
    Written in a version that is not served any more; the same objects are read in another.
    shop/report
  moved  Pod, 1 pod
    shop/web-1 (node-0 -> node-1)
  vanished  Nothing x/v1alpha1
  not served any more  node/v1beta1.RuntimeClass, 1 version
  touched  Deployment.apps, 1 object
    shop/web (spec; by kube-controller-manager)
  only their status changed  2 Job.batch
  of the cluster itself  3 ClusterRole.rbac.authorization.k8s.io
  pods  3 of 5 as they were, 1 ended or were not wanted any more

never begun: 1.26.15 at 50:00
1.24.17  32 accepted
1.25.16  30 accepted, 1 rejected
  newly rejected  CronJob batch/v1beta1, 1 request
    404 NotFound: the server could not find the requested resource
    rule kubernetes/cronjob-batch-v1
  new warning  policy/v1beta1 PodDisruptionBudget is deprecated, 1 times

"""
    )


def test_an_upgrade_that_had_to_wait_says_so() -> None:
    late = msgspec.structs.replace(HOP, asked=1740.0)
    assert course(late).startswith("was to begin at 29:00, and waited for what came before; took 9.50 s; away:")


def test_the_page_has_a_section_and_bands(tmp_path: Path) -> None:
    run = a_run(tmp_path / "run", [request(60.0 * minute) for minute in range(60)])
    assert "What the upgrade" not in render(account(run), "html")
    write_upgrade(run.folder, msgspec.structs.replace(UPGRADE, legs=legs(UPGRADE, run.requests())))
    page = render(account(run), "html")
    assert "What the upgrades changed" in page
    assert page.count('<rect class="hop"') == 1
    assert re.search(r"<b>1</b> objects stranded by the upgrade", page)
    assert "Never begun: 1.26.15 at 50:00" in page
    assert "upgrade  1.24.17 → 1.25.16" in render(account(run), "text")
    assert msgspec.json.decode(render(account(run), "json"))["upgrade"]["hops"][0]["t"] == 1812.0


def test_strangers_write_neither_markup_nor_to_the_terminal(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>\x1b[2J"
    changes = Changes(touched=(Named(bad, bad, bad, by=(bad,)),), unread=(bad,))
    write_upgrade(tmp_path, msgspec.structs.replace(UPGRADE, hops=(msgspec.structs.replace(HOP, changes=changes),)))
    run = a_run(tmp_path, [request(0.0)])
    assert "<script>alert" not in render(account(run), "html")
    assert "\x1b[2J" not in render(account(run), "text")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--on", "dry:1.24", "--upgrade", "30m=1.25"], "--on local:RELEASE"),
        (["--context", "kind-kwok", "--upgrade", "30m=1.25"], "--on local:RELEASE"),
        (["--on", "local:1.24", "--upgrade", "30m=1.26"], "skips 1.25"),
        (["--on", "local:1.24", "--upgrade", "2h=1.25"], "outside of what is played"),
        (["--on", "local:1.24", "--upgrade", "30m=1.25", "--repeat", "2"], "--repeat"),
        (["--on", "local:1.24", "--upgrade", "30m=1.25", "--speed", "max"], "needs a speed"),
    ],
)
def test_what_can_be_refused_is_refused_before_anything_is_started(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("skel.cluster.control_plane.up", lambda *_: pytest.fail("a cluster was started"))
    run = tmp_path / "run"
    trace = Path(__file__).resolve().parents[2] / "examples/traces/shop.sktrace"
    assert skel(["replay", str(trace), *arguments, "--run-dir", str(run)]) == 2
    assert said in capfd.readouterr().err
    assert not run.exists()


def test_a_run_with_upgrades_is_not_taken_up_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    a_run(tmp_path, [request(0.0)])
    write_upgrade(tmp_path, UPGRADE)
    assert skel(["replay", "--resume", str(tmp_path)]) == 2
    assert "can't be taken up again" in capfd.readouterr().err
