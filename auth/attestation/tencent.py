"""
Attestation by Tencent Cloud's 人脸核身 (faceid, version 2018-03-01).

Source: cloud.tencent.com/document/product/1007 — IdCardVerification (姓名身份证二要素), DetectAuth (实名核身鉴权),
GetDetectInfoEnhanced (获取结果). A result without `ErrCode` is not there yet; 0 is a pass.
"""

import hmac
from dataclasses import dataclass
from typing import Any

from auth import tc3
from auth.attestation.base import CannotTell, FaceAnswer, FaceOpened, NameAnswer
from auth.documents import Document
from kit.outbound import OutsideUnreachable

VERSION = "2018-03-01"
NAME_RESULTS = {
    "0": NameAnswer.AGREES, "-1": NameAnswer.DISAGREES, "-2": NameAnswer.DISAGREES, "-3": NameAnswer.DISAGREES,
    "-4": NameAnswer.UNKNOWN, "-5": NameAnswer.UNKNOWN,
}  # fmt: skip


@dataclass(frozen=True)
class TencentAttestation:
    url: str
    account: tc3.Account
    rule_id: str

    @property
    def documents(self) -> frozenset[Document]:
        return frozenset({Document.RESIDENT_ID, Document.HMT_RESIDENCE, Document.FOREIGN_RESIDENCE})

    async def name_agrees(self, *, name: str, number: str) -> NameAnswer:
        told = await self._ask("IdCardVerification", {"IdCard": number, "Name": name})
        answer = NAME_RESULTS.get(str(told.get("Result")))
        if answer is None:  # among others -6, the register behind the service is away
            raise CannotTell(f"IdCardVerification said {told.get('Result')}")
        return answer

    async def open_face(self, *, name: str, number: str, back_to: str) -> FaceOpened:
        body = {"RuleId": self.rule_id, "IdCard": number, "Name": name, "RedirectUrl": back_to}
        told = await self._ask("DetectAuth", body)
        try:
            return FaceOpened(str(told["BizToken"]), str(told["Url"]))
        except KeyError:
            raise CannotTell("DetectAuth without a token") from None

    async def face_result(self, reference: str, *, name: str, number: str) -> FaceAnswer:
        body = {"BizToken": reference, "RuleId": self.rule_id, "InfoType": "1"}
        told = (await self._ask("GetDetectInfoEnhanced", body)).get("Text")
        if not isinstance(told, dict):
            raise CannotTell("GetDetectInfoEnhanced without a text")
        if told.get("ErrCode") is None:
            return FaceAnswer.WAITING
        checked = f"{told.get('IdCard')} {told.get('Name')}"
        same = hmac.compare_digest(checked.encode(), f"{number} {name}".encode())
        return FaceAnswer.PASSED if same and told["ErrCode"] == 0 else FaceAnswer.FAILED

    async def _ask(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return await tc3.ask(tc3.Service(self.url, "faceid", VERSION), action, body, account=self.account)
        except tc3.Refused as refused:
            raise CannotTell(refused.code) from None
        except tc3.Unintelligible:
            raise CannotTell(f"{action}: unintelligible answer") from None
        except OutsideUnreachable as error:
            raise CannotTell(f"{action}: {error}") from None
