"""Google's and Microsoft's storage: URLs, settings and errors, against a server that answers as theirs do."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from skel.storage import cloud
from skel.storage.errors import TraceError
from skel.storage.store import read_bytes, write_atomically
from tests.storage.faulty import Rule, Status, address, always, faulty, once

HEADERS = {"ETag": '"1"', "Last-Modified": "Sat, 01 Aug 2026 10:00:00 GMT"}


def stored(files: dict[str, bytes], fault: Rule) -> Rule:
    """Keeps what is put, with the headers that both demand."""

    def rule(asked: object) -> object:
        found = fault(asked)  # type: ignore[arg-type]
        path = asked.path.partition("?")[0]  # type: ignore[attr-defined]
        if found is not None:
            return found
        if asked.method == "PUT":  # type: ignore[attr-defined]
            files[path] = asked.body  # type: ignore[attr-defined]
            return Status(201, HEADERS)
        return Status(200, HEADERS, files[path]) if path in files else Status(404)

    return rule  # type: ignore[return-value]


@pytest.fixture(params=["gs", "azure", "az"])
def scheme(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def lead_to(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a recorder that uses this server."""
    account = tmp_path / "account.json"
    settings = {"gcs_base_url": f"http://{server}", "disable_oauth": True}
    keys = {"client_email": "", "private_key": "", "private_key_id": ""}
    account.write_text(json.dumps({**settings, **keys}))
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(account))
    monkeypatch.setenv("GOOGLE_ALLOW_HTTP", "true")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "simulated")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "c2VjcmV0")
    monkeypatch.setenv("AZURE_ENDPOINT", f"http://{server}")
    monkeypatch.setenv("AZURE_ALLOW_HTTP", "true")


@pytest.mark.usefixtures("impatient")
def test_there_and_back(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, bytes] = {}
    with faulty(stored(files, once(Status(503)))) as server:
        lead_to(address(server), tmp_path, monkeypatch)
        write_atomically(f"{scheme}://bucket/some/a.sktrace", lambda file: file.writelines([b"trace"]))
        assert read_bytes(f"{scheme}://bucket/some/a.sktrace") == b"trace"
    assert [unquote(path)[-len("bucket/some/a.sktrace") :] for path in files] == ["bucket/some/a.sktrace"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "://bucket/a does not exist"),
        (403, "://bucket/a can't be read: access is refused"),
        (503, "://bucket/a could not be read: the server answers 503"),
    ],
)
def test_errors(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, message: str) -> None:
    with faulty(stored({}, always(Status(status)))) as server:
        lead_to(address(server), tmp_path, monkeypatch)
        with pytest.raises(TraceError, match=message) as caught:
            read_bytes(f"{scheme}://bucket/a")
    assert "c2VjcmV0" not in str(caught.value)


def test_azure_without_an_account() -> None:
    with pytest.raises(TraceError, match=r"there are no credentials \(check AZURE_STORAGE_ACCOUNT_NAME and"):
        read_bytes("azure://bucket/a")


def test_google_without_a_key_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", "/nonexistent/account.json")
    with pytest.raises(TraceError, match="gs://bucket/a"):
        read_bytes("gs://bucket/a")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = __import__("sys").modules
    for name in [name for name in modules if name.startswith("obstore")]:
        monkeypatch.delitem(modules, name)
    monkeypatch.setitem(modules, "obstore", None)
    with pytest.raises(TraceError, match=r"s3://b/a is in object storage \(pip install 'skel-lang\[cloud\]'"):
        read_bytes("s3://b/a")


def test_settings_of_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ALLOW_HTTP", "1")
    monkeypatch.setenv("aws_timeout", "5s")
    monkeypatch.setenv("AZURE_PROXY_URL", "http://proxy")
    assert cloud._client("AWS") == {"connect_timeout": "10s", "timeout": "5s", "allow_http": True}
