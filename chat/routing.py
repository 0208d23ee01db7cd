"""
Who is asked: a pure decision over a snapshot, with its reason.

The clerk who holds the case, then the item's owner, backup, others with the duty; then the department's queue, as long
as somebody is there to work it off; and when nobody is on duty, an inquiry with a date instead of silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kit.texts import Text, text


class Reason(StrEnum):
    sticky_case = "sticky_case"
    owner_on_duty = "owner_on_duty"
    backup_on_duty = "backup_on_duty"
    other_on_duty = "other_on_duty"
    supervisor_on_duty = "supervisor_on_duty"
    department_queue = "department_queue"
    nobody_on_duty = "nobody_on_duty"
    transferred = "transferred"
    transfer_returned = "transfer_returned"
    handed_over = "handed_over"
    handed_back = "handed_back"
    taken = "taken"
    closed = "closed"


REASONS: dict[str, Text] = {
    Reason.sticky_case: text("由您办件的经办人接待", "The clerk who holds your case"),
    Reason.owner_on_duty: text("事项负责人在岗", "The person responsible for this item is on duty"),
    Reason.backup_on_duty: text("负责人不在，由备岗人员接待", "The owner is away; the backup is on duty"),
    Reason.other_on_duty: text("由同样负责此事项的人员接待", "A colleague with the same duty is on duty"),
    Reason.supervisor_on_duty: text("由主管接待", "A supervisor takes care of it"),
    Reason.department_queue: text(
        "负责人员均忙，已进入部门队列", "Everyone responsible is busy; you are in the department's queue"
    ),
    Reason.nobody_on_duty: text(
        "现在无人值班，已登记留言并约定答复日期", "Nobody is on duty; your question is recorded with a date"
    ),
    Reason.transferred: text("由同事转接", "Handed over by a colleague"),
    Reason.transfer_returned: text("同事未接入，由原工作人员继续接待", "The colleague did not take it; it is back"),
    Reason.handed_over: text("原工作人员离岗，由代班人员接待", "Your clerk is away; a colleague took over"),
    Reason.handed_back: text("原工作人员已返岗", "Your clerk is back"),
    Reason.taken: text("工作人员主动接入", "A clerk took it up"),
    Reason.closed: text("咨询已结束", "The consultation is closed"),
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """Somebody who could be asked. `role`: owner, backup, other, supervisor, or department (no duty for the item)."""

    staff: UUID
    role: str
    order: int = 0
    within_hours: bool = True
    status: str = "gone"  # online | busy | away | gone
    load: int = 0
    capacity: int = 5

    @property
    def present(self) -> bool:
        return self.within_hours and self.status in {"online", "busy"}

    @property
    def free(self) -> bool:
        return self.within_hours and self.status == "online" and self.load < self.capacity


@dataclass(frozen=True)
class Snapshot:
    """
    What is known at the moment of choosing. `tried`: offered already without being taken. `escalation`: how often an
    answer was overdue. `waited_long`: in the queue for longer than its patience.
    """

    candidates: tuple[Candidate, ...]
    sticky: UUID | None = None
    tried: frozenset[UUID] = frozenset()
    escalation: int = 0
    waited_long: bool = False


@dataclass(frozen=True)
class Choice:
    """`to`: staff (then `staff` is who), queue or inquiry."""

    to: str
    reason: Reason
    staff: UUID | None = None


TIERS = {
    "owner": Reason.owner_on_duty,
    "backup": Reason.backup_on_duty,
    "other": Reason.other_on_duty,
    "department": Reason.department_queue,
    "supervisor": Reason.supervisor_on_duty,
}


def choose_clerk(snapshot: Snapshot) -> Choice:
    """Always answers: a person with room, a queue somebody works off, or an inquiry."""
    asked = _tiers(snapshot)
    able = [c for c in snapshot.candidates if c.free and c.staff not in snapshot.tried]
    chosen = next((c for c in as_asked(able, snapshot) if c.staff == snapshot.sticky or c.role in asked), None)
    if chosen is not None:
        reason = Reason.sticky_case if chosen.staff == snapshot.sticky else TIERS[chosen.role]
        return Choice("staff", reason, chosen.staff)
    if any(c.present for c in snapshot.candidates):
        return Choice("queue", Reason.department_queue)
    return Choice("inquiry", Reason.nobody_on_duty)


def _tiers(snapshot: Snapshot) -> list[str]:
    duty = ["owner", "backup", "other"]
    if snapshot.escalation >= 2:
        return ["supervisor", *duty, "department"]
    return [*duty, "department", "supervisor"] if snapshot.waited_long else duty


def as_asked(candidates: Iterable[Candidate], snapshot: Snapshot) -> list[Candidate]:
    """In the order of asking: the holder of the case, tier by tier, of equals the one with less to do."""
    tiers = [*_tiers(snapshot), *TIERS]  # a tier that is not asked yet comes after those that are
    return sorted(candidates, key=lambda c: (c.staff != snapshot.sticky, tiers.index(c.role), c.load, c.order))
