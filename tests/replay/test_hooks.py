from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import msgspec
import pytest

from skel.replay.errors import ReplayError
from skel.replay.hooks import Hook, Point, read_hooks, run_hooks
from tests.replay.api_server import MARK, ApiServer
from tests.replay.replays import deployment, history, replay

FILE = """
preStartHooks:
  - cmd: one
    args: [a, 1]
    ignoreFailure: true
    sendSim: true
    timeout: 30s
postRunHooks:
  - cmd: two
preRunHooks: null
"""


def test_files_of_the_reference_are_read_and_merged(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yml", tmp_path / "b.yml"
    first.write_text(FILE, "utf-8")
    second.write_text("postRunHooks: [{cmd: three}]", "utf-8")
    hooks = read_hooks([str(first), str(second)])
    assert hooks[Point.PRE_START] == (Hook("one", ("a", "1"), ignore_failure=True, send_simulation=True, timeout=30.0),)
    assert hooks[Point.POST_RUN] == (Hook("two"), Hook("three"))
    assert hooks[Point.PRE_RUN] == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "holds no hooks"),
        ("{", r"h\.yml:1:2 is not YAML: a value is missing here"),
        ("preRunHooks: [{cmd: x}\npostRunHooks: []", r"h\.yml:1:14 is not YAML: a `,` or the closing `]`"),
        ("{}\n---\n{}", "holds 2 documents where one is expected"),
        ("preHooks: []", "there is no `preHooks`"),
        ("preRunHooks: [{args: [x]}]", "needs a `cmd`"),
        ("preRunHooks: [{cmd: x, args: y}]", "`args` must be a list"),
        ("preRunHooks: [{cmd: x, ignorefailure: true}]", "a hook has no `ignorefailure`"),
        ("preRunHooks: [{cmd: x, timeout: soon}]", "`timeout` is a duration"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "h.yml").write_text(text, "utf-8")
    with pytest.raises(ReplayError, match=said) as error:
        read_hooks([str(tmp_path / "h.yml")])
    assert "h.yml" in error.value.message


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ReplayError, match=r"absent\.yml can't be read"):
        read_hooks(["absent.yml"])


def run(*hooks: Hook, simulation: object = None) -> list[str]:
    said: list[str] = []
    asyncio.run(run_hooks(hooks, simulation, said.append))
    return said


def python(code: str, **settings: bool | float) -> Hook:
    return Hook(sys.executable, ("-c", code), **settings)  # type: ignore[arg-type]


def test_a_hook_gets_the_simulation(tmp_path: Path) -> None:
    copy = f"import sys; open({str(tmp_path / 'out')!r}, 'w').write(sys.stdin.read())"
    run(python(copy, send_simulation=True), simulation={"kind": "Simulation"})
    assert msgspec.json.decode((tmp_path / "out").read_bytes()) == {"kind": "Simulation"}


def test_a_failure_ends_the_run_unless_it_may_fail() -> None:
    with pytest.raises(ReplayError, match="failed with 1: went wrong"):
        run(python("raise SystemExit('went wrong')"))
    (said,) = run(python("raise SystemExit('went wrong')", ignore_failure=True))
    assert said.endswith("failed with 1: went wrong; ignored")
    with pytest.raises(ReplayError, match="can't be run"):
        run(Hook("/absent/command"))


def test_a_hook_that_does_not_end_is_ended_with_its_children() -> None:
    started = time.monotonic()
    with pytest.raises(ReplayError, match=r"did not end within 0\.3 s"):
        run(Hook("sh", ("-c", "sleep 60 & sleep 60"), timeout=0.3))
    assert time.monotonic() - started < 20


def test_hooks_run_around_the_run_in_order(server: ApiServer, tmp_path: Path) -> None:
    log = tmp_path / "log"
    hooks = {point: (Hook("sh", ("-c", f"echo {point} >> {log}")),) for point in Point}
    result = replay(server, history((0, [deployment("a")], [])), repeat=2, hooks=hooks)
    assert result.exit_code == 0
    before, run_pre, run_post, behind = Point
    assert log.read_text("utf-8").split() == [before, run_pre, run_post, run_pre, run_post, behind]


def test_a_hook_that_fails_before_the_run_leaves_nothing_behind(server: ApiServer, tmp_path: Path) -> None:
    log = tmp_path / "log"
    hooks = {Point.PRE_RUN: (Hook("false"),), Point.POST_STOP: (Hook("sh", ("-c", f"echo x > {log}")),)}
    result = replay(server, history((0, [deployment("a")], [])), hooks=hooks)
    assert result.exit_code == 2
    assert "hook `false` failed with 1" in result.error
    assert server.writes == []
    assert log.exists()
    assert set(server.objects) == {MARK}
