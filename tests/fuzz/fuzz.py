"""Fuzzes what reads strangers' input: the parser and the codec of traces. `python tests/fuzz/fuzz.py --seconds 20`.

Only SkelError and TraceError may come out. With `atheris` installed its coverage leads the way; else a mutator of our
own does, which repeats itself for the same `--seed`.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.fuzz.corpus import programs, traces  # noqa: E402
from tests.fuzz.mutate import Mutator  # noqa: E402
from tests.fuzz.targets import codec, parser  # noqa: E402

Target = Callable[[bytes], None]
TARGETS: dict[str, tuple[Target, Callable[[], list[bytes]]]] = {"parser": (parser, programs), "codec": (codec, traces)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0, help="time for all targets together")
    options.add_argument("--seed", type=int, default=1, help="another seed makes other inputs")
    options.add_argument("--target", choices=sorted(TARGETS), action="append", help="default: each of them")
    options.add_argument("--inputs", type=int, help="stop a target after so many inputs, whatever the time")
    chosen = options.parse_args()
    names = chosen.target or sorted(TARGETS)
    for name in names:
        target, seeds = TARGETS[name]
        if find_spec("atheris") and len(names) == 1:
            with_atheris(target, seeds(), chosen.seconds)
            continue
        limit = chosen.inputs or sys.maxsize
        failure = fuzz(target, seeds(), chosen.seed, chosen.seconds / len(names), limit)
        if failure is not None:
            sys.stderr.write(f"{name}: this input ends in something else than an error of ours:\n{failure!r}\n")
            target(failure)
    return 0


def fuzz(target: Target, seeds: list[bytes], seed: int, seconds: float, limit: int = sys.maxsize) -> bytes | None:
    """Feed mutations of the seeds to the target until time is over. The input that failed, cut short, or None."""
    mutator = Mutator(random.Random(seed), seeds)
    end = time.monotonic() + seconds
    count = 0
    while count < limit and time.monotonic() < end:
        data = seeds[count] if count < len(seeds) else mutator.next()
        count += 1
        if not survives(target, data):
            return shortened(target, data)
    sys.stdout.write(f"{target.__name__}: {count} inputs\n")
    return None


def survives(target: Target, data: bytes) -> bool:
    try:
        target(data)
    except Exception:  # noqa: BLE001 - whatever comes out here is the finding
        return False
    return True


def shortened(target: Target, data: bytes) -> bytes:
    """Cut pieces out, as long as it still fails: big ones first, then smaller ones, until nothing more can go."""
    size = len(data) // 2
    while size:
        start, before = 0, len(data)
        while start < len(data):
            shorter = data[:start] + data[start + size :]
            if survives(target, shorter):
                start += size
            else:
                data = shorter
        size = size // 2 if len(data) == before else len(data) // 2
    return data


def with_atheris(target: Target, seeds: list[bytes], seconds: float) -> None:
    """Atheris ends the process itself, so it takes one target only."""
    import tempfile

    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds):
            (Path(folder) / str(number)).write_bytes(seed)
        atheris.instrument_all()
        atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}", folder], target)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
