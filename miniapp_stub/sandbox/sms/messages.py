"""Text messages that were handed in: kept, so that people and tests can read what a phone would have got."""

import json
import re
import secrets
from typing import Any

from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.cloud.account import SIGN_NAME, TEMPLATES
from miniapp_stub.sandbox.cloud.errors import CloudError
from miniapp_stub.sandbox.world import World

MAINLAND = re.compile(r"\+86(1[3-9]\d{9})")
LONGEST_VALUE = 64


def send_sms(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """`SendSms`: a status for each number."""
    numbers, template = body.get("PhoneNumberSet"), str(body.get("TemplateId", ""))
    if not isinstance(numbers, list) or not numbers:
        raise CloudError("MissingParameter")
    if body.get("SmsSdkAppId") != world.cloud.sms_app_id:
        raise CloudError("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
    if body.get("SignName") != SIGN_NAME:
        raise CloudError("FailedOperation.SignatureIncorrectOrUnapproved")
    if template not in TEMPLATES:
        raise CloudError("FailedOperation.TemplateIncorrectOrUnapproved")
    values = [str(value) for value in body.get("TemplateParamSet") or []]
    return {"SendStatusSet": [_sent(world, str(number), template=template, values=values) for number in numbers]}


def _sent(world: World, number: str, *, template: str, values: list[str]) -> dict[str, Any]:
    found = MAINLAND.fullmatch(number)
    wanted = len(re.findall(r"\{\d+\}", TEMPLATES[template]))
    code = "Ok"
    if found is None:
        code = "InvalidParameterValue.IncorrectPhoneNumber"
    elif len(values) != wanted or any(len(value) > LONGEST_VALUE for value in values):
        code = "InvalidParameterValue.TemplateParameterFormatError"
    serial = f"2645:{secrets.randbelow(10**19)}"
    if code == "Ok" and found is not None:
        world.store.run(
            "INSERT INTO texts (serial, phone, template, vals, at) VALUES (?, ?, ?, ?, ?)",
            serial, found[1], template, json.dumps(values), world.clock.now(),
        )  # fmt: skip
    return {
        "SerialNo": serial if code == "Ok" else "", "PhoneNumber": number, "Fee": int(code == "Ok"),
        "SessionContext": "", "Code": code, "Message": "send success" if code == "Ok" else "refused", "IsoCode": "CN",
    }  # fmt: skip


def sent_to(world: World, phone: str | None, *, limit: int = 50) -> list[dict[str, Any]]:
    """What phones got, the newest first; of one phone when it is named."""
    rows = world.store.all(
        "SELECT * FROM texts WHERE ? IS NULL OR phone = ? ORDER BY id DESC LIMIT ?", phone, phone, limit
    )
    return [
        {
            "phone": row["phone"], "text": _text(row["template"], json.loads(row["vals"])), "at": rfc3339(row["at"]),
            "values": json.loads(row["vals"]),
        }
        for row in rows
    ]  # fmt: skip


def _text(template: str, values: list[str]) -> str:
    text = TEMPLATES[template]
    for n, value in enumerate(values, 1):
        text = text.replace(f"{{{n}}}", value)
    return text
