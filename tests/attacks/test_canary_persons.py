"""Many made-up persons, each with marked words in every personal field: looked for wherever bytes come to lie.

Fifty in every run, a thousand in the slow one. Redis carries conversation numbers only (tests/chat) and is not used here.
"""

import contextlib
import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError

from auth.acting.accounts import seal_claim
from auth.acting.models import Mandate
from auth.attestation.models import NameClaim
from auth.models import Citizen, Department
from auth.privacy import corrections, exports
from auth.privacy.corrections import Wish
from auth.privacy.models import Export
from auth.sms.models import SmsCode
from kit import clock, crypto, db, idempotency
from kit.errors import HouseError
from kit.ids import new_id
from kit.log import configure, logger
from kit.web import Actor
from mobileapi import wiring
from mobileapi.settings import OfficeSettings
from payments.bills import NewBill, NewLine, issue
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
PERSONS = 1_000 if os.environ.get("SLOW") else int(os.environ.get("PERSONS", "50"))
MARKS = {"words": "金丝雀甲乙", "phone": "1667777", "ID number": "4401881900", "token": "canary-token-zq"}
WORDS: dict[str, str | None] = {"zh": "学费", "en": None}


async def live(number: int) -> Citizen:
    """Something in every sealed place, through the verbs where there is one."""
    name, phone, id_number = f"{MARKS['words']}{number}", f"1667777{number:04}", f"4401881900{number:08}"
    person = await verified_citizen(name, id_number=id_number, phone=phone)
    actor = Actor(person.id, "citizen", frozenset({"citizen"}), session=str(new_id()))
    await corrections.ask(actor, Wish("other", f"{name}新址", f"{name}缘由"))
    line = NewLine(name=WORDS, amount_fen=100, basis=WORDS, explanation=WORDS)
    await issue(
        NewBill(
            payment_code=f"canary{number}", kind="tuition", title=WORDS, department="GA", income_item_code="103",
            income_item_name=WORDS, legal_basis=WORDS, payer_name=name, payer_id_number=id_number, payer_phone=phone,
            due_on=date(2027, 1, 1), lines=[line],
        ),
        by="system",
    )  # fmt: skip
    claim, code, now = new_id(), f"{number:064}", clock.now()
    await NameClaim.create(
        id=claim, citizen=person.id, document="passport", state="waiting", created_at=now,
        name_sealed=crypto.seal(name, bound_to=f"attestation_name_claim.name:{claim}"),
        number_sealed=crypto.seal(id_number, bound_to=f"attestation_name_claim.number:{claim}"),
    )  # fmt: skip
    await SmsCode.create(
        flow_digest=code, purpose="phone", phone_index=person.phone_index or "", code_digest="c" * 64, owner=person.id,
        phone_sealed=crypto.seal(phone, bound_to=f"sms_code.phone:{code}"), created_at=now,
        expires_at=now + idempotency.TAKE_OVER_AFTER,
    )  # fmt: skip
    asked = Mandate(
        id=new_id(), kind="family", state="asked", agent_id=person.id, asked_by="agent", doings=["read"], asked_at=now,
        valid_from=clock.today(), valid_to=clock.today(),
    )  # fmt: skip
    seal_claim(asked, name=name, number=id_number)
    await asked.save(force_create=True)
    return person


async def fail_everywhere(person: Citizen) -> None:
    """What goes wrong is written at DEBUG with the exception; the values are in its locals and arguments."""
    log = logger("canary")
    secret = MARKS["token"]
    try:
        crypto.unseal(person.name_sealed or b"", bound_to="elsewhere")
    except crypto.CannotUnseal:
        log.exception("unseal_failed", token=f"{secret}-1", name=f"{MARKS['words']}9", phone="16677770009")
    try:
        raise HouseError(extra={"body": secret})
    except HouseError:
        log.debug("refused", exc_info=True, nested={"id_number": "440188190000000009", "password": secret})
    try:
        await Citizen(id=person.id, assurance="phone", phone_sealed=person.phone_sealed, created_at=clock.now()).save(
            force_create=True
        )
    except IntegrityError:  # the database writes the row that failed into its own log
        log.exception("insert_failed")


def met(where: str, content: bytes) -> set[tuple[str, str]]:
    return {
        (where, what)
        for what, mark in MARKS.items()
        for form in (mark.encode(), mark.encode("utf-16-le"), mark.encode().hex().encode())
        if form in content
    }


async def test_no_word_of_any_person_lies_in_files_dumps_or_logs(
    settings: OfficeSettings, database: str, tmp_path: Path
) -> None:
    wiring.connect()
    await Department.create(code="GA", name={"zh": "公安"}, region_code="440105000000")
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        configure("DEBUG")
        people = [await live(number) for number in range(PERSONS)]
        for person in people[:5]:
            await fail_everywhere(person)
            made = await Export.create(id=new_id(), citizen=person.id, state="asked", asked_at=clock.now())
            await exports.gather(made.id)
    configure("INFO")
    await db.execute("CHECKPOINT")
    folder = Path(await db.fetch_value("SHOW data_directory"))
    files = [f for root in (folder, settings.data_dir) for f in root.rglob("*") if f.is_file()]
    found: set[tuple[str, str]] = set()
    for file in files:
        with contextlib.suppress(FileNotFoundError):  # PostgreSQL recycles files as we read
            found |= met(file.name, file.read_bytes())
    for table in await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        for row in await db.fetch(f'SELECT t::text AS text FROM "{table[0]}" t'):
            found |= met(table[0], row["text"].encode())
    log = written.getvalue()
    assert "unseal_failed" in log and "insert_failed" in log, "there is something to search"
    told = [json.loads(line) for line in log.splitlines() if met("log", line.encode())]
    assert told == [], "a line of the log knows somebody"
    stored = [f for f in files if "exports" in f.parts]
    print(
        f"{PERSONS} persons: {len(files)} files, every table and {len(log)} characters of log searched, {len(found)} hits"
    )
    assert len(stored) == 5
    assert len(files) > 100
    assert found == set()
