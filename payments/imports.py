"""`handheld import bills`: a YAML list `bills`, or CSV with one line of a bill a row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from auth.models import Department
from kit import workdays
from kit.imports import ImportReport, Row, RowAtFault, rows_of, take_rows
from kit.money import NotMoney, fen_from_yuan
from kit.texts import Text
from payments.bills import NewBill, NewLine, issue
from payments.codes import is_code
from payments.errors import BillDiffers, NoSuchSurchargeRule
from payments.surcharge import due_date

LARGEST_FEN = 10_000_000_000  # a hundred million yuan: more is a slip of the pen


def _positive_fen(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('an amount is yuan in quotes, like "200.00"')  # noqa: TRY004 - pydantic reports ValueError
    try:
        fen = fen_from_yuan(value)
    except NotMoney:
        raise ValueError("an amount is whole fen") from None
    if not 0 < fen <= LARGEST_FEN:
        raise ValueError("an amount is more than nothing and less than 100 million yuan")
    return fen


Yuan = Annotated[int, BeforeValidator(_positive_fen)]


class LineRow(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Text
    amount_yuan: Yuan
    basis: Text
    explanation: Text


class IncomeItem(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=r"^[0-9A-Z]{3,32}$")
    name: Text


class Payer(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)
    name: str = Field(min_length=1, max_length=64)
    id_number: str | None = Field(None, pattern=r"^\d{17}[\dX]$")
    phone: str | None = Field(None, pattern=r"^1[3-9]\d{9}$")

    @model_validator(mode="after")
    def _is_found_by_something(self) -> "Payer":
        if not (self.id_number or self.phone):
            raise ValueError("a payer is found by id_number or phone: one is needed")
        return self


class BillRow(BaseModel):
    """One bill. `due_on` may be left out when `received_on` is given: 15 days later, moved by holidays."""

    model_config = ConfigDict(extra="forbid")
    payment_code: str
    kind: str = Field(pattern=r"^[a-z_]{3,32}$")
    title: Text
    department: str
    income_item: IncomeItem
    legal_basis: Text
    payer: Payer
    received_on: date | None = None
    due_on: date | None = None
    surcharge: str = ""
    note: Text | None = None
    lines: list[LineRow] = Field(min_length=1, max_length=50)

    @field_validator("payment_code")
    @classmethod
    def _looks_like_a_code(cls, value: str) -> str:
        if not is_code(value):
            raise ValueError("not a payment code of this region")
        return value

    @model_validator(mode="after")
    def _has_a_due_day(self) -> "BillRow":
        if self.due_on is None and self.received_on is None:
            raise ValueError("due_on or received_on is needed")
        return self


async def import_bills(
    path: Path, *, dry_run: bool = False, keep_going: bool = False, by: str = "system:import", only: str | None = None
) -> ImportReport:
    """
    Issues the bills in `path`, `only` those of one department when it is given. What was issued before stays; other
    contents under the same code are at fault.
    """
    calendar = await workdays.calendar()
    departments = {code for (code,) in await Department.all().values_list("code")}

    async def take(row: BillRow) -> bool:
        if only is not None and row.department != only:
            raise RowAtFault("department: a department issues its own bills only")
        if row.department not in departments:
            raise RowAtFault(f"department: there is no department {row.department}")
        due = row.due_on or (due_date(row.received_on, calendar=calendar) if row.received_on else None)
        assert due is not None, "the shape saw to it"
        try:
            return await issue(_new_bill(row, due=due), by=by)
        except BillDiffers:
            raise RowAtFault("payment_code: a bill with other contents was issued under this code") from None
        except NoSuchSurchargeRule:
            raise RowAtFault(f"surcharge: no rule {row.surcharge} holds on that day") from None

    rows = _bills_of_csv(path) if path.suffix == ".csv" else rows_of(path, "bills")
    return await take_rows("bills", rows, shape=BillRow, take=take, dry_run=dry_run, keep_going=keep_going)


def _new_bill(row: BillRow, *, due: date) -> NewBill:
    lines = [
        NewLine(
            name=line.name.model_dump(), amount_fen=line.amount_yuan, basis=line.basis.model_dump(),
            explanation=line.explanation.model_dump(),
        )
        for line in row.lines
    ]  # fmt: skip
    return NewBill(
        payment_code=row.payment_code, kind=row.kind, title=row.title.model_dump(), department=row.department,
        income_item_code=row.income_item.code, income_item_name=row.income_item.name.model_dump(),
        legal_basis=row.legal_basis.model_dump(), payer_name=row.payer.name, payer_id_number=row.payer.id_number,
        payer_phone=row.payer.phone, received_on=row.received_on, due_on=due, surcharge_rule=row.surcharge,
        note=row.note.model_dump() if row.note else None, lines=lines,
    )  # fmt: skip


def _bills_of_csv(path: Path) -> Iterator[Row]:
    """Rows with the same payment code, one below the other, are the lines of one bill."""
    waiting: Row | None = None
    for row in rows_of(path, "bills"):
        bill = _nested(row.values)
        if waiting is not None and waiting.values["payment_code"] == bill["payment_code"]:
            waiting.values["lines"] += bill["lines"]
            continue
        if waiting is not None:
            yield waiting
        waiting = Row(row.file, row.line, bill)
    if waiting is not None:
        yield waiting


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    """`payer_name` → `payer.name`, `title` and `title_en` → one text; an empty cell is an absent one."""
    cells = {key: value.strip() for key, value in flat.items() if isinstance(value, str) and value.strip()}

    def words(key: str) -> dict[str, str | None] | None:
        zh, en = cells.pop(key, None), cells.pop(f"{key}_en", None)
        return {"zh": zh, "en": en} if zh else None

    line = {key: words(f"line_{key}") for key in ("name", "basis", "explanation")}
    texts = {key: words(key) for key in ("title", "legal_basis", "note")}
    bill = {
        "payment_code": cells.pop("payment_code", ""),
        "income_item": {"code": cells.pop("income_item_code", None), "name": words("income_item_name")},
        "payer": {key: cells.pop(f"payer_{key}", None) for key in ("name", "id_number", "phone")},
        "lines": [{**line, "amount_yuan": cells.pop("amount_yuan", "")}],
    }
    return {**cells, **bill, **{key: value for key, value in texts.items() if value is not None}}
