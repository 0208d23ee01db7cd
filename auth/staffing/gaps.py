"""Where nobody answers, or the wrong one does. Pure: over the items, the duties and the people of a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from auth.duties import Item

SOON = timedelta(days=14)
Where = tuple[str, str]  # item, region


@dataclass(frozen=True)
class Answerer:
    """Somebody with duties."""

    id: UUID
    name: str
    roles: frozenset[str] = field(default_factory=frozenset)
    disabled: bool = False


@dataclass(frozen=True)
class Assigned:
    """One duty as it stands."""

    item: str
    region: str
    role: str
    staff: UUID
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or self.valid_to >= day)


@dataclass(frozen=True)
class Gap:
    """
    `kind`: no_owner, no_backup, expired (there was one), expires (within two weeks, nobody after), owner_disabled,
    owner_no_clerk, too_many (of the person, without an item).
    """

    kind: str
    item: str = ""
    region: str = ""
    staff: UUID | None = None
    count: int = 0


def gaps(
    items: Sequence[Item], duties: Sequence[Assigned], people: Mapping[UUID, Answerer], *,
    parents: Mapping[str, str | None], today: date, most: int,
) -> list[Gap]:  # fmt: skip
    """In the order of the items; people with more than `most` items at the end. `parents`: region → the one above."""
    by_item: dict[str, list[Assigned]] = {}
    for duty in duties:
        by_item.setdefault(duty.item, []).append(duty)
    found = [
        gap
        for item in items
        for region in item.regions
        for gap in _of((item.code, region), _covering(by_item.get(item.code, []), region, parents), people, today)
    ]
    return found + _burdened(duties, today=today, most=most)


def _covering(duties: Iterable[Assigned], region: str, parents: Mapping[str, str | None]) -> list[Assigned]:
    """Duties for the region or for one above it."""
    above, here = set(), region
    while here and here not in above:
        above.add(here)
        here = parents.get(here) or ""
    return [d for d in duties if d.region in above]


def _of(where: Where, duties: list[Assigned], people: Mapping[UUID, Answerer], today: date) -> list[Gap]:
    found = [g for role in ("owner", "backup") if (g := _missing(where, role, duties, today)) is not None]
    for duty in (d for d in duties if d.role == "owner" and d.holds_on(today)):
        person = people.get(duty.staff)
        if person is None or person.disabled:
            found.append(Gap("owner_disabled", *where, duty.staff))
        elif "clerk" not in person.roles:
            found.append(Gap("owner_no_clerk", *where, duty.staff))
    return found


def _missing(where: Where, role: str, duties: list[Assigned], today: date) -> Gap | None:
    held = [d for d in duties if d.role == role]
    now = [d for d in held if d.holds_on(today)]
    if now:
        ends = max(d.valid_to or date.max for d in now)
        after = ends == date.max or any(d.holds_on(ends + timedelta(days=1)) for d in held)
        soon = not after and ends <= today + SOON
        return Gap("expires", *where, now[0].staff) if soon else None
    past = [d for d in held if d.valid_to is not None and d.valid_to < today]
    if past:
        return Gap("expired", *where, max(past, key=lambda d: d.valid_to or date.min).staff)
    return Gap(f"no_{role}", *where)


def _burdened(duties: Iterable[Assigned], *, today: date, most: int) -> list[Gap]:
    owned: dict[UUID, set[str]] = {}
    for duty in duties:
        if duty.role == "owner" and duty.holds_on(today):
            owned.setdefault(duty.staff, set()).add(duty.item)
    return [Gap("too_many", staff=who, count=len(what)) for who, what in owned.items() if len(what) > most]
