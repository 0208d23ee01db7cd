"""
Text messages by Tencent Cloud: action SendSms, version 2021-01-11.

Source: cloud.tencent.com/document/product/382/55981. A status per number stands in `SendStatusSet`; only `Ok` means
that the message was taken.
"""

from dataclasses import dataclass

from auth import tc3
from auth.sms.base import NotSent
from kit.outbound import OutsideUnreachable

VERSION = "2021-01-11"


@dataclass(frozen=True)
class TencentTextMessages:
    url: str
    account: tc3.Account
    app_id: str
    sign_name: str

    async def send(self, number: str, *, template: str, values: list[str]) -> str:
        body = {
            "PhoneNumberSet": [f"+86{number}"], "SmsSdkAppId": self.app_id, "SignName": self.sign_name,
            "TemplateId": template, "TemplateParamSet": values,
        }  # fmt: skip
        try:
            told = await tc3.ask(tc3.Service(self.url, "sms", VERSION), "SendSms", body, account=self.account)
            (status,) = told["SendStatusSet"]
            code, serial = str(status["Code"]), str(status["SerialNo"])
        except tc3.Refused as refused:
            raise NotSent(refused.code, maybe_sent=False) from None
        except (tc3.Unintelligible, KeyError, TypeError, ValueError):
            raise NotSent("unintelligible answer", maybe_sent=True) from None
        except OutsideUnreachable as error:
            raise NotSent(str(error), maybe_sent=error.maybe_done) from None
        if code != "Ok":
            raise NotSent(code, maybe_sent=False)
        return serial
