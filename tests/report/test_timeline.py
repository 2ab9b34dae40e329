"""The timeline of a trace: what is in the page, how big it gets, and the page in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from skel import upgrade
from skel.findings.model import Findings
from skel.report.timeline import details, lanes
from skel.report.timeline.page import Look, timeline_page
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from tests.conftest import ROOT
from tests.report import golden
from tests.report.browser import Page, visit

SHOP = ROOT / "examples" / "traces" / "shop.sktrace"
START = 1_700_000_000


def page_of(trace: Trace, findings: Findings | None = None) -> str:
    return timeline_page(trace, Look("1.0", "2025-01-02", findings))


def shop() -> Trace:
    return Trace.from_bytes(SHOP.read_bytes(), "shop.sktrace")


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def thing(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **more}


def trace_of(*events: tuple[int, list[Any], list[Any]], **parts: Any) -> Trace:
    made = [
        Event(START + at, list(map(encode_object, came)), list(map(encode_object, went))) for at, came, went in events
    ]
    return Trace.make(made, {}, {}, parts.get("lives", {}))


# ---- what is in it ---------------------------------------------------------------------------------------------------


def test_the_page_of_the_shop() -> None:
    golden.check("timeline.html", page_of(shop(), upgrade.check(shop(), source="1.21", target="1.25")))


def test_lanes() -> None:
    lives = {("v1.Pod", "shop/a"): {1: [{"Finished": [START + 10, START + 20]}, {"Running": START + 30}, "Empty"]}}
    pod, other = thing("Pod", "a"), thing("Pod", "a", spec={"nodeName": "n"})
    trace = trace_of(
        (0, [], []), (5, [pod], []), (10, [other], []), (20, [], [other]), (30, [pod], []), (50, [], []), lives=lives
    )
    (found,), objects = lanes.lanes(trace)
    assert objects == 1
    assert found.spans == ((5, 20), (30, None))
    assert found.marks == (5, 10, 20, 30)
    assert found.pods == (lanes.Pod(10, 20), lanes.Pod(30, None))
    ((first, second, third, fourth),) = details.details([found], START)
    assert [shown.what for shown in (first, second, third, fourth)] == ["new", "changed", "deleted", "new"]
    assert "+  nodeName: n" in second.text
    assert first.text.startswith("apiVersion: v1\nkind: Pod\n")


def test_a_quiet_trace() -> None:
    assert "No object fits." in page_of(trace_of((0, [], [])))
    assert data_of(page_of(trace_of((0, [], []))))["density"] == [0]


def test_no_secrets() -> None:
    leaky = [
        thing("Secret", "db", data={"password": "aHVudGVyMg=="}),
        thing("Secret", "db", data={"password": "aHVudGVyMg=="}, stringData={"a": "hunter2"}),
        thing("Pod", "web", spec={"containers": [{"name": "a", "env": [{"name": "PASSWORD", "value": "hunter2"}]}]}),
        thing("ConfigMap", "c", data={"url": "postgres://shop:hunter2@db/orders"}),
    ]
    page = page_of(trace_of((0, [], []), (5, leaky, [])))
    assert "hunter2" not in page
    assert "aHVudGVyMg" not in page
    assert "redacted" in page


def test_nothing_in_a_trace_speaks_to_the_browser() -> None:
    name = "</script><script>document.title='owned'</script><!--\u2028\x1b[31m"
    page = page_of(trace_of((0, [], []), (5, [thing(name, name, metadata={"name": name, "namespace": name})], [])))
    assert page.count("</script>") == 2
    assert "<!--" not in page
    assert "\u2028" not in page
    assert "\x1b" not in page


def test_the_size_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left out is told: objects without a lane, and versions without a text."""
    monkeypatch.setattr(lanes, "MOST_LANES", 5)
    monkeypatch.setattr(details, "MOST_VERSIONS", 4)
    busy: list[Any] = [(number, [thing("Pod", "busy", spec={"n": number})], []) for number in range(1, 4)]
    trace = trace_of((0, [thing("Pod", f"p{number:02}") for number in range(20)], []), *busy)
    page = page_of(trace)
    data = data_of(page)
    assert "5 of 21 objects have a lane" in page
    assert [thing["n"] for thing in data["objects"]] == ["busy", "p00", "p01", "p02", "p03"]
    assert [version["w"] for thing in data["objects"] for version in thing["v"]].count("left out") == 3
    assert data["kinds"][0]["n"] == 21


def test_many_marks_are_thinned() -> None:
    busy: list[Any] = [(number, [thing("Pod", "busy", spec={"n": number})], []) for number in range(1000)]
    (found,), _ = lanes.lanes(trace_of(*busy))
    assert len(found.marks) == lanes.MOST_MARKS
    assert (found.marks[0], found.marks[-1]) == (0, 999)


def test_the_table_is_there_without_a_script() -> None:
    page = page_of(shop())
    assert '<th scope="row">CronJob/shop/report</th><td>+0s</td><td>to the end</td><td class="number">3</td>' in page


def test_it_needs_nothing_else() -> None:
    page = page_of(shop())
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "default-src 'none'" in page


# ---- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "timeline.html"
    file.write_text(page_of(shop(), upgrade.check(shop(), source="1.21", target="1.25")), "utf-8")
    return file


ROWS = "[...document.querySelectorAll('#lanes .label')].map((label) => label.firstChild.parentNode.title)"
FOCUS = "document.activeElement.id || document.activeElement.querySelector('.label')?.title"


def test_a_visit_by_keyboard(file: Path, tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        assert len(await page.look(ROWS)) == 10
        await page.press("+")
        assert await page.text("#window") == "2025-01-01T10:15:00Z to 2025-01-01T10:45:00Z, 30m00s"
        await page.press("]")
        assert await page.text("#window") == "2025-01-01T10:30:00Z to 2025-01-01T11:00:00Z, 30m00s"
        await page.press("0")
        assert await page.text("#window") == "2025-01-01T10:00:00Z to 2025-01-01T11:00:00Z, 1h00m"
        await page.press("/")
        for letter in "deploy wor":
            await page.press(letter)
        assert await page.look(ROWS) == ["Deployment/shop/worker"]
        assert await page.text("#shown") == "1 of 10"
        await page.look("document.querySelector('#filter [type=reset]').click()")
        await page.look("new Promise((done) => setTimeout(done, 50))")
        await page.look("document.querySelector('#lanes button').focus()")
        await page.press("ArrowDown")
        await page.press("End")
        assert await page.look(FOCUS) == "StatefulSet/shop/db"
        await page.press("Home")
        await page.press("ArrowDown")
        await page.press("Enter")
        assert await page.look(FOCUS) == "detail"
        assert await page.text("#detail-title") == "CronJob/shop/report"
        assert "batch/v1beta1" in await page.text("#detail-findings")
        assert await page.look("document.querySelectorAll('#versions > li').length") == 3
        assert "+  suspend: true" in await page.text("#versions")
        await page.press("Escape")
        assert await page.look(FOCUS) == "CronJob/shop/report"
        assert await page.look("document.getElementById('detail').hidden")

    visit(file, tmp_path, story)


def test_a_visit_with_the_mouse(file: Path, tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        area = await page.look("(({x, y, width, height}) => [x, y, width, height])(density.getBoundingClientRect())")
        x, y, width, height = area
        middle = y + height / 2
        await page.mouse("mousePressed", x + width / 4, middle, button="left", clickCount=1)
        await page.mouse("mouseMoved", x + width / 2, middle, button="left")
        await page.mouse("mouseReleased", x + width / 2, middle, button="left", clickCount=1)
        assert await page.text("#window") == "2025-01-01T10:15:00Z to 2025-01-01T10:30:00Z, 15m00s"
        await page.mouse("mouseWheel", x + width / 2, middle, deltaX=0, deltaY=-100)
        assert await page.text("#window") == "2025-01-01T10:16:30Z to 2025-01-01T10:28:30Z, 12m00s"
        await page.look("document.querySelector('[data-zoom=all]').click()")
        await page.look("document.querySelectorAll('#lanes button')[3].click()")
        assert await page.text("#detail-title") == "Deployment/shop/web"
        assert "object=Deployment%2Fshop%2Fweb" in await page.look("location.hash")

    visit(file, tmp_path, story)


def test_a_link_leads_to_what_somebody_saw(file: Path, tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        await page.look(
            "location.hash = '#kind=Deployment&from=500&to=1200&only=changed&object=Deployment/shop/api&theme=dark'"
        )
        await page.look("new Promise((done) => setTimeout(done, 50))")
        assert await page.look(ROWS) == ["Deployment/shop/api", "Deployment/shop/web", "Deployment/shop/worker"]
        assert await page.text("#window") == "2025-01-01T10:08:20Z to 2025-01-01T10:20:00Z, 11m40s"
        assert await page.text("#detail-title") == "Deployment/shop/api"
        assert await page.look("document.documentElement.dataset.theme") == "dark"

    visit(file, tmp_path, story)


def test_every_control_has_a_name(file: Path, tmp_path: Path) -> None:
    """As a screen reader hears it: each button, field and region by the browser's own reckoning."""

    async def story(page: Page) -> None:
        await page.look("document.querySelectorAll('#lanes button')[1].click()")
        nodes = (await page.call("Accessibility.getFullAXTree"))["nodes"]
        named = {"button", "combobox", "searchbox", "region", "form", "image", "table"}
        found = [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"] and node.get("role", {}).get("value") in named
        ]
        assert {role for role, _ in found} >= {"button", "combobox", "searchbox", "region", "image"}
        assert [role for role, name in found if not name.strip()] == []
        rows = [name for role, name in found if role == "button" and name.startswith("CronJob")]
        assert rows == ["CronJob shop/report : 3 versions, 11 pods, 1 finding, there from +0s to the end"]

    visit(file, tmp_path, story)
