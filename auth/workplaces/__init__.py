"""The workplace apps staff can sign in with."""

from auth.workplaces.config import WorkplaceSettings
from auth.workplaces.dingtalk import DingTalk
from auth.workplaces.errors import WorkplaceNotOffered
from auth.workplaces.messages import WorkMessenger
from auth.workplaces.wecom import WeCom
from kit.config import BadConfiguration, current

_open: dict[tuple[str, ...], WorkMessenger] = {}


def offered() -> list[WorkMessenger]:
    """Those the office is connected to."""
    settings = current(WorkplaceSettings)
    found: list[WorkMessenger] = []
    if settings.dingtalk_app_key:
        key = ("dingtalk", settings.dingtalk_api_url, settings.dingtalk_oapi_url, settings.dingtalk_app_key)
        found.append(_open.get(key) or _open.setdefault(key, DingTalk(settings)))
    if settings.wecom_corp_id:
        key = ("wecom", settings.wecom_api_url, settings.wecom_corp_id, settings.wecom_agent_id)
        found.append(_open.get(key) or _open.setdefault(key, WeCom(settings)))
    return found


def workplace(kind: str) -> WorkMessenger:
    """Raises WorkplaceNotOffered."""
    for one in offered():
        if one.kind == kind:
            return one
    raise WorkplaceNotOffered


def messengers() -> list[WorkMessenger]:
    """Those that can carry a work message."""
    settings = current(WorkplaceSettings)
    return [one for one in offered() if one.kind != "dingtalk" or settings.dingtalk_agent_id]


def refuse_half_set() -> None:
    """A workplace is offered with everything it needs, or not at all. Raises BadConfiguration naming the setting."""
    settings = current(WorkplaceSettings)
    if settings.dingtalk_app_key:
        _need(settings, "dingtalk_corp_id", str(settings.dingtalk_corp_id))
        _need(settings, "dingtalk_app_secret", settings.dingtalk_app_secret.get_secret_value())
    if settings.wecom_corp_id:
        _need(settings, "wecom_agent_id", settings.wecom_agent_id)
        _need(settings, "wecom_secret", settings.wecom_secret.get_secret_value())


def _need(_: WorkplaceSettings, name: str, value: str) -> None:
    if not value:
        raise BadConfiguration(f"HANDHELD_{name.upper()} must be set where its workplace is offered")
