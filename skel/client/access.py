"""How to reach a cluster and as whom: what a kubeconfig says, with every file read and every path resolved."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ExecPlugin:
    """A program that prints an ExecCredential (`client.authentication.k8s.io`). `cluster` goes to it if it asks."""

    command: str
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    api_version: str = "client.authentication.k8s.io/v1"
    hint: str = ""
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """As whom. Secrets never show in a repr."""

    token: str = field(default="", repr=False)
    token_file: str = ""
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    plugin: ExecPlugin | None = None
    impersonate: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Where and as whom. `ca` are PEM bytes, empty for the authorities that the system trusts."""

    server: str
    context: str = ""
    namespace: str = "default"
    ca: bytes = field(default=b"", repr=False)
    insecure: bool = False
    tls_server_name: str = ""
    proxy: str = ""
    credentials: Credentials = field(default_factory=Credentials)
