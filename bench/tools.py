"""Measures the tools for traces on a generated trace, and prints a table.

python -m bench.tools [--events 100000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import scenarios
from bench.measure import Cost, run_once

MEBI = 1024 * 1024


def skel(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "skel", *arguments]


def measures(trace: Path, folder: Path) -> Iterator[tuple[str, Cost]]:
    """Each tool once, in an order in which they find what they need."""
    whole, early, late, again, page = map(
        str, (trace, folder / "a.sktrace", folder / "b.sktrace", folder / "c.sktrace", folder / "t.html")
    )
    yield "slice, the first half", run_once(skel("trace", "slice", whole, "--end", "146h", "-o", early))
    yield "slice, the second half", run_once(skel("trace", "slice", whole, "--start", "146h", "-o", late))
    yield "slice, one namespace", run_once(skel("trace", "slice", whole, "-n", "search", "-o", again))
    yield "slice, by selector", run_once(skel("trace", "slice", whole, "--where", "spec.replicas > 3", "-o", again))
    yield "merge of both halves", run_once(skel("trace", "merge", early, late, "-o", again))
    same = Path(again).read_bytes() == trace.read_bytes()
    yield f"... is the trace: {'yes' if same else 'NO'}", Cost(0, 0, 0)
    yield "stats", run_once(skel("trace", "stats", whole))
    yield "validate", run_once(skel("trace", "validate", whole, "--exit-zero"))
    yield "show --object", run_once(skel("trace", "show", whole, "--object", "Deployment/search/checkout-ranker-2"))
    yield "explore --html", run_once(skel("explore", whole, "--html", page))
    yield f"... a page of {Path(page).stat().st_size / 1e6:.1f} MB", Cost(0, 0, 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    trace = scenarios.trace_of(parser.parse_args().events)
    table = Table("tool", "wall s", "CPU s", "memory MiB", title=f"{trace.name}, {trace.stat().st_size / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory(dir=trace.parent) as folder:
        for name, cost in measures(trace, Path(folder)):
            table.add_row(name, f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.peak / MEBI:.0f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
