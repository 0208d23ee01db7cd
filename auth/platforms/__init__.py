"""The platforms citizens come from."""

from pathlib import Path

from auth.config import AuthSettings
from auth.errors import PlatformNotOffered
from auth.platforms.alipay import Alipay, keys_of
from auth.platforms.alipay_messages import AlipayMessages
from auth.platforms.base import Platform
from auth.platforms.messages import Messenger
from auth.platforms.wechat import WeChat
from auth.platforms.wechat_messages import WeChatMessages
from kit.config import current

_open: dict[tuple[str | Path | None, ...], Platform] = {}


def platform(name: str) -> Platform:
    """The platform of that name. Raises PlatformNotOffered."""
    settings = current(AuthSettings)
    if name == "wechat":
        key: tuple[str | Path | None, ...] = (name, settings.wechat_api_url, settings.wechat_app_id)
        return _open.get(key) or _open.setdefault(key, WeChat(settings))
    if name == "alipay" and settings.alipay_app_id:
        files = (settings.alipay_private_key_file, settings.alipay_public_key_file)
        key = (name, settings.alipay_gateway_url, settings.alipay_app_id, *files)
        return _open.get(key) or _open.setdefault(key, Alipay(settings))
    raise PlatformNotOffered


def messenger(name: str) -> Messenger:
    """Who carries messages of that platform. Raises PlatformNotOffered."""
    settings, found = current(AuthSettings), platform(name)
    if isinstance(found, WeChat):
        return WeChatMessages(found, state=settings.wechat_message_state)
    assert isinstance(found, Alipay)
    return AlipayMessages(found, not_granted=settings.alipay_message_refusals.split())


def refuse_half_set() -> None:
    """Alipay is offered with everything it needs, or not at all. Raises BadConfiguration naming the setting."""
    settings = current(AuthSettings)
    if settings.alipay_app_id:
        keys_of(settings)
