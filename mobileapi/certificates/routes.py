"""My certificates, and the public check of anybody's."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from auth.acting.standing import standing_for
from kit.cursors import end_of, place_in
from kit.web import Call, get
from mobileapi.certificates import access, pages, verification
from mobileapi.certificates.certificates import of_citizen, pdf_of
from mobileapi.certificates.schemas import CertificateList, CertificateQuery, certificate_view, verified_view


async def list_certificates(call: Call, query: CertificateQuery) -> CertificateList:
    """One's own, or of somebody one may read for, the newest first."""
    whose, items = call.actor.id, None
    if query.on_behalf_of is not None and query.on_behalf_of != call.actor.id:
        principal = await standing_for(call.actor, query.on_behalf_of, doing="read")
        whose, items = principal.id, principal.mandate.items
    after = place_in("certificates", query.cursor, datetime, UUID)
    found = await of_citizen(whose, limit=query.limit + 1, after=after, items=items)
    page, more = found[: query.limit], len(found) > query.limit
    last = end_of("certificates", page[-1].issued_at, page[-1].id) if more else None
    return CertificateList(items=[certificate_view(c) for c in page], next_cursor=last)


async def certificate_pdf(call: Call) -> Response:
    certificate = await access.own_certificate(call.actor, call.path_id("id"))
    headers = {"content-disposition": f'inline; filename="{certificate.number}.pdf"', "cache-control": "no-store"}
    return Response(await pdf_of(certificate), media_type="application/pdf", headers=headers)


async def verify(call: Call) -> Response:
    """JSON for who asks for it, a page for everybody else; an unknown code is a 404 either way."""
    found = await verification.verified(call.path("code"))
    status = 200 if found is not None else 404
    headers = {"vary": "accept", "cache-control": "no-store", "x-robots-tag": "noindex"}
    accepted = call.request.headers.get("accept", "")
    if "application/json" in accepted and "text/html" not in accepted:
        body = verified_view(found).model_dump_json(exclude_none=True)
        return Response(body, status_code=status, media_type="application/json", headers=headers)
    return Response(pages.verification_page(found), status_code=status, media_type="text/html", headers=headers)


async def verify_style(_: Call) -> Response:
    return Response(pages.style(), media_type="text/css", headers={"cache-control": "public, max-age=3600"})


ROUTES = [
    get("/certificates", list_certificates, roles={"citizen"}, reach="own"),
    get("/certificates/{id}.pdf", certificate_pdf, cost=5, roles={"citizen"}, reach="own", media="application/pdf"),
]
OUTSIDE = [
    get(pages.STYLE_PATH, verify_style, public=True, media="text/css"),
    get(
        "/verify/{code}",
        verify,
        public=True,
        reach="holder",
        media="text/html",
        examples={"code": "7KQ2M9XWAB3CDEFGHJ4NPRSTUV"},
    ),
]
