"""The path of openapi.alipay.com that the sandbox serves."""

from starlette.routing import Route

from miniapp_stub.sandbox.alipay.account import GATEWAY_PATH
from miniapp_stub.sandbox.alipay.gateway import gateway

routes = [Route(GATEWAY_PATH, gateway, methods=["GET", "POST"])]
