"""Notices: in the copy of one's data, and gone with the account."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept
from kit import clock, db
from kit.texts import text
from mobileapi.notify.models import Notice

NOTICES = text("通知", "Notices")
WHY = text("告知办理进度与账号变动", "To tell you what happens to your matters and account")
KEPT_FOR = text("注销账号为止", "Until the account is closed")
KEPT = tuple(
    Kept(table, NOTICES, WHY, "PIPL 13(1)(3), 17", KEPT_FOR, "deleted")
    for table in ("notify_notice", "notify_delivery")
)


async def about(person: Citizen) -> list[Chapter]:
    rows = await Notice.filter(citizen=person.id).order_by("created_at")
    records = [
        {"kind": n.kind, "text": n.text, "at": str(clock.city_time(n.created_at)), "read_at": str(n.read_at or "")}
        for n in rows
    ]
    return [Chapter("notices", NOTICES, records)]


async def forget(person: Citizen) -> list[str]:
    own = "(SELECT id FROM notify_notice WHERE citizen = $1)"
    await db.execute(f"DELETE FROM notify_delivery WHERE notice_id IN {own}", person.id)  # noqa: S608 - our own text
    await db.execute("DELETE FROM notify_notice WHERE citizen = $1", person.id)
    return []


CONTRIBUTOR = Contributor("mobileapi.notify", KEPT, about, forget)
