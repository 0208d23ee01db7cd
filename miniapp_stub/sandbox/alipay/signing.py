"""RSA2 and the sealing of phone numbers. Pure functions over text and bytes; nothing here knows people."""

import base64
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7

ZERO_IV = bytes(16)


def request_text(parameters: Mapping[str, str]) -> bytes:
    """What a request is signed over: every parameter but `sign` and empty ones, by name, values as they were meant.

    `sign_type` is part of it (in notices it is not).
    """
    kept = sorted((name, value) for name, value in parameters.items() if name != "sign" and value)
    return "&".join(f"{name}={value}" for name, value in kept).encode()


def notice_text(fields: Mapping[str, str]) -> bytes:
    """What a notice is signed over: as a request, but `sign_type` is left out too."""
    return request_text({name: value for name, value in fields.items() if name != "sign_type"})


def sign(text: bytes, key: RSAPrivateKey) -> str:
    """RSASSA-PKCS1-v1_5 with SHA-256, base64."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def verifies(text: bytes, signature: str, *, key: RSAPublicKey) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_answer(node: str, content: bytes, *, key: RSAPrivateKey) -> bytes:
    """The whole answer: the signature covers `content` to the byte, as it stands between the two names."""
    return b'{"%s":%s,"sign":"%s"}' % (node.encode(), content, sign(content, key).encode())


def seal(plain: bytes, *, aes_key: str) -> str:
    """AES-128-CBC with PKCS#7 under a vector of zeros, base64; the key comes as base64. Equal texts seal alike."""
    padder = PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    cipher = Cipher(algorithms.AES(base64.b64decode(aes_key)), modes.CBC(ZERO_IV)).encryptor()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def sealed_text_signature(sealed: str, *, key: RSAPrivateKey) -> str:
    """A sealed text is signed with its quotation marks around it."""
    return sign(f'"{sealed}"'.encode(), key)
