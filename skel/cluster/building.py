"""Builds programs from published Go modules: the way to a control plane where no release can be downloaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from skel.cluster.errors import ClusterError
from skel.cluster.go_modules import MAIN_MODULE, Recipe, main_module, recipe, replaced
from skel.cluster.progress import Progress
from skel.cluster.versions import Product, substitutes

_LAST_LINES = 12
"""How much of what `go` said belongs into a complaint."""


def can_build() -> bool:
    """Whether there is a `go`."""
    return shutil.which("go") is not None


def build(product: Product, out: Path, progress: Progress) -> None:
    """Build the programs of a product into the folder `out`. Raises ClusterError with what `go` said."""
    with tempfile.TemporaryDirectory(prefix="skel-build-") as scratch:
        go = _Go(Path(scratch), product, progress)
        progress.say(f"building {product} from its Go modules: minutes the first time")
        steps = recipe(product)
        _prepare(go, product, steps)
        total = len(go.run("list", "-mod=mod", "-deps", *steps.flags[:2], *steps.packages.values()).split())
        go.count(
            "build", total, "-v", "-mod=mod", "-trimpath", *steps.flags, "-o", f"{scratch}/", *steps.packages.values()
        )
        for program, package in steps.packages.items():
            shutil.copy2(Path(scratch) / _file_name(package), out / program)


def _file_name(package: str) -> str:
    """How `go` calls a program: the last part of its package that is no major version."""
    parts = package.split("/")
    return parts[-2] if parts[-1].startswith("v") and parts[-1][1:].isdigit() else parts[-1]


def _prepare(go: _Go, product: Product, steps: Recipe) -> None:
    """Write go.mod and go.sum of the module that is built in."""
    if product.name == "kubernetes":
        _prepare_kubernetes(go, product)
    else:
        (go.folder / "go.mod").write_text(f"module {MAIN_MODULE}\n", "utf-8")
        go.run("get", f"{steps.module}@v{product.version}")


def _prepare_kubernetes(go: _Go, product: Product) -> None:
    answer = json.loads(go.run("mod", "download", "-json", f"k8s.io/kubernetes@v{product.version}"))
    published = Path(answer["Dir"])
    text = main_module((published / "go.mod").read_text("utf-8"), product)
    for name, version in substitutes(product).items():
        if not go.has(f"k8s.io/{name}@v0.{product.version.partition('.')[2]}"):
            text = replaced(text, name, version)
    (go.folder / "go.mod").write_text(text, "utf-8")
    (go.folder / "go.sum").write_bytes((published / "go.sum").read_bytes())
    # A main module must have a package, or `go` takes the folder for a mistake.
    (go.folder / "build.go").write_text("package build\n", "utf-8")


class _Go:
    """`go`, in a folder of its own, undisturbed by the settings of other projects."""

    def __init__(self, folder: Path, product: Product, progress: Progress) -> None:
        self.folder = folder
        self.product = product
        self.progress = progress
        self.environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", "GOWORK": "off"}
        for setting in ("GOOS", "GOARCH"):
            self.environment.pop(setting, None)

    def run(self, *arguments: str) -> str:
        """What one call prints. Raises ClusterError."""
        done = self._call(arguments)
        if done.returncode:
            raise self._failure(arguments[0], done.stderr.splitlines())
        return done.stdout

    def has(self, module: str) -> bool:
        """Whether a module can be had in that version; a listing is no proof."""
        return self._call(("mod", "download", module)).returncode == 0

    def _call(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        # `go` is looked up on the PATH, as the user would.
        return subprocess.run(  # noqa: S603
            ["go", *arguments],  # noqa: S607
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def count(self, verb: str, total: int, *arguments: str) -> None:
        """One call that prints a line a package; shows how many of them are done. Raises ClusterError."""
        last: deque[str] = deque(maxlen=_LAST_LINES)
        command = ["go", verb, *arguments]
        with subprocess.Popen(  # noqa: S603
            command, cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
        ) as process:
            try:
                for number, line in enumerate(_lines(process), 1):
                    last.append(line)
                    self.progress.count(f"building {self.product}", number, total)
            except BaseException:
                process.terminate()
                raise
        if process.returncode:
            raise self._failure(verb, list(last))

    def _failure(self, verb: str, said: list[str]) -> ClusterError:
        tail = "\n  ".join(said[-_LAST_LINES:])
        message = f"{self.product} can't be built: `go {verb}` says\n  {tail}"
        return ClusterError(message, "is a module proxy reachable (`go env GOPROXY`)?")


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stderr is not None
    for line in process.stderr:
        yield line.rstrip("\n")
