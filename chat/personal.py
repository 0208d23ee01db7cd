"""What consulting keeps of a person: told, and forgotten."""

import json
from collections.abc import Mapping

from asyncpg import Record

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, Matter
from chat.conversations import close
from chat.discretion import originals
from chat.models import Conversation, Rating
from chat.states import ConversationState
from kit import clock, db
from kit.texts import text

GROUND = "PIPL 13(1)(3), 34"
TALKS = text("咨询记录", "Consultations")
TO_ANSWER = text("答复咨询、监督服务", "To answer you and keep answers honest")
KEPT_FOR = text("注销账号为止；办理痕迹 3 年", "Until the account is closed; traces 3 years")

KEPT = tuple(
    Kept(table, TALKS, TO_ANSWER, GROUND, KEPT_FOR, at_closure)  # type: ignore[arg-type]  # a literal of the row
    for table, at_closure in (
        ("chat_conversation", "pseudonymised"),
        ("chat_message", "deleted"),
        ("chat_note", "deleted"),
        ("chat_mark", "kept"),
        ("chat_conversation_change", "pseudonymised"),
        ("chat_inquiry", "kept"),
        ("chat_wait", "kept"),
        ("chat_rating", "pseudonymised"),
        ("discretion_original", "deleted"),
    )
)


async def about(person: Citizen) -> list[Chapter]:
    talks = await Conversation.filter(citizen_id=person.id).order_by("created_at")
    return [Chapter("consultations", TALKS, [await _talk(talk) for talk in talks])]


SAID = (
    "SELECT sender_role, kind, body, at, recalled FROM chat_message_shown "
    "WHERE conversation_id = $1 AND kind NOT IN ('edit', 'recall') ORDER BY seq"
)


def _words(message: Record, own: Mapping[str, str]) -> object:
    """The latest text, one's own as it was written; of what was recalled, that it was."""
    body = json.loads(message["body"])
    return "[已撤回]" if message["recalled"] else own.get(body.get("original")) or body.get("text") or body


async def _talk(talk: Conversation) -> dict[str, object]:
    messages = await db.fetch(SAID, talk.id)
    own = await originals.of_citizen(talk.id)
    rating = await Rating.get_or_none(conversation_id=talk.id)
    return {
        "item": talk.item_name,
        "office": talk.department_name,
        "state": talk.state,
        "at": str(clock.city_time(talk.created_at)),
        "rating": rating and {"level": rating.level, "text": rating.comment},
        "messages": [
            {"from": m["sender_role"], "kind": m["kind"], "text": _words(m, own), "at": str(clock.city_time(m["at"]))}
            for m in messages
        ],
    }


async def matters(person: Citizen) -> list[Matter]:
    count = await Conversation.filter(citizen_id=person.id).exclude(state=ConversationState.closed).count()
    title = text("未结束的咨询：注销时自动结束", "Open consultations: they are closed with the account")
    return [Matter("consultations_open", title, blocks=False, count=count, link="pages/messages")]


EMPTYING = (  # the words go; the place in the sequence stays
    (
        'UPDATE chat_message SET body = \'{"text": "", "deleted": true}\'::jsonb'
        " || jsonb_strip_nulls(jsonb_build_object('of', body->'of'))"
    ),
    'UPDATE chat_note SET body = \'{"text": "", "deleted": true}\'::jsonb',
    "UPDATE chat_conversation_change SET note = ''",
    "UPDATE chat_rating SET comment = ''",
)
OF_THE_PERSON = "(SELECT id FROM chat_conversation WHERE citizen_id = $1)"


async def forget(person: Citizen) -> list[str]:
    for talk in await Conversation.filter(citizen_id=person.id).exclude(state=ConversationState.closed):
        await close(talk.id, actor="system", reason="account closed")
    await originals.forget(person.id)
    for change in EMPTYING:
        await db.execute(f"{change} WHERE conversation_id IN {OF_THE_PERSON}", person.id)
    return []


async def subjects(person: Citizen) -> list[str]:
    ids = await Conversation.filter(citizen_id=person.id).values_list("id", flat=True)
    return [f"{kind}:{id_}" for id_ in ids for kind in ("consultation", "conversation")]


CONTRIBUTOR = Contributor("chat", KEPT, about, forget, matters=matters, subjects=subjects)
