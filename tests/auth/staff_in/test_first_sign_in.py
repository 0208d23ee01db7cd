"""The first sign-in: a password of one's own, then an authenticator, and nothing before."""

from datetime import timedelta

import pytest

from auth.credentials.models import FormerPassword, RecoveryCode, StaffNote
from auth.models import Session, StaffMember
from auth.staff import Made
from auth.tokens import authenticator
from kit import clock, db
from kit.web import authenticate
from mobileapi.app import endpoints
from tests.auth.conftest import Clerk
from tests.auth.staff_in.conftest import GOOD, Desk, code_of, refused, set_to

pytestmark = pytest.mark.anyio


async def changed(desk: Desk, newcomer: Made, *, new: str = GOOD) -> None:
    assert (await desk.sign_in("ga.lin", newcomer.password)).status_code == 200
    await desk.told("POST", "/auth/staff/password", {"current": newcomer.password, "new": new})


async def enrolled(desk: Desk) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    secret = (await desk.told("POST", "/auth/staff/totp", {}))["secret"]
    told = await desk.told("POST", "/auth/staff/totp/confirmation", {"otp": code_of(secret)})
    return secret, told["recovery_codes"]


async def test_a_given_password_lets_on_only_after_it_was_changed_and_an_authenticator_enrolled(
    desk: Desk, newcomer: Made
) -> None:
    first = (await desk.sign_in("ga.lin", newcomer.password)).json()
    assert first["must_first"] == "password_change"
    refused(await desk.ask("GET", "/me"), 403, "password_change_required")
    told = await desk.told("POST", "/auth/staff/password", {"current": newcomer.password, "new": GOOD})
    assert told["signed_in"]["must_first"] == "second_factor"
    refused(await desk.ask("GET", "/me"), 403, "second_factor_missing")
    _, codes = await enrolled(desk)
    assert (await desk.ask("GET", "/me")).json()["username"] == "ga.lin"
    assert len(set(codes)) == 10
    assert [s.end_reason for s in await Session.all().order_by("created_at")] == ["let_on", "let_on", ""]


async def test_who_is_held_back_is_refused_by_every_route_but_four(desk: Desk, newcomer: Made) -> None:
    await desk.sign_in("ga.lin", newcomer.password)
    open_to = {s.path for s in endpoints() if s.held_back_too}
    assert open_to == {"/auth/sign-out", "/auth/staff/password", "/auth/staff/totp", "/auth/staff/totp/confirmation"}
    roles = {s.path for s in endpoints() if not s.public and not s.held_back_too and "clerk" in s.roles}
    assert len(roles) > 10
    for path in ("/me", "/me/workplaces"):
        refused(await desk.ask("GET", path), 403, "password_change_required")


async def test_a_socket_takes_nobody_who_is_held_back(desk: Desk, newcomer: Made) -> None:
    """The chat asks `authenticate` as every route does; by itself it lets nobody through who must do something first."""
    await desk.sign_in("ga.lin", newcomer.password)
    actor = await authenticator(desk.token)
    assert (actor.roles, actor.kind) == (frozenset(), "staff")
    with pytest.raises(Exception, match="password_change_required"):
        await authenticate(desk.token)


async def test_refreshing_does_not_let_on(desk: Desk, newcomer: Made) -> None:
    await desk.sign_in("ga.lin", newcomer.password)
    await desk.told("POST", "/auth/refresh", {"refresh_token": desk.refresh})
    refused(await desk.ask("GET", "/me"), 403, "password_change_required")


async def test_who_is_held_back_stays_so_for_half_an_hour_at_most(desk: Desk, newcomer: Made) -> None:
    await desk.sign_in("ga.lin", newcomer.password)
    with clock.moved(timedelta(minutes=31)):
        assert (await desk.ask("POST", "/auth/staff/totp", {})).status_code == 401


async def test_a_session_held_back_never_names_a_role(desk: Desk, newcomer: Made) -> None:
    await desk.sign_in("ga.lin", newcomer.password)
    kept = await db.fetch("SELECT held_back, second_factor FROM credentials_staff_sign_in")
    assert [(r["held_back"], r["second_factor"]) for r in kept] == [("password_change", "")]
    assert (await authenticator(desk.token)).claims["roles"] == []


@pytest.mark.parametrize(
    ("new", "rule"),
    [("short", "too_short"), ("ga.lin-Window-7", "like_user_name"), ("P@ssw0rd2026!", "too_common"), ("x" * 129, "too_long")],
)  # fmt: skip
async def test_an_unfit_password_is_refused_by_its_rule_and_changes_nothing(
    desk: Desk, newcomer: Made, new: str, rule: str
) -> None:
    await desk.sign_in("ga.lin", newcomer.password)
    before = (await StaffMember.get(username="ga.lin")).password_hash
    answer = await desk.ask("POST", "/auth/staff/password", {"current": newcomer.password, "new": new})
    told = refused(answer, 422, "password_unfit")
    assert rule in [e["code"] for e in told["errors"]]
    assert {e["field"] for e in told["errors"]} == {"new"}
    assert (await StaffMember.get(username="ga.lin")).password_hash == before
    assert await FormerPassword.filter(staff__username="ga.lin").count() == 0


async def test_changing_takes_the_present_password(desk: Desk, newcomer: Made) -> None:
    await desk.sign_in("ga.lin", newcomer.password)
    answer = await desk.ask("POST", "/auth/staff/password", {"current": "not-it", "new": GOOD})
    told = refused(answer, 422, "password_wrong")
    assert told["errors"][0]["field"] == "current"
    assert await FormerPassword.filter(staff__username="ga.lin").count() == 0


async def test_guessing_the_present_password_waits_as_guessing_at_the_door_does(desk: Desk, newcomer: Made) -> None:
    await desk.sign_in("ga.lin", newcomer.password)
    codes = [
        (await desk.ask("POST", "/auth/staff/password", {"current": f"guess{n}", "new": GOOD})).json()["code"]
        for n in range(5)
    ]
    assert codes == ["password_wrong"] * 3 + ["too_many_requests"] * 2


async def test_the_last_five_passwords_are_not_taken_again(at_desk: Desk, clerk: Clerk) -> None:
    worn = [clerk.secrets.password]
    for n in range(5):
        await at_desk.told("POST", "/auth/staff/password", {"current": worn[-1], "new": f"Window-{n}-haizhu"})
        worn.append(f"Window-{n}-haizhu")
    assert await FormerPassword.all().count() == 4
    for used in worn[1:]:
        answer = await at_desk.ask("POST", "/auth/staff/password", {"current": worn[-1], "new": used})
        assert [e["code"] for e in refused(answer, 422, "password_unfit")["errors"]] == ["used_before"]
    rows = await db.fetch("SELECT to_jsonb(t)::text AS row FROM credentials_former_password t")
    assert all(row["row"].count("$argon2id$") == 1 for row in rows)
    assert not any(word in row["row"] for row in rows for word in worn)
    hashes = {f.password_hash for f in await FormerPassword.all()}
    assert (await StaffMember.get(username="ga.chen")).password_hash not in hashes


async def test_an_old_password_is_changed_at_the_next_sign_in_and_not_in_the_middle_of_work(
    at_desk: Desk, clerk: Clerk, phone_of_staff: Desk
) -> None:
    with clock.moved(timedelta(days=91)):
        otp = code_of(clerk.secrets.totp_secret)
        told = (await phone_of_staff.sign_in("ga.chen", clerk.secrets.password, otp=otp)).json()
        assert told["must_first"] == "password_change"
        body = {"current": clerk.secrets.password, "new": GOOD}
        again = await phone_of_staff.told("POST", "/auth/staff/password", body)
        assert again["signed_in"]["must_first"] is None
        assert (await phone_of_staff.ask("GET", "/me")).status_code == 200
    set_to(staff_password_days=0)
    with clock.moved(timedelta(days=365)):
        otp = code_of(clerk.secrets.totp_secret)
        assert (await phone_of_staff.sign_in("ga.chen", GOOD, otp=otp)).json()["must_first"] is None


async def test_a_change_ends_the_other_sessions_and_leaves_a_row(
    at_desk: Desk, phone_of_staff: Desk, clerk: Clerk
) -> None:
    otp = code_of(clerk.secrets.totp_secret, half_minutes=1)
    assert (await phone_of_staff.sign_in("ga.chen", clerk.secrets.password, otp=otp)).status_code == 200
    told = await at_desk.told("POST", "/auth/staff/password", {"current": clerk.secrets.password, "new": GOOD})
    assert told == {"signed_in": None}
    assert (await at_desk.ask("GET", "/me")).status_code == 200
    assert (await phone_of_staff.ask("GET", "/me")).status_code == 401
    refused(
        await phone_of_staff.ask("POST", "/auth/refresh", {"refresh_token": phone_of_staff.refresh}),
        401,
        "refresh_refused",
    )
    rows = await db.fetch("SELECT actor FROM kit_audit WHERE action = 'staff.password_changed'")
    assert [r["actor"] for r in rows] == [f"staff:{clerk.member.id}"]


async def test_a_secret_is_not_in_force_before_a_right_code(desk: Desk, newcomer: Made) -> None:
    await changed(desk, newcomer)
    offered = await desk.told("POST", "/auth/staff/totp", {})
    assert offered["uri"].startswith("otpauth://totp/Handheld%20Office:ga.lin?secret=")
    wrong = f"{(int(code_of(offered['secret'])) + 1) % 1_000_000:06}"
    refused(await desk.ask("POST", "/auth/staff/totp/confirmation", {"otp": wrong}), 422, "otp_wrong")
    assert (await StaffMember.get(username="ga.lin")).totp_sealed is None
    assert await RecoveryCode.all().count() == 0
    with clock.moved(timedelta(minutes=16)):
        await desk.told("POST", "/auth/refresh", {"refresh_token": desk.refresh})
        late = await desk.ask("POST", "/auth/staff/totp/confirmation", {"otp": code_of(offered["secret"])})
        refused(late, 409, "second_factor_not_begun")


async def test_the_picture_shows_the_address(desk: Desk, newcomer: Made) -> None:
    import base64
    import io

    import zxingcpp
    from PIL import Image

    await changed(desk, newcomer)
    offered = await desk.told("POST", "/auth/staff/totp", {})
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(base64.b64decode(offered["qr_png"]))))
    assert [r.text for r in read] == [offered["uri"]]


async def test_a_recovery_code_stands_for_the_code_once_and_is_told_of(desk: Desk, newcomer: Made, admin: Desk) -> None:
    await changed(desk, newcomer)
    secret, codes = await enrolled(desk)
    told = (await desk.sign_in("ga.lin", GOOD, recovery_code=codes[3].lower())).json()
    assert told["must_first"] is None
    assert "恢复码" in told["told"][-1]["zh"]
    refused(await desk.sign_in("ga.lin", GOOD, recovery_code=codes[3]), 401, "staff_sign_in_refused")
    refused(await desk.sign_in("ga.lin", GOOD, recovery_code="AAAAA-AAAAA"), 401, "staff_sign_in_refused")
    kinds = [n.kind for n in await StaffNote.filter(about="ga.lin").order_by("at")]
    assert kinds == ["other_made_recovery_codes", "other_used_recovery_code"]
    rows = await db.fetch("SELECT to_jsonb(t)::text AS row FROM credentials_recovery_code t")
    assert not any(code.replace("-", "") in row["row"] for row in rows for code in codes)
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'staff.recovery_code_used'") == 1
    assert secret not in str([dict(r) for r in await db.fetch("SELECT to_jsonb(t)::text FROM kit_audit t")])


async def test_another_persons_recovery_code_is_no_code(desk: Desk, newcomer: Made, clerk: Clerk) -> None:
    await changed(desk, newcomer)
    _, codes = await enrolled(desk)
    other = await desk.sign_in("ga.chen", clerk.secrets.password, recovery_code=codes[0])
    refused(other, 401, "staff_sign_in_refused")
    assert await RecoveryCode.filter(used_at=None).count() == 10


async def test_enrolling_again_needs_a_fresh_sign_in_and_voids_what_was(at_desk: Desk, clerk: Clerk) -> None:
    with clock.moved(timedelta(minutes=6)):
        refused(await at_desk.ask("POST", "/auth/staff/totp", {}), 403, "fresh_sign_in_required")
    secret, codes = await enrolled(at_desk)
    with clock.moved(timedelta(minutes=2)):
        old = code_of(clerk.secrets.totp_secret)
        refused(await at_desk.sign_in("ga.chen", clerk.secrets.password, otp=old), 401, "staff_sign_in_refused")
        assert (await at_desk.sign_in("ga.chen", clerk.secrets.password, otp=code_of(secret))).status_code == 200
        await enrolled(at_desk)
        assert await RecoveryCode.all().count() == 10
        late = await at_desk.sign_in("ga.chen", clerk.secrets.password, recovery_code=codes[0])
        refused(late, 401, "staff_sign_in_refused")


async def test_the_code_that_confirmed_does_not_sign_in(desk: Desk, newcomer: Made) -> None:
    await changed(desk, newcomer)
    offered = await desk.told("POST", "/auth/staff/totp", {})
    otp = code_of(offered["secret"])
    await desk.told("POST", "/auth/staff/totp/confirmation", {"otp": otp})
    refused(await desk.sign_in("ga.lin", GOOD, otp=otp), 401, "otp_already_used")
