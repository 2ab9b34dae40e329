"""Every recorded run of the reference gives the same events here, or stands in `deviations.yaml` with the reason."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import skel
from tests.conformance.corpus import (
    CATEGORIES,
    Case,
    canonical,
    cases,
    deviations,
    events_of,
    expected_events,
    inputs,
)

ALL = [pytest.param(case, id=case.id) for case in cases()]

# One of each kind of outcome and of each kind of action, through a real process.
THROUGH_THE_COMMAND = {
    "003-comment-only",
    "018-missing-semicolon",
    "191-ts-abs-lt",
    "237-remove-star-nested-all",
    "277-modify-index",
    "330-var-duplicate-pointer-mid",
    "346-var-two-join",
    "359-var-undefined-rhs",
    "396-multi-ten",
    "432-input-truncated",
}


def is_error_expected(case: Case) -> bool:
    deviation = deviations().get(case.id)
    return (deviation.outcome == "error") if deviation else case.outcome != "ok"


def run(case: Case) -> bytes:
    program = skel.compile(case.program, name=f"{case.id}.skel")
    trace, _ = program.apply(skel.Trace.from_bytes(inputs()[case.input]))
    return trace.to_bytes()


@pytest.mark.parametrize("case", ALL)
def test_case(case: Case) -> None:
    if is_error_expected(case):
        with pytest.raises((skel.SkelError, skel.TraceError)) as caught:
            run(case)
        assert str(caught.value).strip(), "an error without a word"
    else:
        assert canonical(events_of(run(case))) == canonical(expected_events(case))


def test_every_deviation_says_why() -> None:
    known = {case.id: case for case in cases()}
    for name, deviation in deviations().items():
        assert name in known, f"{name}: no such case"
        assert deviation.category in CATEGORIES, f"{name}: {deviation.category}"
        assert len(deviation.why) > 10, f"{name}: the reason is missing"


def test_every_deviation_deviates() -> None:
    """A listed case whose asserted result is the reference's own does not belong into the list."""
    for case in cases():
        deviation = deviations().get(case.id)
        if deviation is None or case.outcome == "panic":
            continue
        differs = (deviation.outcome == "ok") != (case.outcome == "ok")
        assert differs or deviation.events is not None or deviation.markers, case.id


@pytest.mark.parametrize("case", [case for case in cases() if case.id in THROUGH_THE_COMMAND], ids=lambda case: case.id)
def test_case_through_the_command(case: Case, tmp_path: Path) -> None:
    program, source, target = tmp_path / "program.skel", tmp_path / "input.sktrace", tmp_path / "out.sktrace"
    program.write_text(case.program, "utf-8")
    source.write_bytes(inputs()[case.input])
    command = [sys.executable, "-m", "skel", "transform", str(source), str(program), "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})
    assert "Traceback" not in done.stderr
    if is_error_expected(case):
        assert done.returncode == 2, done.stderr
        assert not target.exists(), "a failed run left a file behind"
    else:
        assert done.returncode == 0, done.stderr
        assert canonical(events_of(target.read_bytes())) == canonical(expected_events(case))
