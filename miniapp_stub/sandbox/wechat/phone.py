"""The phone number behind a button code."""

from typing import Any

from miniapp_stub.sandbox.clock import MINUTE
from miniapp_stub.sandbox.people import living_code, person, use_code
from miniapp_stub.sandbox.wechat.answers import Visit, WeChatError
from miniapp_stub.sandbox.wechat.tokens import check_token
from miniapp_stub.sandbox.world import World

CALLS_A_MINUTE = 5_000


def phone_number(visit: Visit) -> dict[str, Any]:
    """`POST /wxa/business/getuserphonenumber`.

    40029 for a used, old or login code and for a foreign openid, 40013 for another app's code.
    """
    check_token(visit)
    world, body = visit.world, visit.json()
    if not world.quotas.spend("phone", limit=CALLS_A_MINUTE, within_s=MINUTE):
        raise WeChatError(45011)
    code = living_code(world, str(body.get("code", "")), kind="phone")
    if code is None:
        raise WeChatError(40029)
    if code["appid"] != world.credentials.app_id:
        raise WeChatError(40013)
    if body.get("openid") not in (None, "", code["openid"]):
        raise WeChatError(40029)
    use_code(world, str(code["code"]))
    return {"errcode": 0, "errmsg": "ok", "phone_info": _phone_info(world, str(code["openid"]))}


def _phone_info(world: World, openid: str) -> dict[str, Any]:
    phone = str(person(world, openid)["phone"])
    return {
        "phoneNumber": phone,
        "purePhoneNumber": phone,
        "countryCode": "86",  # documented as a number, arrives as text
        "watermark": {"timestamp": int(world.clock.now()), "appid": world.credentials.app_id},
    }
