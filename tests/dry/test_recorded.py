"""The dry target against what real API servers said, without a server: figures must not fall below what was reached."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from skel.replay.dry.answers import unknown
from tests.dry.compare import Compared, Score, compared, recorded_minors, scores, show
from tests.dry.rows import read_rows

# Agreement of all verdicts, and the share of rejections that are right.
REACHED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"1.24": (0.995, 0.9999), "1.25": (0.996, 0.9999), "1.36": (0.992, 0.9999)}
)
AGREEMENT, PRECISION = 0.90, 0.99


def shown(found: list[Compared]) -> str:
    return "\n".join(line for one in found[:5] for line in show(one))


def test_there_are_verdicts_of_three_minors() -> None:
    assert set(recorded_minors()) == set(REACHED)
    assert len(read_rows()) > 3000


@pytest.mark.slow
@pytest.mark.parametrize("minor", sorted(REACHED))
def test_verdicts_agree(minor: str) -> None:
    found = list(compared(minor))
    whole = scores(found)["all"]
    agreement, precision = REACHED[minor]
    wrong = [one for one in found if one.rejects and one.real_accepts]
    assert whole.total > 10_000
    assert whole.agreement >= agreement, shown([one for one in found if not one.agrees])
    assert whole.precision >= precision, shown(wrong)
    assert whole.status >= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("minor", sorted(REACHED))
def test_no_kind_of_defect_falls_behind(minor: str) -> None:
    weak = {
        name: score
        for name, score in scores(compared(minor)).items()
        if score.agreement < AGREEMENT or score.precision < PRECISION
    }
    assert not weak, {name: (score.agreement, score.precision) for name, score in weak.items()}


def test_a_score_counts_what_is_unknown_as_no_agreement() -> None:
    assert (Score().agreement, Score().precision) == (1.0, 1.0)
    row = read_rows()[0]
    score = Score()
    score.add(Compared(row, "1.25", "strict", {"status": 201}, unknown("why")))
    assert (score.total, score.agreed, score.unknown, score.rejected) == (1, 0, 1, 0)
