"""What finance is told of work that waits."""

from kit import db
from kit.texts import text
from mobileapi.notify.desks import tell_staff
from payments.events import DifferencesWait

FINANCE = "SELECT id FROM auth_staff_member WHERE disabled_at IS NULL AND roles ? 'finance'"


async def differences_wait(event: DifferencesWait) -> None:
    """Everybody of finance, once a day."""
    told = text(
        f"对账差异：{event.overdue} 件已逾期，{event.to_approve} 件待批准",
        f"Differences: {event.overdue} overdue, {event.to_approve} to be approved",
    )
    for row in await db.fetch(FINANCE):
        await tell_staff(
            row["id"], kind="differences_wait", text=told, link="/console/#/differences",
            once=f"differences_wait:{event.day}",
        )  # fmt: skip
