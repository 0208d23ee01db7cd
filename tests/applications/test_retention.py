"""Old drafts: told 14 days before, emptied after 180 days, kept by whoever goes on with them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2
import pytest

from auth.models import Citizen
from kit import clock, db
from mobileapi.applications.models import Application, Material
from mobileapi.applications.retention import empty_old_drafts, warn_owners
from mobileapi.materials.models import Use
from tests.applications.office import Office, draft, filed

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def notices(citizen: Citizen) -> int:
    return int(await db.fetch_value("SELECT count(*) FROM notify_notice WHERE citizen = $1", citizen.id))


async def test_an_old_draft_is_told_of_and_then_emptied(
    office: Office, anna: Citizen, phone: httpx2.AsyncClient
) -> None:
    case = await draft(phone)
    assert await Material.all().count() > 0
    with clock.moved(165 * DAY):
        assert (await warn_owners(), await empty_old_drafts()) == (0, 0)
    with clock.moved(167 * DAY):
        assert (await warn_owners(), await warn_owners()) == (1, 0), "once"
        assert await notices(anna) == 1
    with clock.moved(179 * DAY):
        assert await empty_old_drafts() == 0
    with clock.moved(182 * DAY):
        assert await empty_old_drafts() == 1
        assert await empty_old_drafts() == 0
    left = await Application.get(id=case["id"])
    assert (left.state, left.form_sealed, left.answers) == ("withdrawn", None, {})
    assert (await Material.all().count(), await Use.all().count()) == (0, 0)


async def test_an_owner_who_was_not_told_in_time_has_fourteen_days_more(
    office: Office, anna: Citizen, phone: httpx2.AsyncClient
) -> None:
    await draft(phone)
    with clock.moved(200 * DAY):
        assert (await warn_owners(), await empty_old_drafts()) == (1, 0)
    with clock.moved(213 * DAY):
        assert await empty_old_drafts() == 0
    with clock.moved(215 * DAY):
        assert await empty_old_drafts() == 1


async def test_whoever_goes_on_keeps_the_draft(office: Office, anna: Citizen, phone: httpx2.AsyncClient) -> None:
    case = await draft(phone)
    with clock.moved(170 * DAY):
        await warn_owners()
        version = (await phone.get(f"/api/v1/applications/{case['id']}")).json()["version"]
        saved = await phone.patch(
            f"/api/v1/applications/{case['id']}", json={"form": {"address": "新"}, "version": version}
        )
        assert saved.status_code == 200, saved.text
    with clock.moved(185 * DAY):
        assert await empty_old_drafts() == 0
    assert (await Application.get(id=case["id"])).state == "draft"


async def test_a_filed_case_is_no_draft(
    office: Office, anna: Citizen, phone: httpx2.AsyncClient, drain: Callable[[], Awaitable[None]]
) -> None:
    await filed(phone)
    with clock.moved(400 * DAY):
        assert (await warn_owners(), await empty_old_drafts()) == (0, 0)
