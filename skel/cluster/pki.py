"""The keys, certificates and tokens of one cluster; none of them is worth anything elsewhere."""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from skel.cluster.state import write_private

ADMIN = "skel-admin"
USERS = (ADMIN, "system:kube-controller-manager", "system:kube-scheduler", "skel-kwok")
"""Each has its own token, so that an audit log says who did it. All may do everything, and none is throttled."""
FRONT_PROXY = "front-proxy-client"

_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
_ADDRESSES = ("127.0.0.1", "::1", "10.96.0.1")
_YEARS = 10


def make_pki(folder: Path) -> None:
    """Write everything that is not there yet: an authority, certificates, the key for service accounts, tokens."""
    if (folder / "tokens.csv").exists():
        return
    authority = _Authority()
    write_private(folder / "ca.crt", authority.certificate.public_bytes(serialization.Encoding.PEM))
    write_private(folder / "ca.key", _private(authority.key))
    for file, name in (("server", "kube-apiserver"), ("etcd-client", "etcd-client"), ("front-proxy", FRONT_PROXY)):
        key, certificate = authority.issue(name)
        write_private(folder / f"{file}.crt", certificate.public_bytes(serialization.Encoding.PEM))
        write_private(folder / f"{file}.key", _private(key))
    accounts = ec.generate_private_key(ec.SECP256R1())
    write_private(folder / "sa.key", _private(accounts))
    write_private(folder / "sa.pub", _public(accounts))
    lines = [f'{secrets.token_hex(24)},{user},{user},"system:masters"\n' for user in USERS]
    write_private(folder / "tokens.csv", "".join(lines))  # last: it says that all is there


def tokens(folder: Path) -> dict[str, str]:
    """The tokens by user."""
    rows = (line.split(",") for line in (folder / "tokens.csv").read_text("utf-8").splitlines())
    return {user: token for token, user, *_ in rows}


class _Authority:
    """The root of trust of one cluster."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("skel-cluster")
        self.certificate = (
            self._builder(self.name, self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def issue(self, common_name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """A key, and a certificate for both ends of connections on this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        certificate = (
            self._builder(_name(common_name), key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(purposes, critical=False)
            .add_extension(_alternatives(), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return key, certificate

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=365 * _YEARS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternatives() -> x509.SubjectAlternativeName:
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in _ADDRESSES]
    return x509.SubjectAlternativeName([*(x509.DNSName(name) for name in _NAMES), *addresses])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)
