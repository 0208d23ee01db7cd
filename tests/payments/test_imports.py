"""Bills out of files: every wrong row is named with its line, and nothing is taken by half."""

import re
from pathlib import Path

import pytest

import mobileapi.demo
from auth.models import Department, Region
from kit import audit, crypto, db
from kit.imports import Problem
from payments.bills import id_number_index
from payments.imports import import_bills
from payments.models import Bill, BillLine
from tests.payments.conftest import words

pytestmark = pytest.mark.anyio

GOOD = """bills:
  - payment_code: "44010526000000000017"
    kind: traffic_fine
    title: {zh: 交通违法罚款, en: Traffic fine}
    department: JJ
    income_item: {code: "103050101", name: 交通罚没收入}
    legal_basis: 《道路交通安全法》第九十条
    payer: {name: 陈小明, id_number: 44010519491231002X, phone: "13800000001"}
    received_on: 2026-09-10
    surcharge: penalty_law_72
    lines:
      - {name: 罚款, amount_yuan: "200.00", basis: 第九十条, explanation: 违反禁令标志}
"""
CSV = """payment_code,kind,title,title_en,department,income_item_code,income_item_name,legal_basis,payer_name,payer_phone,\
due_on,line_name,amount_yuan,line_basis,line_explanation
44010526000000000025,tuition,学费,Tuition,JJ,103042701,学费收入,教育法,陈小明,13800000001,2026-12-01,学费,1000.10,文件一,一学期
44010526000000000025,tuition,学费,Tuition,JJ,103042701,学费收入,教育法,陈小明,13800000001,2026-12-01,住宿费,0.29,文件二,四人间
44010526000000000033,exam_fee,考试费,,JJ,103042702,考试费收入,价格文件,李大伟,13800000002,2026-12-01,报名费,4.35,文件三,笔试
"""


@pytest.fixture(autouse=True)
async def department(database: str) -> None:
    await Region.create(code="440105000000", name=words("海珠区"), level="district")
    await Department.create(code="JJ", name=words("交通警察大队"), region_code="440105000000")


def file(folder: Path, content: str, name: str = "bills.yaml") -> Path:
    path = folder / name
    path.write_text(content, "utf-8")
    return path


async def test_a_bill_is_issued_with_its_due_day_and_found_by_its_payer(tmp_path: Path) -> None:
    await db.execute(
        "INSERT INTO kit_calendar_day (date, is_workday, note, source) SELECT d, false, '', '' "
        "FROM unnest(ARRAY['2026-09-25', '2026-09-26', '2026-09-27']::date[]) d"
    )
    report = await import_bills(file(tmp_path, GOOD))
    assert (report.imported, report.unchanged, report.problems) == (1, 0, [])
    bill = await Bill.get(payment_code="44010526000000000017")
    assert (bill.principal_fen, bill.due_on.isoformat(), bill.state) == (20000, "2026-09-28", "unpaid")
    assert bill.payer_id_number_index == id_number_index("44010519491231002X")
    assert "陈小明".encode() not in bytes(bill.payer_name_sealed)
    assert crypto.unseal(bill.payer_name_sealed, bound_to=f"payments_bill.payer_name:{bill.id}") == "陈小明"
    assert (await audit.verify()) == (1, None)


async def test_the_same_file_again_changes_nothing_and_other_contents_are_at_fault(tmp_path: Path) -> None:
    await import_bills(file(tmp_path, GOOD))
    again = await import_bills(file(tmp_path, GOOD))
    assert (again.imported, again.unchanged) == (0, 1)
    other = await import_bills(file(tmp_path, GOOD.replace("200.00", "100.00")))
    assert other.problems == [
        Problem("bills.yaml", 2, "payment_code: a bill with other contents was issued under this code")
    ]
    assert await db.fetch_value("SELECT principal_fen FROM payments_bill") == 20000


async def test_csv_rows_of_one_code_are_the_lines_of_one_bill(tmp_path: Path) -> None:
    report = await import_bills(file(tmp_path, CSV, "bills.csv"))
    assert (report.imported, report.problems) == (2, [])
    tuition = await Bill.get(payment_code="44010526000000000025")
    assert (tuition.principal_fen, tuition.title) == (100039, {"zh": "学费", "en": "Tuition"})
    assert [line.amount_fen for line in await BillLine.filter(bill=tuition).order_by("place")] == [100010, 29]
    assert (await Bill.get(payment_code="44010526000000000033")).principal_fen == 435


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"200.00"', "200.00", "amount_yuan"),
        ('"200.00"', '"200.005"', "amount_yuan"),
        ('"200.00"', '"-1.00"', "amount_yuan"),
        ('"200.00"', '"0.00"', "amount_yuan"),
        ('"200.00"', '"1e30"', "amount_yuan"),
        ('"200.00"', '"NaN"', "amount_yuan"),
        ("44010526000000000017", "123", "payment_code"),
        ("department: JJ", "department: XX", "department"),
        ("penalty_law_72", "ten_per_cent", "surcharge"),
        ("received_on: 2026-09-10\n    ", "", "due_on or received_on"),
        (', id_number: 44010519491231002X, phone: "13800000001"', "", "id_number or phone"),
        ("kind: traffic_fine", "kind: traffic_fine\n    owner: me", "owner"),
    ],
)
async def test_a_wrong_row_is_named_with_its_line_and_not_taken(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in GOOD
    report = await import_bills(file(tmp_path, GOOD.replace(old, new)))
    (problem,) = report.problems
    assert (problem.file, problem.line) == ("bills.yaml", 2)
    assert named in problem.what
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 0


async def test_one_wrong_row_keeps_the_others_out_unless_told_to_go_on(tmp_path: Path) -> None:
    content = CSV.replace("4.35", "4.355")
    refused = await import_bills(file(tmp_path, content, "bills.csv"))
    assert (refused.imported, [p.line for p in refused.problems]) == (0, [4])
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 0
    kept = await import_bills(file(tmp_path, content, "bills.csv"), keep_going=True)
    assert (kept.imported, len(kept.problems)) == (1, 1)
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 1


async def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    report = await import_bills(file(tmp_path, GOOD), dry_run=True)
    assert report.imported == 1
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 0


async def test_the_demonstration_bills_can_be_issued(tmp_path: Path) -> None:
    folder = Path(mobileapi.demo.__file__).parent
    for code in set(re.findall(r"department: (\w+)", (folder / "bills.yaml").read_text("utf-8"))) - {"JJ"}:
        await Department.create(code=code, name=words(code), region_code="440105000000")
    report = await import_bills(folder / "bills.yaml")
    assert report.problems == []
    kinds = await db.fetch("SELECT DISTINCT kind FROM payments_bill")
    assert {row["kind"] for row in kinds} >= {"traffic_fine", "tuition", "social_insurance", "exam_fee"}
