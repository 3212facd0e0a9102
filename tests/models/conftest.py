"""The scripted endpoint for the tests of this room."""

from __future__ import annotations

import importlib.util
import ssl
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if "scripted" not in sys.modules:
    _spec = importlib.util.spec_from_file_location("scripted", Path(__file__).parents[1] / "scripted.py")
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules["scripted"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["scripted"])

from scripted import ForwardProxy, ScriptedEndpoint


@pytest.fixture
def scripted() -> Iterator[ScriptedEndpoint]:
    """An endpoint on the loopback that answers "答：" and the question; turn its knobs in the test."""
    with ScriptedEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    """A forward proxy on the loopback."""
    with ForwardProxy() as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A company's own certificate for 127.0.0.1 that no one else trusts: (certificate, with its key)."""
    folder = tmp_path_factory.mktemp("authority")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company CA")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(public)
    (folder / "both.pem").write_bytes(public + private)
    return folder / "ca.pem", folder / "both.pem"


@pytest.fixture
def scripted_tls(authority: tuple[Path, Path]) -> Iterator[ScriptedEndpoint]:
    """The scripted endpoint behind TLS, under the company's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1])
    with ScriptedEndpoint(tls=context) as endpoint:
        yield endpoint
