"""What the consoles of the platforms issue: the ids of approved templates. And the tables messages are kept in."""

import secrets

from miniapp_stub.sandbox.issuing import digits
from miniapp_stub.sandbox.messages.templates import TEMPLATES, Template
from miniapp_stub.sandbox.store import Store

TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS subscriptions (openid TEXT NOT NULL, template_id TEXT NOT NULL, "
        "credits INTEGER NOT NULL CHECK (credits >= 0), PRIMARY KEY (openid, template_id)) STRICT"
    ),
    (
        "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, number TEXT NOT NULL, platform TEXT NOT NULL, "
        "recipient TEXT NOT NULL, template_id TEXT NOT NULL, title TEXT NOT NULL, page TEXT NOT NULL, "
        "content TEXT NOT NULL, at REAL NOT NULL) STRICT"
    ),
)
# Which of the office's words stand in which field: set where the template is chosen.
WORDS = {
    ("wechat", "answers"): "thing1=subject thing2=hint time3=at",
    ("wechat", "cases"): "thing1=subject character_string2=number phrase3=state time4=at",
    ("wechat", "bills"): "thing1=subject phrase2=state date3=day",
    ("alipay", "answers"): "keyword1=subject keyword2=hint keyword3=at",
    ("alipay", "cases"): "keyword1=subject keyword2=number keyword3=state",
    ("alipay", "bills"): "keyword1=subject keyword2=state keyword3=day",
}


def found(store: Store) -> None:
    """Make the tables, and issue an id to every template; what is there stays."""
    for statement in TABLES:
        store.run(statement)
    for template in TEMPLATES:
        if not store.setting(_name(template), ""):
            fresh = secrets.token_urlsafe(32)[:43] if template.platform == "wechat" else secrets.token_hex(16)
            store.keep(_name(template), fresh)
    if not store.setting("dingtalk_agent_id", ""):
        store.keep("dingtalk_agent_id", digits(9))


def settings_for_the_office(store: Store) -> dict[str, str]:
    """Template and mapping of each kind, and the number work messages of DingTalk are sent under."""
    told = {_setting(t): f"{store.setting(_name(t))} {WORDS[t.platform, t.kind]}" for t in TEMPLATES}
    return told | {"HANDHELD_DINGTALK_AGENT_ID": store.setting("dingtalk_agent_id")}


def template_by_id(store: Store, template_id: object, *, platform: str) -> Template | None:
    for template in TEMPLATES:
        if template.platform == platform and store.setting(_name(template)) == template_id:
            return template
    return None


def _setting(template: Template) -> str:
    return f"HANDHELD_{template.platform.upper()}_MESSAGE_{template.kind.upper()}"


def _name(template: Template) -> str:
    return f"template_{template.platform}_{template.kind}"
