"""The paths of api.weixin.qq.com that the sandbox serves."""

from starlette.routing import Route

from miniapp_stub.sandbox.wechat.answers import open_api
from miniapp_stub.sandbox.wechat.login import code2session
from miniapp_stub.sandbox.wechat.phone import phone_number
from miniapp_stub.sandbox.wechat.session import check_session
from miniapp_stub.sandbox.wechat.subscribing import send
from miniapp_stub.sandbox.wechat.tokens import classic_token, stable_token

routes = [
    Route("/sns/jscode2session", open_api("login", code2session), methods=["GET", "POST"]),
    Route("/cgi-bin/token", open_api("token", classic_token), methods=["GET", "POST"]),
    Route("/cgi-bin/stable_token", open_api("token", stable_token), methods=["POST"]),
    Route("/wxa/business/getuserphonenumber", open_api("phone", phone_number), methods=["POST"]),
    Route("/cgi-bin/message/subscribe/send", open_api("message", send), methods=["POST"]),
    Route("/wxa/checksession", open_api("login", check_session), methods=["GET"]),
]
