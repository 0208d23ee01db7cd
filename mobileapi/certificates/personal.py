"""What certificates keep of a person. Whoever was shown one may still check it; the name and the document go."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, Matter, PersonalFile
from kit import clock, crypto
from kit.texts import text
from mobileapi.certificates.certificates import pdf_of
from mobileapi.certificates.errors import CertificateDamaged
from mobileapi.certificates.models import Certificate

GROUND = "PIPL 13(1)(3), 47; Archives Law; State Council Decree 716"
TITLE = text("电子证照", "Certificates")
FORGOTTEN = "已注销用户"

KEPT = (
    Kept(
        "certificates_certificate",
        TITLE,
        text("签发与核验证照", "To issue and verify certificates"),
        GROUND,
        text("编号与状态存档 30 年", "Number and state: 30 years, as archives"),
        "pseudonymised",
    ),
)


async def about(person: Citizen) -> list[Chapter]:
    found = await Certificate.filter(citizen_id=person.id).order_by("issued_at")
    records = [
        {
            "title": c.title,
            "number": c.number,
            "identifier": c.identifier,
            "case_number": c.case_number,
            "holder": _holder(c),
            "issued_at": str(clock.city_time(c.issued_at)),
            "valid_until": str(c.valid_until or ""),
        }
        for c in found
    ]
    return [Chapter("certificates", TITLE, records, files=[f for c in found for f in await _file(c)])]


def _holder(certificate: Certificate) -> str:
    return crypto.unseal(certificate.holder_sealed, bound_to=f"certificates_certificate.holder:{certificate.id}")


async def _file(certificate: Certificate) -> list[PersonalFile]:
    try:
        return [PersonalFile(f"certificate-{certificate.number}.pdf", await pdf_of(certificate))]
    except CertificateDamaged:  # it is noted there; the rest of the copy is still owed
        return []


async def matters(person: Citizen) -> list[Matter]:
    count = await Certificate.filter(citizen_id=person.id).count()
    title = text(
        "电子证照：请先下载，注销后不能再取", "Certificates: download them first, they cannot be fetched afterwards"
    )
    return [Matter("certificates", title, blocks=False, count=count, link="sub/cert/list")]


async def forget(person: Citizen) -> list[str]:
    found = await Certificate.filter(citizen_id=person.id)
    for certificate in found:
        certificate.holder_sealed = crypto.seal(FORGOTTEN, bound_to=f"certificates_certificate.holder:{certificate.id}")
        certificate.id_number_masked = ""
        await certificate.save(update_fields=["holder_sealed", "id_number_masked"])
    return [f"certificates/{certificate.id}" for certificate in found]


async def subjects(person: Citizen) -> list[str]:
    return [f"certificate:{id_}" for id_ in await Certificate.filter(citizen_id=person.id).values_list("id", flat=True)]


CONTRIBUTOR = Contributor("mobileapi.certificates", KEPT, about, forget, matters=matters, subjects=subjects)
