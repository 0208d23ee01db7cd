"""Notices: in the copy of one's data, and gone with the account."""

from typing import Any

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept
from kit import clock, db
from kit.texts import text
from mobileapi.notify.models import Asked, Grant, Notice, Preference

NOTICES = text("通知", "Notices")
WHY = text("告知办理进度与账号变动", "To tell you what happens to your matters and account")
KEPT_FOR = text("注销账号为止", "Until the account is closed")
WISHES = text("消息提醒的选择与剩余次数", "Which messages you allowed, and how many are left")
WHY_WISHES = text("只按您允许的方式和次数提醒", "To tell you only by the ways and as often as you allowed")
KEPT = tuple(
    Kept(table, NOTICES, WHY, "PIPL 13(1)(3), 17", KEPT_FOR, "deleted")
    for table in ("notify_notice", "notify_delivery")
) + tuple(
    Kept(table, WISHES, WHY_WISHES, "PIPL 13(1)(1)", KEPT_FOR, "deleted")
    for table in ("notify_grant", "notify_asked", "notify_preference", "notify_text_budget")
)


async def about(person: Citizen) -> list[Chapter]:
    rows = await Notice.filter(citizen=person.id).order_by("created_at")
    records = [
        {"kind": n.kind, "text": n.text, "at": str(clock.city_time(n.created_at)), "read_at": str(n.read_at or "")}
        for n in rows
    ]
    return [Chapter("notices", NOTICES, records), Chapter("reminders", WISHES, await _allowed(person))]


async def _allowed(person: Citizen) -> list[dict[str, Any]]:
    said = await Asked.filter(citizen=person.id).order_by("at")
    asked = [
        {"platform": a.platform, "topic": a.topic, "answer": a.answer, "at": str(clock.city_time(a.at))} for a in said
    ]
    wished = [
        {"topic": w.topic, "messages": w.messages, "texts": w.texts} for w in await Preference.filter(citizen=person.id)
    ]
    return asked + wished + await _granted(person)


async def _granted(person: Citizen) -> list[dict[str, Any]]:
    rows = await Grant.filter(identity__citizen_id=person.id).order_by("granted_at")
    return [{"topic": g.topic, "state": g.state, "granted_at": str(clock.city_time(g.granted_at))} for g in rows]


async def forget(person: Citizen) -> list[str]:
    own = "(SELECT id FROM notify_notice WHERE citizen = $1)"
    await db.execute(f"DELETE FROM notify_delivery WHERE notice_id IN {own}", person.id)  # noqa: S608 - our own text
    for table in ("notify_notice", "notify_asked", "notify_preference", "notify_text_budget"):
        await db.execute(f"DELETE FROM {table} WHERE citizen = $1", person.id)  # noqa: S608 - our own text
    identities = "(SELECT id FROM auth_platform_identity WHERE citizen_id = $1)"
    await db.execute(f"DELETE FROM notify_grant WHERE identity_id IN {identities}", person.id)  # noqa: S608 - as above
    return []


CONTRIBUTOR = Contributor("mobileapi.notify", KEPT, about, forget)
