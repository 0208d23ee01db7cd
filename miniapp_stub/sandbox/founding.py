"""What an organisation is issued once by DingTalk and WeCom, and who belongs to it from the first day."""

import secrets
import string
from collections.abc import Callable

from miniapp_stub.sandbox.issuing import digits
from miniapp_stub.sandbox.store import Store

TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS organisation_people (kind TEXT NOT NULL, userid TEXT NOT NULL, "
        "unionid TEXT NOT NULL, name TEXT NOT NULL, mobile TEXT NOT NULL, member INTEGER NOT NULL DEFAULT 1, "
        "PRIMARY KEY (kind, userid)) STRICT"
    ),
    (
        "CREATE TABLE IF NOT EXISTS organisation_codes (code TEXT PRIMARY KEY, kind TEXT NOT NULL, "
        "scene TEXT NOT NULL, userid TEXT NOT NULL, issued_at REAL NOT NULL, used_at REAL) STRICT"
    ),
    (
        "CREATE TABLE IF NOT EXISTS organisation_tokens (token TEXT PRIMARY KEY, kind TEXT NOT NULL, userid TEXT, "
        "issued_at REAL NOT NULL, expires_at REAL NOT NULL) STRICT"
    ),
)
# Invented people. The last of each kind belongs to another organisation.
FOUNDERS = {
    "dingtalk": (
        ("4801520013", "陈立群", 1),
        ("4801520027", "林晓岚", 1),
        ("4801520088", "吴佩珊", 1),
        ("900001", "外单位访客", 0),
    ),
    "wecom": (("LinXiaolan", "林晓岚", 1), ("LiangMinyi", "梁敏仪", 1), ("WaiDanWei", "外单位访客", 0)),
}


def found(store: Store) -> None:
    """Issue ids and secrets, and let the first members join; what is there stays."""
    for statement in TABLES:
        store.run(statement)
    for name, fresh in ISSUED.items():
        if not store.setting(name, ""):
            store.keep(name, fresh())
    for kind, people in FOUNDERS.items():
        for userid, name, member in people:
            joined(store, kind, userid=userid, name=name, member=bool(member))


def settings_for_the_office(store: Store, *, base_url: str) -> dict[str, str]:
    """The settings the office needs to sign its staff in here, by their environment names."""
    return {
        "HANDHELD_DINGTALK_API_URL": base_url,
        "HANDHELD_DINGTALK_OAPI_URL": base_url,
        "HANDHELD_DINGTALK_LOGIN_URL": base_url,
        "HANDHELD_DINGTALK_CORP_ID": store.setting("dingtalk_corp_id"),
        "HANDHELD_DINGTALK_APP_KEY": store.setting("dingtalk_app_key"),
        "HANDHELD_DINGTALK_APP_SECRET": store.setting("dingtalk_app_secret"),
        "HANDHELD_WECOM_API_URL": base_url,
        "HANDHELD_WECOM_SCAN_URL": base_url,
        "HANDHELD_WECOM_AUTHORISE_URL": base_url,
        "HANDHELD_WECOM_CORP_ID": store.setting("wecom_corp_id"),
        "HANDHELD_WECOM_AGENT_ID": store.setting("wecom_agent_id"),
        "HANDHELD_WECOM_SECRET": store.setting("wecom_secret"),
    }


def joined(store: Store, kind: str, *, userid: str, name: str, member: bool) -> None:
    store.run(
        "INSERT INTO organisation_people VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (kind, userid) DO UPDATE SET name = excluded.name, member = excluded.member",
        kind,
        userid,
        secrets.token_urlsafe(16),
        name,
        f"1990000{digits(4)}",
        int(member),
    )


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))


ISSUED: dict[str, Callable[[], str]] = {
    "dingtalk_corp_id": lambda: f"ding{secrets.token_hex(16)}",
    "dingtalk_app_key": lambda: f"ding{_letters(16).lower()}",
    "dingtalk_app_secret": lambda: _letters(64),
    "wecom_corp_id": lambda: f"ww{secrets.token_hex(8)}",
    "wecom_agent_id": lambda: f"1000{digits(3)}",
    "wecom_secret": lambda: _letters(43),
}
