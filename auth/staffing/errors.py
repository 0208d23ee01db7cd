"""
NotFound                404  out of one's reach looks like not there
Conflict                409
├── LineGoesRound         somebody would be above themselves
├── UnitNotEmpty          people still sit in the unit
├── RoleChangeDecided     somebody decided it already
├── RoleChangePending     the same change is waiting already
├── RoleNotChanged        they have the role already, or do not have it
├── LastAdmin             nobody would be left who can change roles
├── DutyOverlaps          somebody owns the item there on those days already
├── DutyBegun             what was in force is ended, never taken back
├── ShiftOverlaps         the person works, or is off, at that time already
├── LeaveOverlaps         the person is away on some of those days already
├── LeaveNotOpen          a leave in this state does not take that
└── LeaveIsPast           its days are over
Forbidden               403
└── TwoPersonsNeeded      nobody decides what they asked for, or what is about themselves
InvalidRequest          422
├── CoverNotFit           who covers works here, is not the person themselves, and is a clerk or supervisor
├── NotAClerk             a duty is for somebody who serves citizens
└── UnknownPlace          no such item, region, department or unit
"""

from kit.errors import Conflict, Forbidden, InvalidRequest
from kit.texts import text


class LineGoesRound(Conflict):
    code = "line_goes_round"
    title = text("汇报关系不能成环", "Nobody can be above themselves")


class UnitNotEmpty(Conflict):
    code = "unit_not_empty"
    title = text("科室里还有人员，不能撤销", "People still sit in this unit")


class RoleChangeDecided(Conflict):
    code = "role_change_decided"
    title = text("该角色变更已经处理", "This change of roles was decided already")


class RoleChangePending(Conflict):
    code = "role_change_pending"
    title = text("相同的角色变更正在等待审批", "The same change is waiting for approval already")


class RoleNotChanged(Conflict):
    code = "role_not_changed"
    title = text("该人员的角色已是如此", "Their roles are like that already")


class LastAdmin(Conflict):
    code = "last_admin"
    title = text("至少要保留一名管理员", "At least one administrator has to stay")


class DutyOverlaps(Conflict):
    code = "duty_overlaps"
    title = text("同一事项在同一区域同一时间只能有一名责任人", "Somebody owns this item there on those days already")


class DutyBegun(Conflict):
    code = "duty_begun"
    title = text("已生效的职责只能终止，不能撤回", "A duty in force is ended, not taken back")


class ShiftOverlaps(Conflict):
    code = "shift_overlaps"
    title = text("与该人员当天的其他班次重叠", "It overlaps another shift of the person")


class LeaveOverlaps(Conflict):
    code = "leave_overlaps"
    title = text("与已有的请假时间重叠", "It overlaps another leave of the person")


class LeaveNotOpen(Conflict):
    code = "leave_not_open"
    title = text("该请假的当前状态不能这样处理", "A leave in this state does not take that")


class LeaveIsPast(Conflict):
    code = "leave_is_past"
    title = text("请假时间已经过去", "The days of this leave are over")


class TwoPersonsNeeded(Forbidden):
    code = "two_persons_needed"
    title = text(
        "自己提出或涉及自己的事，须由他人审批", "Somebody else has to decide what you asked for, or what is about you"
    )


class CoverNotFit(InvalidRequest):
    code = "cover_not_fit"
    title = text("代班人须为在职的其他经办人或主管", "Who covers must be another clerk or supervisor who works here")


class NotAClerk(InvalidRequest):
    code = "not_a_clerk"
    title = text("职责只能交给在职的经办人或主管", "A duty is for a clerk or supervisor who works here")


class UnknownPlace(InvalidRequest):
    code = "unknown_place"
    title = text("没有这个事项、区域、部门或科室", "There is no such item, region, department or unit")
