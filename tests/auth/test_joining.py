"""One person across platforms: numbers that move, identities that are taken off, accounts that become one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth.citizens import open_id_number, open_name, open_phone
from auth.joining import merging
from auth.joining.merging import Mover
from auth.joining.models import Merge, MergedThing, PhoneMove
from auth.models import Citizen, PlatformIdentity, Session
from kit import clock, db
from mobileapi import wiring
from mobileapi.applications.models import Application
from mobileapi.notify.models import Notice
from tests.auth.conftest import Phone

pytestmark = pytest.mark.anyio
NAMES = {"a": ("欧阳晴", "11010519491231002X"), "b": ("李志强", "440105197903259314")}
Drain = Callable[[], Awaitable[None]]


class Person:
    """Somebody signed in on a device."""

    def __init__(self, handset: Phone, told: dict[str, Any]) -> None:
        self.handset, self.door, self.id = handset, handset.door, UUID(told["citizen"]["id"])
        self.bearer = {"authorization": f"Bearer {told['access_token']}"}

    async def post(self, path: str, **body: Any) -> httpx2.Response:
        return await self.door.post(f"/api/v1{path}", json=body, headers=self.bearer)

    async def get(self, path: str) -> Any:
        answer = await self.door.get(f"/api/v1{path}", headers=self.bearer)
        return answer.json() if answer.status_code == 200 else answer.status_code

    async def row(self) -> Citizen:
        return await Citizen.get(id=self.id)

    async def proves(self, number: str, purpose: str) -> dict[str, str]:
        """A code that came to the number, for this account."""
        asked = await self.post("/auth/sms-codes", phone=number, purpose=purpose)
        assert asked.status_code == 201, asked.text
        texts = await self.handset.sandbox.control_async(f"/texts?phone={number}")
        return {"flow": asked.json()["flow"], "code": texts["texts"][0]["values"][0]}

    async def named(self, who: str) -> None:
        name, number = NAMES[who]
        body = {"name": name, "id_number": number}
        await self.handset.sandbox.control_async("/registry", body)
        assert (await self.post("/me/real-name", **body)).status_code == 200


async def signed_in(handset: Phone, **more: Any) -> Person:
    return Person(handset, (await handset.tap(**more)).json())


@pytest.fixture(autouse=True)
def wired(database: str) -> None:
    wiring.connect()


async def kinds(person: Person) -> list[str]:
    return sorted(await Notice.filter(citizen=person.id).values_list("kind", flat=True))  # type: ignore[arg-type]


# Numbers


async def test_a_free_number_is_taken_and_the_former_one_is_free(phone: Any, drain: Drain) -> None:
    me = await signed_in(phone("13600000001"))
    changed = await me.post("/me/phone", **await me.proves("13600000002", "phone"))
    assert (changed.status_code, changed.json()) == (200, {"state": "taken", "move": None})
    assert open_phone(await me.row()) == "13600000002"
    await drain()
    assert await kinds(me) == ["account.phone_changed"]
    assert (await phone("13600000001").tap()).json()["citizen"]["id"] == str(me.id)  # the platform's tap gives it again


async def test_what_the_former_number_let_in_ends_also_when_a_tap_brings_the_new_one(phone: Any) -> None:
    me = await signed_in(phone("13600000031"))
    asked = await me.door.post("/api/v1/auth/sms-codes", json={"phone": "13600000031"})
    texts = await me.handset.sandbox.control_async("/texts?phone=13600000031")
    given = {"flow": asked.json()["flow"], "code": texts["texts"][0]["values"][0]}
    let_in = Person(me.handset, (await me.door.post("/api/v1/auth/sms/sign-in", json=given)).json())
    assert (let_in.id, (await let_in.get("/me"))["id"]) == (me.id, str(me.id))
    renewed = phone("13600000032")
    await PlatformIdentity.filter(citizen_id=me.id).update(open_id=renewed.openid)  # WeChat has their new number
    assert (await signed_in(renewed)).id == me.id
    assert open_phone(await me.row()) == "13600000032"
    assert (await let_in.get("/me"), (await me.get("/me"))["id"]) == (401, str(me.id))


async def test_a_number_is_changed_by_somebody_who_signed_in_just_now(phone: Any) -> None:
    me = await signed_in(phone("13600000001"))
    given = await me.proves("13600000002", "phone")
    await Session.all().update(created_at=clock.now() - timedelta(minutes=6))
    refused = await me.post("/me/phone", **given)
    assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_required")
    assert open_phone(await me.row()) == "13600000001"


@pytest.fixture
async def two(phone: Any) -> tuple[Person, Person]:
    """An account with a number, and one without, which proves to hold it."""
    return await signed_in(phone("13600000003")), await signed_in(phone("13600000004"), with_phone=False)


async def test_somebodys_number_is_asked_of_the_old_device_and_stays_until_it_says_yes(
    two: tuple[Person, Person], drain: Drain
) -> None:
    holder, taker = two
    asked = (await taker.post("/me/phone", **await taker.proves("13600000003", "phone"))).json()
    assert (asked["state"], asked["move"]["role"], asked["move"]["phone_masked"]) == ("asked", "taker", "136****0003")
    assert (open_phone(await holder.row()), open_phone(await taker.row())) == ("13600000003", None)
    await drain()
    assert await kinds(holder) == ["account.phone_move_asked"]
    (shown,) = (await holder.get("/me/phone-moves"))["items"]
    assert (shown["role"], shown["state"]) == ("holder", "asked")
    assert (await taker.post(f"/me/phone-moves/{shown['id']}/approve")).status_code == 404
    assert (await holder.post(f"/me/phone-moves/{shown['id']}/approve")).status_code == 204
    assert (open_phone(await holder.row()), open_phone(await taker.row())) == (None, "13600000003")
    assert ((await holder.row()).assurance, (await taker.row()).assurance) == ("platform", "phone")
    await drain()
    assert (await kinds(holder), await kinds(taker)) == (
        ["account.phone_move_asked", "account.phone_moved"], ["account.phone_taken"],
    )  # fmt: skip


async def test_a_denied_or_late_move_changes_nothing(two: tuple[Person, Person], drain: Drain) -> None:
    holder, taker = two
    move = (await taker.post("/me/phone", **await taker.proves("13600000003", "phone"))).json()["move"]["id"]
    with clock.moved(timedelta(minutes=4)):
        assert (await holder.post(f"/me/phone-moves/{move}/deny")).status_code == 204
        again = await holder.post(f"/me/phone-moves/{move}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "phone_move_over")
    await PhoneMove.all().delete()
    await db.execute("DELETE FROM sms_code")
    late = (await taker.post("/me/phone", **await taker.proves("13600000003", "phone"))).json()["move"]["id"]
    await db.execute("UPDATE joining_phone_move SET created_at = created_at - interval '9 minutes', expires_at = now()")
    assert (await holder.post(f"/me/phone-moves/{late}/approve")).json()["code"] == "phone_move_over"
    assert (await holder.get("/me/phone-moves"))["items"] == []
    assert (open_phone(await holder.row()), open_phone(await taker.row())) == ("13600000003", None)


async def moved_between_verified(two: tuple[Person, Person]) -> str:
    holder, taker = two
    await holder.named("a")
    await taker.named("b")
    moved = (await taker.post("/me/phone", **await taker.proves("13600000003", "phone"))).json()
    assert moved["state"] == "moved"
    return str(moved["move"]["id"])


async def test_between_two_verified_people_it_moves_at_once_is_told_and_may_be_taken_back_for_three_days(
    two: tuple[Person, Person], drain: Drain
) -> None:
    holder, taker = two
    move = await moved_between_verified(two)
    await drain()
    assert "account.phone_moved" in await kinds(holder)
    assert ((await holder.row()).assurance, open_phone(await taker.row())) == ("real_name", "13600000003")
    assert (await taker.post(f"/me/phone-moves/{move}/undo")).status_code == 404
    assert (await holder.post(f"/me/phone-moves/{move}/undo")).status_code == 204
    assert (open_phone(await holder.row()), open_phone(await taker.row())) == ("13600000003", None)
    assert (await holder.post(f"/me/phone-moves/{move}/undo")).json()["code"] == "phone_move_over"


async def test_after_three_days_it_is_not_taken_back(two: tuple[Person, Person]) -> None:
    holder, _ = two
    move = await moved_between_verified(two)
    await db.execute("UPDATE joining_phone_move SET undo_until = now()")
    assert (await holder.post(f"/me/phone-moves/{move}/undo")).json()["code"] == "phone_move_over"
    assert open_phone(await holder.row()) is None


async def test_a_number_is_taken_back_also_from_an_account_its_taker_was_merged_into(
    two: tuple[Person, Person], alipay_phone: Any
) -> None:
    holder, taker = two
    move = await moved_between_verified(two)
    hidden = await signed_in(alipay_phone("13600000077"), with_phone=False)
    code = (await taker.post("/me/merge-codes")).json()["code"]
    assert (await hidden.post("/me/merges", merge_code=code, dry_run=False)).status_code == 200
    assert open_phone(await hidden.row()) == "13600000003"
    assert (await holder.post(f"/me/phone-moves/{move}/undo")).status_code == 204
    assert (open_phone(await holder.row()), open_phone(await hidden.row())) == ("13600000003", None)


async def test_undoing_gives_the_taker_the_former_number_and_ends_what_the_number_let_in(phone: Any) -> None:
    holder, taker = await signed_in(phone("13600000003")), await signed_in(phone("13600000005"))
    move = await moved_between_verified((holder, taker))
    await holder.post(f"/me/phone-moves/{move}/undo")
    assert (open_phone(await holder.row()), open_phone(await taker.row())) == ("13600000003", "13600000005")


async def test_ten_takers_of_one_number_leave_one_holder(phone: Any) -> None:
    numbers = [f"1360000010{n}" for n in range(5)]
    takers = [await signed_in(phone(n), with_phone=False) for n in numbers]
    proofs = []
    for taker in takers:
        await db.execute(
            "UPDATE sms_code SET created_at = created_at - interval '61 seconds', expires_at = expires_at - interval '61 seconds'"
        )
        proofs.append(await taker.proves("13600000200", "phone"))
    answers = await asyncio.gather(*(t.post("/me/phone", **p) for t, p in zip(takers, proofs, strict=True)))
    assert sorted(a.json()["state"] for a in answers) == ["asked"] * 4 + ["taken"]
    assert await Citizen.filter(phone_index__isnull=False).count() == 1


# Identities


async def test_unbinding_ends_what_came_in_through_it_and_leaves_the_rest(
    phone: Any, alipay_phone: Any, drain: Drain
) -> None:
    wechat, alipay = await signed_in(phone("13600000006")), await signed_in(alipay_phone("13600000006"))
    assert wechat.id == alipay.id
    told = await wechat.get("/me/identities")
    assert [(i["platform"], i["here"]) for i in told["items"]] == [("wechat", True), ("alipay", False)]
    assert (told["phone_masked"], told["removable"]) == ("136****0006", True)
    gone = await wechat.door.delete(f"/api/v1/me/identities/{told['items'][1]['id']}", headers=wechat.bearer)
    assert gone.status_code == 204
    assert (await alipay.get("/me"), (await wechat.get("/me"))["id"]) == (401, str(wechat.id))
    await drain()
    assert "account.unbound" in await kinds(wechat)
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'citizen.identity_unbound'") == 1


async def test_what_a_phone_let_in_by_scan_ends_with_the_phones_identity(phone: Any) -> None:
    me = await signed_in(phone("13600000007"))
    ask = {"purpose": "sign_in", "device_label": "大厅 3 号机"}
    ticket = (await me.door.post("/api/v1/auth/scans", json=ask)).json()
    for verb in ("scan", "confirm"):
        assert (await me.post(f"/auth/scans/{ticket['ticket']}/{verb}")).status_code == 200
    secret = {"x-scan-secret": ticket["secret"]}
    desktop = (await me.door.get(f"/api/v1/auth/scans/{ticket['ticket']}", headers=secret)).json()["access_token"]
    (identity,) = (await me.get("/me/identities"))["items"]
    await me.door.delete(f"/api/v1/me/identities/{identity['id']}", headers=me.bearer)
    at_desk = await me.door.get("/api/v1/me", headers={"authorization": f"Bearer {desktop}"})
    assert (at_desk.status_code, await me.get("/me")) == (401, 401)


async def test_the_last_way_in_stays_and_others_identities_are_not_there(phone: Any) -> None:
    bare, other = await signed_in(phone("13600000008"), with_phone=False), await signed_in(phone("13600000009"))
    (mine,), (theirs,) = [(await p.get("/me/identities"))["items"] for p in (bare, other)]
    last = await bare.door.delete(f"/api/v1/me/identities/{mine['id']}", headers=bare.bearer)
    assert (last.status_code, last.json()["code"]) == (409, "last_way_in")
    for wrong in (theirs["id"], uuid4(), "nothing"):
        answer = await bare.door.delete(f"/api/v1/me/identities/{wrong}", headers=bare.bearer)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await PlatformIdentity.all().count() == 2


async def test_two_devices_unbinding_the_last_two_at_once_leave_one(phone: Any, alipay_phone: Any) -> None:
    wechat, alipay = await signed_in(phone("13600000010")), await signed_in(alipay_phone("13600000010"))
    await Citizen.all().update(phone_index=None, phone_sealed=None)
    items = (await wechat.get("/me/identities"))["items"]
    answers = await asyncio.gather(
        wechat.door.delete(f"/api/v1/me/identities/{items[0]['id']}", headers=alipay.bearer),
        wechat.door.delete(f"/api/v1/me/identities/{items[1]['id']}", headers=wechat.bearer),
    )
    assert sorted(a.status_code for a in answers) == [204, 409]
    assert await PlatformIdentity.all().count() == 1


# Merging


@pytest.fixture
async def pair(phone: Any, alipay_phone: Any) -> tuple[Person, Person]:
    """Two accounts of one person: WeChat with a number, Alipay with another and a real name."""
    kept, merged = await signed_in(phone("13600000011")), await signed_in(alipay_phone("13600000012"))
    await merged.named("a")
    return kept, merged


async def case_of(person: Person, *, state: str = "draft", item: str = "440105-GA-001") -> Application:
    return await Application.create(
        citizen_id=person.id, item_code=item, item_version=1, item_name={"zh": "补领身份证"}, department_code="GA",
        region_code="440105000000", region_path=[], answers={}, form={}, state=state, created_at=clock.now(), saved_at=clock.now(),
    )  # fmt: skip


async def test_a_dry_run_tells_what_would_go_along_and_changes_nothing(pair: tuple[Person, Person]) -> None:
    kept, merged = pair
    case = await case_of(merged)
    code = (await merged.post("/me/merge-codes")).json()["code"]
    told = (await kept.post("/me/merges", merge_code=code)).json()
    assert told == {"done": False, "moves": {"cases": 1, "identities": 1, "phone_given_up": 1}, "conflicts": []}
    await case.refresh_from_db()
    assert (case.citizen_id, (await merged.row()).disabled_at, await Merge.all().count()) == (merged.id, None, 0)  # type: ignore[attr-defined]


async def test_merging_moves_everything_with_a_row_for_each_and_ends_the_sessions(
    pair: tuple[Person, Person], drain: Drain
) -> None:
    kept, merged = pair
    case = await case_of(merged)
    await drain()
    notices = await Notice.filter(citizen=merged.id).count()
    assert notices == 1
    code = (await merged.post("/me/merge-codes")).json()["code"]
    told = (await kept.post("/me/merges", merge_code=code.lower(), dry_run=False)).json()
    assert (told["done"], told["moves"]["cases"], told["moves"]["notices"]) == (True, 1, 1)
    await case.refresh_from_db()
    row, gone = await kept.row(), await merged.row()
    assert case.citizen_id == kept.id  # type: ignore[attr-defined]
    assert (row.assurance, open_name(row), open_id_number(row)) == ("real_name", *NAMES["a"])
    assert open_phone(row) == "13600000011"
    assert (gone.disabled_at is not None, gone.id_number_index, gone.phone_index) == (True, None, None)
    assert await PlatformIdentity.filter(citizen_id=kept.id).count() == 2
    things = sorted([thing.what for thing in await MergedThing.all()])
    assert things == ["cases", "identity", "notices"]
    assert await merged.get("/me") == 401
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'citizen.merged'") == 2
    await drain()
    assert "account.merged" in await kinds(kept)
    assert (await merged.handset.tap(with_phone=False)).json()["citizen"]["id"] == str(kept.id)


async def test_a_code_sent_to_the_other_number_merges_with_the_last_four_of_its_document(
    pair: tuple[Person, Person],
) -> None:
    kept, _ = pair
    proof = await kept.proves("13600000012", "merge")
    bare = await kept.post("/me/merges", **proof)
    wrong = await kept.post("/me/merges", **proof, last_four="1234")
    assert [a.json()["code"] for a in (bare, wrong)] == ["last_four_needed", "binding_proof_wrong"]
    done = await kept.post("/me/merges", **proof, last_four="002X", dry_run=False)
    assert (done.status_code, done.json()["done"]) == (200, True)
    assert (await Merge.get()).proof == "sms"


async def test_two_people_two_drafts_and_two_identities_of_one_platform_stay_apart(phone: Any) -> None:
    kept, merged = await signed_in(phone("13600000013")), await signed_in(phone("13600000014"))
    await kept.named("a")
    await merged.named("b")
    drafts = [await case_of(person) for person in (kept, merged)]
    code = (await merged.post("/me/merge-codes")).json()["code"]
    refused = await kept.post("/me/merges", merge_code=code, dry_run=False)
    assert (refused.status_code, refused.json()["code"]) == (409, "merge_conflict")
    assert refused.json()["conflicts"] == [
        {"what": "cases", "id": str(drafts[1].id)}, {"what": "real_name", "id": ""}, {"what": "identity", "id": "wechat"},
    ]  # fmt: skip
    assert (await merged.row()).disabled_at is None
    assert (await Merge.all().count(), await MergedThing.all().count()) == (0, 0)


async def test_a_room_that_was_forgotten_undoes_the_merge(pair: tuple[Person, Person]) -> None:
    kept, merged = pair
    await case_of(merged)

    async def nothing(*_: UUID) -> list[str]:
        return []

    merging.install_movers([Mover("cases", nothing, nothing, tables=("applications_application",))])
    code = (await merged.post("/me/merge-codes")).json()["code"]
    refused = await kept.post("/me/merges", merge_code=code, dry_run=False)
    assert refused.json()["conflicts"] == [{"what": "applications_application", "id": ""}]
    assert ((await merged.row()).disabled_at, await Merge.all().count()) == (None, 0)
    assert open_phone(await merged.row()) == "13600000012"


async def test_a_merge_code_is_short_lived_used_once_and_not_guessed(pair: tuple[Person, Person]) -> None:
    kept, merged = pair
    own = (await kept.post("/me/merge-codes")).json()["code"]
    assert (await kept.post("/me/merges", merge_code=own)).json()["code"] == "merge_with_itself"
    code = (await merged.post("/me/merge-codes")).json()["code"]
    with clock.moved(timedelta(minutes=2, seconds=1)):
        assert (await kept.post("/me/merges", merge_code=code)).json()["code"] == "merge_code_wrong"
    answers = [await kept.post("/me/merges", merge_code="ABCD2345") for _ in range(4)]
    assert [a.status_code for a in answers] == [403, 403, 403, 429]
    assert await Merge.all().count() == 0


async def test_ten_merges_with_one_code_make_one(pair: tuple[Person, Person]) -> None:
    kept, merged = pair
    code = (await merged.post("/me/merge-codes")).json()["code"]
    answers = await asyncio.gather(*(kept.post("/me/merges", merge_code=code, dry_run=False) for _ in range(5)))
    assert sum(a.status_code == 200 for a in answers) == 1
    assert await Merge.all().count() == 1
