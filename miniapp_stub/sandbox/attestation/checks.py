"""人脸核身: name and number against the register, and checks of faces that a person passes or fails on a page."""

import re
import uuid
from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox.attestation.registry import name_of
from miniapp_stub.sandbox.clock import MINUTE
from miniapp_stub.sandbox.cloud.errors import CloudError
from miniapp_stub.sandbox.world import World

TOKEN_LIFE_S = 120 * MINUTE
NUMBER = re.compile(r"[1-9]\d{16}[\dX]")


class NoSuchCheck(ValueError):
    """No check has this token, or it is over."""


def id_card_verification(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """`IdCardVerification`: 0 agrees, -1 does not, -2 no number, -4 not in the register."""
    name, number = _pair(body)
    if not NUMBER.fullmatch(number):
        return {"Result": "-2", "Description": "非法身份证号（长度、校验位等不正确）"}
    known = name_of(world, number)
    if known is None:
        return {"Result": "-4", "Description": "证件库中无此身份证记录"}
    same = known == name
    return {"Result": "0" if same else "-1", "Description": "姓名和身份证号一致" if same else "姓名和身份证号不一致"}


def _pair(body: dict[str, Any]) -> tuple[str, str]:
    name, number = body.get("Name"), body.get("IdCard")
    if not isinstance(name, str) or not isinstance(number, str) or not name or not number:
        raise CloudError("MissingParameter")
    return name, number


def detect_auth(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """`DetectAuth`: a token and the page on which the person shows the face."""
    name, number = _pair(body)
    if body.get("RuleId") != world.cloud.rule_id:
        raise CloudError("InvalidParameterValue.RuleIdNotExist")
    token = str(uuid.uuid4()).upper()
    world.store.run(
        "INSERT INTO faces (token, name, number, back_to, at) VALUES (?, ?, ?, ?, ?)",
        token, name, number, str(body.get("RedirectUrl", "")), world.clock.now(),
    )  # fmt: skip
    return {"BizToken": token, "Url": f"{world.base_url}/_sandbox/face?token={token}"}


def detect_info(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """`GetDetectInfoEnhanced`: no `ErrCode` until the person is through; 0 is a pass, 2016 is somebody else's face."""
    try:
        row = check(world, str(body.get("BizToken", "")))
    except NoSuchCheck:
        raise CloudError("InvalidParameterValue.BizTokenIllegal") from None
    passed = row["passed"]
    told: dict[str, Any] = {"IdCard": row["number"], "Name": row["name"], "ErrCode": None, "ErrMsg": None}
    if passed is not None:
        told |= {"ErrCode": 0, "ErrMsg": "成功"} if passed else {"ErrCode": 2016, "ErrMsg": "比对相似度未达到通过标准"}
        told |= {"LiveStatus": 0, "Comparestatus": told["ErrCode"], "Sim": "98.20" if passed else "31.05"}
    return {"Text": told}


def check(world: World, token: str) -> Row:
    """Raises NoSuchCheck."""
    row = world.store.one("SELECT * FROM faces WHERE token = ? AND at > ?", token, world.clock.now() - TOKEN_LIFE_S)
    if row is None:
        raise NoSuchCheck
    return row


def show_face(world: World, token: str, *, passes: bool) -> None:
    """The person before the camera, once. Raises NoSuchCheck."""
    if check(world, token)["passed"] is None:
        world.store.run("UPDATE faces SET passed = ? WHERE token = ? AND passed IS NULL", int(passes), token)
