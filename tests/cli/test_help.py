from __future__ import annotations

import pytest

from skel import __version__
from skel.cli.fleet import VERBS as FLEET_VERBS
from skel.cli.import_ import VERBS as IMPORT_VERBS
from skel.cli.main import VERBS
from skel.cli.pack import VERBS as PACK_VERBS
from skel.cli.trace import VERBS as TRACE_VERBS
from tests.cli import golden
from tests.cli.conftest import Run

PAGES = [(verb,) for verb in VERBS] + [("trace", verb) for verb in TRACE_VERBS]
PAGES += [("pack", verb) for verb in PACK_VERBS] + [("import", verb) for verb in IMPORT_VERBS]
PAGES += [("fleet", verb) for verb in FLEET_VERBS]


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_help_of_a_verb(skel: Run, monkeypatch: pytest.MonkeyPatch, page: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = skel(*page, "--help")
    assert (result.code, result.err) == (0, "")
    assert skel(*page, "-h").text == result.text
    golden.check("-".join(("help", *page)), result.text)


def test_help(skel: Run) -> None:
    golden.check("help", skel("--help").text)


def test_without_a_verb_there_is_help(skel: Run) -> None:
    assert skel().text == skel("--help").text
    assert skel().code == 0
    assert skel("trace").text == skel("trace", "--help").text


def test_version(skel: Run) -> None:
    assert skel("--version").text == f"skel {__version__}\n"
    assert skel("-V").text == f"skel {__version__}\n"
