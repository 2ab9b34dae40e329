from __future__ import annotations

import pytest

from skel.repl.session import Session
from skel.trace.model import Trace
from skel.tui.explorer import Explorer
from tests.tui.shop import SHOP

pytest.importorskip("textual", reason="textual is not installed: pip install 'skel-lang[tui]'")


@pytest.fixture
def session() -> Session:
    return Session(Trace.open(SHOP))


@pytest.fixture
def explorer(session: Session) -> Explorer:
    return Explorer(session)
