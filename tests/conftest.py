"""What every test may ask for: the recorded traces beside the project, a plain terminal, repeatable random numbers."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# `HYPOTHESIS_PROFILE=search` looks for new counterexamples; the default repeats the same ones, so that a red run is
# red for everyone.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


# A runner that was started in the background ignores Ctrl-C, and so would every command that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colour and no settings from the developer's own shell."""
    for name in [name for name in os.environ if name.startswith("SKEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def shared_traces() -> Path:
    """The folder of the recorded traces."""
    folder = SHARED / "traces"
    if not folder.is_dir():
        pytest.skip("the recorded traces (../shared/traces) are not on this machine")
    return folder
