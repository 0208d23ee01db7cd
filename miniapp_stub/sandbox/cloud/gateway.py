"""One address for every action, as the cloud has it: POST /, the action in a header, errors inside HTTP 200."""

import uuid
from collections.abc import Callable
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from miniapp_stub.sandbox.attestation import checks
from miniapp_stub.sandbox.cloud.errors import CloudError
from miniapp_stub.sandbox.cloud.signature import SignatureRefused, service_of_signed
from miniapp_stub.sandbox.sms import messages
from miniapp_stub.sandbox.wire import BrokenAnswer, Unreadable, bounded_body, json_object, json_response
from miniapp_stub.sandbox.world import World

Action = Callable[[World, dict[str, Any]], dict[str, Any]]
ACTIONS: dict[tuple[str, str, str], tuple[str, Action]] = {
    ("sms", "2021-01-11", "SendSms"): ("sms", messages.send_sms),
    ("faceid", "2018-03-01", "IdCardVerification"): ("name", checks.id_card_verification),
    ("faceid", "2018-03-01", "DetectAuth"): ("face", checks.detect_auth),
    ("faceid", "2018-03-01", "GetDetectInfoEnhanced"): ("face", checks.detect_info),
}


async def gateway(request: Request) -> Response:
    """Reads, checks the signature, lets faults strike, answers."""
    world: World = request.app.state.world
    try:
        raw = await bounded_body(request)
    except Unreadable:
        return _answer({"Error": {"Code": "InvalidRequest", "Message": "body too long"}})
    keys = {world.cloud.secret_id: world.cloud.secret_key}
    try:
        service = service_of_signed(request.headers, raw, keys=keys, now=world.clock.signing_now())
        where, action = _action(service, request)
    except (SignatureRefused, CloudError) as refused:
        return _answer({"Error": {"Code": refused.code, "Message": "refused"}})
    struck = world.faults.strike(where)
    if unanswered := struck.keys() & {"drop", "timeout_before"}:
        return BrokenAnswer(0 if "drop" in unanswered else struck["timeout_before"])
    if "http_500" in struck:
        return Response("Internal Server Error", 500)
    told = await _carried_out(world, action, raw)
    if "timeout_after" in struck:
        return BrokenAnswer(struck["timeout_after"])
    await anyio.sleep(struck.get("delay", 0))
    return _answer(told)


def _action(service: str, request: Request) -> tuple[str, Action]:
    version, name = request.headers.get("x-tc-version", ""), request.headers.get("x-tc-action", "")
    found = ACTIONS.get((service, version, name))
    if found is None:
        raise CloudError("InvalidAction" if version else "MissingParameter")
    return found


async def _carried_out(world: World, action: Action, raw: bytes) -> dict[str, Any]:
    try:
        return action(world, json_object(raw))
    except Unreadable:
        return {"Error": {"Code": "InvalidParameter", "Message": "not a JSON object"}}
    except CloudError as error:
        return {"Error": {"Code": error.code, "Message": "refused"}}


def _answer(told: dict[str, Any]) -> Response:
    return json_response({"Response": {**told, "RequestId": str(uuid.uuid4())}})


routes = [Route("/", gateway, methods=["POST"])]
