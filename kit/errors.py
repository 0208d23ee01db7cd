"""
HouseError
├── InvalidRequest          422  fields are at fault
├── Unreadable              400  not the JSON or form we can read
├── NotSignedIn             401  no token, or one that is not good any more
├── Forbidden               403  known, but not allowed
├── NotFound                404  absent and forbidden look alike
├── Conflict                409  what is asked does not fit what is
├── TooLarge                413
├── TooMany                 429
└── Unavailable             503  a part we need is out of reach; trying again makes sense

Every error a caller can meet is one class, one sentence. `mobileapi` renders them as problem+json (RFC 9457), the
chat socket as error frames; nothing else knows how.
"""

from typing import Any, ClassVar

from pydantic import BaseModel

from kit.texts import Text, text


class FieldError(BaseModel):
    """One thing at fault. `field` is a dotted path, `code` stable, `detail` for people."""

    field: str
    code: str
    detail: Text


class HouseError(Exception):
    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = text("系统出了点问题", "Something went wrong")
    retry: ClassVar[bool] = False

    def __init__(
        self, detail: Text | None = None, *, errors: list[FieldError] | None = None, extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(self.code)
        self.detail = detail or self.title
        self.errors = errors or []
        self.extra = extra or {}

    def problem(self, *, language: str, request_id: str) -> dict[str, Any]:
        """The body of the answer, as `application/problem+json`."""
        body: dict[str, Any] = {
            "type": f"urn:handheld:error:{self.code}",
            "title": self.title.in_language(language),
            "status": self.status,
            "detail": self.detail.in_language(language),
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            body["errors"] = [
                {"field": e.field, "code": e.code, "detail": e.detail.in_language(language)} for e in self.errors
            ]
        return body | self.extra


class InvalidRequest(HouseError):
    code, status = "invalid_request", 422
    title = text("填写的内容有误，请检查后再试", "Some of what you entered is not right")


class Unreadable(HouseError):
    code, status = "unreadable_request", 400
    title = text("无法读取请求内容", "The request cannot be read")


class UnsupportedMedia(HouseError):
    code, status = "unsupported_media_type", 415
    title = text("请求的内容类型不受支持", "This kind of content is not accepted here")


class NotSignedIn(HouseError):
    code, status = "token_missing", 401
    title = text("请先登录", "Please sign in first")


class Forbidden(HouseError):
    code, status = "forbidden", 403
    title = text("您没有权限进行此操作", "You are not allowed to do this")


class NotFound(HouseError):
    code, status = "not_found", 404
    title = text("没有找到", "Not found")


class MethodNotAllowed(HouseError):
    code, status = "method_not_allowed", 405
    title = text("不支持此操作方式", "This method is not available here")


class Conflict(HouseError):
    code, status = "conflict", 409
    title = text("当前状态下不能这样做", "This does not fit the present state")


class TooLarge(HouseError):
    code, status = "too_large", 413
    title = text("内容太大", "The content is too large")


class TooMany(HouseError):
    code, status, retry = "too_many_requests", 429, True
    title = text("操作太频繁，请稍后再试", "Too many requests, please wait a moment")

    def __init__(self, retry_after_s: int) -> None:
        wait = text(f"请 {retry_after_s} 秒后再试", f"Please try again in {retry_after_s} s")
        super().__init__(wait, extra={"retry_after_s": retry_after_s})


class Unavailable(HouseError):
    code, status, retry = "unavailable", 503, True
    title = text("服务暂时不可用，请稍后再试", "The service is busy, please try again shortly")


class IdempotencyKeyMissing(HouseError):
    code, status = "idempotency_key_missing", 400
    title = text("缺少 Idempotency-Key", "The Idempotency-Key header is missing")


class IdempotencyKeyInvalid(HouseError):
    code, status = "idempotency_key_invalid", 400
    title = text("Idempotency-Key 应为 1–255 个可见 ASCII 字符", "Idempotency-Key takes 1–255 visible ASCII characters")


class IdempotencyKeyReused(HouseError):
    code, status = "idempotency_key_reused", 409
    title = text("同一 Idempotency-Key 用于了不同的请求", "This Idempotency-Key was used for another request")


class RequestInProgress(HouseError):
    code, status, retry = "request_in_progress", 409, True
    title = text("同一请求正在处理中", "The same request is being handled")
