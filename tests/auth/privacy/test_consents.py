"""Consents: to words that are known, asked again when they change, withdrawn as easily as given; and the notice itself."""

from datetime import date
from pathlib import Path

import pytest

from auth.privacy import consents, notices
from auth.privacy.errors import ConsentNeeded
from auth.privacy.models import Consent
from auth.privacy.purposes import PURPOSES
from kit import db
from tests.auth.privacy.conftest import Doors
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
V = "2026-11-01"


async def test_a_yes_and_a_no_are_one_call_each_and_both_are_kept(doors: Doors) -> None:
    person = await verified_citizen()
    phone = await doors.citizen(person)
    for given in (True, True, False, False, True):
        answer = await phone.put("/api/v1/me/consents/reminders", json={"given": given, "version": V})
        assert (answer.status_code, answer.json()["standing"]) == (200, "given" if given else "withdrawn")
    rows = await Consent.filter(citizen=person.id).order_by("id")
    assert [(r.given, r.version, r.channel) for r in rows] == [(True, V, "app"), (False, V, "app"), (True, V, "app")]
    assert {r.digest for r in rows} == {notices.present().digest}
    acts = await db.fetch("SELECT action FROM kit_audit WHERE action LIKE 'consent.%' ORDER BY seq")
    assert [a["action"] for a in acts] == ["consent.given", "consent.withdrawn", "consent.given"]


async def test_what_was_said_cannot_be_rewritten(doors: Doors) -> None:
    from asyncpg import InsufficientPrivilegeError

    phone = await doors.citizen(await verified_citizen())
    await phone.put("/api/v1/me/consents/reminders", json={"given": True, "version": V})
    for statement in ("UPDATE privacy_consent SET given = false", "DELETE FROM privacy_consent"):
        with pytest.raises(InsufficientPrivilegeError):
            await db.execute(statement)


async def test_the_duties_of_law_ask_for_no_consent_and_the_rest_is_not_given_unasked(doors: Doors) -> None:
    phone = await doors.citizen(await verified_citizen())
    told = (await phone.get("/api/v1/me/consents")).json()
    assert {c["purpose"]: (c["ground"], c["standing"]) for c in told["items"]} == {
        "account": ("duty", "not_needed"), "cases": ("duty", "not_needed"), "payments": ("duty", "not_needed"),
        "face": ("separate", "not_asked"), "minor": ("separate", "not_asked"), "reminders": ("consent", "not_asked"),
    }  # fmt: skip
    assert all(c["effect"]["zh"] and c["effect"]["en"] and c["what"]["en"] for c in told["items"])
    refused = await phone.put("/api/v1/me/consents/cases", json={"given": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_not_asked")
    assert (await phone.put("/api/v1/me/consents/nothing", json={"given": True, "version": V})).status_code == 404
    assert await Consent.all().count() == 0


async def test_a_yes_to_words_that_are_not_the_present_ones_is_refused(doors: Doors) -> None:
    phone = await doors.citizen(await verified_citizen())
    refused = await phone.put("/api/v1/me/consents/face", json={"given": True, "version": "2020-01-01"})
    assert (refused.status_code, refused.json()["code"]) == (409, "notice_changed")
    assert await Consent.all().count() == 0


async def test_what_needs_consent_is_refused_without_and_after_the_words_changed(doors: Doors) -> None:
    person = await verified_citizen()
    phone = await doors.citizen(person)
    with pytest.raises(ConsentNeeded) as refused:
        await consents.require(person.id, "face")
    assert refused.value.extra == {"purpose": "face", "version": V}
    await phone.put("/api/v1/me/consents/face", json={"given": True, "version": V})
    await consents.require(person.id, "face")
    await consents.require(person.id, "account")
    row = await Consent.get(citizen=person.id)
    earlier = Consent(
        **{f: getattr(row, f) for f in ("citizen", "purpose", "given", "version", "channel", "scope", "at")}
    )
    earlier.digest = "0" * 64  # the same yes, to words that were others
    await earlier.save()
    assert await consents.standing_of(person.id, "face") is consents.Standing.OUTDATED
    with pytest.raises(ConsentNeeded):
        await consents.require(person.id, "face")


async def test_a_notice_is_in_force_from_its_day_and_known_by_its_hash(doors: Doors, tmp_path: Path) -> None:
    for version, words in (("2026-01-01", "旧"), ("2026-12-01", "新")):
        (tmp_path / f"{version}.zh.md").write_text(words)
        (tmp_path / f"{version}.en.md").write_text(words)
    known = tuple(notices.read(v, tmp_path) for v in ("2026-01-01", "2026-12-01"))
    assert known[0].digest != known[1].digest
    days = (date(2025, 1, 1), date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 1))
    assert [notices.present(day, among=known).zh for day in days] == ["旧", "旧", "新", "新"]


async def test_anybody_reads_the_notice_in_both_languages(doors: Doors) -> None:
    phone = await doors.citizen(await verified_citizen())
    zh = (await phone.get("/api/v1/privacy/notice")).json()
    en = (await phone.get(f"/api/v1/privacy/notice?version={V}", headers={"accept-language": "en"})).json()
    assert "个人信息处理规则" in zh["text"] and "Privacy notice" in en["text"]
    assert zh["sha256"] == en["sha256"] == notices.present().digest
    assert (await phone.get("/api/v1/privacy/notice?version=1999-01-01")).status_code == 404
    kept = (await phone.get("/api/v1/privacy/kept")).json()["items"]
    assert len(kept) >= 10
    assert all(k["what"]["en"] and k["why"]["en"] and k["kept_for"]["en"] and k["ground"] for k in kept)


def test_every_purpose_says_everything_in_both_languages() -> None:
    for purpose in PURPOSES.values():
        for words in (purpose.title, purpose.what, purpose.effect, purpose.needed_for):
            assert words.zh and words.en, purpose.code
