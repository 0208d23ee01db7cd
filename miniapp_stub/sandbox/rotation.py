"""Public keys in rotation: the platform's new key beside the former one, until the former one ends.

Certificates rotate by themselves (`wechatpay.certificates`); this is for the keys a merchant downloads by hand: WeChat
Pay's public key with its id, and Alipay's.
"""

import zlib
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from miniapp_stub.sandbox import issuing
from miniapp_stub.sandbox.formers import former_alipay, settings_for_the_office
from miniapp_stub.sandbox.issuing import digits, write_private
from miniapp_stub.sandbox.world import World

FORMER_SHARE = "former_key_share"


def is_former(world: World, mark: str) -> bool:
    """Whether what bears this mark is still signed the former way: decided by the mark, so repeats stay alike."""
    share = float(world.store.setting(FORMER_SHARE, "0"))
    return zlib.crc32(f"former {mark}".encode()) % 1000 / 1000 < share


def alipay_signing_key(world: World, mark: str) -> RSAPrivateKey:
    former = former_alipay(world.store) if is_former(world, mark) else None
    return former or world.alipay.alipay_key


def rotate_wechat(world: World) -> str:
    """A new public key under a new id, the present one becomes the former; returns the new id."""
    store, key, pub_key_id = world.store, issuing.new_key(), f"PUB_KEY_ID_0{digits(27)}"
    with store.transaction():
        store.keep("former_pub_key_id", world.credentials.pub_key_id)
        store.keep("former_public_key_mode", issuing.private_pem(world.credentials.public_key_mode))
        store.keep("pub_key_id", pub_key_id)
        store.keep("public_key_mode", issuing.private_pem(key))
    world.credentials = replace(world.credentials, pub_key_id=pub_key_id, public_key_mode=key)
    write_private(Path(world.settings["HANDHELD_WECHATPAY_PLATFORM_KEY_FILE"]), issuing.public_pem(key.public_key()))
    _told(world, {"HANDHELD_WECHATPAY_PLATFORM_KEY_ID": pub_key_id})
    return pub_key_id


def rotate_alipay(world: World) -> None:
    """A new key of Alipay's; the present one becomes the former."""
    store, key = world.store, issuing.new_key()
    with store.transaction():
        store.keep("alipay_former_key", issuing.private_pem(world.alipay.alipay_key))
        store.keep("alipay_key", issuing.private_pem(key))
    world.alipay = replace(world.alipay, alipay_key=key)
    write_private(Path(world.settings["HANDHELD_ALIPAY_PUBLIC_KEY_FILE"]), issuing.public_pem(key.public_key()))
    _told(world, {})


def end_former(world: World, channel: str) -> bool:
    """The former key of the channel ends; False when there was none."""
    name = "alipay_former_key" if channel == "alipay" else "former_public_key_mode"
    lived = bool(world.store.setting(name, ""))
    world.store.keep(name, "")
    _told(world, {})
    return lived


def _told(world: World, changed: dict[str, str]) -> None:
    """Write the office's settings anew, in the running sandbox and in its folder."""
    names = ("HANDHELD_WECHATPAY_FORMER_PLATFORM_KEYS", "HANDHELD_ALIPAY_FORMER_PUBLIC_KEY_FILE")
    kept = {name: value for name, value in world.settings.items() if name not in names}
    world.settings = kept | changed | settings_for_the_office(world.store, data_dir=world.data_dir)
    world.write_settings()
