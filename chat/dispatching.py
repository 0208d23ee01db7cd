"""
Working off the queues, by as many processes at once as there are: each takes the first of another matter.

Within a matter the order of coming holds: who is second is not looked at while the first is in somebody's hands.
"""

from uuid import UUID

from auth.callers import who_is
from auth.rights import Values, condition
from chat import access, presence
from chat.assignment import route
from chat.conversations import locked, move, serve_queue_soon
from chat.errors import DeskFull, NobodyWaits
from chat.routing import Reason
from chat.states import ConversationState as S
from kit import audit, db
from kit.errors import Unavailable
from kit.web import Actor

MATTER = "concat_ws('|', {0}.item_code, {0}.department_code, {0}.region_code)"
FIRST = f"""
SELECT c.id, {MATTER.format("c")} AS matter, c.application IS NOT NULL AS has_case FROM chat_conversation c
WHERE c.state = 'queued' AND NOT (c.id = ANY ($1)) AND (c.application IS NOT NULL OR (
  NOT ({MATTER.format("c")} = ANY ($2)) AND NOT EXISTS (SELECT 1 FROM chat_conversation a WHERE a.state = 'queued'
    AND NOT (a.id = ANY ($1)) AND a.item_code IS NOT DISTINCT FROM c.item_code
    AND a.department_code IS NOT DISTINCT FROM c.department_code AND a.region_code = c.region_code
    AND (a.created_at, a.id) < (c.created_at, c.id))))
ORDER BY c.created_at, c.id LIMIT 1
"""  # noqa: S608 - our own words


async def dispatch(*, at_most: int = 200) -> int:
    """
    Somebody may have become free: the longest waiting of every matter are routed again; how many left their queue.

    Each in a transaction of its own. At first what another process has in hand is passed over; at the end it is waited
    for and looked at as well, because a clerk may have become free after the other one had looked. Where the first of a
    matter finds nobody, those behind it need not be looked at, unless they have a case of their own.
    """
    seen: list[UUID] = []
    stuck: list[str] = []
    moved = 0
    for waiting_for_others in (False, True):
        while len(seen) < at_most:
            try:
                step = await _first_routed(seen, stuck, patiently=waiting_for_others)
            except Unavailable:  # two waited for each other, and this one gave way: looked at again
                continue
            if step is None:
                break
            moved += step
    if len(seen) >= at_most:
        await serve_queue_soon()
    return moved


async def _first_routed(seen: list[UUID], stuck: list[str], *, patiently: bool) -> int | None:
    """Routes the first who was not seen yet: 1 when it left the queue, None when there is nobody."""
    async with db.transaction():
        rows = await db.fetch(FIRST if patiently else f"{FIRST} FOR UPDATE OF c SKIP LOCKED", seen, stuck)
        if not rows:
            return None
        conversation = await locked(rows[0]["id"])
        seen.append(conversation.id)
        if conversation.state != S.queued:
            return 0
        choice = await route(conversation, actor="system")
        if choice.to == "queue" and not conversation.tried and not rows[0]["has_case"]:
            stuck.append(rows[0]["matter"])
        return int(choice.to != "queue")


NEXT = """
SELECT c.id FROM chat_conversation c WHERE c.state = 'queued' AND ({seen})
  AND NOT EXISTS (SELECT 1 FROM chat_conversation a WHERE a.state = 'queued'
    AND (a.created_at, a.id) < (c.created_at, c.id) AND a.item_code IS NOT DISTINCT FROM c.item_code
    AND a.region_code = c.region_code AND a.department_code IS NOT DISTINCT FROM c.department_code)
ORDER BY c.created_at, c.id LIMIT 1
"""
TRIES = 20  # to find somebody nobody else takes at the same moment


async def take_next(actor: Actor) -> UUID:
    """
    "Next, please": the longest waiting of what is the clerk's to answer becomes theirs. Two who call at the same time
    are given two; of one matter the second waits until the first has theirs.

    Raises: NobodyWaits, DeskFull.
    """
    who, values = await who_is(actor), Values()
    sql = NEXT.format(seen=condition(who, "conversation", access.COLUMNS, values=values))
    for _ in range(TRIES):
        async with db.transaction():
            rows = await db.fetch(f"{sql} FOR UPDATE OF c SKIP LOCKED", *values.given)
            rows = rows or await db.fetch(sql, *values.given)
            if not rows:
                raise NobodyWaits
            conversation = await locked(rows[0]["id"])
            if conversation.state != S.queued:
                continue
            await make_sure_of_room(actor.id)
            await move(conversation, S.assigned, actor=actor.name, reason=Reason.taken, clerk=actor.id)
            await audit.record(actor=actor.name, action="consultation.taken", subject=f"consultation:{conversation.id}")
        return conversation.id
    raise NobodyWaits


async def make_sure_of_room(clerk: UUID) -> None:
    """The clerk's seat, held; who is not at a desk takes what they like. Raises DeskFull."""
    seat = await presence.hold(clerk)
    if seat is not None and seat.load >= seat.capacity:
        raise DeskFull
