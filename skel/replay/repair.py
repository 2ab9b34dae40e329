"""Which rule of the library explains that the target refuses an object, and the command that repairs it."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePath

from skel.findings.model import Finding, FoundObject
from skel.findings.severity import Safety, Severity
from skel.kube.release import UnknownRelease
from skel.patch.pointer import parse_pointer
from skel.trace.model import Trace
from skel.upgrade.checking import check_trace, prepare
from skel.upgrade.selection import REMOVAL


@dataclass(frozen=True, slots=True)
class Repair:
    """`rule` is `pack/rule`. `fix` is a command, empty where only a person can help; then `help` says how."""

    rule: str
    code: str
    title: str
    fix: str
    help: str


class Repairs:
    """Runs the check once for each release that the target comes to, when it refuses the first object."""

    def __init__(
        self, trace: Trace, release: Callable[[], str], inputs: Sequence[str], *, manifests: bool, source: str = ""
    ) -> None:
        """`release` tells the minor that the target is now; `inputs` are what was replayed, as the user named it;
        `source` is the release where it comes from, empty if nobody knows.
        """
        self._trace = trace
        self._release = release
        self._inputs = inputs
        self._manifests = manifests
        self._source = source
        self._lock = asyncio.Lock()
        self._found: dict[str, dict[FoundObject, list[Finding]]] = {}

    async def find(self, thing: FoundObject, message: str, *, not_served: bool) -> Repair | None:
        """The repair for one object; `message` is what the target said, `not_served`: it does not know the kind."""
        release = self._release()
        async with self._lock:
            if release not in self._found:
                self._found[release] = await self._checked(release)
        known = self._found[release].get(thing, ())
        fit = [one for one in known if _explains(one, message, not_served=not_served)]
        return self._repair(fit[0], release) if fit else None

    async def _checked(self, release: str) -> dict[FoundObject, list[Finding]]:
        # A thread of its own, which is gone afterwards: a process with threads is not split, see `skel.replay.shards`.
        thread = ThreadPoolExecutor(1)
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, self._check, release)
        finally:
            thread.shutdown(wait=False)

    def _check(self, release: str) -> dict[FoundObject, list[Finding]]:
        try:
            findings = check_trace(prepare(self._known(release), release), self._trace)
        except UnknownRelease:
            return {}
        found: dict[FoundObject, list[Finding]] = {}
        for finding in findings:
            if finding.object is not None and finding.severity is Severity.ERROR:
                found.setdefault(finding.object, []).append(finding)
        return found

    def _known(self, release: str) -> str | None:
        """Where the trace comes from, if that tells anything about the way to a release."""
        return self._source if self._source and self._source != release else None

    def _repair(self, finding: Finding, release: str) -> Repair:
        command = ""
        if finding.fix is not None:
            unsafe = finding.fix.safety is not Safety.SAFE
            source = self._known(release)
            options = ("--from", source) if source else ()
            command = migrate_command(self._inputs, release, manifests=self._manifests, unsafe=unsafe, options=options)
        return Repair(finding.rule, finding.code, finding.title, command, finding.message)


def _explains(finding: Finding, message: str, *, not_served: bool) -> bool:
    """An object can be wrong in two ways: a rule explains an answer only if that names the field of the rule."""
    if not_served or finding.category == REMOVAL:
        return not_served and finding.category == REMOVAL
    words = [str(word) for word in parse_pointer(finding.location.pointer) if not str(word).isdigit()]
    return bool(words) and words[-1] in message


def migrate_command(
    inputs: Sequence[str], release: str, *, manifests: bool, unsafe: bool = False, options: Sequence[str] = ()
) -> str:
    """The command that repairs what was replayed; `options` are further words for it."""
    words = ["skel", "migrate", *inputs, *options, "--to", release, *(["--unsafe"] if unsafe else [])]
    if manifests:
        return shlex.join([*words, "--write"])
    path = PurePath(inputs[0])
    return shlex.join([*words, "-o", str(path.with_name(f"{path.stem}-{release}{path.suffix or '.sktrace'}"))])
