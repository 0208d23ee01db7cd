"""Former keys of the platforms, kept while they rotate, and the files the office reads them from."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from miniapp_stub.sandbox import issuing
from miniapp_stub.sandbox.issuing import write_private
from miniapp_stub.sandbox.store import Store

WECHAT_FORMER_FILE, ALIPAY_FORMER_FILE = "pub_key_former.pem", "alipay_former_public_key.pem"


def former_wechat(store: Store) -> tuple[str, RSAPrivateKey] | None:
    """Id and key of WeChat Pay's former public-key mode, while it lives."""
    kept = store.setting("former_public_key_mode", "")
    return (store.setting("former_pub_key_id"), issuing.load_private(kept)) if kept else None


def former_alipay(store: Store) -> RSAPrivateKey | None:
    kept = store.setting("alipay_former_key", "")
    return issuing.load_private(kept) if kept else None


def settings_for_the_office(store: Store, *, data_dir: Path) -> dict[str, str]:
    """The former keys' files and settings, while there are any."""
    settings = {}
    if (wechat := former_wechat(store)) is not None:
        write_private(data_dir / WECHAT_FORMER_FILE, issuing.public_pem(wechat[1].public_key()))
        settings["HANDHELD_WECHATPAY_FORMER_PLATFORM_KEYS"] = f"{wechat[0]}={data_dir / WECHAT_FORMER_FILE}"
    if (alipay := former_alipay(store)) is not None:
        write_private(data_dir / ALIPAY_FORMER_FILE, issuing.public_pem(alipay.public_key()))
        settings["HANDHELD_ALIPAY_FORMER_PUBLIC_KEY_FILE"] = str(data_dir / ALIPAY_FORMER_FILE)
    return settings
