"""The kubeconfig as kubectl reads it: several files merged, the first that names something wins.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

from __future__ import annotations

import os
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skel.client.access import Access, Credentials, ExecPlugin
from skel.client.errors import ClientError
from skel.manifests.settings import NotYamlError, document

_IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_LISTS = {"clusters": "cluster", "users": "user", "contexts": "context"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file says of one cluster, user or context; paths in it are relative to the folder of the file."""

    values: Mapping[str, Any]
    file: Path

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ClientError(f"{self.file}: `{key}` must be a text")
        return value

    def path(self, key: str) -> str:
        """The path under `key` seen from here, empty if there is none."""
        name = self.text(key)
        return str(self.file.parent / name) if name else ""

    def data(self, key: str) -> bytes:
        """The bytes under `KEY-data`, else of the file that `KEY` names, else none."""
        encoded = self.text(f"{key}-data")
        if encoded:
            try:
                return b64decode(encoded, validate=True)
            except (Base64Error, ValueError):
                raise ClientError(f"{self.file}: `{key}-data` is not base64") from None
        name = self.path(key)
        return _bytes(Path(name), f"{self.file}: `{key}`") if name else b""


@dataclass(slots=True)
class Kubeconfig:
    """All files together."""

    current: str = ""
    clusters: dict[str, Entry] = field(default_factory=dict)
    users: dict[str, Entry] = field(default_factory=dict)
    contexts: dict[str, Entry] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)


def load(kubeconfig: str | None = None, context: str | None = None) -> Access:
    """How to reach the cluster of a context (the current one if None).

    `kubeconfig` is one file; without it the files of `$KUBECONFIG`, else `~/.kube/config`, else, in a pod, the cluster
    that it runs in. Raises ClientError.
    """
    merged = read_files(kubeconfig)
    if not merged.files and context is None and (inside := in_cluster()):
        return inside
    name = context or merged.current
    if not merged.files:
        raise ClientError("there is no kubeconfig", "name one with --kubeconfig, or set KUBECONFIG")
    if not name:
        raise ClientError(f"{_shown(merged)} has no current context", f"choose one with --context: {_names(merged)}")
    if name not in merged.contexts:
        raise ClientError(f"there is no context `{name}` in {_shown(merged)}", f"there are: {_names(merged)}")
    return _access(merged, name)


def read_files(kubeconfig: str | None = None) -> Kubeconfig:
    """Read and merge. A file of the list that is absent is left out, one that was asked for is an error."""
    if kubeconfig is not None:
        paths = [Path(kubeconfig)]
        if not paths[0].is_file():
            raise ClientError(f"there is no kubeconfig {kubeconfig}")
    else:
        listed = os.environ.get("KUBECONFIG", "")
        paths = [Path(name) for name in listed.split(os.pathsep) if name] or [Path.home() / ".kube" / "config"]
    merged = Kubeconfig()
    for path in paths:
        if path.is_file():
            _merge(merged, path)
    return merged


def in_cluster(folder: Path = _IN_CLUSTER) -> Access | None:
    """The cluster that this pod runs in, None outside of one."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (folder / "token").is_file():
        return None
    shown = f"[{host}]" if ":" in host else host
    return Access(
        server=f"https://{shown}:{port}",
        context="in-cluster",
        namespace=_bytes(folder / "namespace", "the namespace of this pod").decode().strip() or "default",
        ca=_bytes(folder / "ca.crt", "the authority of this cluster"),
        credentials=Credentials(token_file=str(folder / "token")),
    )


def _merge(merged: Kubeconfig, path: Path) -> None:
    try:
        content = document(_bytes(path, "the kubeconfig"), str(path))
    except NotYamlError as error:
        raise ClientError(str(error)) from None
    if not isinstance(content, dict):
        raise ClientError(f"{path} is not a kubeconfig")
    merged.files.append(path)
    merged.current = merged.current or str(content.get("current-context") or "")
    for plural, singular in _LISTS.items():
        found: dict[str, Entry] = getattr(merged, plural)
        for item in content.get(plural) or ():
            if not (isinstance(item, dict) and isinstance(item.get("name"), str)):
                raise ClientError(f"{path}: an entry of `{plural}` has no name")
            found.setdefault(item["name"], Entry(item.get(singular) or {}, path))


def _access(merged: Kubeconfig, name: str) -> Access:
    context = merged.contexts[name]
    cluster = merged.clusters.get(context.text("cluster"))
    if cluster is None:
        raise ClientError(f"the context `{name}` names the cluster `{context.text('cluster')}`, which is not there")
    user_name = context.text("user")
    if user_name and user_name not in merged.users:
        raise ClientError(f"the context `{name}` names the user `{user_name}`, who is not there")
    server = cluster.text("server")
    if not server.startswith(("http://", "https://")):
        raise ClientError(f"{cluster.file}: `server` must begin with https://, not {server!r}")
    return Access(
        server=server.rstrip("/"),
        context=name,
        namespace=context.text("namespace") or "default",
        ca=cluster.data("certificate-authority"),
        insecure=cluster.values.get("insecure-skip-tls-verify") is True,
        tls_server_name=cluster.text("tls-server-name"),
        proxy=cluster.text("proxy-url"),
        credentials=_credentials(merged.users[user_name], cluster) if user_name else Credentials(),
    )


def _credentials(user: Entry, cluster: Entry) -> Credentials:
    if "auth-provider" in user.values:
        raise ClientError(
            f"{user.file}: `auth-provider` went with Kubernetes 1.26", "use the exec plugin of your provider instead"
        )
    return Credentials(
        token=user.text("token"),
        token_file=user.path("tokenFile"),
        certificate=user.data("client-certificate"),
        key=user.data("client-key"),
        username=user.text("username"),
        password=user.text("password"),
        plugin=_plugin(user, cluster),
        impersonate=user.text("as"),
    )


def _plugin(user: Entry, cluster: Entry) -> ExecPlugin | None:
    values = user.values.get("exec")
    if values is None:
        return None
    if not (isinstance(values, dict) and isinstance(values.get("command"), str) and values["command"]):
        raise ClientError(f"{user.file}: `exec` has no command")
    entry = Entry(values, user.file)
    command = entry.text("command")
    pairs = ((str(item.get("name")), str(item.get("value"))) for item in values.get("env") or ())
    return ExecPlugin(
        # A command with a slash is a path from the folder of the file; any other is looked up in PATH.
        command=entry.path("command") if "/" in command else command,
        arguments=tuple(map(str, values.get("args") or ())),
        environment=tuple(pairs),
        api_version=entry.text("apiVersion") or "client.authentication.k8s.io/v1",
        hint=entry.text("installHint"),
        cluster=cluster.text("server") if values.get("provideClusterInfo") is True else "",
    )


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ClientError(f"{what}: {path} can't be read: {(error.strerror or str(error)).lower()}") from None


def _shown(merged: Kubeconfig) -> str:
    return ", ".join(map(str, merged.files))


def _names(merged: Kubeconfig) -> str:
    return ", ".join(sorted(merged.contexts)) or "none at all"
