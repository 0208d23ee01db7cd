"""Regions, departments, staff and duties out of the operator's files. The same file again changes nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from tortoise.models import Model

from auth.errors import UnknownRole
from auth.models import Department, Region, StaffMember
from auth.roles import staff_roles
from auth.staffing.imports import OwnersSaid, Told, duties_kept, owners_said
from auth.workplaces.imports import identities_kept
from kit import audit, clock, crypto
from kit.ids import new_id
from kit.imports import ImportReport, Row, RowAtFault, rows_of, take_rows
from kit.texts import Text

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class ImportRow(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class RegionRow(ImportRow):
    code: str = Field(pattern=r"^\d{12}$")  # GB/T 2260 and below, 12 digits
    name: Text
    level: Literal["province", "city", "district", "street", "community"]
    parent: str | None = Field(None, pattern=r"^\d{12}$")
    valid_from: date | None = None
    valid_to: date | None = None


class DepartmentRow(ImportRow):
    code: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    name: Text
    region: str = Field(pattern=r"^\d{12}$")
    credit_code: str = Field("", max_length=18)
    phone: str = Field("", max_length=40)
    parent: str | None = Field(None, max_length=32)


class DutyRow(ImportRow):
    item: str = Field(min_length=1, max_length=40)
    region: str = Field(pattern=r"^\d{12}$")
    role: Literal["owner", "backup", "supervisor", "other"]
    valid_from: date | None = None
    valid_to: date | None = None


class StaffRow(ImportRow):
    username: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")
    name: str = Field(min_length=1, max_length=64)
    employee_no: str = Field("", max_length=32)
    department: str
    title: str = Field("", max_length=64)
    roles: list[str] = Field(min_length=1)
    phone: str | None = Field(None, max_length=32)
    duties: list[DutyRow] = []
    hours: dict[Weekday, list[tuple[ClockTime, ClockTime]]] = {}
    workplaces: dict[Literal["dingtalk", "wecom"], str] = {}

    @model_validator(mode="after")
    def _spans_run_forwards(self) -> Self:
        if any(start >= end for spans in self.hours.values() for start, end in spans):
            raise ValueError("a span of hours ends before it begins")
        return self


class StaffFileRow(ImportRow):
    """One entry of the staff file: a department, or a member of staff."""

    department: DepartmentRow | None = None
    member: StaffRow | None = None


async def import_regions(path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    """The list `regions` of a YAML file, or a CSV file (an English name as `name_en`). Parents before children."""
    rows = (_plain(row) for row in rows_of(path, "regions"))
    return await take_rows("regions", rows, shape=RegionRow, take=_take_region, dry_run=dry_run, keep_going=keep_going)


async def import_staff(path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    """
    The lists `departments` and `staff` of a YAML file, or a CSV file of staff with roles separated by semicolons.

    A member's duties become exactly what the file says, from today on: what was in force before is ended, not
    forgotten. Passwords are never in files.
    """
    said = owners_said(_staff_file(path))

    async def take(row: StaffFileRow) -> bool:
        return await _take_staff_file_row(row, said)

    return await take_rows(
        "staff", _staff_file(path), shape=StaffFileRow, take=take, dry_run=dry_run, keep_going=keep_going
    )


def _staff_file(path: Path) -> Iterator[Row]:
    departments = [] if path.suffix == ".csv" else list(rows_of(path, "departments", needed=False))
    for row in departments:
        yield Row(row.file, row.line, {"department": row.values})
    for row in rows_of(path, "staff", needed=not departments):
        yield Row(row.file, row.line, {"member": _plain(row).values})


def _plain(row: Row) -> Row:
    """A CSV row in the shape of a YAML one: empty cells are absent, `name_en` is the name's English."""
    values = {key: value for key, value in row.values.items() if value not in ("", None)}
    if "name_en" in values:
        values["name"] = {"zh": values.get("name"), "en": values.pop("name_en")}
    if isinstance(values.get("roles"), str):
        values["roles"] = values["roles"].split(";")
    return Row(row.file, row.line, values)


async def _take_region(row: RegionRow) -> bool:
    if row.parent is not None and not await Region.exists(code=row.parent):
        raise RowAtFault(f"the parent {row.parent} is not known (parents come first)")
    return await _kept(
        Region, {"code": row.code}, name=row.name.model_dump(), level=row.level, parent_code=row.parent,
        valid_from=row.valid_from, valid_to=row.valid_to,
    )  # fmt: skip


async def _take_staff_file_row(row: StaffFileRow, said: OwnersSaid) -> bool:
    if row.department is not None:
        return await _take_department(row.department)
    assert row.member is not None, "the reader of the file gives one of the two"
    return await _take_member(row.member, said)


async def _take_department(row: DepartmentRow) -> bool:
    await _refuse_unknown_regions([row.region])
    return await _kept(
        Department, {"code": row.code}, name=row.name.model_dump(), region_code=row.region,
        credit_code=row.credit_code, phone=row.phone, parent_code=row.parent,
    )  # fmt: skip


async def _take_member(row: StaffRow, said: OwnersSaid) -> bool:
    try:
        roles = staff_roles(row.roles)
    except UnknownRole:
        raise RowAtFault(f"one of the roles {', '.join(row.roles)} does not exist") from None
    if not await Department.exists(code=row.department):
        raise RowAtFault(f"the department {row.department} is not known")
    await _refuse_unknown_regions([duty.region for duty in row.duties])
    changed = await _member_kept(row, roles)
    changed = await identities_kept(row.username, row.workplaces) or changed
    return await duties_kept(row.username, [Told(*_fields(duty)) for duty in row.duties], said) or changed


def _fields(duty: DutyRow) -> tuple[str, str, str, date | None, date | None]:
    return duty.item, duty.region, duty.role, duty.valid_from, duty.valid_to


async def _refuse_unknown_regions(codes: list[str]) -> None:
    known: set[Any] = set(await Region.filter(code__in=codes).values_list("code", flat=True))
    for code in codes:
        if code not in known:
            raise RowAtFault(f"the region {code} is not known")


async def _member_kept(row: StaffRow, roles: list[str]) -> bool:
    member = await StaffMember.get_or_none(username=row.username)
    fresh = member is None
    if member is None:
        member = StaffMember(id=new_id(), username=row.username, created_at=clock.now())
    wanted = {
        "name": row.name, "employee_no": row.employee_no, "title": row.title, "roles": roles,
        "department_id": row.department,
        "hours": {day: [list(span) for span in spans] for day, spans in row.hours.items()},
    }  # fmt: skip
    changed = _assign(member, wanted) | _assign_phone(member, row.phone)
    if changed or fresh:
        await member.save(force_create=fresh)
        action = "staff.added" if fresh else "staff.changed"
        await audit.record(actor="system", action=action, subject=f"staff:{member.id}", roles=roles)
    return changed or fresh


def _assign_phone(member: StaffMember, phone: str | None) -> bool:
    place = f"auth_staff_member.phone:{member.id}"
    before = crypto.unseal(member.phone_sealed, bound_to=place) if member.phone_sealed else None
    if phone != before:
        member.phone_sealed = crypto.seal(phone, bound_to=place) if phone else None
    return phone != before


async def _kept(model: type[Model], key: dict[str, Any], **wanted: Any) -> bool:
    """Whether the row had to be made or changed to hold what is wanted."""
    row = await model.get_or_none(**key)
    if row is None:
        await model.create(**key, **wanted)
        return True
    changed = _assign(row, wanted)
    if changed:
        await row.save()
    return changed


def _assign(row: Model, wanted: dict[str, Any]) -> bool:
    different = {name: value for name, value in wanted.items() if getattr(row, name, None) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
