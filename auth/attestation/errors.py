"""
Forbidden               403
└── FaceFailed              the person before the camera is not the one on file
Conflict                409
├── NameNotOnFile           the office that was asked does not know the number
├── NameClaimWaiting        a member of staff has a claim of this account to judge
├── NameClaimDecided        another member of staff was quicker
└── FaceNotDone             the check is not finished yet
InvalidRequest          422
├── NameDisagrees           the number is somebody else's
└── UnknownRegion           there is no such place
"""

from kit.errors import Conflict, FieldError, Forbidden, InvalidRequest
from kit.texts import text


class FaceFailed(Forbidden):
    code = "face_failed"
    title = text(
        "人脸核验未通过，请重试或到窗口办理", "The face check did not succeed; try again or come to the counter"
    )


class NameNotOnFile(Conflict):
    code = "name_not_on_file"
    title = text(
        "核验机构没有该证件的记录，请到窗口核验", "The register does not know this document; please come to the counter"
    )


class NameClaimWaiting(Conflict):
    code = "name_claim_waiting"
    title = text("您提交的证件正在由工作人员核对", "Your document is being looked at by our staff")


class NameClaimDecided(Conflict):
    code = "name_claim_decided"
    title = text("该核验申请已处理", "This claim has been decided already")


class FaceNotDone(Conflict):
    code = "face_not_done"
    title = text("人脸核验尚未完成", "The face check is not finished yet")


class NameDisagrees(InvalidRequest):
    code = "name_disagrees"
    title = text("姓名与证件号码不一致，请核对", "Name and number do not belong together, please check them")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="name_disagrees", detail=self.title)])


class UnknownRegion(InvalidRequest):
    code = "unknown_region"
    title = text("没有这个区域", "There is no such region")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="region", code="unknown_region", detail=self.title)])
