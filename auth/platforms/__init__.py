"""The platforms citizens come from."""

from auth.config import AuthSettings
from auth.errors import PlatformNotOffered
from auth.platforms.base import Platform
from auth.platforms.wechat import WeChat
from kit.config import current

_open: dict[tuple[str, str, str], Platform] = {}


def platform(name: str) -> Platform:
    """The platform of that name. Raises PlatformNotOffered."""
    if name != "wechat":
        raise PlatformNotOffered
    settings = current(AuthSettings)
    key = (name, settings.wechat_api_url, settings.wechat_app_id)
    if key not in _open:
        _open[key] = WeChat(settings)
    return _open[key]
