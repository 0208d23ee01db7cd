"""
The doors the channels knock on. Only the signature over the raw bytes counts, whoever else the caller claims to be.

Each channel is answered as it wants to be: WeChat Pay with a status, Alipay with the seven bytes `success`. Anything
else makes it tell us again.
"""

import asyncio
from collections.abc import Mapping

from asyncpg import LockNotAvailableError, PostgresConnectionError
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kit import clock
from kit.errors import HouseError, NotFound, Unavailable, UnsupportedMedia
from kit.log import logger
from kit.web import Call, post
from payments import notices
from payments.channels import offered
from payments.channels.alipay import Alipay
from payments.channels.wechatpay import WechatPay

log = logger("payments")
NOTICE_CAP = 64 * 1024
NOTICE_DEADLINE_S = 2.8  # a channel counts an answer after some seconds as none; ours comes before
MEDIA: Mapping[str, str] = {"wechat": "application/json", "alipay": "application/x-www-form-urlencoded"}


async def receive_wechatpay(call: Call) -> Response:
    """A notice of WeChat Pay. 204 once it is settled; anything else makes WeChat Pay repeat it."""
    error = await _taken_in(call, "wechat")
    if error is None:
        return Response(status_code=204)
    return JSONResponse({"code": "FAIL", "message": error.title.zh}, status_code=error.status)


async def receive_alipay(call: Call) -> Response:
    """A notice of Alipay, a form. `success` once it is settled; anything else makes Alipay repeat it for a day."""
    error = await _taken_in(call, "alipay")
    return PlainTextResponse(b"success") if error is None else PlainTextResponse(b"failure", error.status)


async def _taken_in(call: Call, channel: str) -> HouseError | None:
    """None when the notice is settled for good, or why it is not."""
    started = clock.now()
    try:
        if channel not in offered():
            raise NotFound
        if call.request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA[channel]:
            raise UnsupportedMedia
        content = await call.request.body()
        async with asyncio.timeout(NOTICE_DEADLINE_S):
            await notices.receive(channel, dict(call.request.headers), content=content)
    except HouseError as error:
        return error
    except (LockNotAvailableError, PostgresConnectionError, OSError, TimeoutError) as error:
        waited = round((clock.now() - started).total_seconds(), 1)
        log.warning("notice_later", channel=channel, why=type(error).__name__, waited_s=waited)
        return Unavailable()
    return None


OUTSIDE = [
    post(WechatPay.callback_path, receive_wechatpay, cost=0, public=True, reach="holder", body_cap=NOTICE_CAP),
    post(Alipay.callback_path, receive_alipay, cost=0, public=True, reach="holder", body_cap=NOTICE_CAP),
]
