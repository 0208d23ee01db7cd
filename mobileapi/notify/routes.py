"""Notices in the app, and those of staff in the console."""

from auth.roles import CITIZEN_ROLES, STAFF_ROLES
from kit.web import Call, PageQuery, get, post, put
from mobileapi.notify import desks, notices, ways
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


async def list_desk_notices(call: Call, query: PageQuery) -> NoticePage:
    """What one is told at the desk, the newest first, and how much is unread."""
    page = await desks.page_of(call.actor.id, limit=query.limit, cursor=query.cursor)
    return NoticePage(items=[NoticeView.of(row) for row in page.rows], unread=page.unread, next_cursor=page.next_cursor)


async def read_desk_notice(call: Call) -> None:
    """Mark one as read."""
    await desks.read(call.actor.id, call.path_id("id"))


async def read_desk_notices(call: Call) -> None:
    """Mark all as read."""
    await desks.read_all(call.actor.id)


ROUTES = [
    get("/me/notices", list_notices, roles=CITIZEN_ROLES, reach="own"),
    post("/me/notices/read", read_notices, roles=CITIZEN_ROLES, reach="own"),
    post("/me/notices/{id}/read", read_notice, roles=CITIZEN_ROLES, reach="own"),
    get("/me/message-grants", ways.list_grants, roles=CITIZEN_ROLES, reach="own"),
    post("/me/message-grants", ways.book_grants, roles=CITIZEN_ROLES, reach="own", idempotent=True),
    get("/me/notice-wishes", ways.list_wishes, roles=CITIZEN_ROLES, reach="own"),
    put("/me/notice-wishes/{topic}", ways.say_wish, roles=CITIZEN_ROLES, reach="own", examples={"topic": "answers"}),
    get("/desk/notices", list_desk_notices, roles=STAFF_ROLES, reach="own"),
    post("/desk/notices/read", read_desk_notices, roles=STAFF_ROLES, reach="own"),
    post("/desk/notices/{id}/read", read_desk_notice, roles=STAFF_ROLES, reach="own"),
]
