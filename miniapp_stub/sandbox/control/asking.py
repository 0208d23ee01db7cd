"""How a control request is read and answered."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.faults import FaultRefused
from miniapp_stub.sandbox.people import PersonRefused
from miniapp_stub.sandbox.retelling import DiscrepancyRefused
from miniapp_stub.sandbox.wechatpay.payments import CashierRefused
from miniapp_stub.sandbox.wire import Unreadable, bounded_body, json_object, json_response
from miniapp_stub.sandbox.world import World

Value = TypeVar("Value")


class ControlRefused(Exception):
    """The request makes no sense; sent as 422 with `code` and `message`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Asked:
    """The JSON body of a control request (an empty body is an empty object), and the query."""

    def __init__(self, body: dict[str, Any], query: dict[str, str]) -> None:
        self.body, self.query = body, query

    def get(self, name: str, kind: type[Value]) -> Value | None:
        """A field of the given type, None when absent; a whole number passes for a float.

        Raises ControlRefused for another type.
        """
        value = self.body.get(name)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise ControlRefused("FIELD_WRONG", f"{name} must be {kind.__name__}")
        return value

    def need(self, name: str, kind: type[Value]) -> Value:
        value = self.get(name, kind)
        if value is None:
            raise ControlRefused("FIELD_MISSING", f"{name} is required ({kind.__name__})")
        return value

    def channel(self, name: str = "channel") -> str:
        """`wechat` (the default) or `alipay`. Raises ControlRefused for any other channel."""
        value = self.get(name, str) or self.query.get(name, "wechat")
        if value not in ("wechat", "alipay"):
            raise ControlRefused("CHANNEL_UNKNOWN", f"{name} must be wechat or alipay")
        return value


Handler = Callable[[World, Asked], Awaitable[Any]]


def control(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler: body in, refusals as 404, 409 or 422, JSON out."""

    async def endpoint(request: Request) -> Response:
        world: World = request.app.state.world
        try:
            raw = await bounded_body(request)
            asked = Asked(json_object(raw) if raw.strip() else {}, dict(request.query_params))
            return json_response(await handler(world, asked))
        except Unreadable as error:
            return _refused(400, "BODY_UNREADABLE", message=str(error))
        except ControlRefused as error:
            return _refused(422, error.code, message=error.message)
        except CashierRefused as error:
            return _refused(404 if error.code.endswith("UNKNOWN") else 409, error.code, message=error.message)
        except PersonRefused as error:
            return _refused(422, "PERSON_REFUSED", message=str(error))
        except FaultRefused as error:
            return _refused(422, "FAULT_REFUSED", message=str(error))
        except DiscrepancyRefused as error:
            return _refused(422, "DISCREPANCY_REFUSED", message=str(error))

    return endpoint


def _refused(status: int, code: str, *, message: str) -> Response:
    return json_response({"code": code, "message": message}, status)
