"""Helps for trying the office out. In demo mode and to loopback only; elsewhere these paths do not exist."""

import json
from typing import Any, Literal

from pydantic import Field

from auth.models import PlatformIdentity
from kit.config import current
from kit.edge import is_near
from kit.errors import Conflict, NotFound
from kit.outbound import outside
from kit.texts import text
from kit.web import Call, Shape, View, get, post
from mobileapi.demo.accounts import DemoAccounts, accounts
from mobileapi.settings import OfficeSettings
from payments.access import own_order


class SandboxRefused(Conflict):
    code = "sandbox_refused"
    title = text("模拟平台拒绝了此操作", "The platform sandbox refused this")


class WhoTaps(Shape):
    phone: str | None = Field(None, pattern=r"^1\d{10}$")
    openid: str | None = Field(None, max_length=128)


class OneTapCodes(View):
    platform: str
    openid: str
    login_code: str
    phone_code: str


class PayOrder(Shape):
    order: str = Field(max_length=64)
    outcome: Literal["pay", "cancel"] = "pay"


class SheetAnswered(Shape):
    platform: Literal["wechat", "alipay"]
    templates: dict[str, Literal["accept", "reject", "ban", "filter"]] = Field(min_length=1, max_length=3)


class Paid(View):
    transaction_id: str | None


async def list_accounts(call: Call) -> DemoAccounts:
    """Who can be tried."""
    refuse_strangers(call)
    return accounts()


async def one_tap_codes(call: Call, body: WhoTaps) -> OneTapCodes:
    """What the phone's platform would hand to the mini-app: a login code and a phone code."""
    refuse_strangers(call)
    person = next((c for c in accounts().citizens if c.phone == body.phone or c.openid == body.openid), None)
    if person is None:
        raise NotFound
    codes = await ask_sandbox("/_sandbox/codes", {"openid": person.openid})
    return OneTapCodes(platform=person.platform, openid=person.openid, **codes)


async def pay(call: Call, body: PayOrder) -> Paid:
    """Plays the platform's cashier (模拟收银台): pays the caller's own order as the caller."""
    refuse_strangers(call)
    order = await own_order(call.actor, body.order)
    if body.outcome == "cancel":
        return Paid(transaction_id=None)
    identity = await PlatformIdentity.filter(citizen_id=call.actor.id, platform=order.channel).first()
    prepared = order.prepay or {}
    what: dict[str, Any] = {name: prepared[name] for name in ("prepay_id", "trade_no", "code_url") if name in prepared}
    answer = await ask_sandbox("/_sandbox/pay", what | ({"openid": identity.open_id} if identity else {}))
    return Paid(transaction_id=answer["transaction_id"])


async def answer_sheet(call: Call, body: SheetAnswered) -> None:
    """Plays the phone's sheet about subscription messages (模拟): the platform is told what the caller answered."""
    refuse_strangers(call)
    identity = await PlatformIdentity.filter(citizen_id=call.actor.id, platform=body.platform).first()
    if identity is None:
        raise NotFound
    await ask_sandbox("/_sandbox/subscriptions", {"openid": identity.open_id, "templates": body.templates})


def refuse_strangers(call: Call) -> None:
    """Raises NotFound unless this is a demonstration and the caller sits at this machine."""
    if not current(OfficeSettings).demo or not is_near(call.request.scope, this_machine=True):
        raise NotFound


async def ask_sandbox(path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await outside().call(
        "POST",
        accounts().sandbox + path,
        headers={"content-type": "application/json"},
        content=json.dumps(body).encode(),
    )
    told: dict[str, Any] = json.loads(answer.body)
    if answer.status >= 400:
        raise SandboxRefused(text(str(told.get("message") or told.get("detail") or told)))
    return told


ROUTES = [
    post("/demo/one-tap-codes", one_tap_codes, cost=5, public=True),
    post("/demo/subscriptions", answer_sheet, cost=5, roles={"citizen"}, reach="own"),
    post("/demo/pay", pay, cost=5, roles={"citizen"}, reach="own"),
]
OUTSIDE = [get("/demo/accounts", list_accounts, public=True)]
