"""Notices in the app."""

from auth.roles import CITIZEN_ROLES
from kit.web import Call, PageQuery, get, post
from mobileapi.notify import notices
from mobileapi.notify.schemas import NoticePage, NoticeView


async def list_notices(call: Call, query: PageQuery) -> NoticePage:
    """One's own notices, the newest first, and how many are unread."""
    page = await notices.page_of(call.actor.id, limit=query.limit, cursor=query.cursor)
    return NoticePage(items=[NoticeView.of(row) for row in page.rows], unread=page.unread, next_cursor=page.next_cursor)


async def read_notice(call: Call) -> None:
    """Mark one as read."""
    await notices.read(call.actor.id, call.path_id("id"))


async def read_notices(call: Call) -> None:
    """Mark all as read."""
    await notices.read_all(call.actor.id)


ROUTES = [
    get("/me/notices", list_notices, roles=CITIZEN_ROLES, reach="own"),
    post("/me/notices/read", read_notices, roles=CITIZEN_ROLES, reach="own"),
    post("/me/notices/{id}/read", read_notice, roles=CITIZEN_ROLES, reach="own"),
]
