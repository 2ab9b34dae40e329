"""Holds the dry target against what real API servers said: `python -m tests.dry.compare [minor...] [--show 20]`."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from skel.client.request import Response
from skel.patch.values import Json
from skel.replay.dry.target import DryTarget
from tests.dry.rows import DATA, WAYS, Row, read_rows, request, unique


@dataclass(frozen=True, slots=True)
class Compared:
    """One row in one way: what the server said, and what the dry target says."""

    row: Row
    minor: str
    way: str
    real: Json
    dry: Response

    @property
    def real_accepts(self) -> bool:
        return bool(200 <= self.real["status"] < 300)

    @property
    def agrees(self) -> bool:
        return self.dry.is_success == self.real_accepts if not self.dry.is_unknown else False

    @property
    def rejects(self) -> bool:
        return not self.dry.is_unknown and not self.dry.is_success


@dataclass(slots=True)
class Score:
    """Counts of verdicts. A rejection is right if the server rejected as well."""

    total: int = 0
    agreed: int = 0
    unknown: int = 0
    rejected: int = 0
    rejected_right: int = 0
    same_status: int = 0
    others: Counter[str] = field(default_factory=Counter)

    def add(self, found: Compared) -> None:
        self.total += 1
        self.agreed += found.agrees
        self.unknown += found.dry.is_unknown
        self.rejected += found.rejects
        self.rejected_right += found.rejects and not found.real_accepts
        self.same_status += found.rejects and found.dry.status == found.real["status"]

    @property
    def agreement(self) -> float:
        return self.agreed / self.total if self.total else 1.0

    @property
    def precision(self) -> float:
        return self.rejected_right / self.rejected if self.rejected else 1.0

    @property
    def status(self) -> float:
        return self.same_status / self.rejected_right if self.rejected_right else 1.0


def recorded_minors() -> list[str]:
    """The minors of which there are verdicts."""
    names = (file.name.removeprefix("verdicts-").removesuffix(".jsonl.gz") for file in DATA.glob("verdicts-*.jsonl.gz"))
    return sorted(names, key=lambda minor: int(minor.partition(".")[2]))


def verdicts(minor: str) -> dict[int, Json]:
    with gzip.open(DATA / f"verdicts-{minor}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {found["number"]: found for found in map(json.loads, lines)}


def compared(minor: str) -> Iterator[Compared]:
    """Every recorded verdict of a minor beside that of the dry target."""
    known = verdicts(minor)
    target = DryTarget(minor)
    for row in read_rows():
        for way in WAYS:
            if row.number in known and way in known[row.number]:
                yield Compared(row, minor, way, known[row.number][way], answer(target, row, minor, way))


def answer(target: DryTarget, row: Row, minor: str, way: str) -> Response:
    if row.before is None:
        sent = request(row.object, minor, way)
        assert sent is not None
        return target.answer(sent)
    both = unique(row)
    fresh = DryTarget(minor)
    before, after = request(both.before, minor, way, dry=False), request(both.object, minor, way)
    assert before is not None
    assert after is not None
    fresh.answer(before)
    return fresh.answer(after)


def scores(found: Iterable[Compared]) -> dict[str, Score]:
    """Scores by mutation and by way; `all` is everything."""
    by_name: dict[str, Score] = {}
    for one in found:
        for name in ("all", f"way {one.way}", one.row.mutation):
            by_name.setdefault(name, Score()).add(one)
    return by_name


def table(by_name: dict[str, Score]) -> Iterator[str]:
    yield f"{'':20} {'verdicts':>8} {'agree':>7} {'unknown':>7} {'rejections':>10} {'right':>7} {'same status':>11}"
    for name, score in sorted(by_name.items(), key=lambda item: (not item[0].startswith(("all", "way")), item[0])):
        yield (
            f"{name:20} {score.total:8} {score.agreement:7.1%} {score.unknown:7} {score.rejected:10} "
            f"{score.precision:7.2%} {score.status:11.1%}"
        )


def show(found: Compared) -> Iterator[str]:
    kind = f"{found.row.object.get('apiVersion')} {found.row.object.get('kind')}"
    yield f"#{found.row.number} {found.row.mutation} {found.way} {kind}"
    yield f"   real {found.real['status']} {found.real.get('message', '')}"
    yield f"   dry  {found.dry.status} {found.dry.message[:200]}"


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the dry target with recorded verdicts.")
    parser.add_argument("minors", nargs="*")
    parser.add_argument("--show", type=int, default=0, help="how many verdicts that differ to show")
    parser.add_argument("--wrong", action="store_true", help="show only rejections that are wrong")
    parser.add_argument("--status", action="store_true", help="show rejections with another status")
    given = parser.parse_args()
    for minor in given.minors or recorded_minors():
        found = list(compared(minor))
        say(f"Kubernetes {minor}", *table(scores(found)))
        if given.status:
            wrong = [one for one in found if one.agrees and one.rejects and one.dry.status != one.real["status"]]
        else:
            wrong = [one for one in found if not one.agrees and (one.rejects or not given.wrong)]
        for one in wrong[: given.show]:
            say(*show(one))


if __name__ == "__main__":
    main()
