from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from skel.client.access import ExecPlugin
from skel.client.errors import ClientError
from skel.client.kubeconfig import in_cluster, load
from tests.client.kube_config import written


@pytest.fixture(autouse=True)
def nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_the_usual_file_is_found(tmp_path: Path) -> None:
    written(tmp_path / "home" / ".kube" / "config", user={"token": "t"})
    access = load()
    assert (access.server, access.context, access.namespace) == ("https://one.example", "one", "shop")
    assert access.credentials.token == "t"
    assert "token='t'" not in repr(access)


def test_several_files_are_one_and_the_first_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = written(tmp_path / "a", server="https://a.example")
    two = written(tmp_path / "b", server="https://b.example")
    three = written(tmp_path / "c", server="https://c.example", name="three")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, (one, tmp_path / "absent", two, three, ""))))
    assert load().server == "https://a.example"
    assert load(context="three").server == "https://c.example"
    assert load(str(two)).server == "https://b.example"


def test_paths_are_seen_from_their_file(tmp_path: Path) -> None:
    (tmp_path / "etc" / "pki").mkdir(parents=True)
    (tmp_path / "etc" / "pki" / "ca.crt").write_text("PEM", "utf-8")
    user = {
        "client-key-data": b64encode(b"key").decode(),
        "tokenFile": "token",
        "exec": {"command": "./plug", "args": ["x"]},
    }
    user["exec"]["env"] = [{"name": "A", "value": "1"}]  # type: ignore[index]
    access = load(str(written(tmp_path / "etc" / "config", user=user, **{"certificate-authority": "pki/ca.crt"})))
    given = access.credentials
    assert (access.ca, given.key, given.token_file) == (b"PEM", b"key", str(tmp_path / "etc" / "token"))
    assert given.plugin == ExecPlugin(str(tmp_path / "etc" / "plug"), ("x",), (("A", "1"),))


def test_a_pod_uses_the_cluster_it_runs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_cluster(tmp_path) is None
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    for name, text in (("token", "t"), ("ca.crt", "PEM"), ("namespace", "shop")):
        (tmp_path / name).write_text(text, "utf-8")
    access = in_cluster(tmp_path)
    assert access is not None
    assert (access.server, access.ca, access.namespace) == ("https://[fd00::1]:443", b"PEM", "shop")
    assert access.credentials.token_file == str(tmp_path / "token")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"server": "one.example"}, "`server` must begin with https://"),
        ({"certificate-authority": "absent.crt"}, "absent.crt can't be read"),
        ({"certificate-authority-data": "%%%"}, "is not base64"),
        ({"user": {"auth-provider": {}}}, "`auth-provider` went"),
        ({"user": {"exec": {}}}, "`exec` has no command"),
        ({"user": {"token": 1}}, "`token` must be a text"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said):
        load(str(written(tmp_path / "config", **settings)))


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="no context `two`") as error:
        load(str(written(tmp_path / "config")), "two")
    assert error.value.hint == "there are: one"


@pytest.mark.parametrize(
    ("text", "said"), [("{", "is not YAML"), ("[]", "is not a kubeconfig"), ("clusters: [{}]", "has no name")]
)
def test_files_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config").write_text(text, "utf-8")
    with pytest.raises(ClientError, match=said):
        load(str(tmp_path / "config"))


def test_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="there is no kubeconfig"):
        load()
    with pytest.raises(ClientError, match="there is no kubeconfig"):
        load(str(tmp_path / "absent"))
