"""Public answers at the desk: which of them somebody may see, and how they are shown."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from auth.callers import who_is
from auth.rights import Columns, Thing, Who, condition, may
from auth.rights import Values as Parameters
from kit import clock, db
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.texts import text
from kit.web import Actor
from mobileapi.answers.models import Answer
from mobileapi.answers.schemas import DeskAnswer, NamedItem, PersonView
from mobileapi.answers.shelf import read
from mobileapi.answers.states import WORDS
from mobileapi.answers.states import AnswerState as S
from mobileapi.catalogue.items import names_of

COLUMNS = Columns(
    holders=("a.proposed_by",), department="a.department_code", item="a.item_code",
    lies_in=lambda region: f"{region} = ''",  # nowhere but where its department is
)  # fmt: skip

LISTED = """
SELECT a.*, i.version AS current, p.name AS proposer, r.name AS reviewer,
  (SELECT count(*) FROM answers_vote v WHERE v.answer_id = a.id AND v.helpful) AS helpful,
  (SELECT count(*) FROM answers_vote v WHERE v.answer_id = a.id AND NOT v.helpful) AS unhelpful
FROM answers_answer a JOIN catalogue_item i ON i.code = a.item_code
LEFT JOIN auth_staff_member p ON p.id = a.proposed_by LEFT JOIN auth_staff_member r ON r.id = a.reviewed_by
WHERE {wanted} ORDER BY a.proposed_at DESC, a.id DESC LIMIT $1
"""


def thing_of(found: Answer) -> Thing:
    """What the rules ask about an answer; it lies where its department is."""
    return Thing(
        "answer", holders=frozenset({found.proposed_by}), department=found.department_code, item=found.item_code
    )


async def desk_answer(actor: Actor, id: UUID) -> Answer:  # noqa: A002 - of the answer
    """One's own proposal, or of one's department. Raises NotFound."""
    found = await Answer.get_or_none(id=id)
    if found is None or not may(await who_is(actor), thing_of(found)):
        raise NotFound
    return found


async def shown(actor: Actor, id: UUID) -> DeskAnswer:  # noqa: A002
    rows = await db.fetch(LISTED.format(wanted="a.id = $2"), 1, id)
    return (await _views(list(rows), await who_is(actor)))[0]


async def page_of(actor: Actor, *, state: str, limit: int, cursor: str | None) -> tuple[list[DeskAnswer], str | None]:
    """What somebody may see of one state, the newest proposals first. `stale` are published ones."""
    who, after = await who_is(actor), place_in("answers", cursor, datetime, UUID) or (None, None)
    values = Parameters([limit + 1, "published" if state == "stale" else state, *after])
    seen = condition(who, "answer", COLUMNS, values=values)
    wanted = f"a.state = $2 AND ($3::timestamptz IS NULL OR (a.proposed_at, a.id) < ($3, $4::uuid)) AND {seen}"
    if state == "stale":
        wanted += f" AND a.id = ANY ({values.add([one.id for one in await read() if one.stale])})"
    rows = list(await db.fetch(LISTED.format(wanted=wanted), *values.given))
    page = rows[:limit]
    more = end_of("answers", page[-1]["proposed_at"], page[-1]["id"]) if len(rows) > limit else None
    return await _views(page, who), more


async def _views(rows: list[Any], who: Who) -> list[DeskAnswer]:
    names = await names_of({row["item_code"] for row in rows})
    stale = {one.id for one in await read() if one.stale}
    return [_view(row, names=names, stale=row["id"] in stale, who=who) for row in rows]


def _view(row: Any, *, names: dict[str, Any], stale: bool, who: Who) -> DeskAnswer:
    state, reviewer = S(row["state"]), row["reviewed_by"]
    return DeskAnswer(
        id=row["id"], item=NamedItem(code=row["item_code"], name=names.get(row["item_code"]) or text(row["item_code"])),
        question=row["question"], answer=row["answer"], cites=json.loads(row["cites"]), state=state,
        state_text=WORDS[state], stale=stale, guide_version=row["guide_version"], current_version=row["current"],
        proposed_by=PersonView(id=row["proposed_by"], name=row["proposer"] or ""),
        proposed_at=clock.city_time(row["proposed_at"]),
        reviewed_by=PersonView(id=reviewer, name=row["reviewer"] or "") if reviewer else None,
        reviewed_at=clock.city_time(row["reviewed_at"]) if row["reviewed_at"] else None, note=row["note"],
        helpful=row["helpful"], unhelpful=row["unhelpful"], version=row["version"],
        actions=_actions(state, who, proposer=row["proposed_by"], stale=stale),
    )  # fmt: skip


def _actions(state: S, who: Who, *, proposer: UUID, stale: bool) -> list[Any]:
    """What this person may do about it now; only a supervisor, and never about an own proposal."""
    if "supervisor" not in who.roles:
        return []
    mine = proposer == who.id
    offered = ["review"] if not mine and (state == S.proposed or (state == S.published and stale)) else []
    return [*offered, *(["withdraw"] if state == S.published else [])]
