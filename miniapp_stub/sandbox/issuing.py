"""Making keys, numbers and certificates, as the platforms' consoles do, and the files they come in."""

import secrets
import string
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_serial() -> str:
    """A certificate serial: 40 upper-case hex digits, never with a leading zero (SDKs compare numbers as text)."""
    return f"{secrets.choice('1234567')}{secrets.token_hex(20)[1:]}".upper()


def certificate_pem(key: rsa.RSAPrivateKey, *, serial_no: str, name: str, valid: tuple[float, float]) -> str:
    """Issue a self-signed X.509 certificate; `valid` is first and last moment in epoch seconds."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Handheld Office sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int(serial_no, 16))
        .not_valid_before(datetime.fromtimestamp(int(valid[0]), UTC))
        .not_valid_after(datetime.fromtimestamp(int(valid[1]), UTC))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """PKCS#8 PEM, the form of a merchant's `apiclient_key.pem`."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem(key: rsa.RSAPublicKey) -> str:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def load_private(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def load_public(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def digits(count: int) -> str:
    return "".join(secrets.choice(string.digits) for _ in range(count))


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    file.touch(mode=0o600, exist_ok=True)
    file.chmod(0o600)
    file.write_text(text, encoding="utf-8")
