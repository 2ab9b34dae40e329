"""What an exploration found, for a terminal and for scripts."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from skel.faults.scenario.emit import emit
from skel.faults.search.explore import Discovery, Exploration
from skel.report.terminal import Paint, printable


def exploration_text(found: Exploration, paint: Paint) -> str:
    return "".join(f"{line}\n" for line in _lines(found, paint))


def _lines(found: Exploration, paint: Paint) -> Iterator[str]:
    name = printable(found.control.scenario.name.removesuffix("-control"))
    yield f"{paint(name, 'bold')} on {found.control.kubernetes}"
    for broken in found.control.violations[:1]:
        yield paint(f"without any fault: {broken.oracle}: {broken.object}: {broken.message}", "red")
    own, others = ", ".join(found.profile.own), ", ".join(found.profile.others)
    yield f"writes and watches {own or 'nothing'}; only watches {others or 'nothing'}"
    for it in found.found:
        yield ""
        yield from _discovery(it, paint)
    for report in found.died:
        yield paint(f"seed {report.scenario.seed}: the component died", "red")
    yield ""
    yield (
        f"{len(found.tried)} seeds, {found.trials} trials in {found.wall:.0f} s ({found.rate:.0f} a minute), "
        f"{len(found.found)} found{f', {len(found.unusable)} could not be run' if found.unusable else ''}"
    )
    if found.repeats and found.repeats[0].runs > 1:
        same = sum(it.is_all for it in found.repeats)
        yield f"{same} of {len(found.repeats)} seeds repeat {found.repeats[0].runs} of {found.repeats[0].runs}"


def _discovery(it: Discovery, paint: Paint) -> Iterator[str]:
    first = it.report.violations[0]
    yield f"{paint(first.oracle, 'red', 'bold')} {printable(first.object)}: {printable(first.message)}"
    more = f", and {len(it.others)} more seeds" if it.others else ""
    yield f"seed {it.seed}{more}; {it.again} of {it.times} runs show it{f'; {it.shrunk}' if it.shrunk else ''}"
    if not it.is_proven:
        yield paint("not proven: it does not repeat", "yellow")
    yield from (f"    {printable(line)}" for line in emit(it.scenario).splitlines())


def exploration_json(found: Exploration) -> str:
    value = {
        "schemaVersion": 1,
        "kubernetes": found.control.kubernetes,
        "gates": dict(found.control.gates),
        "control": found.control.verdict.value,
        "seeds": found.tried,
        "trials": found.trials,
        "wall_seconds": round(found.wall, 1),
        "trials_a_minute": round(found.rate, 1),
        "unusable": found.unusable,
        "repeats": {
            "seeds": len(found.repeats),
            "of": found.repeats[0].runs if found.repeats else 0,
            "all_identical": sum(it.is_all for it in found.repeats),
        },
        "found": [
            {
                "seed": it.seed,
                "others": [*it.others],
                "invariant": it.oracle,
                "object": it.report.violations[0].object,
                "message": it.report.violations[0].message,
                "runs": it.times,
                "violated": it.again,
                "proven": it.is_proven,
                "trials": it.shrunk.trials if it.shrunk else 0,
                "minimal": bool(it.shrunk and it.shrunk.is_minimal),
                "scenario": emit(it.scenario),
            }
            for it in found.found
        ],
    }
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"
