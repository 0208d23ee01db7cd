"""Public answers: read by everybody, voted on, proposed and reviewed by staff."""

import json

from starlette.responses import Response

from auth.callers import path_of, who_is
from auth.reading import let_read
from auth.rights import Thing, may
from chat.access import readable
from kit import audit, clock
from kit.errors import FieldError, Forbidden, InvalidRequest, NotFound, NotSignedIn
from kit.reach import Reach
from kit.texts import text
from kit.web import Call, get, post
from mobileapi.answers import answers, desk, schemas
from mobileapi.answers.answers import Draft
from mobileapi.answers.finding import SURE, Found
from mobileapi.answers.shelf import Answers, item_name, print_once
from mobileapi.answers.shelf import answers as published
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import current_guide
from mobileapi.catalogue.shelf import Printed, look_again

DESK = {"clerk", "supervisor"}
REACH: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}
CITIZEN = frozenset({"citizen"})


async def list_answers(call: Call, query: schemas.AnswersQuery) -> Response:
    """Published answers of an item, or those that meet a question; 304 when the reader already has them."""
    held = await published()
    key = f"{query.item}\0{query.q}\0{query.limit}"
    told = held.printed.get(key) or await _print(held, query, key=key)
    headers = {"etag": told.etag, "cache-control": "no-cache"}
    tags = [tag.strip().removeprefix("W/") for tag in call.request.headers.get("if-none-match", "").split(",")]
    if told.etag in tags or tags == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(told.body, media_type="application/json", headers=headers)


async def _print(held: Answers, query: schemas.AnswersQuery, *, key: str) -> Printed:
    if query.q.strip():
        found = held.finder.find(query.q, item=query.item, most=query.limit)
    else:
        found = [Found(one, 0.0) for one in held.of_item(query.item or "")[: query.limit]]
    views = [await _shown(one) for one in found]
    body = json.dumps({"items": [view.model_dump(mode="json") for view in views]}, ensure_ascii=False)
    return print_once(held, key, body.encode())


async def _shown(found: Found) -> schemas.PublicAnswer:
    one = found.answer
    name = await item_name(one.item) or text(one.item)
    return schemas.PublicAnswer(
        id=one.id, item=schemas.NamedItem(code=one.item, name=name), question=one.question, answer=one.answer,
        guide_version=one.guide_version, stale=one.stale, reviewed_at=clock.city_time(one.reviewed_at),
        sure=found.share >= SURE,
    )  # fmt: skip


async def cast_vote(call: Call, body: schemas.CastVote) -> None:
    """Say whether an answer helped; once a person, or a device of who is not signed in."""
    await answers.vote(call.path_id("id"), voter=await _voter(call, body.device), helpful=body.helpful)


async def _voter(call: Call, device: str) -> str:
    try:
        return (await call.sign_in_needed(roles=CITIZEN)).name
    except (NotSignedIn, Forbidden):
        if len(device) < 16:
            missing = text("缺少设备标识", "The device must be named")
            raise InvalidRequest(errors=[FieldError(field="device", code="missing", detail=missing)]) from None
        return f"device:{device}"


async def look_at_draft(call: Call, body: schemas.Propose) -> schemas.LookView:
    """How a draft would be kept, and what would be removed of it; nothing is written."""
    guide = await _allowed(call, body)
    looked = await answers.looked_at(_draft(body), guide)
    return schemas.LookView.model_validate(looked, from_attributes=True)


async def propose_answer(call: Call, body: schemas.Propose) -> schemas.DeskAnswer:
    """Propose an answer for everybody; it tells what was removed of it, this once."""
    await _allowed(call, body)
    made, removed = await answers.propose(_draft(body), by=call.actor.id)
    shown = await desk.shown(call.actor, made.id)
    shown.removed = [schemas.RemovedView.model_validate(one, from_attributes=True) for one in removed]
    return shown


async def _allowed(call: Call, body: schemas.Propose) -> Guide:
    """The item's guide, when the item is the caller's and so is the conversation. Raises NotFound."""
    _, guide = await current_guide(body.item)
    path = await path_of(guide.regions[0])
    if not may(await who_is(call.actor), Thing("answer", department=guide.department, item=body.item, path=path)):
        raise NotFound
    if body.conversation is not None:
        talk = await readable(call.actor, body.conversation)
        await let_read(call.actor, talk.citizen_id)  # type: ignore[attr-defined]
        await audit.record(  # what is removed tells whether a name was the right one
            actor=call.actor.name, action="consultation.answer_drafted", subject=f"consultation:{talk.id}",
            purpose="public answer",
        )  # fmt: skip
    return guide


def _draft(body: schemas.Propose) -> Draft:
    return Draft(body.item, body.question, body.answer, body.cites, body.conversation)


async def list_desk_answers(call: Call, query: schemas.DeskAnswersQuery) -> schemas.DeskAnswers:
    items, more = await desk.page_of(call.actor, state=query.state, limit=query.limit, cursor=query.cursor)
    return schemas.DeskAnswers(items=items, next_cursor=more)


async def read_desk_answer(call: Call) -> schemas.DeskAnswer:
    return await desk.shown(call.actor, (await desk.desk_answer(call.actor, call.path_id("id"))).id)


async def review_answer(call: Call, body: schemas.Review) -> schemas.DeskAnswer:
    """Another person publishes it, mends and publishes it, or refuses it with a reason."""
    found = await desk.desk_answer(call.actor, call.path_id("id"))
    await answers.review(
        found.id, by=call.actor.id, publish=body.publish, question=body.question, answer=body.answer, note=body.note,
        version=body.version,
    )  # fmt: skip
    look_again()
    return await desk.shown(call.actor, found.id)


async def withdraw_answer(call: Call, body: schemas.Withdraw) -> schemas.DeskAnswer:
    found = await desk.desk_answer(call.actor, call.path_id("id"))
    await answers.withdraw(found.id, by=call.actor.id, reason=body.reason, version=body.version)
    look_again()
    return await desk.shown(call.actor, found.id)


ROUTES = [
    get("/answers", list_answers, cost=2, public=True, answers=(schemas.PublicAnswers,), headers=("If-None-Match",)),
    post("/answers/{id}/votes", cast_vote, a_minute=60, public=True),
    get("/desk/answers", list_desk_answers, roles=DESK, reach=REACH),
    post("/desk/answers", propose_answer, cost=3, roles=DESK, reach=REACH, status=201),
    post("/desk/answers/look", look_at_draft, cost=3, roles=DESK, reach=REACH),
    get("/desk/answers/{id}", read_desk_answer, roles=DESK, reach=REACH),
    post("/desk/answers/{id}/review", review_answer, roles={"supervisor"}, reach="department"),
    post("/desk/answers/{id}/retraction", withdraw_answer, roles={"supervisor"}, reach="department"),
]
