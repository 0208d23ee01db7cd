"""The channels this office takes money through."""

from collections.abc import Callable

from kit.config import current
from kit.errors import NotFound
from kit.texts import text
from payments.channels.alipay import Alipay
from payments.channels.base import PaymentChannel
from payments.channels.wechatpay import WechatPay
from payments.config import PaymentSettings

CHANNELS: dict[str, Callable[[PaymentSettings], PaymentChannel]] = {"wechat": WechatPay, "alipay": Alipay}
NAMES = {"wechat": text("微信支付", "WeChat Pay"), "alipay": text("支付宝", "Alipay")}
_made: dict[str, tuple[PaymentSettings, PaymentChannel]] = {}


def offered() -> tuple[str, ...]:
    """The channels this office is connected to, by its settings."""
    settings = current(PaymentSettings)
    names = {"wechat": settings.wechatpay_mch_id, "alipay": settings.alipay_seller_id}
    return tuple(name for name, account in names.items() if account)


def channel(name: str) -> PaymentChannel:
    """The channel of that name under the settings of now. Raises NotFound, BadConfiguration."""
    settings = current(PaymentSettings)
    made = _made.get(name)
    if made is None or made[0] is not settings:
        if name not in CHANNELS:
            raise NotFound
        made = _made[name] = (settings, CHANNELS[name](settings))
    return made[1]
