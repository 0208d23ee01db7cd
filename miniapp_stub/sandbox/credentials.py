"""What a merchant console issues once: app, merchant number, keys; and the file the office reads them from."""

import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from miniapp_stub.sandbox import issuing
from miniapp_stub.sandbox.clock import DAY
from miniapp_stub.sandbox.issuing import digits, write_private
from miniapp_stub.sandbox.store import Store

CERTIFICATE_LIFE_S = 5 * 365 * DAY
MERCHANT_KEY_FILE = "apiclient_key.pem"
MERCHANT_CERTIFICATE_FILE = "apiclient_cert.pem"
PLATFORM_KEY_FILE = "pub_key.pem"
CREDENTIALS_FILE = "credentials.env"


@dataclass(frozen=True)
class Credentials:
    """The platform's side of the secrets. `public_key_mode` signs for clients that name `pub_key_id`."""

    app_id: str
    app_secret: str
    mch_id: str
    serial_no: str
    merchant_key: rsa.RSAPublicKey
    api_v3_key: str
    pub_key_id: str
    public_key_mode: rsa.RSAPrivateKey


def open_credentials(store: Store, data_dir: Path) -> Credentials:
    """Read the credentials kept in the store; issue them on the first start, and again what was deleted by hand."""
    with store.transaction():
        for name, fresh in _ISSUED.items():
            if not store.setting(name, ""):
                store.keep(name, fresh())
        merchant_key = _merchant_key(store, data_dir / MERCHANT_KEY_FILE)
        write_private(data_dir / MERCHANT_CERTIFICATE_FILE, store.setting("merchant_certificate"))
    public_key_mode = issuing.load_private(store.setting("public_key_mode"))
    write_private(data_dir / PLATFORM_KEY_FILE, issuing.public_pem(public_key_mode.public_key()))
    return Credentials(
        app_id=store.setting("app_id"),
        app_secret=store.setting("app_secret"),
        mch_id=store.setting("mch_id"),
        serial_no=store.setting("serial_no"),
        merchant_key=merchant_key,
        api_v3_key=store.setting("api_v3_key"),
        pub_key_id=store.setting("pub_key_id"),
        public_key_mode=public_key_mode,
    )


def settings_for_the_office(credentials: Credentials, *, data_dir: Path, base_url: str) -> dict[str, str]:
    """The settings the office needs to talk to this sandbox, by their environment names."""
    return {
        "HANDHELD_WECHAT_API_URL": base_url,
        "HANDHELD_WECHAT_APP_ID": credentials.app_id,
        "HANDHELD_WECHAT_APP_SECRET": credentials.app_secret,
        "HANDHELD_WECHATPAY_API_URL": base_url,
        "HANDHELD_WECHATPAY_MCH_ID": credentials.mch_id,
        "HANDHELD_WECHATPAY_SERIAL_NO": credentials.serial_no,
        "HANDHELD_WECHATPAY_PRIVATE_KEY_FILE": str(data_dir / MERCHANT_KEY_FILE),
        "HANDHELD_WECHATPAY_API_V3_KEY": credentials.api_v3_key,
        "HANDHELD_WECHATPAY_PLATFORM_KEY_FILE": str(data_dir / PLATFORM_KEY_FILE),
        "HANDHELD_WECHATPAY_PLATFORM_KEY_ID": credentials.pub_key_id,
    }


def write_settings(settings: dict[str, str], data_dir: Path) -> Path:
    """Write `credentials.env`, one NAME=value a line; returns its path."""
    file = data_dir / CREDENTIALS_FILE
    write_private(file, "".join(f"{name}={value}\n" for name, value in settings.items()))
    return file


def _merchant_key(store: Store, file: Path) -> rsa.RSAPublicKey:
    """The merchant holds the private key; the sandbox keeps the public half, and issues anew when the file is gone."""
    kept = store.setting("merchant_public_key", "")
    if kept and file.exists():
        return issuing.load_public(kept)
    key, serial_no, now = issuing.new_key(), issuing.new_serial(), time.time()
    certificate = issuing.certificate_pem(
        key, serial_no=serial_no, name="Demonstration merchant", valid=(now - DAY, now + CERTIFICATE_LIFE_S)
    )
    store.keep("serial_no", serial_no)
    store.keep("merchant_public_key", issuing.public_pem(key.public_key()))
    store.keep("merchant_certificate", certificate)
    write_private(file, issuing.private_pem(key))
    return key.public_key()


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))


_ISSUED: dict[str, Callable[[], str]] = {
    "app_id": lambda: f"wx{secrets.token_hex(8)}",
    "app_secret": lambda: secrets.token_hex(16),
    "mch_id": lambda: f"16{digits(8)}",
    "api_v3_key": lambda: _letters(32),
    "pub_key_id": lambda: f"PUB_KEY_ID_0{digits(27)}",
    "public_key_mode": lambda: issuing.private_pem(issuing.new_key()),
}
