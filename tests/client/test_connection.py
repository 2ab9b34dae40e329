from __future__ import annotations

import asyncio
import json
import ssl
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from skel.client.access import Access, Credentials, ExecPlugin
from skel.client.connection import LARGEST, Connection
from skel.client.credentials import Wallet, run_plugin
from skel.client.discovery import Discovery, Resource
from skel.client.errors import ClientError, Disconnected
from skel.client.request import Request, Response

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handle: Handle, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    application = web.Application(client_max_size=8 << 20)
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await test()

    asyncio.run(main())


def plugin(tmp_path: Path, body: str) -> ExecPlugin:
    """A credential plugin in Python; `count` is how often it ran."""
    file = tmp_path / "plugin"
    head = f"#!{sys.executable}\nimport json, os, pathlib\nfile = pathlib.Path({str(tmp_path / 'count')!r})\n"
    head += "count = int(file.read_text() or 0) + 1 if file.exists() else 1\nfile.write_text(str(count))\n"
    file.write_text(head + body, "utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return ExecPlugin(str(file))


PRINTS = "print(json.dumps({'status': {'token': f't{count}', 'expirationTimestamp': %r}}))\n"
LATER = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
PAST = "2001-01-01T00:00:00Z"


def test_requests_and_answers_keep_everything() -> None:
    seen: dict[str, Any] = {}

    async def handle(request: web.Request) -> web.Response:
        seen.update(
            line=f"{request.method} {request.path_qs}",
            type=request.headers.get("Content-Type"),
            auth=request.headers.get("Authorization"),
            body=await request.json(),
        )
        headers = {"Warning": '299 - "policy/v1beta1 is \\"old\\""', "Retry-After": "3"}
        return web.json_response({"kind": "Status", "reason": "Busy", "message": "later"}, status=429, headers=headers)

    async def test() -> None:
        async with serving(handle) as url, Connection(Access(url, credentials=Credentials(token="t"))) as connection:
            query = (("fieldManager", "a b"), ("force", "true"))
            response = await connection.send(
                Request("PATCH", "/x/y%2Fz", query, {"a": 1}, "application/apply-patch+yaml")
            )
        assert seen == {
            "line": "PATCH /x/y%2Fz?fieldManager=a%20b&force=true",
            "type": "application/apply-patch+yaml",
            "auth": "Bearer t",
            "body": {"a": 1},
        }
        assert (response.status, response.retry_after) == (429, 3.0)
        assert (response.reason, response.message) == ("Busy", "later")
        assert response.warnings == ('policy/v1beta1 is "old"',)

    run(test)


def test_an_answer_that_is_no_json_is_a_message() -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<h1>bad\n gateway</h1>")

    async def test() -> None:
        async with serving(handle) as url, Connection(Access(url)) as connection:
            assert (await connection.send(Request("GET", "/x"))).message == "<h1>bad gateway</h1>"

    run(test)


def test_a_stream_that_is_refused_is_one_status_with_its_code() -> None:
    """Of a version that is not served any more, an API server says so in plain text."""

    async def handle(request: web.Request) -> web.Response:
        if request.path == "/gone":
            return web.Response(status=404, text="404 page not found\n")
        return web.json_response({"kind": "Status", "message": "no"}, status=403)

    async def test() -> None:
        async with serving(handle) as url, Connection(Access(url)) as connection:
            for path, message, code in (("/gone", "404 page not found", 404), ("/x", "no", 403)):
                [line] = [line async for line in connection.lines(Request("GET", path), idle=5.0)]
                assert json.loads(line) == {"kind": "Status", "message": message, "code": code}

    run(test)


def test_a_stream_that_falls_silent_ends_and_one_that_stops_in_a_line_is_broken() -> None:
    """1.24 sends no bookmarks of kinds of which nothing has changed yet: no reason to tell of a lost connection."""

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write({"/quiet": b"", "/whole": b"1\n2\n", "/torn": b"1\n2"}[request.path])
        await asyncio.sleep(60)
        return answer

    async def test() -> None:
        async with serving(handle) as url, Connection(Access(url)) as connection:

            async def read(path: str) -> list[bytes]:
                return [line async for line in connection.lines(Request("GET", path), idle=0.2)]

            assert (await read("/quiet"), await read("/whole")) == ([], [b"1", b"2"])
            with pytest.raises(Disconnected, match="timed out"):
                await read("/torn")

    run(test)


def test_an_expired_token_is_renewed_once(tmp_path: Path) -> None:
    """The server takes the second token alone: the plugin runs again, and the request is sent again."""

    async def handle(request: web.Request) -> web.Response:
        return web.json_response({}, status=200 if request.headers["Authorization"] == "Bearer t2" else 401)

    async def test() -> None:
        access = Credentials(plugin=plugin(tmp_path, PRINTS % LATER))
        async with serving(handle) as url, Connection(Access(url, credentials=access)) as connection:
            answers = await asyncio.gather(*(connection.send(Request("GET", "/x")) for _ in range(5)))
            assert [answer.status for answer in answers] == [200] * 5
            assert (tmp_path / "count").read_text("utf-8") == "2"

    run(test)


def test_a_refused_token_is_not_renewed_for_ever(tmp_path: Path) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.json_response({}, status=401)

    async def test() -> None:
        access = Credentials(plugin=plugin(tmp_path, PRINTS % LATER))
        async with serving(handle) as url, Connection(Access(url, credentials=access)) as connection:
            assert (await connection.send(Request("GET", "/x"))).status == 401
        assert (tmp_path / "count").read_text("utf-8") == "2"

    run(test)


def test_a_plugin_runs_again_before_its_token_expires(tmp_path: Path) -> None:
    async def test() -> None:
        wallet = Wallet(Credentials(plugin=plugin(tmp_path, PRINTS % PAST)))
        assert (await wallet.identity()).token == "t1"
        assert (await wallet.identity()).token == "t2"

    run(test)


def test_a_plugin_is_told_what_it_asks_for(tmp_path: Path) -> None:
    async def test() -> None:
        given = plugin(
            tmp_path,
            "info = os.environ['KUBERNETES_EXEC_INFO']\nprint(json.dumps({'status': {'token': info}}))\n",
        )
        identity = await run_plugin(ExecPlugin(given.command, api_version="v", cluster="https://x"))
        assert '"server": "https://x"' in identity.token
        assert identity.expires is None

    run(test)


@pytest.mark.parametrize(
    ("body", "said"),
    [("raise SystemExit('log in first')", "failed with 1: log in first"), ("print('{}')", "printed no ExecCredential")],
)
def test_a_plugin_that_fails_says_why(tmp_path: Path, body: str, said: str) -> None:
    async def test() -> None:
        with pytest.raises(ClientError, match=said):
            await run_plugin(plugin(tmp_path, body))

    run(test)


def test_a_plugin_that_is_not_there_says_how_to_get_it() -> None:
    async def test() -> None:
        with pytest.raises(ClientError, match="can't be run") as error:
            await run_plugin(ExecPlugin("/absent/plugin", hint="get it there"))
        assert error.value.hint == "get it there"

    run(test)


def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    async def test() -> None:
        (tmp_path / "token").write_text("one\n", "utf-8")
        time = [1000.0]
        wallet = Wallet(Credentials(token_file=str(tmp_path / "token")), now=lambda: time[0])
        assert (await wallet.identity()).token == "one"
        (tmp_path / "token").write_text("two\n", "utf-8")
        assert (await wallet.identity()).token == "one"
        time[0] += 61
        assert (await wallet.identity()).token == "two"

    run(test)


def test_certificates_are_checked_and_shown(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    ours = authority.issue_cert("someone@example.com")
    known = Credentials(certificate=ours.cert_chain_pems[0].bytes(), key=ours.private_key_pem.bytes())

    async def handle(request: web.Request) -> web.Response:
        assert request.transport is not None
        return web.json_response({"peer": bool(request.transport.get_extra_info("peercert"))})

    async def test() -> None:
        async with serving(handle, context) as url:
            trusted = Access(url, ca=authority.cert_pem.bytes(), credentials=known)
            async with Connection(trusted) as connection:
                assert (await connection.send(Request("GET", "/x"))).body == {"peer": True}
            async with Connection(Access(url, credentials=known)) as connection:
                with pytest.raises(ClientError, match="is not trusted"):
                    await connection.send(Request("GET", "/x"))
            async with Connection(Access(url, insecure=True, credentials=known)) as connection:
                assert (await connection.send(Request("GET", "/x"))).status == 200
            async with Connection(Access(url, ca=authority.cert_pem.bytes())) as connection:
                with pytest.raises(Disconnected):
                    await connection.send(Request("GET", "/x"))
            async with Connection(Access(url, credentials=Credentials(certificate=b"x", key=b"y"))) as connection:
                with pytest.raises(ClientError, match="certificate can't be used"):
                    await connection.send(Request("GET", "/x"))

    run(test)


def test_nobody_there_is_a_lost_answer() -> None:
    async def test() -> None:
        async with Connection(Access("http://127.0.0.1:9")) as connection:
            with pytest.raises(Disconnected, match="gave no answer"):
                await connection.send(Request("GET", "/x"))

    run(test)


def test_a_body_that_is_too_large_is_not_sent() -> None:
    async def test() -> None:
        async with Connection(Access("http://127.0.0.1:9")) as connection:
            response = await connection.send(Request("PATCH", "/x", body={"a": "x" * LARGEST}))
        assert (response.status, response.reason) == (413, "RequestEntityTooLarge")

    run(test)


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response({"asked": str(request.url)})

    async def test() -> None:
        async with serving(handle) as url:
            monkeypatch.setenv("http_proxy", url)
            monkeypatch.setenv("no_proxy", "direct.example")
            async with Connection(Access("http://far.example")) as connection:
                assert (await connection.send(Request("GET", "/x"))).body == {"asked": "http://far.example/x"}
        assert Connection(Access("http://direct.example"))._proxy is None

    run(test)


def test_discovery_asks_once_for_each_version() -> None:
    asked: list[str] = []
    rows = [
        {"name": "jobs", "kind": "Job", "namespaced": True},
        {"name": "jobs/status", "kind": "Job", "namespaced": True},
    ]

    async def send(request: Request) -> Response:
        asked.append(request.path)
        return Response(200, {"resources": rows}) if "batch/v1" in request.path else Response(404, None)

    async def test() -> None:
        discovery = Discovery(send)
        job = await discovery.find("batch/v1", "Job")
        assert job == Resource("batch/v1", "Job", "jobs", namespaced=True)
        assert await discovery.find("batch/v1", "CronJob") is None
        assert await discovery.find("v1", "Pod") is None
        assert asked == ["/apis/batch/v1", "/api/v1"]
        discovery.forget("v1")
        await discovery.find("v1", "Pod")
        discovery.forget()
        await discovery.find("batch/v1", "Job")
        assert asked == ["/apis/batch/v1", "/api/v1", "/api/v1", "/apis/batch/v1"]

    run(test)


def test_discovery_finds_a_kind_in_another_version_of_its_group() -> None:
    rows = {"resources": [{"name": "cronjobs", "kind": "CronJob", "namespaced": True}]}
    answers = {
        "/apis/batch": {"versions": [{"groupVersion": "batch/v2"}, {"groupVersion": "batch/v1"}]},
        "/apis/batch/v2": {"resources": []},
        "/apis/batch/v1": rows,
    }

    async def send(request: Request) -> Response:
        body = answers.get(request.path)
        return Response(200, body) if body else Response(404, None)

    async def test() -> None:
        discovery = Discovery(send)
        found = await discovery.find_any("batch/v1beta1", "CronJob")
        assert found == Resource("batch/v1", "CronJob", "cronjobs", namespaced=True)
        assert await discovery.find_any("batch/v1beta1", "Robot") is None
        assert await discovery.find_any("example.com/v1", "Robot") is None
        assert await discovery.find_any("v1", "Robot") is None

    run(test)


@pytest.mark.parametrize(("status", "error"), [(503, Disconnected), (429, Disconnected), (403, ClientError)])
def test_a_server_that_starts_says_later_what_it_serves(status: int, error: type[ClientError]) -> None:
    async def send(_: Request) -> Response:
        return Response(status, {"message": "no"})

    async def test() -> None:
        with pytest.raises(ClientError, match=f"{status} no") as caught:
            await Discovery(send).find("batch/v1", "Job")
        assert type(caught.value) is error

    run(test)
