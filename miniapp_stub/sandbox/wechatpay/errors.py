"""Refusals of WeChat Pay, each with the code merchants decide on, its HTTP status and its words."""

from collections.abc import Mapping
from typing import Any

STATUS = {
    "PARAM_ERROR": 400,
    "INVALID_REQUEST": 400,
    "APPID_MCHID_NOT_MATCH": 400,
    "MCH_NOT_EXISTS": 400,
    "ORDER_CLOSED": 400,
    "NO_STATEMENT_EXIST": 400,
    "STATEMENT_CREATING": 400,
    "SIGN_ERROR": 401,
    "NO_AUTH": 403,
    "OUT_TRADE_NO_USED": 403,
    "NOT_ENOUGH": 403,
    "ORDER_NOT_EXIST": 404,
    "RESOURCE_NOT_EXISTS": 404,
    "FREQUENCY_LIMITED": 429,
    "SYSTEM_ERROR": 500,
}


class PayError(Exception):
    """A typed refusal; `detail` has field, value, issue and location where one parameter is at fault."""

    def __init__(self, code: str, message: str, *, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.detail = code, message, detail

    @property
    def status(self) -> int:
        return STATUS[self.code]

    def body(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"code": self.code, "message": self.message}
        return answer | ({"detail": dict(self.detail)} if self.detail else {})


def param_error(field: str, value: object, *, issue: str, location: str = "body") -> PayError:
    """A parameter breaks its rule; `field` is a JSON pointer in a body, a plain name in a query or path."""
    return PayError(
        "PARAM_ERROR",
        f"参数错误: {field} {issue}",
        detail={"field": field, "value": value, "issue": issue, "location": location},
    )
