"""A target that is a real API server."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skel.client.access import Access
from skel.client.connection import Connection
from skel.client.errors import ClientError
from skel.client.request import Request, Response

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ServerTarget:
    """A cluster behind a connection. `version` is the minor as it was when we came."""

    name: str
    version: str
    connection: Connection
    is_dry: bool = False

    async def send(self, request: Request) -> Response:
        return await self.connection.send(request)

    async def close(self) -> None:
        await self.connection.close()


_WAYS_OUT = {
    401: "it does not know who asks: a token has an end; log in again, or give another --kubeconfig or --context",
    403: "ask for the right to read /version, or give another --kubeconfig, --context or --as",
}


async def connect(access: Access, name: str, *, at_once: int, timeout: float = 60.0) -> ServerTarget:
    """Reach a cluster and ask for its version. Raises ClientError if it can't be reached."""
    connection = Connection(access, at_once=at_once, timeout=timeout)
    try:
        return ServerTarget(name, await _version(connection), connection)
    except BaseException:
        await connection.close()
        raise


async def _version(connection: Connection) -> str:
    """The minor, such as `1.25`; some providers write `25+`."""
    response = await connection.send(Request("GET", "/version"))
    server, version = connection.access.server, response.body
    if not response.is_success or not isinstance(version, dict):
        message = f"{server} does not tell its version: {response.status} {response.message}".rstrip()
        raise ClientError(message, _WAYS_OUT.get(response.status, ""))
    parts = [_NUMBER.search(version.get(key, "")) for key in ("major", "minor")]
    if not all(parts):
        raise ClientError(f"{server} calls its version {version.get('gitVersion', 'nothing at all')!r}")
    return ".".join(part[0] for part in parts if part)
