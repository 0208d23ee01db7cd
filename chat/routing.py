"""
Who is asked: a pure decision over a snapshot, with its reason.

The clerk who holds the case, then who spoke with this citizen about the matter last; of the others one who speaks the
citizen's language; then the item's owner, backup, others with the duty; then the department's queue, as long as
somebody is there to work it off; and when nobody is on duty, an inquiry with a date instead of silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from kit.texts import Text, text


class Reason(StrEnum):
    sticky_case = "sticky_case"
    sticky_talk = "sticky_talk"
    speaks_language = "speaks_language"
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
    taken_over = "taken_over"
    left_message = "left_message"
    shift_ended = "shift_ended"
    abandoned = "abandoned"
    closed = "closed"


REASONS: dict[str, Text] = {
    Reason.sticky_case: text("由您办件的经办人接待", "The clerk who holds your case"),
    Reason.sticky_talk: text("上次接待您的工作人员继续接待", "The clerk who helped you with this the last time"),
    Reason.speaks_language: text("由会说英语的工作人员接待", "A clerk on duty who speaks your language"),
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
    Reason.taken_over: text("由主管接手", "A supervisor took it over"),
    Reason.left_message: text(
        "您选择了留言，将按约定日期答复", "You left a message; it will be answered by the date you were given"
    ),
    Reason.shift_ended: text(
        "工作人员已下班，已登记留言并约定答复日期", "Your clerk's hours are over; your question is recorded with a date"
    ),
    Reason.abandoned: text("您在等待中结束了咨询", "You ended the consultation while waiting"),
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
    speaks: bool = False  # the citizen's language, where it is not everybody's

    @property
    def present(self) -> bool:
        return self.within_hours and self.status in {"online", "busy"}

    @property
    def free(self) -> bool:
        return self.within_hours and self.status == "online" and self.load < self.capacity


@dataclass(frozen=True)
class Snapshot:
    """
    What is known at the moment of choosing. `sticky` holds the case, `talked` spoke with the citizen about the matter
    a while ago. `tried`: offered already without being taken. `escalation`: how often an answer was overdue.
    `waited_long`: in the queue for longer than its patience.
    """

    candidates: tuple[Candidate, ...]
    sticky: UUID | None = None
    talked: UUID | None = None
    tried: frozenset[UUID] = frozenset()
    escalation: int = 0
    waited_long: bool = False


@dataclass(frozen=True)
class Choice:
    """`to`: staff (then `staff` is who, and `role` what they are to the matter), queue or inquiry."""

    to: str
    reason: Reason
    staff: UUID | None = None
    role: str = field(default="", compare=False)


TIERS = {
    "owner": Reason.owner_on_duty,
    "backup": Reason.backup_on_duty,
    "other": Reason.other_on_duty,
    "department": Reason.department_queue,
    "supervisor": Reason.supervisor_on_duty,
}


def choose_clerk(snapshot: Snapshot) -> Choice:
    """Always answers: a person with room, a queue somebody works off, or an inquiry."""
    able = [c for c in snapshot.candidates if c.free and c.staff not in snapshot.tried and _is_asked(c, snapshot)]
    chosen = next(iter(as_asked(able, snapshot)), None)
    if chosen is not None:
        return Choice("staff", _why(chosen, able, snapshot), chosen.staff, chosen.role)
    if any(c.present for c in snapshot.candidates):
        return Choice("queue", Reason.department_queue)
    return Choice("inquiry", Reason.nobody_on_duty)


def _is_asked(candidate: Candidate, snapshot: Snapshot) -> bool:
    return candidate.role in _tiers(snapshot) or _clings(candidate, snapshot) < NEITHER


DUTY = ("owner", "backup", "other")  # asked from the first moment


def _tiers(snapshot: Snapshot) -> list[str]:
    duty = list(DUTY)
    if snapshot.escalation >= 2:
        return ["supervisor", *duty, "department"]
    return [*duty, "department", "supervisor"] if snapshot.waited_long else duty


HOLDS_CASE, SPOKE_LAST, NEITHER = 0, 1, 2


def _clings(candidate: Candidate, snapshot: Snapshot) -> int:
    """
    Whether the citizen knows the clerk. An answer that was overdue goes up the ladder, not back to who spoke last; a
    supervisor who helped out once does not keep the matter.
    """
    if candidate.staff == snapshot.sticky:
        return HOLDS_CASE
    talked = candidate.staff == snapshot.talked and candidate.role != "supervisor" and snapshot.escalation == 0
    return SPOKE_LAST if talked else NEITHER


def _why(chosen: Candidate, able: Iterable[Candidate], snapshot: Snapshot) -> Reason:
    """The reason that made the difference: the language only where another would have been asked without it."""
    clings = _clings(chosen, snapshot)
    if clings != NEITHER:
        return Reason.sticky_case if clings == HOLDS_CASE else Reason.sticky_talk
    deaf = as_asked([replace(c, speaks=False) for c in able], snapshot)
    return TIERS[chosen.role] if deaf[0].staff == chosen.staff else Reason.speaks_language


def as_asked(candidates: Iterable[Candidate], snapshot: Snapshot) -> list[Candidate]:
    """
    In the order of asking: who holds the case, who spoke with them last, who speaks their language, then tier by tier,
    of equals the one with less to do. On the ladder of an overdue answer the tier comes before the language.
    """
    tiers = [*_tiers(snapshot), *TIERS]  # a tier that is not asked yet comes after those that are
    asked = set(_tiers(snapshot))

    def place(c: Candidate) -> tuple[int, bool, bool, int, int, int]:
        foreign = not c.speaks or snapshot.escalation > 0
        return (_clings(c, snapshot), c.role not in asked, foreign, tiers.index(c.role), c.load, c.order)

    return sorted(candidates, key=place)
