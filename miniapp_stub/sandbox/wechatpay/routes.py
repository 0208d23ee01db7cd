"""The paths of api.mch.weixin.qq.com that the sandbox serves."""

from starlette.routing import Route

from miniapp_stub.sandbox.wechatpay import orders, refunds
from miniapp_stub.sandbox.wechatpay.bills import requests
from miniapp_stub.sandbox.wechatpay.certificates import certificate_list
from miniapp_stub.sandbox.wechatpay.edge import signed_api

_ORDER = "/v3/pay/transactions/out-trade-no/{out_trade_no}"
_REFUNDS = "/v3/refund/domestic/refunds"

routes = [
    Route("/v3/certificates", signed_api("certificates", lambda call: certificate_list(call.world)), methods=["GET"]),
    Route("/v3/pay/transactions/jsapi", signed_api("prepay", orders.jsapi), methods=["POST"]),
    Route("/v3/pay/transactions/native", signed_api("prepay", orders.native), methods=["POST"]),
    Route(f"{_ORDER}/close", signed_api("close", orders.close), methods=["POST"]),
    Route(_ORDER, signed_api("query", orders.query_by_out_trade_no), methods=["GET"]),
    Route(
        "/v3/pay/transactions/id/{transaction_id}",
        signed_api("query", orders.query_by_transaction_id),
        methods=["GET"],
    ),
    Route(_REFUNDS, signed_api("refund", refunds.ask), methods=["POST"]),
    Route(f"{_REFUNDS}/{{out_refund_no}}", signed_api("query", refunds.query), methods=["GET"]),
    Route("/v3/bill/tradebill", signed_api("bill", requests.trade_bill), methods=["GET"]),
    Route("/v3/bill/fundflowbill", signed_api("bill", requests.fund_flow_bill), methods=["GET"]),
    Route("/v3/billdownload/file", signed_api("download", requests.download), methods=["GET"]),
]
