"""A sign-in on a device unseen before reaches its owner's notices."""

from uuid import uuid4

import pytest

from auth.events import SignedInOnNewDevice
from auth.models import Citizen
from kit import clock, db
from mobileapi.notify.own_account import signed_in_on_new_device

pytestmark = pytest.mark.anyio


async def notices() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT kind, link FROM notify_notice")
    return [(row["kind"], row["link"]) for row in rows]


async def test_a_citizen_is_told_of_a_new_device_once_and_staff_are_not(database: str) -> None:
    citizen = await Citizen.create(assurance="phone", created_at=clock.now())
    session = uuid4()
    for kind in ("citizen", "citizen", "staff"):
        event = SignedInOnNewDevice(
            session=session, person=citizen.id, kind=kind, way="wechat", agent="iPhone · WeChat"
        )
        async with db.transaction():
            await signed_in_on_new_device(event)
    assert await notices() == [("account.new_device", "sub/account/devices")]
