"""What Alipay's console issues once for a mini program: app id, both key pairs' halves, the key of sealed content."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from miniapp_stub.sandbox import issuing
from miniapp_stub.sandbox.issuing import digits, write_private
from miniapp_stub.sandbox.store import Store

APP_KEY_FILE = "alipay_app_private_key.pem"
ALIPAY_KEY_FILE = "alipay_public_key.pem"
GATEWAY_PATH = "/gateway.do"


@dataclass(frozen=True)
class AlipayAccount:
    """Alipay's side of the secrets: checks requests with `app_key`, signs with `alipay_key`, seals with `aes_key`."""

    app_id: str
    app_key: rsa.RSAPublicKey
    alipay_key: rsa.RSAPrivateKey
    aes_key: str


def open_account(store: Store, data_dir: Path) -> AlipayAccount:
    """Read the account kept in the store; issue it on the first start, also over data of a time before Alipay."""
    with store.transaction():
        for name, fresh in _ISSUED.items():
            if not store.setting(name, ""):
                store.keep(name, fresh())
        app_key = _app_key(store, data_dir / APP_KEY_FILE)
    alipay_key = issuing.load_private(store.setting("alipay_key"))
    write_private(data_dir / ALIPAY_KEY_FILE, issuing.public_pem(alipay_key.public_key()))
    return AlipayAccount(store.setting("alipay_app_id"), app_key, alipay_key, store.setting("alipay_aes_key"))


def settings_for_the_office(account: AlipayAccount, *, data_dir: Path, base_url: str) -> dict[str, str]:
    """The settings the office needs to talk to this gateway, by their environment names."""
    return {
        "HANDHELD_ALIPAY_GATEWAY_URL": base_url + GATEWAY_PATH,
        "HANDHELD_ALIPAY_APP_ID": account.app_id,
        "HANDHELD_ALIPAY_PRIVATE_KEY_FILE": str(data_dir / APP_KEY_FILE),
        "HANDHELD_ALIPAY_PUBLIC_KEY_FILE": str(data_dir / ALIPAY_KEY_FILE),
        "HANDHELD_ALIPAY_AES_KEY": account.aes_key,
    }


def new_aes_key() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()


def _app_key(store: Store, file: Path) -> rsa.RSAPublicKey:
    """The office holds the private key; the sandbox keeps the public half, and issues anew when the file is gone."""
    kept = store.setting("alipay_app_public_key", "")
    if kept and file.exists():
        return issuing.load_public(kept)
    key = issuing.new_key()
    store.keep("alipay_app_public_key", issuing.public_pem(key.public_key()))
    write_private(file, issuing.private_pem(key))
    return key.public_key()


_ISSUED: dict[str, Callable[[], str]] = {
    "alipay_app_id": lambda: f"2021{digits(12)}",
    "alipay_key": lambda: issuing.private_pem(issuing.new_key()),
    "alipay_aes_key": new_aes_key,
}
