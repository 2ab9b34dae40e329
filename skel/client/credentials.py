"""The headers that say who asks: tokens that are read again, and plugins that are run again before they expire."""

from __future__ import annotations

import asyncio
import json
import os
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from skel.client.access import Credentials, ExecPlugin
from skel.client.errors import ClientError

_TOKEN_FILE_SECONDS = 60.0
"""A kubelet rotates the token of a pod long before it expires; client-go reads it again every minute."""
_EARLY_SECONDS = 10.0
_PLUGIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Identity:
    """What is sent: a token, or a certificate for TLS, until `expires` (Unix seconds, None for ever)."""

    token: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    expires: float | None = None


class Wallet:
    """Gives the identity of now. `fresh` forgets what the server refused."""

    def __init__(self, credentials: Credentials, now: Callable[[], float] = time.time) -> None:
        self._credentials = credentials
        self._now = now
        self._held: Identity | None = None
        self._lock = asyncio.Lock()

    @property
    def can_renew(self) -> bool:
        """Whether asking again can give something else."""
        return self._credentials.plugin is not None or bool(self._credentials.token_file)

    async def identity(self) -> Identity:
        """What is to be sent now. Raises ClientError if a plugin fails or a file can't be read."""
        held = self._held
        if held is None or (held.expires is not None and held.expires - _EARLY_SECONDS <= self._now()):
            async with self._lock:
                if self._held is held:
                    self._held = await self._obtain()
        assert self._held is not None
        return self._held

    def forget(self, refused: Identity) -> None:
        """The server refused it: obtain another, unless somebody else already has."""
        if self._held is refused:
            self._held = None

    def headers(self, identity: Identity) -> dict[str, str]:
        given = self._credentials
        headers = {"Impersonate-User": given.impersonate} if given.impersonate else {}
        if identity.token:
            return {**headers, "Authorization": f"Bearer {identity.token}"}
        if given.username:
            pair = b64encode(f"{given.username}:{given.password}".encode()).decode()
            return {**headers, "Authorization": f"Basic {pair}"}
        return headers

    async def _obtain(self) -> Identity:
        given = self._credentials
        if given.plugin is not None:
            return await run_plugin(given.plugin)
        token, expires = given.token, None
        if given.token_file:
            token = _read_token(given.token_file)
            expires = self._now() + _TOKEN_FILE_SECONDS + _EARLY_SECONDS
        return Identity(token, given.certificate, given.key, expires)


async def run_plugin(plugin: ExecPlugin) -> Identity:
    """Run it and read its ExecCredential. Raises ClientError."""
    settings = {**os.environ, **dict(plugin.environment), "KUBERNETES_EXEC_INFO": _info(plugin)}
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command, *plugin.arguments, env=settings, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ClientError(f"the credential plugin {plugin.command} can't be run: {reason}", plugin.hint) from None
    try:
        async with asyncio.timeout(_PLUGIN_SECONDS):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        message = f"the credential plugin {plugin.command} did not end within {_PLUGIN_SECONDS:.0f} s"
        raise ClientError(message, "log in by hand once, then try again") from None
    if process.returncode:
        said = " ".join(err.decode("utf-8", "replace").split())[-300:]
        raise ClientError(f"the credential plugin {plugin.command} failed with {process.returncode}: {said}")
    return _parsed(plugin, out)


def _info(plugin: ExecPlugin) -> str:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.cluster:
        spec["cluster"] = {"server": plugin.cluster}
    return json.dumps({"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec})


def _parsed(plugin: ExecPlugin, out: bytes) -> Identity:
    try:
        status = json.loads(out)["status"]
        expires = status.get("expirationTimestamp")
        return Identity(
            token=status.get("token") or "",
            certificate=(status.get("clientCertificateData") or "").encode(),
            key=(status.get("clientKeyData") or "").encode(),
            expires=datetime.fromisoformat(expires).timestamp() if expires else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ClientError(f"the credential plugin {plugin.command} printed no ExecCredential with a status") from None


def _read_token(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ClientError(f"the token file {path} can't be read: {error}") from None
