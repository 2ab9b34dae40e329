"""How long the explorer takes to open a trace and to move in it.

    python -m bench.explore [TRACE] [--moves 200]

A process of its own opens the trace on a screen without a terminal; the time counts from its start to the first
picture, and then for each key until its picture is there. Without TRACE a trace of 100,000 events is generated.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from bench.scenarios import trace_of

_KEYS = ("pagedown", "down", "down", "right_square_bracket", "2", "1", "up", "pagedown")
_SIZE = (120, 40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", nargs="?", type=Path)
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--inside", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    trace = asked.trace or trace_of(100_000)
    if asked.inside:
        print(json.dumps(asyncio.run(_visit(str(trace), asked.moves, asked.inside))))
        return
    command = [sys.executable, "-m", "bench.explore", str(trace), "--moves", str(asked.moves)]
    done = subprocess.run([*command, "--inside", str(time.time())], check=True, capture_output=True, text=True)
    opened, moves = json.loads(done.stdout)
    worst = sorted(moves)[-max(1, len(moves) // 100)]
    print(f"{trace.name}, {trace.stat().st_size / 1e6:.0f} MB")
    print(f"  open             {opened:6.2f} s")
    print(f"  a key, median    {median(moves) * 1000:6.1f} ms")
    print(f"  a key, 1 of 100  {worst * 1000:6.1f} ms")


async def _visit(trace: str, moves: int, start: float) -> tuple[float, list[float]]:
    from skel.repl.session import Session
    from skel.trace.model import Trace
    from skel.tui.app import ExplorerApp

    app = ExplorerApp(Session(Trace.open(trace)))
    async with app.run_test(size=_SIZE) as pilot:
        await pilot.pause()
        opened = time.time() - start
        seconds = []
        for key in islice(cycle(_KEYS), moves):
            before = time.perf_counter()
            await pilot.press(key)
            seconds.append(time.perf_counter() - before)
    return opened, seconds


if __name__ == "__main__":
    main()
