"""https: http over TLS with a certificate of its own, made in memory for the node's name."""

from __future__ import annotations

import datetime as dt
import os
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ..model import Request, Speech
from .http import Http

# Fixed dates: labs outlive a container's wrong clock.
_FROM = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_UNTIL = dt.datetime(2099, 12, 31, tzinfo=dt.UTC)


def stream(request: Request) -> Speech:
    page = str(request.fields.get("page", ""))
    return Speech(lambda: Http(page.encode()), tls=_context(request.node))


def _context(node: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # `ssl` loads from files only; a memory file never touches a disk.
    descriptor = os.memfd_create("labc-certificate")
    try:
        os.write(descriptor, _certificate(node))
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
    return context


def _certificate(node: str) -> bytes:
    """Key and self-signed certificate, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, node[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
