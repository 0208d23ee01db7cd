"""The receipt of an application: what was handed in, when, and what happens next."""

from pathlib import Path

from auth.citizens import citizen, masked_name, masked_phone
from kit import clock, documents
from kit.config import Settings, current
from kit.errors import NotFound
from mobileapi.applications.cases import department_of
from mobileapi.applications.models import Application, Material
from mobileapi.applications.submissions import citizen_id
from mobileapi.catalogue.checklist import materials_for
from mobileapi.catalogue.items import guide_of_version

TEMPLATE = Path(__file__).parent / "templates" / "receipt.typ"


async def receipt_pdf(case: Application) -> bytes:
    """The written receipt (administrative licence law art. 32, paragraph 2), in zh-CN. Raises NotFound for a draft."""
    if case.case_number is None or case.submitted_at is None:
        raise NotFound
    guide = await guide_of_version(case.item_code, case.item_version)
    pages = {row.material_code: len(row.uploads) for row in await Material.filter(application=case)}
    person = await citizen(citizen_id(case))
    department = await department_of(case)
    values = {
        "case_number": case.case_number, "item": guide.name.zh, "department": department["name"]["zh"],
        "applicant": masked_name(person) or masked_phone(person) or "",
        "submitted_at": clock.city_time(case.submitted_at).strftime("%Y-%m-%d %H:%M"),
        "holder": case.holder_name, "promise": f"{guide.promised_limit.days} 个{_unit(guide.promised_limit.unit)}",
        "materials": [
            {"name": e.material.name.zh, "pages": pages[e.material.code]}
            for e in materials_for(guide, case.answers) if e.material.code in pages
        ],
        "consult": guide.channels.consult, "complaint": guide.channels.complaint,
        "url": f"{current(Settings).public_url.rstrip('/')}/app/", "demo": current(Settings).demo,
    }  # fmt: skip
    return await documents.typeset(TEMPLATE, values, at=case.submitted_at)


def _unit(unit: str) -> str:
    return "工作日" if unit == "working_days" else "自然日"
