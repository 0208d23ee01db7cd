"""The built faces, served as files: /app/ for citizens, /console/ for clerks, /preview/ for whoever looks at both."""

from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.websockets import WebSocketClose

STUB = Path(__file__).resolve().parent.parent / "miniapp_stub"
FACES = {
    "app": (STUB / "citizen" / "dist" / "h5", "index.html"),
    "console": (STUB / "web" / "dist", "console.html"),
    "preview": (STUB / "web" / "dist", "preview.html"),
}
IMMUTABLE = "public, max-age=31536000, immutable"
NOT_BUILT = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>掌上办</title>'
    "<p>页面尚未构建，请运行 <code>make web</code>。The pages are not built yet: run <code>make web</code>.</p></html>"
)


def routes() -> list[BaseRoute]:
    """One mount a face, and the front door."""
    mounts: list[BaseRoute] = [
        Mount(f"/{name}", app=Face(folder, page), name=name, middleware=[Middleware(GZipMiddleware, minimum_size=1024)])
        for name, (folder, page) in FACES.items()
    ]
    doors = [Route(f"/{name}", _inside, name=f"{name}-door") for name in FACES]
    return [Route("/", _front_door, name="front-door"), *doors, *mounts]


async def _front_door(_: Request) -> Response:
    return RedirectResponse("/app/")


async def _inside(request: Request) -> Response:
    """/app is /app/. The place is named without a host: none of a client's making gets into a link."""
    return RedirectResponse(f"{request.scope['path']}/")


class Face:
    """Files of one built face; a path that is no file is a page of the face and gets its one HTML document."""

    def __init__(self, folder: Path, page: str) -> None:
        self.folder, self.page = folder, page

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        if scope["type"] == "websocket":  # type: ignore[index]
            await WebSocketClose()(scope, receive, send)  # type: ignore[arg-type]
            return
        request = Request(scope, receive, send)  # type: ignore[arg-type]
        await self.answer(request)(scope, receive, send)  # type: ignore[arg-type]

    def answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return Response(status_code=405)
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        try:
            file = (self.folder / path.lstrip("/")).resolve()
            found = file.is_relative_to(self.folder.resolve()) and file.is_file()
        except (OSError, ValueError):  # a name too long for any file, or with a NUL
            return Response(status_code=404)
        if found and path != "/":
            hashed = "/assets/" in path or "/static/js/" in path
            return FileResponse(file, headers={"cache-control": IMMUTABLE if hashed else "no-cache"})
        if Path(path).suffix and not path.endswith(".html"):
            return Response(status_code=404)
        document = self.folder / self.page
        if not document.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        return FileResponse(document, headers={"cache-control": "no-cache"})
