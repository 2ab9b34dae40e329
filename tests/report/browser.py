"""A page in a real browser that can be typed at, by the protocol of its developer tools."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

BROWSER = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1200,900",
)
_ADDRESS = re.compile(rb"ws://[^/]+/devtools/browser/\S+")


class Page:
    """What a person can do with a page, and see of it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._socket = socket
        self._session = session
        self._number = 0
        self.complaints: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, "sessionId": self._session}
        await self._socket.send_json(message)
        async for answer in self._socket:
            found: dict[str, Any] = json.loads(answer.data)
            if found.get("method") in {"Runtime.exceptionThrown", "Log.entryAdded"}:
                self.complaints.append(str(found["params"]))
            if found.get("id") == self._number:
                assert "error" not in found, found
                return dict(found["result"])
        pytest.fail("the browser has gone")

    async def look(self, expression: str) -> Any:
        """The value of a JavaScript expression on the page."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def text(self, selector: str) -> str:
        return str(await self.look(f"document.querySelector({json.dumps(selector)}).textContent"))

    async def press(self, key: str) -> None:
        """One key, such as `+`, `Enter`, `ArrowDown`."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        code = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "End": 35, "Home": 36}.get(key, 0)
        about = {"key": key, "windowsVirtualKeyCode": code}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        await self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    async def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)


@asynccontextmanager
async def opened(file: Path, folder: Path) -> AsyncIterator[Page]:
    command = [*FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
    browser = await asyncio.create_subprocess_exec(str(BROWSER), *command, stderr=asyncio.subprocess.PIPE)
    try:
        address = await asyncio.wait_for(_address(browser), 60)
        async with aiohttp.ClientSession() as client, client.ws_connect(address, max_msg_size=0) as socket:
            target = (await _browser_call(socket, "Target.createTarget", url=f"file://{file}"))["targetId"]
            attached = await _browser_call(socket, "Target.attachToTarget", targetId=target, flatten=True)
            page = Page(socket, attached["sessionId"])
            page._number = 1000
            await page.call("Runtime.enable")
            await page.call("Log.enable")
            for _ in range(200):
                if await page.look("location.protocol + document.readyState") == "file:complete":
                    break
                await asyncio.sleep(0.05)
            yield page
    finally:
        browser.kill()
        await browser.wait()


async def _address(browser: asyncio.subprocess.Process) -> str:
    assert browser.stderr is not None
    async for line in browser.stderr:
        if found := _ADDRESS.search(line):
            return found[0].decode()
    pytest.fail("the browser did not start")


async def _browser_call(socket: aiohttp.ClientWebSocketResponse, method: str, **parameters: Any) -> dict[str, Any]:
    await socket.send_json({"id": 1, "method": method, "params": parameters})
    async for answer in socket:
        found = json.loads(answer.data)
        if found.get("id") == 1:
            return dict(found["result"])
    pytest.fail("the browser has gone")


def visit(file: Path, folder: Path, story: Callable[[Page], Awaitable[None]]) -> None:
    """Open the file, let the story happen, and see that the browser had nothing to complain of."""
    if not BROWSER.exists():
        pytest.skip("there is no Chromium at /usr/bin/chromium")

    async def run() -> None:
        async with opened(file, folder) as page:
            await story(page)
            assert page.complaints == []

    asyncio.run(asyncio.wait_for(run(), 100))
