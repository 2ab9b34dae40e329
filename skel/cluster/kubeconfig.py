"""The kubeconfig of a cluster: one server, one user, nothing to look up in other files."""

from __future__ import annotations

import base64

import yaml

from skel.cluster.components import LOOPBACK, kubeconfig_file
from skel.cluster.pki import ADMIN, USERS, tokens
from skel.cluster.state import Home, State, write_private


def server_url(state: State) -> str:
    return f"https://{LOOPBACK}:{state.ports.server}"


def context_name(cluster: str) -> str:
    """How the cluster is called among the user's own."""
    return f"skel-{cluster}"


def write_kubeconfigs(place: Home, state: State) -> None:
    """One for the user, one for each component that is a client."""
    known = tokens(place.pki)
    for user in USERS:
        file = place.kubeconfig if user == ADMIN else kubeconfig_file(place, _component(user))
        write_private(file, _kubeconfig(place, state, user, known[user]))


def _component(user: str) -> str:
    return user.removeprefix("system:").removeprefix("skel-")


def _kubeconfig(place: Home, state: State, user: str, token: str) -> str:
    name = context_name(state.name)
    authority = base64.b64encode((place.pki / "ca.crt").read_bytes()).decode("ascii")
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server_url(state), "certificate-authority-data": authority}}],
        "users": [{"name": f"{name}-{user}", "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"{name}-{user}"}}],
        "current-context": name,
    }
    return yaml.safe_dump(document, sort_keys=False)
