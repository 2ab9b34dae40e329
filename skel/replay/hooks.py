"""Commands around a run, written as for the reference tool:

preStartHooks, preRunHooks, postRunHooks, postStopHooks: lists of `cmd`, `args`, `ignoreFailure`, `sendSim`; ours is
`timeout`, a duration.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from skel.kube.duration import parse_duration
from skel.manifests.settings import NotYamlError, document
from skel.patch.values import Json
from skel.replay.errors import ReplayError

TIMEOUT = 300.0
_SHOWN = 400
_KEYS = frozenset({"cmd", "args", "ignoreFailure", "sendSim", "timeout"})


class Point(StrEnum):
    """When: once before and after everything, or before and after each repetition."""

    PRE_START = "preStartHooks"
    PRE_RUN = "preRunHooks"
    POST_RUN = "postRunHooks"
    POST_STOP = "postStopHooks"


@dataclass(frozen=True, slots=True)
class Hook:
    """A command. `send_simulation`: it gets the Simulation as JSON on standard input."""

    command: str
    arguments: tuple[str, ...] = ()
    ignore_failure: bool = False
    send_simulation: bool = False
    timeout: float = TIMEOUT

    def __str__(self) -> str:
        return " ".join((self.command, *self.arguments))


Hooks = Mapping[Point, tuple[Hook, ...]]


def read_hooks(paths: Iterable[str]) -> Hooks:
    """All files merged in their order. Raises ReplayError with the place."""
    merged: dict[Point, tuple[Hook, ...]] = {}
    for path in paths:
        for point, hooks in _read(path).items():
            merged[point] = (*merged.get(point, ()), *hooks)
    return merged


def _read(path: str) -> dict[Point, tuple[Hook, ...]]:
    try:
        content = document(Path(path).read_bytes(), path)
    except OSError as error:
        raise ReplayError(f"{path} can't be read: {(error.strerror or str(error)).lower()}") from None
    except NotYamlError as error:
        raise ReplayError(str(error)) from None
    if not isinstance(content, dict):
        raise ReplayError(f"{path} holds no hooks", f"it must be a map of {', '.join(Point)}")
    unknown = [key for key in content if key not in set(Point)]
    if unknown:
        raise ReplayError(f"{path}: there is no `{unknown[0]}`", f"there are {', '.join(Point)}")
    return {Point(key): tuple(_hook(item, f"{path}: {key}") for item in items or ()) for key, items in content.items()}


def _hook(item: Any, place: str) -> Hook:
    if not (isinstance(item, dict) and isinstance(item.get("cmd"), str) and item["cmd"]):
        raise ReplayError(f"{place}: a hook needs a `cmd`")
    for key in item:
        if key not in _KEYS:
            raise ReplayError(f"{place}: a hook has no `{key}`", f"it has {', '.join(sorted(_KEYS))}")
    arguments = item.get("args") or []
    if not isinstance(arguments, list):
        raise ReplayError(f"{place}: `args` must be a list")
    timeout = parse_duration(str(item["timeout"])) if "timeout" in item else TIMEOUT
    if timeout is None or timeout <= 0:
        raise ReplayError(f"{place}: `timeout` is a duration such as 30s or 5m, not {item['timeout']!r}")
    return Hook(
        item["cmd"], tuple(map(str, arguments)), item.get("ignoreFailure") is True, item.get("sendSim") is True, timeout
    )


async def run_hooks(hooks: Iterable[Hook], simulation: Json, tell: Callable[[str], None]) -> None:
    """One after the other. Raises ReplayError for one that fails and may not."""
    for hook in hooks:
        failure = await _run(hook, simulation)
        if failure and hook.ignore_failure:
            tell(f"hook `{hook}` {failure}; ignored")
        elif failure:
            raise ReplayError(f"hook `{hook}` {failure}", "`ignoreFailure: true` lets the run go on")


async def _run(hook: Hook, simulation: Json) -> str:
    """How it failed, empty if it did not."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            hook.command,
            *hook.arguments,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return f"can't be run: {(error.strerror or str(error)).lower()}"
    given = msgspec.json.encode(simulation) if hook.send_simulation else b""
    try:
        async with asyncio.timeout(hook.timeout):
            out, _ = await process.communicate(given)
    except TimeoutError:
        return f"did not end within {hook.timeout:g} s"
    finally:
        await _end(process)
    said = " ".join(out.decode("utf-8", "replace").split())[-_SHOWN:]
    return f"failed with {process.returncode}: {said}".rstrip(": ") if process.returncode else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """It has a group of its own, so what it started goes with it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
