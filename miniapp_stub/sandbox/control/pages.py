"""The few HTML pages for humans, in plain HTML that needs no script."""

from html import escape

from starlette.responses import Response

STYLE = """
:root { color-scheme: light dark; font-family: system-ui, "Noto Sans SC", sans-serif; line-height: 1.6; }
body { margin: 0 auto; max-width: 32rem; padding: 1rem; }
.mark { background: #8a4b00; color: #fff; padding: .5rem 1rem; border-radius: .5rem; font-weight: 700; }
dl { display: grid; grid-template-columns: 6rem 1fr; gap: .5rem; margin: 1.5rem 0; }
dt { opacity: .75; } dd { margin: 0; overflow-wrap: anywhere; }
.amount { font-size: 2rem; font-weight: 700; }
label { display: block; margin: 1rem 0; }
input { box-sizing: border-box; width: 100%; min-height: 3rem; font: inherit; padding: 0 .75rem; }
button, a.back { display: block; box-sizing: border-box; width: 100%; min-height: 3rem; margin: .75rem 0; font: inherit;
  border-radius: .5rem; border: 1px solid currentColor; background: none; color: inherit; text-align: center;
  line-height: 3rem; text-decoration: none; }
button.pay { background: #0a6b3d; border-color: #0a6b3d; color: #fff; font-weight: 700; }
:focus-visible { outline: 3px solid #1a6dd6; outline-offset: 2px; }
code { overflow-wrap: anywhere; }
""".lstrip()

CASHIER_MARK = "模拟收银台 · 沙箱，不会产生真实扣款"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'self' http://127.0.0.1:* http://localhost:*",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser posts the form as if from nowhere (Origin: null)
    "Cache-Control": "no-store",
}


def page(title: str, content: str, *, status: int = 200, mark: str = CASHIER_MARK) -> Response:
    """A whole page; `content` is HTML already escaped."""
    html = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/_sandbox/cashier.css"></head>'
        f'<body><p class="mark" role="note">{escape(mark)}</p>'
        f"<main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    return Response(html, status, HEADERS, "text/html; charset=utf-8")


def facts(pairs: dict[str, str], *, amount: str | None = None) -> str:
    """A definition list; the amount, if any, stands out at its end."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs.items())
    if amount is not None:
        rows += f'<dt>金额</dt><dd class="amount">¥ {escape(amount)}</dd>'
    return f"<dl>{rows}</dl>"
