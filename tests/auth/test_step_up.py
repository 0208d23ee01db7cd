"""Step-up: proving again who one is, in the same session."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pyotp
import pytest

from auth import sessions
from auth.errors import FreshSignInRequired
from auth.models import Citizen, Session
from auth.roles import CITIZEN_ROLES
from auth.staff import give_secrets
from auth.step_up import require_fresh, require_own_device
from auth.tokens import access_token
from kit import clock, db
from kit.web import Actor
from tests.auth.conftest import Clerk, Phone

pytestmark = pytest.mark.anyio


async def signed_in() -> Actor:
    person = uuid4()
    opened = await sessions.open_session(kind="citizen", person=person, device="phone")
    return Actor(person, "citizen", frozenset({"citizen"}), session=str(opened.session.id))


async def test_five_minutes_after_signing_in_nobody_is_fresh_any_more(database: str) -> None:
    actor = await signed_in()
    with clock.moved(timedelta(minutes=4, seconds=55)):
        await require_fresh(actor)
    with clock.moved(timedelta(minutes=5, seconds=1)), pytest.raises(FreshSignInRequired):
        await require_fresh(actor)


async def test_proof_given_again_counts_from_its_own_moment(database: str) -> None:
    actor = await signed_in()
    with clock.moved(timedelta(hours=1)):
        await Session.filter(id=UUID(actor.session)).update(proved_at=clock.now())
        await require_fresh(actor)


async def test_session_that_is_not_there_proves_nothing(database: str) -> None:
    with pytest.raises(FreshSignInRequired):
        await require_fresh(Actor(uuid4(), "citizen", frozenset({"citizen"}), session=str(uuid4())))


# Proving again, call by call.


def bearer(told: dict[str, Any], **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {told['access_token']}", "x-device-id": "phone-1"} | more


async def tapped(handset: Phone, device: str = "phone-1") -> dict[str, Any]:
    handset.door.headers["x-device-id"] = device
    return dict((await handset.tap()).json())


async def proved(door: httpx2.AsyncClient, told: dict[str, Any], proof: Any, **headers: str) -> httpx2.Response:
    return await door.post("/api/v1/auth/step-up", json=proof, headers=bearer(told, **headers))


async def by_tap(handset: Phone) -> dict[str, str]:
    return {"platform": handset.platform, "login_code": (await handset.codes())["login_code"]}


async def fresh_now() -> bool:
    """Whether the only session counts as fresh."""
    session = await Session.all().first()
    assert session is not None
    try:
        await require_fresh(Actor(session.person, session.kind, frozenset(), session=str(session.id)))
    except FreshSignInRequired:
        return False
    return True


async def test_one_tap_proves_again_in_the_same_session(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000081")
    told = await tapped(handset)
    with clock.moved(timedelta(minutes=6)):
        assert not await fresh_now()
        answer = await proved(door, told, await by_tap(handset))
        assert answer.status_code == 200
        assert set(answer.json()) == {"proved_at", "fresh_until"}
        assert await fresh_now()
        assert (await door.get("/api/v1/me", headers=bearer(told))).status_code == 200
    with clock.moved(timedelta(minutes=12)):
        assert not await fresh_now()
    assert await Session.all().count() == 1
    assert await acts() == ["session.proved_again"]


async def acts() -> list[str]:
    rows = await db.fetch("SELECT action FROM kit_audit WHERE action LIKE 'session.proof%' OR action LIKE '%proved%'")
    return [row["action"] for row in rows]


async def test_anybody_elses_code_proves_nothing_and_makes_no_account(phone: Any, door: httpx2.AsyncClient) -> None:
    told = await tapped(phone("13800000082"))
    people = await Citizen.all().count()
    await tapped(phone("13800000083"))
    with clock.moved(timedelta(minutes=6)):
        for other in ("13800000083", "13800000084"):  # one with an account of their own, one without
            answer = await proved(door, told, await by_tap(phone(other)))
            assert (answer.status_code, answer.json()["code"]) == (403, "step_up_refused")
        first = await Session.all().order_by("created_at").first()
        assert first is not None
        assert first.proved_at is None
    assert await Citizen.all().count() == people + 1
    assert await acts() == ["session.proof_refused"] * 2


async def test_a_code_used_before_is_refused_and_the_session_stays(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000085")
    told, proof = await tapped(handset), await by_tap(handset)
    assert (await proved(door, told, proof)).status_code == 200
    again = await proved(door, told, proof)
    assert (again.status_code, again.json()["code"], again.json()["because"]) == (
        403, "step_up_refused", "login_code_invalid",
    )  # fmt: skip
    assert (await door.get("/api/v1/me", headers=bearer(told))).status_code == 200


@pytest.mark.parametrize(
    "proof",
    [
        {}, {"platform": "wechat"}, {"login_code": "x"}, {"password": "x", "otp": "123456"},
        {"platform": "wechat", "login_code": "x", "password": "y"}, {"citizen": "somebody"},
    ],
)  # fmt: skip
async def test_fields_of_no_proof_are_refused(phone: Any, door: httpx2.AsyncClient, proof: dict[str, str]) -> None:
    told = await tapped(phone("13800000086"))
    answer = await proved(door, told, proof)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await Session.get()).proved_at is None


async def test_without_a_session_nobody_proves_anything(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000087")
    told = await tapped(handset)
    await door.post("/api/v1/auth/sign-out", headers=bearer(told), json={})
    answer = await proved(door, told, await by_tap(handset))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_proving_is_counted(phone: Any, door: httpx2.AsyncClient) -> None:
    told = await tapped(phone("13800000088"))
    answers = [await proved(door, told, {"platform": "wechat", "login_code": f"guess-{n}"}) for n in range(11)]
    assert [a.status_code for a in answers] == [403] * 10 + [429]


async def at_desk(clerk: Clerk, door: httpx2.AsyncClient) -> dict[str, Any]:
    """A signed-in member of staff, with their secrets known."""
    opened = await sessions.open_session(kind="staff", person=clerk.member.id, device="desk")
    roles = frozenset({"clerk"})
    return {
        "access_token": access_token(person=clerk.member.id, kind="staff", roles=roles, session=opened.session.id).text
    }


async def test_staff_prove_by_password_and_code(clerk: Clerk, door: httpx2.AsyncClient) -> None:
    password, secret = await give_secrets(clerk.member)
    told = await at_desk(clerk, door)
    with clock.moved(timedelta(minutes=6)):
        otp = pyotp.TOTP(secret).at(clock.now())
        wrong = await proved(door, told, {"password": "wrong", "otp": otp})
        assert (wrong.status_code, wrong.json()["because"]) == (403, "staff_sign_in_refused")
        assert not await fresh_now()
        assert (await proved(door, told, {"password": password, "otp": otp})).status_code == 200
        assert await fresh_now()
        assert (await door.get("/api/v1/me", headers=bearer(told))).status_code == 200
    assert await acts() == ["session.proof_refused", "session.proved_again"]


async def test_wrong_passwords_at_step_up_grow_the_wait_of_signing_in(clerk: Clerk, door: httpx2.AsyncClient) -> None:
    password, secret = await give_secrets(clerk.member)
    told = await at_desk(clerk, door)
    for _ in range(5):
        await proved(door, told, {"password": "wrong", "otp": "000000"})
    right = {"password": password, "otp": pyotp.TOTP(secret).at(clock.now())}
    waiting = await proved(door, told, right)
    assert (waiting.status_code, waiting.json()["code"]) == (429, "too_many_requests")
    signing_in = await door.post("/api/v1/auth/staff/sign-in", json={"username": "ga.chen"} | right)
    assert signing_in.status_code == 429


async def test_a_token_on_another_device_asks_for_a_proof_and_goes_on_there_after_it(
    phone: Any, door: httpx2.AsyncClient
) -> None:
    handset: Phone = phone("13800000089")
    told = await tapped(handset, "phone-1")
    session = await Session.get()
    actor = Actor(session.person, "citizen", CITIZEN_ROLES, session=str(session.id))
    await require_own_device(actor, mark=mark_of("phone-1"))
    with pytest.raises(FreshSignInRequired):  # just signed in, and elsewhere
        await require_own_device(actor, mark=mark_of("phone-2"))
    assert (await proved(door, told, await by_tap(handset), **{"x-device-id": "phone-2"})).status_code == 200
    await require_own_device(actor, mark=mark_of("phone-2"))
    with pytest.raises(FreshSignInRequired):
        await require_own_device(actor, mark=mark_of("phone-1"))


def mark_of(device: str) -> str:
    return sessions.digest_of(device)[:32]
