"""What the phone hands the app: an authorisation code (my.getAuthCode) and a sealed number (my.getPhoneNumber)."""

import hashlib

from miniapp_stub.sandbox.alipay.account import new_aes_key
from miniapp_stub.sandbox.alipay.signing import seal, sealed_text_signature
from miniapp_stub.sandbox.people import mint_code, person
from miniapp_stub.sandbox.wire import json_bytes
from miniapp_stub.sandbox.world import World


def hand_over(world: World, *, openid: str, appid: str | None = None, bare: bool = False) -> dict[str, str]:
    """`login_code`, single use, five minutes; `phone_code`, the JSON text of the sealed number.

    Nothing at the platform voids a sealed number, so each carries the moment it was sealed at, in milliseconds, by
    which the app can tell a new one from an old one. `bare` leaves it out, and then the text of a number is always the
    same. Another `appid` hands over what belongs to another app: its code, and a number under its content key.
    """
    foreign = appid not in (None, world.alipay.app_id)
    return {
        "login_code": mint_code(world, kind="login", openid=openid, appid=appid or world.alipay.app_id),
        "phone_code": _sealed_number(world, openid, foreign=foreign, bare=bare),
    }


def _sealed_number(world: World, openid: str, *, foreign: bool, bare: bool) -> str:
    account = world.alipay
    clear = {"code": "10000", "msg": "Success", "mobile": str(person(world, openid)["phone"])}
    stamp = {} if bare else {"timestamp": _unused_moment(world, openid)}
    sealed = seal(json_bytes(clear | stamp), aes_key=new_aes_key() if foreign else account.aes_key)
    text = {"response": sealed, "sign": sealed_text_signature(sealed, key=account.alipay_key)}
    return json_bytes(text | {"sign_type": "RSA2", "encrypt_type": "AES", "charset": "UTF-8"}).decode()


def _unused_moment(world: World, openid: str) -> int:
    """Milliseconds of signature time; the next free one when this person's number was sealed in this one already."""
    moment = int(world.clock.signing_now() * 1000)
    while not world.store.run(
        "INSERT INTO codes (code, kind, openid, appid, issued_at) VALUES (?, 'phone', ?, ?, ?) ON CONFLICT DO NOTHING",
        hashlib.sha256(f"{openid} {moment}".encode()).hexdigest(),
        openid,
        world.alipay.app_id,
        moment / 1000,
    ):
        moment += 1
    return moment
