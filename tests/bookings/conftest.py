"""A hall with one window: four seats each half hour on working days, and people who want one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.applications import Starlette

from auth.models import Citizen
from kit import clock, workdays
from mobileapi import wiring
from mobileapi.bookings import routes
from mobileapi.bookings.imports import import_windows
from tests.applications.office import ITEM, Office, open_office
from tests.materials.app import application, client
from tests.materials.people import verified_citizen

TABLE = """
places:
  - code: HALL
    name: {zh: 政务中心, en: Hall}
    address: 新港中路
    phone: "020-00001111"
    department: GA
    region: "440105000000"
    windows:
      - {days: [mon, tue, wed, thu, fri], from: "09:00", to: "12:00", minutes: 30, seats: 4}
"""


@dataclass
class Hall:
    """The office with its hall; times are named by the hour of a working day ahead."""

    app: Starlette
    office: Office
    folder: Path

    def citizen(self, person: UUID) -> httpx2.AsyncClient:
        return client(self.app, f"citizen:{person}")

    def desk(self, staff: UUID | None = None, roles: str = "clerk") -> httpx2.AsyncClient:
        return client(self.app, f"staff:{staff or self.office.owner}:{roles}")

    def anybody(self) -> httpx2.AsyncClient:
        return client(self.app)

    async def table(self, text: str, **options: bool) -> None:
        file = self.folder / "windows.yaml"
        file.write_text(text)
        report = await import_windows(file, **options)
        assert report.problems == []


@pytest.fixture
async def hall(database: str, tmp_path: Path) -> AsyncIterator[Hall]:
    wiring.connect()
    office = await open_office()
    made = Hall(application(routes.ROUTES), office, tmp_path)
    await made.table(TABLE)
    yield made


@pytest.fixture
async def anna(hall: Hall) -> Citizen:
    return await verified_citizen()


@pytest.fixture
async def phone(hall: Hall, anna: Citizen) -> AsyncIterator[httpx2.AsyncClient]:
    async with hall.citizen(anna.id) as opened:
        yield opened


async def morning(hour: str = "09:00", *, workday: int = 1) -> str:
    """That hour of the n-th working day from today, as it is sent."""
    day = (await workdays.calendar()).add_workdays(clock.today(), workday)
    return f"{day}T{hour}:00+08:00"


def key(value: str | None = None) -> dict[str, str]:
    return {"idempotency-key": value or str(uuid4())}


async def booked(http: httpx2.AsyncClient, starts_at: str, *, item: str = ITEM, **more: object) -> httpx2.Response:
    body = {"item": item, "place": "HALL", "starts_at": starts_at, **more}
    return await http.post("/api/v1/bookings", json=body, headers=key())


async def another(number: int) -> Citizen:
    return await verified_citizen(id_number=f"44010519900101{number:04d}", phone=f"139{number:08d}", assurance="phone")
