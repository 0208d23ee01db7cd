"""Certificates: issuing, finding, printing."""

import base64
import hashlib
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from auth.citizens import masked_name, masked_phone, open_id_number, open_name
from auth.models import Citizen, Department
from kit import clock, crypto, db, documents, storage
from kit.config import Settings, current
from kit.ids import new_id, readable_code
from kit.jobs import defer
from kit.log import logger
from kit.texts import Text
from mobileapi.certificates import jobs
from mobileapi.certificates.errors import CertificateDamaged, IssuerHasNoCode
from mobileapi.certificates.identifiers import fresh_serial, identifier
from mobileapi.certificates.models import Certificate, CertificateKind

log = logger("certificates")
TEMPLATE = Path(__file__).parent / "templates" / "certificate.typ"
CODE_LENGTH = 26  # of 31 characters: 128.8 bits


async def issue(
    *, application: UUID, case_number: str, holder: Citizen, item: str, item_name: Text, title: Text, department: str,
    valid_years: int | None,
) -> Certificate:  # fmt: skip
    """
    Issues the certificate a case ends in, inside the transaction of its approval; once a case.

    Raises: IssuerHasNoCode.
    """
    async with db.transaction():
        known = await Certificate.get_or_none(application=application)
        if known is not None:
            return known
        issuer = await Department.get(code=department)
        if len(issuer.credit_code) != 18:
            raise IssuerHasNoCode
        id_, now, today = new_id(), clock.now(), clock.today()
        certificate = await Certificate.create(
            id=id_, number=await _next_number(department, today.year),
            identifier=await _next_identifier(item, issuer), code=readable_code(CODE_LENGTH),
            application=application, case_number=case_number, citizen=holder, item_code=item,
            item_name=item_name.model_dump(), title=title.model_dump(), **_holder(holder, id_),
            issuer_code=department, issuer=issuer.name, issued_at=now,
            valid_until=years_later(today, valid_years) if valid_years else None,
        )  # fmt: skip
        await defer(jobs.print_certificate, certificate=str(id_))
    return certificate


def _holder(person: Citizen, certificate: UUID) -> dict[str, Any]:
    """Name as it stands on the certificate (sealed), and what strangers may see of it."""
    name = open_name(person) or masked_phone(person) or ""
    id_number = open_id_number(person)
    return {
        "holder_sealed": crypto.seal(name, bound_to=_bound(certificate, "holder")),
        "holder_masked": masked_name(person) or name,
        "id_number_masked": f"{id_number[:3]}{'*' * 11}{id_number[-4:]}" if id_number else "",
    }


def _bound(certificate: UUID, column: str) -> str:
    return f"certificates_certificate.{column}:{certificate}"


def years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


async def _next_number(department: str, year: int) -> str:
    return f"{department}{year}{await _counted(f'number:{department}:{year}'):06}"


async def _next_identifier(item: str, issuer: Department) -> str:
    type_code = f"{issuer.credit_code}{await _ordinal(item, issuer.code):03}"
    return identifier(type_code=type_code, issuer=issuer.credit_code, serial=fresh_serial())


async def _ordinal(item: str, issuer: str) -> int:
    known = await CertificateKind.get_or_none(item_code=item)
    if known is not None:
        return known.ordinal
    ordinal = await _counted(f"kind:{issuer}")
    await CertificateKind.bulk_create(
        [CertificateKind(item_code=item, issuer_code=issuer, ordinal=ordinal)], ignore_conflicts=True
    )
    return (await CertificateKind.get(item_code=item)).ordinal


async def _counted(key: str) -> int:
    """The next number of a series; its row stays locked until the transaction ends."""
    next_number = (
        "INSERT INTO certificates_counter (key, reached) VALUES ($1, 1) "
        "ON CONFLICT (key) DO UPDATE SET reached = certificates_counter.reached + 1 RETURNING reached"
    )
    return int(await db.fetch_value(next_number, key))


def verify_url(code: str) -> str:
    """What the QR code opens; never built from a request's host."""
    return f"{current(Settings).public_url.rstrip('/')}/verify/{code}"


async def of_application(application: UUID) -> Certificate | None:
    return await Certificate.get_or_none(application=application)


async def of_citizen(
    citizen: UUID, *, limit: int, after: tuple[datetime, UUID] | None, items: Collection[str] | None = None
) -> list[Certificate]:
    """The newest first, behind the one that is named in `after` by its time and id; of `items` only, when given."""
    own = Certificate.filter(citizen_id=citizen)
    if items is not None:
        own = own.filter(item_code__in=list(items))
    if after is not None:
        issued, id_ = after
        own = own.filter(Q(issued_at__lt=issued) | Q(issued_at=issued, id__lt=id_))
    return await own.order_by("-issued_at", "-id").limit(limit)


async def pdf_of(certificate: Certificate) -> bytes:
    """
    The document as it was issued; printed and stored, sealed, when this is the first time.

    Raises: CertificateDamaged.
    """
    name = f"certificates/{certificate.id}"
    bound = _bound(certificate.id, "pdf")
    if certificate.file_sha256 is None:
        pdf = await _printed(certificate)
        await storage.put(name, crypto.seal(base64.b64encode(pdf).decode(), bound_to=bound))
        await Certificate.filter(id=certificate.id, file_sha256=None).update(
            file_sha256=hashlib.sha256(pdf).hexdigest()
        )
        return pdf
    try:
        pdf = base64.b64decode(crypto.unseal(await storage.get(name), bound_to=bound))
    except (storage.FileMissing, crypto.CannotUnseal) as error:
        log.error("certificate_damaged", certificate=str(certificate.id), why=type(error).__name__)
        raise CertificateDamaged from error
    if hashlib.sha256(pdf).hexdigest() != certificate.file_sha256:
        log.error("certificate_damaged", certificate=str(certificate.id), why="digest")
        raise CertificateDamaged
    return pdf


async def _printed(certificate: Certificate) -> bytes:
    url = verify_url(certificate.code)
    values = {
        "title": certificate.title, "item": certificate.item_name, "issuer": certificate.issuer,
        "holder": crypto.unseal(certificate.holder_sealed, bound_to=_bound(certificate.id, "holder")),
        "id_number": certificate.id_number_masked, "number": certificate.number,
        "identifier": certificate.identifier, "case_number": certificate.case_number,
        "issued_on": _day(clock.city_time(certificate.issued_at).date()),
        "valid_until": _day(certificate.valid_until) if certificate.valid_until else "长期",
        "url": url, "qr": documents.qr_svg(url), "demo": current(Settings).demo,
    }  # fmt: skip
    return await documents.typeset(TEMPLATE, values, at=certificate.issued_at)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
