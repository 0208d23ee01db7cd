"""Shapes of certificates and of the public check."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from kit import clock
from kit.texts import Text
from kit.web import PageQuery, View
from mobileapi.certificates.certificates import verify_url
from mobileapi.certificates.models import Certificate
from mobileapi.certificates.verification import Verified


class CertificateView(View):
    id: UUID
    number: str
    identifier: str
    title: Text
    item: str
    holder_masked: str
    issuer: Text
    issued_at: datetime
    valid_until: date | None
    status: Literal["valid", "expired"]
    verify_url: str
    pdf_url: str


class CertificateQuery(PageQuery):
    on_behalf_of: UUID | None = None


class CertificateList(View):
    items: list[CertificateView]
    next_cursor: str | None


class VerifiedView(View):
    """The answer to a machine that checks a code."""

    valid: bool
    kind: str | None = None
    number: str | None = None
    title: Text | None = None
    holder_masked: str | None = None
    issued_at: datetime | None = None
    issuer: Text | None = None
    status: str | None = None


def pdf_url(certificate: Certificate) -> str:
    return f"/api/v1/certificates/{certificate.id}.pdf"


def certificate_view(c: Certificate) -> CertificateView:
    return CertificateView.model_validate({
        "id": c.id, "number": c.number, "identifier": c.identifier, "title": c.title, "item": c.item_code,
        "holder_masked": c.holder_masked, "issuer": c.issuer, "issued_at": clock.city_time(c.issued_at),
        "valid_until": c.valid_until, "status": c.status, "verify_url": verify_url(c.code), "pdf_url": pdf_url(c),
    })  # fmt: skip


def verified_view(found: Verified | None) -> VerifiedView:
    if found is None:
        return VerifiedView(valid=False)
    return VerifiedView(
        valid=found.status == "valid", kind=found.kind, number=found.number, title=found.title,
        holder_masked=found.holder_masked, issued_at=clock.city_time(found.issued_at), issuer=found.issuer,
        status=found.status,
    )  # fmt: skip
