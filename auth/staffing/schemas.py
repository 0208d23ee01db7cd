"""Shapes of the organisation, duties, rosters and leave."""

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from kit.texts import Text
from kit.web import Shape, View

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
DutyRole = Literal["owner", "backup", "supervisor", "other"]
StaffRole = Literal["clerk", "supervisor", "finance", "auditor", "admin"]
Half = Literal["am", "pm"]
LeaveKind = Literal["annual", "sick", "personal", "training", "official", "family", "absent"]
ShiftKind = Literal["regular", "duty", "evening", "weekend", "off"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Note = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]


class PersonView(View):
    id: UUID
    name: str
    title: str


class MemberView(PersonView):
    username: str
    roles: list[str]
    department: str
    unit: UUID | None
    reports_to: UUID | None  # as it was said for them; None: by where they sit
    superior: PersonView | None
    languages: list[str]  # beside Chinese
    disabled: bool
    on_leave: bool


class UnitView(View):
    id: UUID
    name: Text
    department: str
    head: UUID | None


class DepartmentNode(View):
    code: str
    name: Text
    parent: str | None
    head: UUID | None
    hours: dict[str, list[list[str]]]  # in which it serves the public
    own_hours: bool  # not the city's usual ones
    units: list[UnitView]


class RegionNode(View):
    code: str
    name: Text
    parent: str | None
    head: UUID | None
    departments: list[DepartmentNode]


class OrganisationView(View):
    """`may_edit`: whether the caller changes it."""

    regions: list[RegionNode]
    people: list[MemberView]
    may_edit: bool


class OpenUnit(Shape):
    department: Code
    name: Name
    name_en: Name | None = None
    head: UUID | None = None


class ChangeUnit(Shape):
    name: Name | None = None
    name_en: Name | None = None
    department: Code | None = None
    head: UUID | None = None
    no_head: bool = False


class SetHead(Shape):
    staff: UUID | None


Minute = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class SetHours(Shape):
    """Weekday → intervals in the city's zone, in order and apart; null: the city's usual hours."""

    hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[tuple[Minute, Minute]]] | None

    @model_validator(mode="after")
    def _in_order(self) -> "SetHours":
        for spans in (self.hours or {}).values():
            edges = [edge for span in spans for edge in span]
            if any(before >= after for before, after in pairwise(edges)) or len(spans) > 4:
                raise ValueError("at most four intervals a day, in order, none touching another")
        if self.hours is not None and not any(self.hours.values()):
            raise ValueError("a department opens some time")
        return self


class HoursView(View):
    hours: dict[str, list[list[str]]]


class PlacePerson(Shape):
    unit: UUID | None = None
    department: Code | None = None
    reports_to: UUID | None = None
    languages: list[Literal["en"]] | None = Field(None, max_length=4)  # those citizens may choose, beside Chinese


class RoleChangeView(View):
    id: UUID
    staff: PersonView
    role: str
    kind: str
    state: str
    emergency: bool
    reason: str
    proposed_by: PersonView
    proposed_at: datetime
    decided_by: PersonView | None
    decided_at: datetime | None
    note: str
    may_decide: bool


class RoleChanges(View):
    items: list[RoleChangeView]


class RoleChangeQuery(Shape):
    state: Literal["proposed", "done", "refused", "withdrawn"] | None = None


class ProposeRole(Shape):
    staff: UUID
    role: StaffRole
    kind: Literal["grant", "remove"]
    reason: Annotated[str, StringConstraints(min_length=2, max_length=300, strip_whitespace=True)]


class RemoveRole(Shape):
    staff: UUID
    role: StaffRole
    reason: Annotated[str, StringConstraints(min_length=2, max_length=300, strip_whitespace=True)]


class Decide(Shape):
    approve: bool
    note: Note = ""


class AssignedView(View):
    id: UUID
    item: str
    region: str
    role: str
    staff: PersonView
    valid_from: date | None
    valid_to: date | None
    state: Literal["present", "planned", "past"]


class ItemView(View):
    code: str
    name: Text
    department: str
    regions: list[str]


class GapView(View):
    kind: str
    item: str
    region: str
    staff: PersonView | None
    count: int


class DutiesView(View):
    items: list[ItemView]
    duties: list[AssignedView]
    gaps: list[GapView]


class DutyQuery(Shape):
    """`past`: also duties that ended."""

    item: str | None = Field(None, max_length=40)
    staff: UUID | None = None
    past: bool = False


class AssignDuty(Shape):
    item: str = Field(min_length=1, max_length=40)
    region: RegionCode
    role: DutyRole
    staff: UUID
    valid_from: date
    valid_to: date | None = None
    replaces: bool = False


class EndDuty(Shape):
    last_day: date


class DutyChangeView(View):
    at: datetime
    actor: str
    act: str
    staff: PersonView
    region: str
    role: str
    valid_from: date | None
    valid_to: date | None


class DutyHistory(View):
    items: list[DutyChangeView]


class HistoryQuery(Shape):
    item: str = Field(min_length=1, max_length=40)


class ShiftView(View):
    id: UUID
    staff: UUID
    day: date
    kind: str
    starts: str  # HH:MM
    ends: str  # HH:MM; not after `starts`: the next morning's


class RosterPerson(PersonView):
    department: str
    hours: dict[str, list[list[str]]]


class AwayView(View):
    staff: UUID
    from_day: date
    from_half: str
    to_day: date
    to_half: str


class WeekView(View):
    """`working_days`: days of the week the city's calendar has as working days."""

    monday: date
    working_days: list[date]
    people: list[RosterPerson]
    shifts: list[ShiftView]
    leaves: list[AwayView]
    may_edit: bool


class WeekQuery(Shape):
    monday: date | None = None


class PlanShift(Shape):
    staff: UUID
    day: date
    kind: ShiftKind
    starts: ClockTime = "00:00"
    ends: ClockTime = "00:00"


class CopyWeek(Shape):
    monday: date
    to: list[date] = Field(min_length=1, max_length=26)
    staff: list[UUID] = Field([], max_length=500)


class CopiedView(View):
    copied: int
    left_out: int


class LeaveView(View):
    id: UUID
    staff: PersonView
    kind: str
    state: str
    from_day: date
    from_half: str
    to_day: date
    to_half: str
    starts_at: datetime
    ends_at: datetime
    cover: PersonView | None
    cover_away: bool  # the cover is on leave as well on some of these days: the next one answers then
    note: str
    asked_at: datetime
    decided_by: PersonView | None
    decision_note: str
    handed_over: int
    actions: list[Literal["approve", "cancel", "end", "prolong"]]


class Leaves(View):
    items: list[LeaveView]


class LeaveQuery(Shape):
    """`own`: only the caller's. `open`: what is asked for, approved or running."""

    own: bool = False
    open: bool = True


class AskLeave(Shape):
    """Without `staff` one's own."""

    staff: UUID | None = None
    kind: LeaveKind
    from_day: date
    from_half: Half = "am"
    to_day: date
    to_half: Half = "pm"
    cover: UUID | None = None
    note: Note = ""


class Prolong(Shape):
    to_day: date
    to_half: Half = "pm"


class Colleagues(View):
    """Who could cover: clerks and supervisors who work here."""

    items: list[PersonView]
