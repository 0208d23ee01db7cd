"""A small office for the tests: one district, two departments, four clerks, one item with a certificate."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx2
from starlette.applications import Starlette

from auth.models import Department, Duty, Region, StaffMember
from kit import clock, db
from mobileapi.applications import routes as applications
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.imports import take_item
from mobileapi.certificates import routes as certificates
from mobileapi.materials import routes as materials
from tests.materials import pictures
from tests.materials.app import application, client

DISTRICT, STREET = "440105000000", "440105001000"
ITEM, LETTER, COUNTER_ONLY = "000109101001", "000109101002", "000109101003"


def guide(**changes: object) -> Guide:
    """Replacing a lost ID card; `changes` replace whole parts."""
    return Guide.model_validate(
        {
            "code": ITEM, "implementation_code": "11440105MB9D01116K4000109101001",
            "name": {"zh": "居民身份证遗失补领", "en": "Replace a lost resident ID card"}, "aliases": ["补身份证"],
            "department": "GA", "kind": "administrative_confirmation", "case_type": "promise", "audience": ["person"],
            "themes": [], "regions": [DISTRICT],
            "legal_basis": [{"law": "居民身份证法", "article": "第十一条", "text": "丢失的应当申请补领。"}],
            "conditions": ["身份证已经遗失或者损坏。"],
            "materials": [
                _material("photo", "数字相片"),
                _material("old_card", "损坏的旧身份证", when={"lost_how": ["damaged"]}),
                _material("police_note", "报案回执", necessity="optional"),
                _material("household", "户籍信息", source="government"),
            ],
            "questions": [
                {"code": "lost_how", "text": {"zh": "身份证现在怎样？", "en": "What happened?"}, "why": "材料不同",
                 "options": [{"value": "lost", "text": "找不到了"}, {"value": "damaged", "text": "损坏了"}]},
            ],
            "form": [
                {"code": "contact", "label": {"zh": "联系电话", "en": "Telephone"}, "type": "phone", "required": True},
                {"code": "lost_on", "label": "哪天发现的", "type": "date", "required": False},
                {"code": "guardian", "label": "监护人证件号", "type": "id_number", "required": False},
                {"code": "delivery", "label": "领证方式", "type": "choice", "required": True,
                 "options": [{"value": "counter", "text": "窗口自取"}, {"value": "mail", "text": "邮寄"}]},
                {"code": "address", "label": "地址", "type": "text", "required": False, "max_length": 40},
            ],
            "steps": [{"name": "审核", "who": "民警", "working_days": 5, "counted": True}],
            "statutory_limit": {"days": 60, "unit": "natural_days"},
            "promised_limit": {"days": 15, "unit": "working_days"},
            "fee": {"charged": False, "amount_fen": 0, "basis": "不收费"},
            "result": {"name": {"zh": "居民身份证", "en": "Resident ID card"}, "kind": "certificate",
                       "delivery": ["counter"], "valid_years": 20},
            "visits": 1, "online": "full", "assurance": "real_name",
            "places": [{"name": "政务中心", "address": "新港中路", "hours": "周一至周五"}],
            "channels": {"consult": "020-00001111", "complaint": "12345"},
            "remedies": "可在六十日内申请行政复议，或者在六个月内提起行政诉讼。",
            "review_points": ["相片符合标准", "身份信息一致"],
        } | changes
    )  # fmt: skip


def _material(code: str, name: str, **changes: object) -> dict[str, object]:
    return {
        "code": code, "name": {"zh": name, "en": code}, "necessity": "required", "form": "electronic", "copies": 1,
        "source": "applicant", "reason": "办理需要", **changes,
    }  # fmt: skip


@dataclass
class Office:
    app: Starlette
    owner: UUID
    backup: UUID
    colleague: UUID  # of the same department, without a duty
    stranger: UUID  # of another department

    def desk(self, staff: UUID | None = None, roles: str = "clerk") -> httpx2.AsyncClient:
        return client(self.app, f"staff:{staff or self.owner}:{roles}")

    def citizen(self, person: UUID) -> httpx2.AsyncClient:
        return client(self.app, f"citizen:{person}")


async def open_office() -> Office:
    await Region.create(code=DISTRICT, name={"zh": "海珠区"}, level="district")
    await Region.create(code=STREET, name={"zh": "赤岗街道"}, level="street", parent_code=DISTRICT)
    await Region.create(code="440106000000", name={"zh": "天河区"}, level="district")
    for code, credit in (("GA", "11440105MB9D01116K"), ("RS", "11440105MB9D038597")):
        name = {"zh": f"{code}局", "en": f"{code} Office"}
        await Department.create(code=code, name=name, region_code=DISTRICT, credit_code=credit)
    people = [await clerk(name, "GA") for name in ("陈立群", "林晓岚", "何同事")] + [await clerk("赵外人", "RS")]
    async with db.transaction():
        await take_item(guide())
        await take_item(
            guide(
                code=LETTER,
                name={"zh": "户籍证明"},
                result={"name": "批文", "kind": "approval", "delivery": ["electronic"]},
            )
        )
        await take_item(guide(code=COUNTER_ONLY, name={"zh": "指纹采集"}, online="none"))
    for item in (ITEM, LETTER):
        await Duty.create(staff_id=people[0], item_code=item, region_code=DISTRICT, role="owner")
        await Duty.create(staff_id=people[1], item_code=item, region_code=DISTRICT, role="backup")
    routes = [*materials.ROUTES, *applications.ROUTES, *certificates.ROUTES]
    return Office(application(routes, certificates.OUTSIDE), *people)


async def clerk(name: str, department: str) -> UUID:
    person = await StaffMember.create(
        id=uuid4(), username=f"{department}.{name}", name=name, department_id=department, roles=["clerk"],
        created_at=clock.now(),
    )  # fmt: skip
    return person.id


_photos: dict[int, bytes] = {}


def photo(number: int = 0) -> bytes:
    """Drawn once a run; different numbers are different photographs."""
    if number not in _photos:
        _photos[number] = pictures.encoded(pictures.page(700 + number, 800))
    return _photos[number]


async def upload(http: httpx2.AsyncClient, content: bytes | None = None) -> str:
    answer = await http.post("/api/v1/uploads", files={"file": ("p.jpg", content or photo())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


FORM = {"contact": "13800138000", "delivery": "counter", "address": "江南大道1号"}


async def draft(http: httpx2.AsyncClient, item: str = ITEM, *, region: str = STREET) -> dict[str, object]:
    """A draft with everything in it; the application as last answered."""
    begun = (
        await http.post("/api/v1/applications", json={"item": item, "region": region, "answers": {"lost_how": "lost"}})
    ).json()
    url = f"/api/v1/applications/{begun['id']}"
    await http.patch(url, json={"version": begun["version"], "form": FORM})
    put = await http.put(f"{url}/materials/photo", json={"uploads": [await upload(http)]})
    assert put.json()["missing"] == [], put.text
    return dict(put.json())


def key(value: str | None = None) -> dict[str, str]:
    return {"idempotency-key": value or str(uuid4())}


async def filed(http: httpx2.AsyncClient, item: str = ITEM) -> dict[str, object]:
    case = await draft(http, item)
    answer = await http.post(f"/api/v1/applications/{case['id']}/submission", json={"consent": True}, headers=key())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def ordered(http: httpx2.AsyncClient, case: object, action: str, **body: object) -> httpx2.Response:
    """The desk's act, on the version the desk sees now unless one is given."""
    url = f"/api/v1/desk/applications/{case}"
    if "version" not in body:
        body["version"] = (await http.get(url)).json()["version"]
    return await http.post(f"{url}/{action}", json=body, headers=key())


PASSED = [{"index": 0, "result": "pass"}, {"index": 1, "result": "na"}]
