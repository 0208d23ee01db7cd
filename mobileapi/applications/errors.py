"""
HouseError
├── InvalidRequest
│   ├── ApplicationIncomplete         422  everything that is missing, at once
│   ├── RegionNotServed               422  the item is not offered in this region
│   ├── NotForThisApplicant           422  the item is for people, or for firms, and this applicant is the other
│   ├── NotInTheGuide                 422  a correction may ask only for what the guide asks for
│   ├── ReviewIncomplete              422  an approval needs every review point judged, and none failed
│   └── ReasonMissing                 422  a refusal is told with its reason and legal basis
└── Conflict
    ├── DraftChanged                  409  somebody saved in between; the answer tells the version
    ├── CaseChanged                   409  the same, for the desk
    ├── NotOnline                     409  this item is handled at the counter only
    ├── CaseNotOpen                   409  the case is in no state for this
    ├── NotAskedFor                   409  a correction replaces only what it names
    └── CorrectionAlreadyRequested    409  corrections are told once, completely
"""

from kit.errors import Conflict, FieldError, InvalidRequest
from kit.texts import text


class ApplicationIncomplete(InvalidRequest):
    code = "application_incomplete"
    title = text("申请还不完整，请补齐后再提交", "The application is not complete yet")


class RegionNotServed(InvalidRequest):
    code = "region_not_served"
    title = text("该事项不在所选区域办理", "This item is not offered in the chosen region")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="region", code=self.code, detail=self.title)])


class NotForThisApplicant(InvalidRequest):
    code = "not_for_this_applicant"
    title = text("该事项不面向此类申请人", "This item is not for this kind of applicant")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="on_behalf_of", code=self.code, detail=self.title)])


class NotInTheGuide(InvalidRequest):
    code = "not_in_the_guide"
    title = text("不得要求办事指南以外的材料", "Nothing outside the guide may be asked for")


class ReviewIncomplete(InvalidRequest):
    code = "review_incomplete"
    title = text("审查要点未全部通过，不能作出准予决定", "Not every review point is judged and passed")


class ReasonMissing(InvalidRequest):
    code = "reason_missing"
    title = text("请写明理由和法律依据", "State the reason and the legal basis")


class DraftChanged(Conflict):
    code = "draft_changed"
    title = text("内容已在别处更新，请刷新后再改", "This was changed elsewhere, please reload")

    def __init__(self, version: int) -> None:
        super().__init__(extra={"version": version})


class CaseChanged(Conflict):
    code = "case_changed"
    title = text("办件状态已变化，请刷新后再处理", "The case has changed meanwhile, please reload")

    def __init__(self, version: int) -> None:
        super().__init__(extra={"version": version})


class NotOnline(Conflict):
    code = "not_online"
    title = text("该事项暂不支持网上申请，请到窗口办理", "This item is handled at the counter only")


class CaseNotOpen(Conflict):
    code = "case_not_open"
    title = text("办件当前状态不能进行此操作", "The case is in no state for this")


class NotAskedFor(Conflict):
    code = "not_asked_for"
    title = text("补正时只能更换被要求补正的内容", "A correction replaces only what it asks for")


class CorrectionAlreadyRequested(Conflict):
    code = "correction_already_requested"
    title = text("补正只能一次性告知，不能再次要求补正", "Corrections are asked for once and completely")
