from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from skel.cluster.pki import ADMIN, USERS, make_pki, tokens


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    make_pki(tmp_path)
    return tmp_path


def test_nobody_else_reads_it(pki: Path) -> None:
    assert {file.stat().st_mode & 0o777 for file in pki.iterdir()} == {0o600}


def test_it_is_made_once(pki: Path) -> None:
    before = {file.name: file.read_bytes() for file in pki.iterdir()}
    make_pki(pki)
    assert {file.name: file.read_bytes() for file in pki.iterdir()} == before


def test_one_that_was_interrupted_is_made_anew(pki: Path) -> None:
    (pki / "tokens.csv").unlink()
    make_pki(pki)
    assert shake_hands(pki, "localhost") == "etcd-client"


def test_each_cluster_has_its_own(pki: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    make_pki(other)
    assert all((other / name).read_bytes() != (pki / name).read_bytes() for name in ("ca.key", "sa.key", "tokens.csv"))


def test_every_user_has_a_token_of_its_own(pki: Path) -> None:
    known = tokens(pki)
    assert tuple(known) == USERS
    assert len(set(known.values())) == len(USERS)
    assert all(len(token) == 48 for token in known.values())
    assert (pki / "tokens.csv").read_text().splitlines()[0].endswith(f',{ADMIN},{ADMIN},"system:masters"')


def test_the_keys_of_service_accounts_belong_together(pki: Path) -> None:
    private = load_pem_private_key((pki / "sa.key").read_bytes(), password=None)
    assert private.public_key() == load_pem_public_key((pki / "sa.pub").read_bytes())


@pytest.mark.parametrize("file", ["server", "etcd-client", "front-proxy"])
def test_certificates_are_issued_by_the_authority(pki: Path, file: str) -> None:
    authority = x509.load_pem_x509_certificate((pki / "ca.crt").read_bytes())
    certificate = x509.load_pem_x509_certificate((pki / f"{file}.crt").read_bytes())
    certificate.verify_directly_issued_by(authority)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "kubernetes.default.svc"])
def test_both_ends_trust_each_other(pki: Path, name: str) -> None:
    """With the strict checks that newer Pythons make by default."""
    assert shake_hands(pki, name) == "etcd-client"


def test_another_name_is_not_trusted(pki: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(pki, "example.com")


def settings(pki: Path, protocol: int, name: str) -> ssl.SSLContext:
    """The TLS settings of one end."""
    context = ssl.SSLContext(protocol)
    context.load_verify_locations(pki / "ca.crt")
    context.load_cert_chain(pki / f"{name}.crt", pki / f"{name}.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def shake_hands(pki: Path, name: str) -> str:
    """The common name that the server sees."""
    server, client = (
        settings(pki, ssl.PROTOCOL_TLS_SERVER, "server"),
        settings(pki, ssl.PROTOCOL_TLS_CLIENT, "etcd-client"),
    )
    near, far = socket.socketpair()
    seen: list[str] = []

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as end:
                certificate = x509.load_der_x509_certificate(end.getpeercert(binary_form=True) or b"")
                seen.append(certificate.subject.rfc4514_string().removeprefix("CN="))
                end.recv(1)
        except ssl.SSLError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near, server_hostname=name) as end:
            end.send(b"x")
    finally:
        near.close()
        thread.join()
    return seen[0]
