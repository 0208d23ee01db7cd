"""Dues over HTTP: how an amount came about, applications of payers, and the desk of the department that is paid."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from auth.callers import who_is
from auth.models import Department
from auth.rights import Columns, Values, condition
from kit import clock, db
from kit.cursors import end_of, place_in
from kit.errors import Forbidden
from kit.texts import Text
from kit.web import Call, get, post, uploaded_file
from payments.access import desk_bill, own_bill
from payments.bills import NewLine
from payments.dues import amendments, fees, issuing, notice, rules
from payments.dues.access import desk_amendment, own_amendment
from payments.dues.amendments import Proposal
from payments.dues.effects import Terms
from payments.dues.fees import NewFee
from payments.dues.issuing import FeeWish, Wish
from payments.dues.models import Amendment
from payments.dues.schemas import (
    AmendmentDesk,
    AmendmentPage,
    AmendmentQuery,
    AmendmentView,
    AmountLine,
    ApproveAmendment,
    AskAmendment,
    DeskBill,
    DeskBillPage,
    DeskBills,
    DuesView,
    EndStay,
    ExamineAmendment,
    FeeLine,
    FeeList,
    FeesQuery,
    FeeView,
    ImportQuery,
    ImportView,
    IssueBill,
    IssuedView,
    ProblemView,
    ProposeAmendment,
    RefuseAmendment,
    RuleList,
    RuleView,
    SetFee,
    TermsShape,
)
from payments.dues.states import OPEN, AmendmentKind
from payments.dues.views import amendment_shown, amendments_shown, desk_bill_shown, dues_shown
from payments.models import Bill
from payments.schemas import DepartmentView, Nothing
from payments.views import bills_shown

IMPORT_CAP = 2 * 1024 * 1024
MOST_PROBLEMS = 200
DECIDES = frozenset({"supervisor", "finance"})
COLUMNS = Columns(department="b.department_id", lies_in=lambda region: f"{region} = ''")  # where its department is


async def read_dues(call: Call) -> DuesView:
    """How what is due came about, line by line; the plan and the applications about it."""
    bill = await own_bill(call.actor, call.path_id("id"))
    return await dues_shown(bill, reader=call.actor.id, desk=False)


async def read_notice(call: Call) -> Response:
    """The notice (缴款通知) to print, with the code to pay by."""
    return _paper(await notice.pdf(await own_bill(call.actor, call.path_id("id"))))


async def ask_amendment(call: Call, body: AskAmendment) -> AmendmentView:
    """The payer asks to pay later, in parts, or less (penalty law art. 66)."""
    bill = await own_bill(call.actor, call.path_id("id"))
    made = await amendments.ask(
        call.actor, bill.id, kind=AmendmentKind(body.kind), wish=_terms(body.wish), reason=body.reason
    )
    return amendment_shown(made, reader=call.actor.id, desk=False)


async def take_back(call: Call, body: Nothing) -> AmendmentView:  # noqa: ARG001 - an empty body
    """The payer thinks better of it."""
    found = await own_amendment(call.actor, call.path_id("id"))
    return amendment_shown(await amendments.take_back(call.actor, found.id), reader=call.actor.id, desk=False)


async def list_desk_bills(call: Call, query: DeskBills) -> DeskBillPage:
    """The bills the caller's department issued, the latest first."""
    after = place_in("desk bills", query.cursor, datetime, UUID)
    found = await _desk_bills(call, query, after=after)
    page, more = found[: query.limit], len(found) > query.limit
    cursor = end_of("desk bills", page[-1].issued_at, page[-1].id) if more else None
    return DeskBillPage(items=await bills_shown(page), next_cursor=cursor)


async def _desk_bills(call: Call, query: DeskBills, *, after: tuple[datetime, UUID] | None) -> list[Bill]:
    values = Values()
    wanted = [condition(await who_is(call.actor), "bill", COLUMNS, values=values)]
    if query.state == "overdue":
        wanted.append(f"b.state = 'unpaid' AND b.due_on < {values.add(clock.today())}")
    elif query.state != "all":
        wanted.append(f"b.state = {values.add(query.state)}")
    if query.q:
        wanted.append(f"starts_with(b.payment_code, {values.add(query.q)})")
    if after is not None:
        wanted.append(f"(b.issued_at, b.id) < ({values.add(after[0])}, {values.add(after[1])})")
    rows = await db.fetch(
        f"SELECT b.id FROM payments_bill b WHERE {' AND '.join(wanted)} "  # noqa: S608 - conditions of our own
        f"ORDER BY b.issued_at DESC, b.id DESC LIMIT {query.limit + 1}",
        *values.given,
    )
    ids = [row["id"] for row in rows]
    found = {bill.id: bill for bill in await Bill.filter(id__in=ids).select_related("department")}
    return [found[id_] for id_ in ids]


async def read_desk_bill(call: Call) -> DeskBill:
    """A bill of the department, with all that was asked for and decided about it."""
    bill = await desk_bill(call.actor, call.path_id("id"))
    return await desk_bill_shown(bill, reader=call.actor.id, may_decide=bool(DECIDES & call.actor.roles))


async def read_desk_notice(call: Call) -> Response:
    """The notice to print and serve."""
    return _paper(await notice.pdf(await desk_bill(call.actor, call.path_id("id"))))


async def issue_bill(call: Call, body: IssueBill) -> IssuedView:
    """Issues a bill of the caller's department."""
    department = await _department(call)
    bill = await issuing.issue_one(call.actor, _wish(body, department=department))
    return IssuedView(id=bill, payment_code=(await Bill.get(id=bill).only("payment_code")).payment_code)


def _wish(body: IssueBill, *, department: str) -> Wish:
    return Wish(
        department=department, kind=body.kind, title=body.title.model_dump(), income_item_code=body.income_item.code,
        income_item_name=body.income_item.name.model_dump(), legal_basis=body.legal_basis.model_dump(),
        payer_name=body.payer.name, payer_id_number=body.payer.id_number, payer_phone=body.payer.phone,
        lines=[_line(line) for line in body.lines], payment_code=body.payment_code, received_on=body.received_on,
        due_on=body.due_on, surcharge_rule=body.surcharge, note=body.note.model_dump() if body.note else None,
        replaces=body.replaces,
    )  # fmt: skip


def _line(line: AmountLine | FeeLine) -> NewLine | FeeWish:
    if isinstance(line, FeeLine):
        return FeeWish(line.fee, line.quantity)
    return NewLine(line.name.model_dump(), line.amount_fen, line.basis.model_dump(), line.explanation.model_dump())


async def import_bills(call: Call, query: ImportQuery) -> ImportView:
    """Issues the bills of a CSV file (part `file`); every row at fault is told with its line."""
    content = await uploaded_file(call, "file", cap=IMPORT_CAP)
    report = await issuing.import_file(
        call.actor, content, department=await _department(call), dry_run=query.dry_run, keep_going=query.keep_going
    )
    return ImportView(
        imported=report.imported, unchanged=report.unchanged, dry_run=report.dry_run,
        problems=[ProblemView(line=p.line, what=p.what) for p in report.problems[:MOST_PROBLEMS]],
        problems_in_all=len(report.problems),
    )  # fmt: skip


async def propose_amendment(call: Call, body: ProposeAmendment) -> AmendmentView:
    """A clerk proposes a change unasked: of terms, of days, or to take the bill back."""
    bill = await desk_bill(call.actor, call.path_id("id"))
    proposal = Proposal(AmendmentKind(body.kind), _terms(body.terms), body.basis)
    made = await amendments.propose(call.actor, bill.id, proposal=proposal, reason=body.reason)
    return amendment_shown(made, reader=call.actor.id, desk=True)


async def end_stay(call: Call, body: EndStay) -> DeskBill:
    """The review or lawsuit is over."""
    bill = await desk_bill(call.actor, call.path_id("id"))
    await amendments.end_stay(call.actor, bill.id, last_day=body.last_day)
    return await read_desk_bill(call)


async def list_amendments(call: Call, query: AmendmentQuery) -> AmendmentPage:
    """What waits to be examined or decided, the oldest first; or what was decided, the latest first."""
    after, values = place_in("amendments", query.cursor, datetime, UUID), Values()
    wanted = [condition(await who_is(call.actor), "bill", COLUMNS, values=values)]
    is_open = query.state == "open"
    wanted.append(f"{'' if is_open else 'NOT '}(a.state = ANY ({values.add([str(s) for s in OPEN])}::text[]))")
    if after is not None:
        sign = ">" if is_open else "<"
        wanted.append(f"(a.asked_at, a.id) {sign} ({values.add(after[0])}, {values.add(after[1])})")
    way = "ASC" if is_open else "DESC"
    rows = await db.fetch(
        "SELECT a.id FROM dues_amendment a JOIN payments_bill b ON b.id = a.bill_id "  # noqa: S608 - our own
        f"WHERE {' AND '.join(wanted)} ORDER BY a.asked_at {way}, a.id {way} LIMIT {query.limit + 1}",
        *values.given,
    )
    ids = [row["id"] for row in rows]
    found = {one.id: one for one in await Amendment.filter(id__in=ids).select_related("bill")}
    page, more = [found[id_] for id_ in ids[: query.limit]], len(ids) > query.limit
    cursor = end_of("amendments", page[-1].asked_at, page[-1].id) if more else None
    return AmendmentPage(items=await amendments_shown(page, reader=call.actor.id), next_cursor=cursor)


async def examine_amendment(call: Call, body: ExamineAmendment) -> AmendmentDesk:
    """A clerk puts terms and ground to an application; another person decides."""
    found = await desk_amendment(call.actor, call.path_id("id"))
    return await _again(
        call, await amendments.examine(call.actor, found.id, terms=_terms(body.terms), basis=body.basis)
    )


async def approve_amendment(call: Call, body: ApproveAmendment) -> AmendmentDesk:
    """The second person agrees to the proposal they read, and the bill changes."""
    found = await desk_amendment(call.actor, call.path_id("id"))
    return await _again(call, await amendments.approve(call.actor, found.id, proposed_at=body.proposed_at))


async def refuse_amendment(call: Call, body: RefuseAmendment) -> AmendmentDesk:
    """It is refused, with the reason."""
    found = await desk_amendment(call.actor, call.path_id("id"))
    return await _again(call, await amendments.refuse(call.actor, found.id, why=body.why))


async def _again(call: Call, amendment: Amendment) -> AmendmentDesk:
    found = await Amendment.get(id=amendment.id).select_related("bill")
    return (await amendments_shown([found], reader=call.actor.id))[0]


async def list_fees(call: Call, query: FeesQuery) -> FeeList:  # noqa: ARG001 - as handlers are called
    """What is charged today, for everybody to read: the published table, with the ground of each fee."""
    rows = await fees.charged(query.department, on=clock.today())
    departments = await Department.in_bulk({row["department_id"] for row in rows}, "code")
    return FeeList(
        items=[
            FeeView(
                department=DepartmentView(
                    code=row["department_id"], name=Text.model_validate(departments[row["department_id"]].name)
                ),
                code=row["code"], name=Text.model_validate_json(row["name"]), amount_fen=row["amount_fen"],
                unit=Text.model_validate_json(row["unit"]), basis=Text.model_validate_json(row["basis"]),
                since=row["since"], income_item_code=row["income_item_code"],
                income_item_name=Text.model_validate_json(row["income_item_name"]),
            )
            for row in rows
        ]
    )  # fmt: skip


async def set_fee(call: Call, body: SetFee) -> Response:
    """From a day to come on the department charges another price, or none."""
    new = NewFee(
        await _department(call), body.code, body.since, body.amount_fen, body.unit, body.name, body.basis,
        body.income_item.code, body.income_item.name,
    )  # fmt: skip
    await fees.set_fee(call.actor, new)
    return Response(status_code=204)


async def list_rules(call: Call) -> RuleList:  # noqa: ARG001 - as handlers are called
    """Every version of every surcharge rule, the latest first."""
    return RuleList(
        items=[
            RuleView(
                code=t.code, since=t.since, per_day=t.per_cent, cap_per_cent=t.cap_per_cent, name=t.name, basis=t.basis
            )
            for t in await rules.known()
        ]
    )


async def _department(call: Call) -> str:
    """Raises Forbidden for somebody of no department."""
    who = await who_is(call.actor)
    if not who.department:
        raise Forbidden
    return who.department


def _terms(shape: TermsShape) -> Terms:
    return Terms(**shape.__dict__)


def _paper(content: bytes) -> Response:
    return Response(content, media_type="application/pdf", headers={"cache-control": "private, no-store"})


CLERKS, DECIDERS = {"clerk", "finance"}, set(DECIDES)
DESK = CLERKS | DECIDERS
ROUTES = [
    get("/bills/{id}/dues", read_dues, roles={"citizen"}, reach="own"),
    get("/bills/{id}/notice.pdf", read_notice, cost=5, roles={"citizen"}, reach="own", media="application/pdf"),
    post("/bills/{id}/amendments", ask_amendment, cost=5, roles={"citizen"}, reach="own", status=201, idempotent=True),
    post("/amendments/{id}/withdrawal", take_back, roles={"citizen"}, reach="own", idempotent=True),
    get("/fees", list_fees, public=True, reach="public"),
    get("/surcharge-rules", list_rules, public=True, reach="public"),
    get("/desk/bills", list_desk_bills, roles=DESK, reach="department"),
    post("/desk/bills", issue_bill, cost=5, roles=CLERKS, reach="department", status=201, idempotent=True),
    post("/desk/bills/import", import_bills, cost=20, roles=CLERKS, reach="department", body_cap=IMPORT_CAP + 65536),
    get("/desk/bills/{id}", read_desk_bill, roles=DESK, reach="department"),
    get("/desk/bills/{id}/notice.pdf", read_desk_notice, cost=5, roles=DESK, reach="department",
        media="application/pdf"),
    post("/desk/bills/{id}/amendments", propose_amendment, roles=DESK, reach="department", status=201, idempotent=True),
    post("/desk/bills/{id}/stay-end", end_stay, roles=CLERKS, reach="department"),
    get("/desk/amendments", list_amendments, roles=DESK, reach="department"),
    post("/desk/amendments/{id}/proposal", examine_amendment, roles=CLERKS, reach="department"),
    post("/desk/amendments/{id}/approval", approve_amendment, roles=DECIDERS, reach="department", idempotent=True),
    post("/desk/amendments/{id}/refusal", refuse_amendment, roles=DECIDERS, reach="department", idempotent=True),
    post("/desk/fees", set_fee, roles={"finance"}, reach="department", status=204),
]  # fmt: skip
