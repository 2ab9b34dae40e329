"""The TLS settings of a connection."""

from __future__ import annotations

import ssl
import tempfile
from contextlib import suppress
from pathlib import Path

from skel.client.access import Access
from skel.client.credentials import Identity
from skel.client.errors import ClientError


class Parting(ssl.SSLObject):
    """One end of TLS that says goodbye and does not wait for the other's (RFC 8446, 6.1).

    Whoever breaks an answer off would leave a connection open that nobody knows: aiohttp forgets it at once, asyncio
    waits for the server's goodbye for up to 30 seconds, and the loop may end before.
    """

    def unwrap(self) -> None:
        """Nothing is to be waited for once the goodbye is on its way."""
        with suppress(ssl.SSLError):
            super().unwrap()


def tls_context(access: Access, identity: Identity) -> ssl.SSLContext | None:
    """None for plain HTTP. Raises ClientError for certificates that can't be used."""
    if not access.server.startswith("https://"):
        return None
    try:
        context = ssl.create_default_context(cadata=access.ca.decode("ascii") if access.ca else None)
    except (ssl.SSLError, ValueError) as error:
        raise ClientError(f"the certificate authority of {access.server} can't be used: {error}") from None
    context.sslobject_class = Parting
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if identity.certificate:
        _show_certificate(context, identity)
    return context


def _show_certificate(context: ssl.SSLContext, identity: Identity) -> None:
    """OpenSSL reads the pair from a file only; it is gone before anything is sent, and readable by nobody else."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(identity.certificate.rstrip() + b"\n" + identity.key)
        file.flush()
        try:
            context.load_cert_chain(Path(file.name))
        except (ssl.SSLError, ValueError, OSError) as error:
            raise ClientError(f"the client certificate can't be used: {error}") from None
