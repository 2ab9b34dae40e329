"""The things that are measured: traces, programs and commands, kept in `build/bench`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.generate import Options, write_trace
from bench.manifests import make_files

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A program of `bench/programs` and its limit as a multiple of the floor's CPU time."""

    name: str
    limit: float

    @property
    def program(self) -> Path:
        return HERE / "programs" / f"{self.name}.skel"


BENCHMARKS = (Benchmark("r1", 2.5), Benchmark("r10", 8.0), Benchmark("r50", 16.0))


def trace_of(events: int) -> Path:
    """The trace of so many events, written once."""
    path = WORK / f"{events}.sktrace"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".part").open("wb") as out:
            write_trace(out, Options(events))
        path.with_suffix(".part").rename(path)
    return path


def absent_rules(count: int) -> Path:
    """A program of `count` rules, each for a kind that does not occur."""
    return write_program(
        f"absent{count}",
        "\n".join(f'modify(kind == "Absent{number}", spec.replicas = {number});' for number in range(count)),
    )


def many_rules(count: int) -> Path:
    """The first `count` rules of `r50`, and round again."""
    commands = (HERE / "programs" / "r50.skel").read_text("utf-8").split(";")[:-1]
    return write_program(f"many{count}", "".join(f"{commands[number % len(commands)]};" for number in range(count)))


def write_program(name: str, text: str) -> Path:
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{name}.skel"
    path.write_text(text + "\n", "utf-8")
    return path


def skel(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "skel", *map(str, arguments)]


def transform(trace: Path, program: Path, workers: int) -> list[str]:
    return skel("transform", trace, program, "-o", WORK / "out.sktrace", "--workers", str(workers))


def floor(trace: Path) -> list[str]:
    return [sys.executable, "-m", "bench.floor", str(trace), str(WORK / "floor.sktrace")]


def check(inputs: Path, source: str, target: str) -> list[str]:
    """A check that writes its report into a file."""
    report = WORK / "report.json"
    way = ("--from", source, "--to", target, "--config", "none")
    return skel("check", str(inputs), *way, "--exit-zero", "-o", "json", "--output-file", str(report))


def folder_of(files: int) -> Path:
    """A folder of so many manifests, written once."""
    folder = WORK / f"manifests-{files}"
    if not folder.exists():
        make_files(folder, files)
    return folder
