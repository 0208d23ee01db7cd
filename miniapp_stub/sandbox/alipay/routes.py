"""The path of openapi.alipay.com that the sandbox serves, and the one bills are handed out at."""

from starlette.routing import Route

from miniapp_stub.sandbox.alipay.account import GATEWAY_PATH
from miniapp_stub.sandbox.alipay.gateway import bill_file, gateway
from miniapp_stub.sandbox.alipay.trade.bills.requests import DOWNLOAD_PATH

routes = [
    Route(GATEWAY_PATH, gateway, methods=["GET", "POST"]),
    Route(DOWNLOAD_PATH, bill_file, methods=["GET"]),
]
