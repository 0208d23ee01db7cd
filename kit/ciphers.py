"""
The two ciphers personal data may be sealed with: AES-256-GCM (NIST SP 800-38D) and SM4-GCM (GB/T 32907, RFC 8998).

Both are the library's own GCM. Nonces are 96 random bits, which holds for 2^32 sealings under one key (SP 800-38D
§8.3): change the key before that. SM4 takes 16 bytes; they are derived from the ring's 32 with HKDF over SM3, so that
one ring of keys serves both and no key is ever used by two ciphers.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE, TAG = 12, 16


@dataclass(frozen=True)
class Sealing:
    """`encrypt(key, plain, associated)` → nonce ‖ cipher text ‖ tag; `decrypt` raises InvalidTag."""

    version: int  # the first byte of what is sealed so
    encrypt: Callable[[bytes, bytes, bytes], bytes]
    decrypt: Callable[[bytes, bytes, bytes], bytes]


def _aes_encrypt(key: bytes, plain: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, associated)


def _aes_decrypt(key: bytes, rest: bytes, associated: bytes) -> bytes:
    return AESGCM(key).decrypt(rest[:NONCE], rest[NONCE:], associated)


def sm4_gcm(key: bytes, nonce: bytes, *, plain: bytes, associated: bytes) -> bytes:
    """Cipher text ‖ tag under a key of 16 bytes."""
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _sm4_encrypt(key: bytes, plain: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + sm4_gcm(_sm4_key(key), nonce, plain=plain, associated=associated)


def _sm4_decrypt(key: bytes, rest: bytes, associated: bytes) -> bytes:
    nonce, cipher_text, tag = rest[:NONCE], rest[NONCE:-TAG], rest[-TAG:]
    decryptor = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(associated)
    return decryptor.update(cipher_text) + decryptor.finalize()


@lru_cache(maxsize=16)
def _sm4_key(key: bytes) -> bytes:
    return HKDF(hashes.SM3(), length=16, salt=None, info=b"handheld field key sm4-gcm").derive(key)


CIPHERS = {
    "aes-gcm": Sealing(1, _aes_encrypt, _aes_decrypt),
    "sm4-gcm": Sealing(2, _sm4_encrypt, _sm4_decrypt),
}
BY_VERSION = {sealing.version: sealing for sealing in CIPHERS.values()}
NAMES = {sealing.version: name for name, sealing in CIPHERS.items()}
