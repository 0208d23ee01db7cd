"""
An office that says nothing has accepted: when five working days pass without a notice of corrections, the case counts
as accepted from the day its materials came in (administrative licence law art. 32, paragraph 1, item 4).
"""

from uuid import UUID

from kit import audit, clock, db
from kit.log import logger
from mobileapi.applications.cases import SYSTEM, state_of
from mobileapi.applications.decisions import accept_case
from mobileapi.applications.models import Application
from mobileapi.applications.states import CaseState
from mobileapi.catalogue.items import guide_of_version

log = logger("applications")
NOTE = "受理机关逾期未告知补正，自收到申请材料之日起视为受理（行政许可法第三十二条）"
OVERDUE = "SELECT id FROM applications_application WHERE state = ANY($1::text[]) AND check_due < $2 ORDER BY check_due"


async def accept_by_silence() -> int:
    """Accepts every case whose five working days are over; how many."""
    states = [CaseState.SUBMITTED.value, CaseState.RESUBMITTED.value]
    rows = await db.fetch(OVERDUE, states, clock.today())
    return sum([await _accepted(row["id"]) for row in rows])


async def _accepted(id: UUID) -> bool:  # noqa: A002 - the id of the case
    async with db.transaction():
        case = await Application.filter(id=id).select_for_update().get()
        waits = state_of(case) in {CaseState.SUBMITTED, CaseState.RESUBMITTED}
        if not waits or case.check_due is None or case.check_due >= clock.today():
            return False  # a clerk was quicker
        assert case.received_at is not None, "what waits for acceptance was received"
        guide = await guide_of_version(case.item_code, case.item_version)
        await accept_case(case, guide, by=SYSTEM, since=case.received_at, note=NOTE, deemed=True)
        await audit.record(actor=SYSTEM.name, action="case.deemed_accepted", subject=f"application:{case.id}")
    log.info("case_deemed_accepted", application=str(id))
    return True
