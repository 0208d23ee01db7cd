"""The channels this office takes money through."""

from kit.config import current
from kit.errors import NotFound
from payments.channels.base import PaymentChannel
from payments.channels.wechatpay import WechatPay
from payments.config import PaymentSettings

CHANNELS = {"wechat": WechatPay}
_made: dict[str, tuple[PaymentSettings, PaymentChannel]] = {}


def channel(name: str) -> PaymentChannel:
    """The channel of that name under the settings of now. Raises NotFound, BadConfiguration."""
    settings = current(PaymentSettings)
    made = _made.get(name)
    if made is None or made[0] is not settings:
        if name not in CHANNELS:
            raise NotFound
        made = _made[name] = (settings, CHANNELS[name](settings))
    return made[1]
