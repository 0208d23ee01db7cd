"""What an asking device and a phone send while a code is scanned."""

from typing import Any

import httpx2

SCANS = "/api/v1/auth/scans"
KIOSK = {"x-device-id": "kiosk-7"}


def bearer(person: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {person['access_token']}"}


async def shown(door: httpx2.AsyncClient, label: str = "政务大厅 3 号机", **headers: str) -> dict[str, Any]:
    answer = await door.post(SCANS, json={"purpose": "sign_in", "device_label": label}, headers=KIOSK | headers)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def polled(door: httpx2.AsyncClient, ticket: dict[str, Any]) -> httpx2.Response:
    return await door.get(f"{SCANS}/{ticket['ticket']}", headers=KIOSK | {"x-scan-secret": ticket["secret"]})


async def state(door: httpx2.AsyncClient, ticket: dict[str, Any]) -> str:
    return str((await polled(door, ticket)).json()["state"])


async def act(
    door: httpx2.AsyncClient, verb: str, ticket: dict[str, Any], person: dict[str, Any], **body: Any
) -> httpx2.Response:
    return await door.post(f"{SCANS}/{ticket['ticket']}/{verb}", headers=bearer(person), json=body or None)


async def confirmed(door: httpx2.AsyncClient, person: dict[str, Any]) -> dict[str, Any]:
    ticket = await shown(door)
    for verb in ("scan", "confirm"):
        assert (await act(door, verb, ticket, person)).status_code == 200
    return ticket


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
