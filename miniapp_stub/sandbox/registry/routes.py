"""The one path of the registry. Questions are signed, used once, and at most five minutes old."""

import hmac
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from miniapp_stub.sandbox.registry.account import PREFIX
from miniapp_stub.sandbox.registry.companies import judge
from miniapp_stub.sandbox.wire import json_bytes
from miniapp_stub.sandbox.world import World

SKEW_S = 300


async def check(request: Request) -> Response:
    """401 for whoever is not the office, 400 for what is no question, 200 with a signed word."""
    world, body = request.app.state.world, await request.body()
    refusal = _refusal(world, request, body)
    if refusal:
        return Response(json_bytes({"error": refusal}), status_code=401, media_type="application/json")
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not all(isinstance(value, str) for value in asked.values()):
        return Response(json_bytes({"error": "BAD_REQUEST"}), status_code=400, media_type="application/json")
    answer, stamp = json_bytes({"result": judge(world, asked)}), str(int(world.clock.signing_now()))
    headers = {"x-timestamp": stamp, "x-signature": world.registry.sign(stamp, request.headers["x-nonce"], answer)}
    return Response(answer, media_type="application/json", headers=headers)


def _refusal(world: World, request: Request, body: bytes) -> str:
    stamp, nonce = request.headers.get("x-timestamp", ""), request.headers.get("x-nonce", "")
    if request.headers.get("x-app-id") != world.registry.app_id:
        return "UNKNOWN_APP"
    if not stamp.isdecimal() or abs(int(stamp) - world.clock.signing_now()) > SKEW_S:
        return "TIMESTAMP_OUT_OF_RANGE"
    if not hmac.compare_digest(request.headers.get("x-signature", ""), world.registry.sign(stamp, nonce, body)):
        return "SIGNATURE_INVALID"
    fresh = world.store.run(
        "INSERT INTO registry_nonces (nonce, at) VALUES (?, ?) ON CONFLICT DO NOTHING", nonce, world.clock.now()
    )
    return "" if fresh and len(nonce) >= 16 else "NONCE_USED"


routes = [Route(f"{PREFIX}/v1/legal-persons/check", check, methods=["POST"])]
