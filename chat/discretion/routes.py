"""Opening what was hidden; the list of words; how often abusive words were met."""

import json
from datetime import timedelta
from typing import Any

from asyncpg import Record

from auth.callers import who_is
from auth.reading import let_read, note_look
from auth.rights import Values, condition
from auth.staff import staff_member
from chat import access
from chat.discretion import lists, originals
from chat.discretion.models import ListedWord, WordChange
from chat.discretion.schemas import (
    AbuseQuery,
    AbuseRow,
    AbuseView,
    AskForWord,
    DecideWord,
    UnmaskedText,
    UnmaskMessage,
    WordChangeView,
    WordsView,
    WordView,
)
from kit import audit, clock, db
from kit.errors import NotFound
from kit.texts import Text
from kit.web import Call, get, post

KEEPERS = {"supervisor", "admin"}
HIDES_IN_S = 60  # a face takes it away again
LATEST = 50


async def unmask_message(call: Call, body: UnmaskMessage) -> UnmaskedText:
    """A message as it was written, for a stated reason (personal information protection law art. 6 and 51)."""
    found = await access.in_hand(call.actor, call.path_id("id"))
    await let_read(call.actor, found.citizen_id)  # type: ignore[attr-defined]
    async with db.transaction():
        text = await originals.opened(await _body_of(call, body))
        if text is None:
            raise NotFound
        await audit.record(
            actor=call.actor.name, action="personal_data.unmasked", subject=f"consultation:{found.id}", field="message",
            message=call.path("number"), reason=body.reason, **({"note": str(body.note)} if body.note else {}),
        )  # fmt: skip
    return UnmaskedText(text=text, hides_in_s=HIDES_IN_S)


# As it reads today: of what was edited the latest words, nothing of what was taken back.
MESSAGE = """
SELECT coalesce(x.body, m.body) FROM chat_message m
LEFT JOIN chat_message o ON o.conversation_id = m.conversation_id
  AND o.seq = CASE WHEN m.kind = 'edit' THEN (m.body->>'of')::bigint END
LEFT JOIN chat_message x ON x.conversation_id = m.conversation_id AND x.seq = coalesce(o.changed, m.changed)
WHERE m.conversation_id = $1 AND m.seq = $2
"""
NOTE = "SELECT body FROM chat_note WHERE conversation_id = $1 AND after_seq = $2 AND id = $3"


async def _body_of(call: Call, body: UnmaskMessage) -> dict[str, Any]:
    """Raises NotFound."""
    conversation, number = call.path_id("id"), call.path("number")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise NotFound
    found = (
        await db.fetch_value(NOTE, conversation, int(number), body.note)
        if body.note
        else await db.fetch_value(MESSAGE, conversation, int(number))
    )
    if found is None:
        raise NotFound
    told: dict[str, Any] = json.loads(found)
    return told


async def list_words(call: Call) -> WordsView:
    words = await ListedWord.all().order_by("use", "squeezed")
    waiting = await WordChange.filter(state="asked").order_by("asked_at")
    decided = await WordChange.exclude(state="asked").order_by("-decided_at").limit(LATEST)
    version = await db.fetch_value("SELECT version FROM discretion_version")
    return WordsView(
        version=version,
        words=[WordView(word=w.word, use=w.use, strict=w.strict, since=w.since) for w in words],
        changes=[_shown(change, call) for change in [*waiting, *decided]],
    )


async def ask_for_word(call: Call, body: AskForWord) -> WordChangeView:
    person = await staff_member(call.actor.id)
    wish = lists.Wish(body.act, body.word, use=body.use, strict=body.strict, reason=body.reason)
    return _shown(await lists.ask(wish, by=person.id, name=person.name), call)


async def decide_word(call: Call, body: DecideWord) -> WordChangeView:
    person = await staff_member(call.actor.id)
    return _shown(await lists.decide(call.path_id("id"), approve=body.approve, by=person.id, name=person.name), call)


def _shown(change: WordChange, call: Call) -> WordChangeView:
    return WordChangeView(
        id=change.id, act=change.act, word=change.word, use=change.use, strict=change.strict, reason=change.reason,
        state=change.state, asked_name=change.asked_name, asked_at=change.asked_at,
        mine=change.asked_by == call.actor.id, decided_name=change.decided_name, decided_at=change.decided_at,
    )  # fmt: skip


ABUSE = """
SELECT c.id, c.item_name, c.department_name, s.name AS clerk, sum(o.times) AS times, count(*) AS messages,
  max(o.at) AS last_at
FROM discretion_original o JOIN chat_conversation c ON c.id = o.conversation_id
LEFT JOIN auth_staff_member s ON s.id = c.clerk_id
WHERE o.side = 'citizen' AND o.times > 0 AND o.at > $1 AND {seen}
  AND EXISTS (SELECT 1 FROM chat_message m WHERE m.conversation_id = c.id AND m.body ->> 'original' = o.id::text)
GROUP BY c.id, s.name ORDER BY last_at DESC LIMIT 200
"""


async def list_abuse(call: Call, query: AbuseQuery) -> AbuseView:
    """Conversations a supervisor watches over in which citizens' words were hidden, and how many."""
    values = Values([clock.now() - timedelta(days=query.days)])
    seen = condition(await who_is(call.actor), "conversation", access.COLUMNS, values=values)
    rows = await db.fetch(ABUSE.format(seen=seen), *values.given)
    await note_look(call.actor, "abuse", purpose="supervision", days=str(query.days))
    return AbuseView(items=[_row(row) for row in rows], times=sum(row["times"] for row in rows))


def _row(row: Record) -> AbuseRow:
    return AbuseRow(
        conversation=row["id"], item=_text(row["item_name"]), department=_text(row["department_name"]),
        clerk=row["clerk"], times=row["times"], messages=row["messages"], last_at=row["last_at"],
    )  # fmt: skip


def _text(value: str | None) -> Text | None:
    return Text.model_validate(json.loads(value)) if value else None


ROUTES = [
    post(
        "/consultations/{id}/messages/{number}/unmask", unmask_message, roles={"clerk", "supervisor"},
        reach={"clerk": "desk", "supervisor": "department"}, examples={"number": "1"},
    ),
    get("/words", list_words, roles=KEEPERS, reach="all"),
    post("/words/changes", ask_for_word, roles=KEEPERS, reach="all", status=201),
    post("/words/changes/{id}/decision", decide_word, roles=KEEPERS, reach="all"),
    get("/words/abuse", list_abuse, roles={"supervisor"}, reach="department"),
]  # fmt: skip
