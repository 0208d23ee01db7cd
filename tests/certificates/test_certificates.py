"""Issuing, the printed document, and the public check, on PostgreSQL and over HTTP."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from uuid import uuid4

import httpx2
import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from auth.models import Citizen, Department
from kit import clock, db, documents, storage
from kit.texts import text
from mobileapi.certificates import routes
from mobileapi.certificates.certificates import issue, pdf_of, years_later
from mobileapi.certificates.errors import IssuerHasNoCode
from mobileapi.certificates.identifiers import identifier_holds
from mobileapi.certificates.models import Certificate
from mobileapi.certificates.verification import Verified, register_verifier
from mobileapi.settings import OfficeSettings
from tests.materials.app import application, client
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
NAME, ID_NUMBER = "欧阳晴", "440105199001011230"


@pytest.fixture
async def holder(database: str) -> Citizen:
    await Department.create(
        code="GA", name={"zh": "海珠区公安分局", "en": "Haizhu Public Security"}, region_code="440105000000",
        credit_code="11440105MB9D01116K",
    )  # fmt: skip
    return await verified_citizen(NAME, id_number=ID_NUMBER)


async def issued(holder: Citizen, *, valid_years: int | None = 3, item: str = "000109101001") -> Certificate:
    return await issue(
        application=uuid4(), case_number="HZ2026112100012C", holder=holder, item=item,
        item_name=text("居民身份证遗失补领"), title=text("居民身份证", "Resident ID card"), department="GA",
        valid_years=valid_years,
    )  # fmt: skip


@pytest.fixture
async def http(database: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(application(routes.ROUTES, routes.OUTSIDE)) as opened:
        yield opened


def bearer(citizen: Citizen) -> dict[str, str]:
    return {"authorization": f"Bearer citizen:{citizen.id}"}


async def test_a_certificate_has_number_identifier_code_and_a_sealed_holder(holder: Citizen) -> None:
    first, second = await issued(holder), await issued(holder, item="000109101002")
    year = clock.today().year
    assert [first.number, second.number] == [f"GA{year}000001", f"GA{year}000002"]
    assert identifier_holds(first.identifier) and identifier_holds(second.identifier)
    assert first.identifier.startswith("1.2.156.3005.2.11440105MB9D01116K001.11440105MB9D01116K.")
    assert second.identifier.startswith("1.2.156.3005.2.11440105MB9D01116K002.11440105MB9D01116K.")
    assert len(first.code) == 26 and first.code != second.code
    assert (first.holder_masked, first.id_number_masked) == ("欧*晴", "440***********1230")
    stored = await db.fetch("SELECT * FROM certificates_certificate")
    assert NAME not in str([dict(r) for r in stored]) and ID_NUMBER not in str([dict(r) for r in stored])


async def test_one_case_gives_one_certificate(holder: Citizen) -> None:
    case = uuid4()
    values = {
        "case_number": "X",
        "holder": holder,
        "item": "1",
        "item_name": text("甲"),
        "title": text("证"),
        "department": "GA",
        "valid_years": None,
    }
    one, two = await issue(application=case, **values), await issue(application=case, **values)  # type: ignore[arg-type]
    assert one.id == two.id
    assert await Certificate.all().count() == 1


async def test_numbers_of_certificates_issued_at_once_are_all_different(holder: Citizen) -> None:
    made = await asyncio.gather(*(issued(holder) for _ in range(12)))
    assert sorted(int(c.number[-6:]) for c in made) == list(range(1, 13))
    assert len({c.identifier.split(".")[5] for c in made}) == 1


async def test_a_department_without_a_credit_code_cannot_issue(holder: Citizen) -> None:
    await Department.filter(code="GA").update(credit_code="")
    with pytest.raises(IssuerHasNoCode):
        await issued(holder)
    assert await Certificate.all().count() == 0
    assert await db.fetch_value("SELECT count(*) FROM procrastinate_jobs") == 0


async def test_an_issued_certificate_is_never_changed_or_deleted(holder: Citizen) -> None:
    certificate = await issued(holder)
    await pdf_of(certificate)
    for tampering in ("UPDATE certificates_certificate SET holder_masked = 'x'", "DELETE FROM certificates_certificate",
                      "UPDATE certificates_certificate SET file_sha256 = 'x'"):  # fmt: skip
        with pytest.raises(Exception, match="never changed"):
            await db.execute(tampering)


async def test_the_pdf_shows_the_holder_and_its_qr_code_opens_the_check(
    holder: Citizen, http: httpx2.AsyncClient, drain: Callable[[], Awaitable[None]]
) -> None:
    certificate = await issued(holder)
    await drain()
    kept = await Certificate.get(id=certificate.id)
    assert kept.file_sha256 is not None
    answer = await http.get(f"/api/v1/certificates/{certificate.id}.pdf", headers=bearer(holder))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-1.")
    pages = PdfReader(io.BytesIO(answer.content)).pages
    words = re.sub(r"\s", "", pages[0].extract_text())
    assert len(pages) == 1
    for shown in (NAME, "居民身份证", certificate.number, "440***********1230", "海珠区公安分局", "示范文本"):
        assert shown in words, shown
    assert ID_NUMBER not in words
    assert qr_content(answer.content) == f"http://127.0.0.1:8000/verify/{certificate.code}"


def qr_content(pdf: bytes) -> str:
    """What a phone reads from the printed page."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    return str(zxingcpp.read_barcodes(picture)[0].text)


async def test_the_stored_document_is_sealed_and_a_damaged_one_is_not_handed_out(
    holder: Citizen, http: httpx2.AsyncClient, settings: OfficeSettings
) -> None:
    certificate = await issued(holder)
    url = f"/api/v1/certificates/{certificate.id}.pdf"
    first = (await http.get(url, headers=bearer(holder))).content
    assert (await http.get(url, headers=bearer(holder))).content == first
    file = settings.data_dir / "files" / "certificates" / str(certificate.id)
    assert b"%PDF" not in file.read_bytes()
    await storage.put(f"certificates/{certificate.id}", file.read_bytes()[:-1] + b"\0")
    answer = await http.get(url, headers=bearer(holder))
    assert (answer.status_code, answer.json()["code"]) == (503, "certificate_damaged")


async def test_only_the_holder_lists_and_opens_certificates(holder: Citizen, http: httpx2.AsyncClient) -> None:
    certificate = await issued(holder)
    listed = (await http.get("/api/v1/certificates", headers=bearer(holder))).json()["items"]
    assert [(c["number"], c["status"], c["holder_masked"]) for c in listed] == [(certificate.number, "valid", "欧*晴")]
    assert listed[0]["verify_url"] == f"http://127.0.0.1:8000/verify/{certificate.code}"
    stranger = {"authorization": f"Bearer citizen:{uuid4()}"}
    assert (await http.get("/api/v1/certificates", headers=stranger)).json()["items"] == []
    for id_ in (certificate.id, uuid4(), "x"):
        refused = await http.get(f"/api/v1/certificates/{id_}.pdf", headers=stranger)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert (await http.get(f"/api/v1/certificates/{certificate.id}.pdf")).status_code == 401


async def test_certificates_come_in_pages(holder: Citizen, http: httpx2.AsyncClient) -> None:
    numbers = [(await issued(holder)).number for _ in range(5)]
    found, cursor = [], ""
    for _ in range(3):
        page = (await http.get(f"/api/v1/certificates?limit=2{cursor}", headers=bearer(holder))).json()
        found += [c["number"] for c in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (found, page["next_cursor"]) == (numbers[::-1], None)
    foreign = await http.get(f"/api/v1/certificates?cursor={uuid4()}", headers=bearer(holder))
    assert (foreign.status_code, foreign.json()["code"]) == (422, "invalid_request")


async def test_the_check_tells_machines_what_is_genuine_and_hides_the_name(
    holder: Citizen, http: httpx2.AsyncClient
) -> None:
    certificate = await issued(holder)
    answer = await http.get(f"/verify/{certificate.code}", headers={"accept": "application/json"})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["valid"], body["kind"], body["number"], body["status"]) == (
        True,
        "certificate",
        certificate.number,
        "valid",
    )
    assert (body["holder_masked"], body["title"]["en"]) == ("欧*晴", "Resident ID card")
    assert (await http.get(f"/verify/{certificate.code.lower()}", headers={"accept": "application/json"})).json()[
        "valid"
    ]


@pytest.mark.parametrize("code", ["A" * 26, "x", "%00" * 26, "<script>alert(1)</script>aaaa", "文" * 26, "A" * 500])
async def test_a_forged_code_is_a_404_page_that_says_so(holder: Citizen, http: httpx2.AsyncClient, code: str) -> None:
    await issued(holder)
    machine = await http.get(f"/verify/{code}", headers={"accept": "application/json"})
    if machine.headers["content-type"] == "application/json":
        assert (machine.status_code, machine.json()) == (404, {"valid": False})
    page = await http.get(f"/verify/{code}", headers={"accept": "text/html,*/*"})
    assert page.status_code == 404
    assert "<script" not in page.text


async def test_the_page_is_for_people_in_both_languages_and_keeps_the_strict_policy(
    holder: Citizen, http: httpx2.AsyncClient
) -> None:
    certificate = await issued(holder)
    page = await http.get(f"/verify/{certificate.code}")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'; style-src 'self'" in page.headers["content-security-policy"]
    for shown in (
        "真实有效",
        "Genuine and valid",
        certificate.number,
        "欧*晴",
        "海珠区公安分局",
        certificate.identifier,
    ):
        assert shown in page.text
    assert NAME not in page.text
    assert not re.search(r"<script|<style|style=|onload|onclick", page.text)
    style = re.search(r'href="([^"]+\.css)"', page.text)
    assert style is not None
    css = await http.get(style.group(1))
    assert (css.status_code, css.headers["content-type"]) == (200, "text/css; charset=utf-8")
    unknown = await http.get("/verify/" + "B" * 26)
    assert (unknown.status_code, "未查到此文件" in unknown.text) == (404, True)


async def test_an_expired_certificate_is_genuine_but_not_valid(holder: Citizen, http: httpx2.AsyncClient) -> None:
    certificate = await issued(holder, valid_years=1)
    with clock.moved(timedelta(days=367)):
        body = (await http.get(f"/verify/{certificate.code}", headers={"accept": "application/json"})).json()
        assert (body["valid"], body["status"]) == (False, "expired")
        assert "已过有效期" in (await http.get(f"/verify/{certificate.code}")).text


def test_years_end_on_the_same_day_and_on_28_february() -> None:
    assert years_later(date(2026, 11, 21), 3) == date(2029, 11, 21)
    assert years_later(date(2028, 2, 29), 1) == date(2029, 2, 28)


async def test_other_rooms_register_their_papers_and_their_words_are_escaped(http: httpx2.AsyncClient) -> None:
    code = "receipt-code-of-128-bits-000"

    async def lookup(asked: str) -> Verified | None:
        if asked != code:
            return None
        return Verified(
            "receipt",
            "R<1>",
            text("缴款收据 <b>"),
            "张*",
            clock.now(),
            text("财政局"),
            "valid",
            [(text("金额"), "200.00 元")],
        )

    register_verifier("test-receipt", lookup)
    body = (await http.get(f"/verify/{code}", headers={"accept": "application/json"})).json()
    assert (body["valid"], body["kind"], body["number"]) == (True, "receipt", "R<1>")
    page = (await http.get(f"/verify/{code}")).text
    assert "R&lt;1&gt;" in page and "缴款收据 &lt;b&gt;" in page and "200.00 元" in page


async def test_what_people_typed_is_printed_as_text_never_as_markup(database: str, tmp_path) -> None:
    template = tmp_path / "t.typ"
    template.write_text('#let v = json(bytes(sys.inputs.values))\n#set text(font: "Noto Sans SC")\n#v.name')
    pdf = await documents.typeset(template, {"name": '#read("/etc/passwd") *x* $a$'}, at=clock.now())
    assert '#read("/etc/passwd")' in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
