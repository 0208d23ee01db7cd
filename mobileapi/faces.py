"""The built faces, served as files: /app/ for citizens, /console/ for clerks, /preview/ for whoever looks at both.

Text files lie beside their packed copies (`miniapp_stub/tools/compress.mjs`); a client gets the smallest it can read.
Each copy is a representation of its own, with its own ETag (RFC 9110 section 8.8.3.3).
"""

from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import NotModifiedResponse
from starlette.websockets import WebSocketClose

STUB = Path(__file__).resolve().parent.parent / "miniapp_stub"
FACES = {
    "app": (STUB / "citizen" / "dist" / "h5", "index.html"),
    "console": (STUB / "web" / "dist", "console.html"),
    "preview": (STUB / "web" / "dist", "preview.html"),
}
IMMUTABLE = "public, max-age=31536000, immutable"
PACKED = {"br": ".br", "gzip": ".gz"}  # content codings, smallest first
NOT_BUILT = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>掌上办</title>'
    "<p>页面尚未构建，请运行 <code>make web</code>。The pages are not built yet: run <code>make web</code>.</p></html>"
)


def routes() -> list[BaseRoute]:
    """One mount a face, and the front door."""
    mounts: list[BaseRoute] = [Mount(f"/{name}", app=Face(*face), name=name) for name, face in FACES.items()]
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
            return Response(status_code=405, headers={"allow": "GET, HEAD"})
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        try:
            file = (self.folder / path.lstrip("/")).resolve()
            found = file.is_relative_to(self.folder.resolve()) and file.is_file()
        except (OSError, ValueError):  # a name too long for any file, or with a NUL
            return Response(status_code=404)
        if path.endswith(tuple(PACKED.values())):  # a copy is handed out under the name of what it is a copy of
            return Response(status_code=404)
        if found and path != "/":
            hashed = "/assets/" in path or "/static/js/" in path
            return _as_asked(request, file, cache=IMMUTABLE if hashed else "no-cache")
        if Path(path).suffix and not path.endswith(".html"):
            return Response(status_code=404)
        document = self.folder / self.page
        if not document.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        return _as_asked(request, document, cache="no-cache")


def _as_asked(request: Request, file: Path, *, cache: str) -> Response:
    """The file, packed if the client reads that; 304 when it has this very copy. Ranges are FileResponse's."""
    copies = {coding: packed for coding in PACKED if (packed := Path(f"{file}{PACKED[coding]}")).is_file()}
    coding = best_coding(",".join(request.headers.getlist("accept-encoding")), tuple(copies))
    headers = {"cache-control": cache}
    if copies:
        headers["vary"] = "Accept-Encoding"
    if coding:
        headers["content-encoding"] = coding
    sent = copies.get(coding, file)
    media = guess_type(file.name)[0] or "application/octet-stream"
    response = FileResponse(sent, headers=headers, media_type=media, stat_result=sent.stat())
    return NotModifiedResponse(response.headers) if _is_known(request, response.headers) else response


def best_coding(accepted: str, offered: tuple[str, ...]) -> str:
    """The first of `offered` (the smallest) that an Accept-Encoding lets us send; "" for the plain bytes."""
    weights = dict(_weighed(part) for part in accepted.lower().split(",") if part.strip())
    return next((one for one in offered if weights.get(one, weights.get("*", 0.0)) > 0), "")


def _weighed(part: str) -> tuple[str, float]:
    """`br;q=0.8` → ("br", 0.8). What cannot be read is not wanted."""
    name, _, rest = part.partition(";")
    told = rest.strip()
    try:
        return name.strip(), float(told.removeprefix("q=")) if told else 1.0
    except ValueError:
        return name.strip(), 0.0


def _is_known(request: Request, headers: Headers) -> bool:
    """Whether the client says it holds this copy (RFC 9110 section 13.1.2); dates are not asked, tags are exact."""
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return headers["etag"] in tags or tags == ["*"]
