"""The sandbox as one application: the platforms' paths, the control surface, a page that says what this is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from miniapp_stub.sandbox import delivery
from miniapp_stub.sandbox.access import LOOPBACK_ORIGIN, LoopbackOnly
from miniapp_stub.sandbox.alipay import routes as alipay_routes
from miniapp_stub.sandbox.cloud import gateway as cloud
from miniapp_stub.sandbox.control import routes as control_routes
from miniapp_stub.sandbox.control.pages import page
from miniapp_stub.sandbox.dingtalk import routes as dingtalk_routes
from miniapp_stub.sandbox.registry import routes as registry_routes
from miniapp_stub.sandbox.wechat import routes as wechat_routes
from miniapp_stub.sandbox.wechatpay import routes as pay_routes
from miniapp_stub.sandbox.wechatpay.errors import PayError
from miniapp_stub.sandbox.wecom import routes as wecom_routes
from miniapp_stub.sandbox.wire import json_response
from miniapp_stub.sandbox.world import open_world

DEFAULT_URL = "http://127.0.0.1:8001"
_CORS = Middleware(
    CORSMiddleware,
    allow_origin_regex=LOOPBACK_ORIGIN,
    allow_methods=["GET", "POST", "DELETE"],
    allow_headers=["content-type"],
)


def create_app(data_dir: Path, *, base_url: str = DEFAULT_URL) -> Starlette:
    """Build the sandbox over its data folder; `base_url` is where clients reach it, and goes into `credentials.env`."""
    app = Starlette(
        routes=[
            Route("/", _front, methods=["GET"], middleware=[Middleware(LoopbackOnly)]),
            Mount("/_sandbox", routes=control_routes.routes, middleware=[_CORS, Middleware(LoopbackOnly)]),
            *wechat_routes.routes,
            *alipay_routes.routes,
            *registry_routes.routes,
            *cloud.routes,
            *pay_routes.routes,
            *dingtalk_routes.routes,
            *wecom_routes.routes,
        ],
        exception_handlers={HTTPException: _no_such_path, Exception: _broken},
        lifespan=_lifespan,
    )
    app.state.world = open_world(data_dir, base_url=base_url)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    world = app.state.world
    async with anyio.create_task_group() as group:
        group.start_soon(delivery.rounds, world)
        yield
        group.cancel_scope.cancel()
    await world.courier.close()


async def _front(request: Request) -> Response:
    world = request.app.state.world
    links = "".join(
        f'<li><a href="/_sandbox{path}"><code>GET /_sandbox{path}</code></a></li>'
        for method, path, _ in control_routes.TABLE
        if method == "GET" and path != "/people"
    )
    calls = "".join(
        f"<li><code>{method} /_sandbox{path}</code></li>" for method, path, _ in control_routes.TABLE if method != "GET"
    )
    return page(
        "平台沙箱",
        "<p>这里模拟微信与支付宝小程序的登录和支付，供本机开发和测试。"
        "钥匙在数据目录的 <code>credentials.env</code>。"
        f"</p><p>商户号 <code>{world.credentials.mch_id}</code>，应用 <code>{world.credentials.app_id}</code>，"
        f"支付宝应用 <code>{world.alipay.app_id}</code></p>"
        f"<h2>查看</h2><ul>{links}</ul><h2>操作</h2><ul>{calls}</ul>",
        mark="沙箱 · 一切人物与款项均为虚构",
    )


async def _no_such_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/v3/"):
        return json_response(PayError("RESOURCE_NOT_EXISTS", "请求的资源不存在").body(), error.status_code)
    return json_response(
        {"code": "NO_SUCH_PATH", "message": str(error.detail)},
        error.status_code,
    )


async def _broken(request: Request, error: Exception) -> Response:
    del request, error
    return json_response(PayError("SYSTEM_ERROR", "系统异常，请稍后重试").body(), 500)
