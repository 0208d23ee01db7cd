"""
Shifts (班次): a cashier opens a drawer with a float, takes money, counts it at the end, and somebody else confirms it:
who keeps cash does not check it (accounting law: cashiers do not audit).

A shift's row is locked first, before bills and orders: nothing is taken while it is being counted.
"""

from uuid import UUID

from tortoise.exceptions import IntegrityError

from auth.staff import staff_member
from kit import audit, clock, db
from kit.errors import NotFound
from payments.counter.errors import ShiftNotOpen, ShiftOpenAlready
from payments.counter.models import Shift
from payments.counter.states import SHIFT_MOVES, ShiftState
from payments.errors import MoveRefused, SecondPersonNeeded

CASH = """
SELECT $2::bigint
  + coalesce((SELECT sum(amount_fen) FROM counter_taking WHERE shift_id = $1 AND means = 'cash'), 0)
  - coalesce((SELECT sum(amount_fen) FROM counter_payout WHERE shift_id = $1), 0)
  - coalesce((SELECT sum(amount_fen) FROM counter_deposit
              WHERE shift_id = $1 AND means = 'cash' AND state <> 'refused' AND entered_at <= $3), 0)
"""


async def open_shift(cashier: UUID, *, window: str, float_fen: int) -> UUID:
    """Opens a shift at a window with `float_fen` of change in the drawer. Raises ShiftOpenAlready."""
    member = await staff_member(cashier)
    shift = Shift(
        cashier_id=cashier, department_id=member.department_id, window=window, state=ShiftState.OPEN,  # type: ignore[attr-defined]
        float_fen=float_fen, opened_at=clock.now(),
    )  # fmt: skip
    try:
        async with db.transaction():
            await shift.save(force_create=True)
            await audit.record(
                actor=f"staff:{cashier}", action="shift.opened", subject=f"shift:{shift.id}", float_fen=float_fen
            )
    except IntegrityError:
        raise ShiftOpenAlready from None
    return shift.id


async def locked(shift: UUID, *, cashier: UUID | None = None, is_open: bool = True) -> Shift:
    """The shift's row, locked. Raises NotFound, also when it is not `cashier`'s, and ShiftNotOpen."""
    found = await Shift.filter(id=shift).select_for_update().first()
    if found is None or (cashier is not None and found.cashier_id != cashier):  # type: ignore[attr-defined]
        raise NotFound
    if is_open and found.state != ShiftState.OPEN:
        raise ShiftNotOpen
    return found


async def cash_in_drawer(shift: Shift) -> int:
    """Fen of cash that should lie in the drawer now."""
    cash: int = await db.fetch_value(CASH, shift.id, shift.float_fen, clock.now())
    return int(cash)


async def count(shift_id: UUID, *, counted_fen: int, note: str, by: UUID) -> None:
    """
    Ends the shift with what the cashier counted. A difference is written down with its note, never evened out.

    Raises: NotFound, ShiftNotOpen, MoveRefused when there is a difference and no note.
    """
    async with db.transaction():
        shift = await locked(shift_id, cashier=by)
        expected = await cash_in_drawer(shift)
        if expected != counted_fen and not note.strip():
            raise MoveRefused(extra={"expected_fen": expected})
        await _move(
            shift, to=ShiftState.COUNTED, by=by, expected_fen=expected, counted_fen=counted_fen,
            difference_note=note.strip() if expected != counted_fen else "", counted_at=clock.now(),
        )  # fmt: skip


async def confirm(shift_id: UUID, *, by: UUID) -> None:
    """A second person has counted it too. Raises NotFound, MoveRefused, SecondPersonNeeded."""
    async with db.transaction():
        shift = await locked(shift_id, is_open=False)
        if shift.cashier_id == by:  # type: ignore[attr-defined]
            raise SecondPersonNeeded
        await _move(shift, to=ShiftState.CONFIRMED, by=by, confirmed_by=by, confirmed_at=clock.now())


async def _move(shift: Shift, *, to: ShiftState, by: UUID, **columns: object) -> None:
    if to not in SHIFT_MOVES[ShiftState(shift.state)]:
        raise MoveRefused
    shift.state = to
    for name, value in columns.items():
        setattr(shift, name, value)
    await shift.save(update_fields=["state", *columns])
    await audit.record(
        actor=f"staff:{by}", action=f"shift.{to}", subject=f"shift:{shift.id}", expected_fen=shift.expected_fen,
        counted_fen=shift.counted_fen,
    )  # fmt: skip
