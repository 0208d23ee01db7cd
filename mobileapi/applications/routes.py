"""Cases, as a citizen begins, fills, files and follows them."""

from starlette.responses import Response

from auth.acting.standing import standing_for
from kit.web import Call, get, patch, post, put
from mobileapi.applications import drafts, submissions
from mobileapi.applications.access import own_application
from mobileapi.applications.desk import DESK_ROUTES
from mobileapi.applications.listed import list_json
from mobileapi.applications.mine import my_cases
from mobileapi.applications.models import Application
from mobileapi.applications.receipts import receipt_pdf
from mobileapi.applications.schemas import (
    AnswerCorrection,
    ApplicationList,
    ApplicationView,
    AttachUploads,
    BeginApplication,
    OwnCaseQuery,
    SaveApplication,
    SubmitApplication,
    WithdrawApplication,
)
from mobileapi.applications.views import application_view

CITIZEN = {"citizen"}


async def _shown(call: Call, case: Application, *, masked: bool = False) -> ApplicationView:
    return await application_view(case, reader=call.actor.name, language=call.language, masked=masked)


async def begin_application(call: Call, body: BeginApplication) -> ApplicationView:
    return await _shown(
        call,
        await drafts.begin(
            call.actor, item=body.item, region=body.region, answers=body.answers, on_behalf_of=body.on_behalf_of
        ),
    )


async def list_applications(call: Call, query: OwnCaseQuery) -> Response:
    whose, items = call.actor.id, None
    if query.on_behalf_of is not None and query.on_behalf_of != call.actor.id:
        principal = await standing_for(call.actor, query.on_behalf_of, doing="read")
        whose, items = principal.id, principal.mandate.items
    rows, more = await my_cases(whose, state=query.state, limit=query.limit, cursor=query.cursor, items=items)
    return Response(list_json(rows, more), media_type="application/json")


async def read_application(call: Call) -> ApplicationView:
    return await _shown(call, await own_application(call.actor, call.path_id("id")))


async def save_application(call: Call, body: SaveApplication) -> ApplicationView:
    case = await drafts.save(call.actor, call.path_id("id"), version=body.version, answers=body.answers, form=body.form)
    return await _shown(call, case)


async def attach_uploads(call: Call, body: AttachUploads) -> ApplicationView:
    case = await drafts.attach(call.actor, call.path_id("id"), call.path("material"), uploads=body.uploads)
    return await _shown(call, case)


async def submit_application(call: Call, body: SubmitApplication) -> ApplicationView:
    return await _shown(
        call, await submissions.submit(call.actor, call.path_id("id"), consent=body.consent), masked=True
    )


async def answer_correction(call: Call, body: AnswerCorrection) -> ApplicationView:  # noqa: ARG001 - an empty object
    return await _shown(call, await submissions.answer_correction(call.actor, call.path_id("id")), masked=True)


async def withdraw_application(call: Call, body: WithdrawApplication) -> ApplicationView:
    return await _shown(
        call, await submissions.withdraw(call.actor, call.path_id("id"), reason=body.reason), masked=True
    )


async def read_receipt(call: Call) -> Response:
    case = await own_application(call.actor, call.path_id("id"))
    pdf = await receipt_pdf(case)
    headers = {"content-disposition": f'inline; filename="{case.case_number}.pdf"', "cache-control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


ROUTES = [
    post("/applications", begin_application, roles=CITIZEN, reach="own", status=201),
    get("/applications", list_applications, roles=CITIZEN, reach="own", answers=(ApplicationList,)),
    get("/applications/{id}", read_application, roles=CITIZEN, reach="own"),
    patch("/applications/{id}", save_application, roles=CITIZEN, reach="own"),
    put(
        "/applications/{id}/materials/{material}",
        attach_uploads,
        roles=CITIZEN,
        reach="own",
        examples={"material": "photo"},
    ),
    post("/applications/{id}/submission", submit_application, roles=CITIZEN, reach="own", idempotent=True),
    post("/applications/{id}/correction", answer_correction, roles=CITIZEN, reach="own", idempotent=True),
    post("/applications/{id}/withdrawal", withdraw_application, roles=CITIZEN, reach="own", idempotent=True),
    get("/applications/{id}/receipt.pdf", read_receipt, cost=5, roles=CITIZEN, reach="own", media="application/pdf"),
    *DESK_ROUTES,
]
