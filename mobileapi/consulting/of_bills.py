"""Cards of bills. What is due is of today, whatever was due when the card was sent."""

from collections.abc import Sequence

from auth.citizens import citizen as citizen_of
from chat.cards import Asked
from kit.errors import NotFound
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.consulting.faces import Face, Maker, id_of, ids_of
from payments.access import desk_bill, own_bill
from payments.bills import belongs_to
from payments.models import Bill
from payments.states import PublicBillState
from payments.views import bills_shown

WORDS: dict[str, Text] = {
    PublicBillState.UNPAID: text("待缴", "To be paid"),
    PublicBillState.PAYING: text("支付确认中", "Payment being confirmed"),
    PublicBillState.PAID: text("已缴清", "Paid"),
    PublicBillState.WITHDRAWN: text("已撤销", "Withdrawn"),
    PublicBillState.WAIVED: text("已免缴", "Waived"),
}


async def bills(asked: Sequence[Asked]) -> list[Face | None]:
    wanted = ids_of([one.ref for one in asked])
    shown = await bills_shown(await Bill.filter(id__in=list(wanted)).select_related("department"))
    faces = {
        wanted[bill.id]: Face(
            bill.title, state=bill.state, state_text=WORDS[bill.state], amount_fen=bill.amount_fen, due_on=bill.due_on,
            done=bill.state not in {PublicBillState.UNPAID, PublicBillState.PAYING},
        )
        for bill in shown
    }  # fmt: skip
    return [faces.get(one.ref) if one.at is None else None for one in asked]


async def open_to(citizen: Actor, refs: Sequence[str]) -> set[str]:
    """Those they are the payer of, and those they may pay for somebody else."""
    wanted = ids_of(refs)
    person = await citizen_of(citizen.id)
    found = await Bill.filter(id__in=list(wanted))
    own = {wanted[bill.id] for bill in found if belongs_to(bill, person)}
    return own | {wanted[bill.id] for bill in found if wanted[bill.id] not in own and await _pays(citizen, bill)}


async def _pays(citizen: Actor, bill: Bill) -> bool:
    try:
        await own_bill(citizen, bill.id)
    except NotFound:
        return False
    return True


async def shown_by(staff: Actor, ref: str) -> None:
    await desk_bill(staff, id_of(ref))


BILL = Maker(bills, open_to, shown_by)
