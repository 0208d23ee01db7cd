"""The demonstration district is complete, consistent and lawful in form, before any importer reads it."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mobileapi.catalogue.guide import Guide

FILES = Path(__file__).parents[2] / "mobileapi" / "demo"
DATA = sorted(p for p in FILES.rglob("*") if p.suffix in {".yaml", ".csv", ".txt"})
TODAY = date(2026, 11, 21)  # the day the district was written for
DISTRICT = "440105000000"
CERTIFICATES = {
    "birth_certificate", "business_licence", "construction_planning_permit", "disability_certificate",
    "driving_licence", "education_diploma", "household_register", "insurance_policy", "land_use_permit",
    "mainland_travel_permit", "marriage_certificate", "medical_institution_licence", "nurse_certificate",
    "nurse_exam_pass", "putonghua_certificate", "real_estate_certificate", "residence_permit", "resident_id",
    "social_security_card", "tax_clearance", "teacher_exam_pass", "vehicle_licence",
}  # fmt: skip
# what a guide must never ask for without saying what it is
VAGUE = re.compile(
    "其他材料|其它材料|有关材料|相关材料|其他证明|有关证明|相关证明|等材料|等证明|规定的材料|相关部门|有关部门"
)

Entry = dict[str, Any]


@cache
def entries(file: str, key: str) -> list[Entry]:
    found: list[Entry] = yaml.safe_load((FILES / file).read_text("utf-8"))[key]
    return found


@cache
def items() -> list[Entry]:
    found: list[Entry] = []
    for path in sorted((FILES / "items").glob("*.yaml")):
        found += yaml.safe_load(path.read_text("utf-8"))["items"]
    return found


@cache
def calendar() -> dict[date, bool]:
    lines = (FILES / "calendar.csv").read_text("utf-8").splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")][1:]
    return {date.fromisoformat(row[0]): {"true": True, "false": False}[row[1]] for row in rows}


def is_workday(day: date) -> bool:
    return calendar().get(day, day.weekday() < 5)


def duplicates(values: list[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]


def resident_id_is_valid(number: str) -> bool:
    """GB 11643: ISO 7064 MOD 11-2 over 17 digits, and a real birth date."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    weighed = sum(int(d) * pow(2, 17 - place, 11) for place, d in enumerate(number[:17]))
    return "10X98765432"[weighed % 11] == number[17]


def credit_code_is_valid(code: str) -> bool:
    """GB 32100: weights 3^n mod 31 over an alphabet without I, O, S, V and Z."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if len(code) != 18 or not set(code) <= set(alphabet):
        return False
    weighed = sum(alphabet.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    return alphabet[(31 - weighed % 31) % 31] == code[17]


def texts(part: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every text in a guide: a plain string or {zh, en}; yields where it is and its value."""
    if isinstance(part, dict) and "zh" in part:
        yield path, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from texts(value, f"{path}/{key}")
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from texts(value, f"{path}/{place}")
    elif isinstance(part, str):
        yield path, part


def test_check_digit_arithmetic_knows_right_from_wrong() -> None:
    assert resident_id_is_valid("11010519491231002X") and resident_id_is_valid("440308199901101512")
    assert not resident_id_is_valid("310105194912310021")
    assert credit_code_is_valid("91350100M000100Y43") and credit_code_is_valid("11330100MB00000030")
    assert not credit_code_is_valid("91350211M0000XUF46")


@pytest.mark.parametrize("path", DATA, ids=lambda p: p.name)
def test_every_file_begins_by_saying_that_it_is_demonstration_data(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# Demonstration data 示范数据")


def test_regions_are_one_tree_with_all_streets_and_communities_in_eight_of_them() -> None:
    regions = entries("regions.yaml", "regions")
    by_code = {r["code"]: r for r in regions}
    above = {"district": "city", "street": "district", "community": "street"}
    for region in regions:
        assert re.fullmatch(r"\d{12}", region["code"])
        assert region["valid_from"] == date(2020, 1, 1)
        if region["level"] == "city":
            assert region["parent"] is None
        else:
            assert by_code[region["parent"]]["level"] == above[region["level"]], region
            significant = {"district": 4, "street": 6, "community": 9}[region["level"]]
            assert region["code"].startswith(region["parent"][:significant]), region
    assert not duplicates([r["code"] for r in regions])
    assert Counter(r["level"] for r in regions).items() >= {"city": 1, "district": 1, "street": 18}.items()
    communities = Counter(r["parent"] for r in regions if r["level"] == "community")
    assert len([parent for parent, count in communities.items() if count >= 3]) >= 8


def test_departments_are_at_least_twelve_with_valid_credit_codes() -> None:
    departments = entries("staff.yaml", "departments")
    regions = {r["code"] for r in entries("regions.yaml", "regions")}
    assert len(departments) >= 12
    assert not duplicates([d["code"] for d in departments])
    assert not duplicates([d["credit_code"] for d in departments])
    for department in departments:
        assert credit_code_is_valid(department["credit_code"]), department["code"]
        assert department["region"] in regions
        assert department["name"]["zh"] and department["name"]["en"]


def test_staff_are_distinct_people_with_known_roles_and_no_passwords() -> None:
    staff = entries("staff.yaml", "staff")
    departments = {d["code"] for d in entries("staff.yaml", "departments")}
    assert len(staff) >= 30
    for key in ("username", "employee_no", "phone", "name"):
        assert not duplicates([s[key] for s in staff]), key
    for person in staff:
        assert set(person) == {
            "username", "name", "employee_no", "department", "title", "roles", "phone", "duties", "hours",
        }  # fmt: skip
        assert person["department"] in departments
        assert person["roles"] and set(person["roles"]) <= {"clerk", "supervisor", "finance", "auditor", "admin"}
        assert person["username"].startswith(person["department"].lower() + ".")
        assert re.fullmatch(r"(166|199)\d{8}", person["phone"])
    roles = Counter(role for s in staff for role in s["roles"])
    assert roles["finance"] >= 2, "two people approve a refund"
    assert roles["auditor"] >= 1 and roles["admin"] >= 1
    assert "password" not in (FILES / "staff.yaml").read_text("utf-8").split("departments:", 1)[1]


def test_working_hours_are_ordered_spans_of_known_days() -> None:
    for person in entries("staff.yaml", "staff"):
        assert set(person["hours"]) <= {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
        for spans in person["hours"].values():
            flat = [moment for span in spans for moment in span]
            assert flat == sorted(set(flat)), person["username"]
            assert all(len(span) == 2 for span in spans)
            assert all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", moment) for moment in flat)


def test_every_item_has_an_owner_a_backup_and_a_supervisor_of_its_department() -> None:
    held: dict[str, dict[str, Entry]] = {}
    for person in entries("staff.yaml", "staff"):
        for duty in person["duties"]:
            assert duty["region"] == DISTRICT
            assert duty["role"] not in held.setdefault(duty["item"], {}), f"two {duty['role']}s for {duty['item']}"
            held[duty["item"]][duty["role"]] = person
    assert set(held) == {i["code"] for i in items()}
    for item in items():
        people = held[item["code"]]
        assert set(people) == {"owner", "backup", "supervisor"}, item["code"]
        assert len({p["username"] for p in people.values()}) == 3, item["code"]
        assert {p["department"] for p in people.values()} == {item["department"]}, item["code"]
        assert people["supervisor"]["roles"] == ["supervisor"]
        assert people["owner"]["roles"] == people["backup"]["roles"] == ["clerk"]


def test_items_are_at_least_forty_and_two_a_department_with_own_codes() -> None:
    departments = {d["code"]: d for d in entries("staff.yaml", "departments")}
    assert len(items()) >= 40
    counted = Counter(i["department"] for i in items())
    assert set(counted) == set(departments)
    assert min(counted.values()) >= 2, counted
    assert not duplicates([i["code"] for i in items()])
    for item in items():
        assert re.fullmatch(r"\d{12}", item["code"])
        body, rest = item["implementation_code"][:18], item["implementation_code"][18:]
        assert body == departments[item["department"]]["credit_code"], item["code"]
        assert re.fullmatch(r"\d{13}", rest), item["code"]


@pytest.mark.parametrize("item", items(), ids=lambda i: i["code"])
def test_guide_is_complete(item: Entry) -> None:
    guide = Guide.model_validate(item)  # refuses unknown keys, wrong values and impossible conditions
    assert guide.regions == [DISTRICT]
    assert guide.kind in {
        "administrative_license", "administrative_confirmation", "administrative_payment", "administrative_reward",
        "administrative_adjudication", "other_power", "public_service",
    }  # fmt: skip
    assert len(guide.faq) >= 2
    assert len(guide.review_points) >= 3
    assert len(guide.materials) >= 2
    assert guide.form and guide.conditions and guide.places and guide.channels.complaint == "12345"
    assert {m.certificate for m in guide.materials} - {None} <= CERTIFICATES
    for name in [guide.name, *[m.name for m in guide.materials], *[s.name for s in guide.steps]]:
        assert name.en, name
    for question in guide.questions:
        assert question.text.en
        assert all(option.text.en for option in question.options)


@pytest.mark.parametrize("item", items(), ids=lambda i: i["code"])
def test_time_limits_and_fee_of_a_guide_agree_with_themselves(item: Entry) -> None:
    promised, statutory, fee = item["promised_limit"], item["statutory_limit"], item["fee"]
    counted = sum(step["working_days"] for step in item["steps"] if step["counted"])
    assert promised["unit"] == "working_days"
    assert counted == promised["days"], "the counted steps are the promise"
    in_working_days = statutory["days"] if statutory["unit"] == "working_days" else statutory["days"] * 5 / 7
    assert promised["days"] <= in_working_days + 1, "a promise is not longer than the law allows"
    assert promised["days"] == 1 or item["case_type"] == "promise"
    assert fee["charged"] == (fee["amount_fen"] > 0)
    assert fee["basis"]


@pytest.mark.parametrize("item", items(), ids=lambda i: i["code"])
def test_texts_of_a_guide_are_chinese_first_and_never_vague(item: Entry) -> None:
    wordless = {"code", "implementation_code", "department", "phone", "consult", "complaint", "amount_fen"}
    for path, value in texts(item):
        if path.rsplit("/", 1)[-1] in wordless:
            continue
        if isinstance(value, dict):
            assert set(value) <= {"zh", "en"} and all(value.values()), path
        chinese = value["zh"] if isinstance(value, dict) else value
        assert not re.search(r"[\u4e00-\u9fff][,;?!]", chinese), f"{path}: half-width punctuation in {chinese}"
    for material in item["materials"]:
        assert not VAGUE.search(str(material)), material
    for condition in item["conditions"]:
        assert not VAGUE.search(str(condition)), condition


def test_fifteen_items_ask_about_the_situation_and_every_question_decides_a_material() -> None:
    assert len([i for i in items() if i["questions"]]) >= 15
    for item in items():
        asked = {q["code"]: {o["value"] for o in q["options"]} for q in item["questions"]}
        deciding = [m["when"] for m in item["materials"] if m["when"]]
        assert {code for when in deciding for code in when} == set(asked), item["code"]
        for when in deciding:
            assert any(set(values) < asked[code] for code, values in when.items()), f"{item['code']}: always true"


def test_aliases_lead_to_one_item_each() -> None:
    names = {i["name"]["zh"] for i in items()}
    for item in items():
        assert len(item["aliases"]) >= 5, item["code"]
        assert not names & set(item["aliases"]), item["code"]
    assert not duplicates([alias for i in items() for alias in i["aliases"]])


def test_themes_are_defined_once_and_every_one_is_used() -> None:
    defined = [t["code"] for t in entries("themes.yaml", "themes")]
    assert not duplicates(defined)
    assert {theme for i in items() for theme in i["themes"]} == set(defined)


def test_what_people_ask_for_most_has_a_guide() -> None:
    words = " ".join(" ".join([i["name"]["zh"], *i["aliases"]]) for i in items())
    wanted = (
        "身份证丢了 港澳签注 户口迁移 上户口 居住证 注册公司 个体户注销 食品经营许可 过户 查房产 灵活就业 失业金 "
        "养老金认证 社保卡丢了 就业困难 异地就医 生育津贴 门特 结婚 低保 高龄津贴 残疾人补贴 租房提取 公积金贷款 "
        "离职提取 小学报名 教师资格 护士 诊所 占道 施工许可 排水许可 驾照换证 违章 年检 完税证明 税务登记 消防备案 "
        "人防 借书证 演出 民非 法律援助 公证"
    )
    assert [w for w in wanted.split() if w not in words] == []


def test_citizens_are_eight_with_valid_numbers_one_elder_and_one_english_speaker() -> None:
    citizens = entries("citizens.yaml", "citizens")
    assert len(citizens) == 8
    for key in ("phone", "id_number", "name"):
        assert not duplicates([c[key] for c in citizens])
    for citizen in citizens:
        assert resident_id_is_valid(citizen["id_number"]), citizen["name"]
        assert re.fullmatch(r"(166|199)\d{8}", citizen["phone"])
    assert Counter(c["platform"] for c in citizens) == {"wechat": 5, "alipay": 3}
    assert [c["name"] for c in citizens if c["locale"] == "en"] == ["Emily Carter"]
    elders = [c for c in citizens if c["elder_mode"]]
    assert len(elders) == 1 and int(elders[0]["id_number"][6:10]) <= TODAY.year - 70


def test_bills_are_of_the_four_kinds_and_belong_to_the_citizens() -> None:
    bills = entries("bills.yaml", "bills")
    citizens = {c["id_number"]: c for c in entries("citizens.yaml", "citizens")}
    departments = {d["code"] for d in entries("staff.yaml", "departments")}
    assert len(bills) >= 24
    assert not duplicates([b["payment_code"] for b in bills])
    counted = Counter(b["kind"] for b in bills)
    assert set(counted) == {"traffic_fine", "tuition", "social_insurance", "exam_fee"}
    assert min(counted.values()) >= 6
    for bill in bills:
        assert re.fullmatch(r"\d{20}", bill["payment_code"])
        assert bill["department"] in departments
        payer = citizens[bill["payer"]["id_number"]]
        assert bill["payer"] == {key: payer[key] for key in ("name", "id_number", "phone")}
    assert {b["payer"]["id_number"] for b in bills} == set(citizens), "everyone has something to pay"


def test_bills_are_explained_line_by_line_in_positive_yuan() -> None:
    for bill in entries("bills.yaml", "bills"):
        for line in bill["lines"]:
            assert re.fullmatch(r"(0|[1-9]\d*)\.\d\d", line["amount_yuan"]), line
            assert float(line["amount_yuan"]) > 0
            for key in ("name", "basis", "explanation"):
                assert line[key]["zh"] and line[key]["en"], bill["payment_code"]
        total_fen = sum(int(line["amount_yuan"].replace(".", "")) for line in bill["lines"])
        assert 1_000 <= total_fen <= 1_000_000, bill["payment_code"]


def test_only_fines_grow_and_they_fall_due_fifteen_days_after_receipt() -> None:
    for bill in entries("bills.yaml", "bills"):
        assert (bill["surcharge"] == "penalty_law_72") == (bill["kind"] == "traffic_fine")
        if bill["kind"] != "traffic_fine":
            assert bill["surcharge"] == "" and bill["received_on"] is None
            continue
        last_day = bill["received_on"] + timedelta(days=15)  # administrative penalty law art. 67
        while not is_workday(last_day):
            last_day += timedelta(days=1)
        assert bill["due_on"] == last_day, bill["payment_code"]


def test_some_bills_are_overdue_and_most_are_not_yet() -> None:
    due = [b["due_on"] for b in entries("bills.yaml", "bills")]
    assert sum(day < TODAY for day in due) >= 5
    assert sum(day > TODAY for day in due) >= 15


def test_calendar_holds_only_days_that_deviate_and_the_announced_ones() -> None:
    days = calendar()
    assert all(date(2025, 1, 1) <= day <= date(2026, 12, 31) for day in days)
    assert [day for day, working in days.items() if working == (day.weekday() < 5)] == []
    made_up = [day.isoformat()[5:] for day, working in days.items() if working and day.year == 2026]
    assert made_up == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    off = [day.isoformat()[5:] for day, working in days.items() if not working and day.year == 2026]
    assert off == [
        "01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06", "05-01", "05-04", "05-05",
        "06-19", "09-25", "10-01", "10-02", "10-05", "10-06", "10-07",
    ]  # fmt: skip
    assert Counter(day.year for day in days) == {2025: 23, 2026: 25}
    rows = (FILES / "calendar.csv").read_text("utf-8").splitlines()[2:]
    assert {row.rsplit(",", 1)[1] for row in rows} == {"State Council notice"}


def test_a_word_stands_in_one_group_of_synonyms() -> None:
    lines = (FILES / "synonyms.txt").read_text("utf-8").splitlines()
    groups = [line.split(",") for line in lines if not line.startswith("#")]
    assert len(groups) >= 60
    assert all(len(group) >= 2 and all(word == word.strip() != "" for word in group) for group in groups)
    assert not duplicates([word for group in groups for word in group])
    assert ["长辈版", "亲情版", "关爱版", "关怀版"] in groups
