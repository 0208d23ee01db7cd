"""Photographs over HTTP, with the real darkroom processes, a real store and a real database."""

import asyncio
import hashlib
import io
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest
from PIL import Image
from starlette.applications import Starlette

from kit import clock, db, storage
from mobileapi.materials import developing, routes
from mobileapi.materials.errors import NoSuchUpload
from mobileapi.materials.jobs import purge_unused_uploads
from mobileapi.materials.uploads import hold, own_uploads, purge_unused, release
from mobileapi.settings import OfficeSettings
from tests.materials import pictures
from tests.materials.app import application, client

pytestmark = pytest.mark.anyio
ANNA, BEN = f"citizen:{uuid4()}", f"citizen:{uuid4()}"


@pytest.fixture
async def app(database: str) -> AsyncIterator[Starlette]:
    async with developing.open_darkrooms(2):
        yield application(routes.ROUTES)


@pytest.fixture
async def anna(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(app, ANNA) as opened:
        yield opened


async def send(http: httpx2.AsyncClient, content: bytes, name: str = "photo.jpg") -> httpx2.Response:
    return await http.post("/api/v1/uploads", files={"file": (name, content, "image/jpeg")})


async def rows() -> int:
    return int(await db.fetch_value("SELECT count(*) FROM materials_upload"))


def files_below(settings: OfficeSettings) -> list[Path]:
    return [p for p in (settings.data_dir / "files").rglob("*") if p.is_file()]


async def test_a_photo_is_kept_and_shown_again_by_its_link(anna: httpx2.AsyncClient) -> None:
    answer = await send(anna, pictures.with_exif(pictures.page(), orientation=6, gps=True))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["width"], body["height"], body["state"]) == (1600, 1200, "clean")
    assert body["quality"] == {"usable": True, "problems": []}
    shown = await anna.get(body["url"])
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["content-disposition"] == "inline"
    assert hashlib.sha256(shown.content).hexdigest() == body["sha256"]
    assert max(Image.open(io.BytesIO((await anna.get(body["thumbnail_url"])).content)).size) == 480


@pytest.mark.parametrize(
    ("make", "problem"), [(pictures.blurred, "blurred"), (pictures.dark, "dark"), (pictures.glaring, "glaring")]
)
async def test_an_unusable_photo_is_kept_and_says_why(anna: httpx2.AsyncClient, make, problem: str) -> None:
    answer = await send(anna, pictures.encoded(make()))
    assert (answer.status_code, answer.json()["quality"]) == (201, {"usable": False, "problems": [problem]})


async def test_the_same_bytes_of_one_person_are_one_upload_even_at_once(
    app: Starlette, anna: httpx2.AsyncClient, settings: OfficeSettings
) -> None:
    photo = pictures.encoded(pictures.page())
    answers = await asyncio.gather(*(send(anna, photo) for _ in range(6)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert (await rows(), len(files_below(settings))) == (1, 2)
    async with client(app, BEN) as ben:
        other = (await send(ben, photo)).json()
    assert other["id"] != answers[0].json()["id"]
    assert other["sha256"] == answers[0].json()["sha256"]


@pytest.mark.parametrize(
    "name",
    [
        "../../x.jpg",
        "/etc/passwd",
        "..\\..\\x",
        "%2e%2e%2fx",
        "x.jpg.php",
        "x.jpg%00.svg",
        "a" * 300,
        "张三的身份证.jpg",
        "<script>.jpg",
    ],
)
async def test_a_name_never_reaches_the_store(anna: httpx2.AsyncClient, settings: OfficeSettings, name: str) -> None:
    answer = await send(anna, pictures.encoded(pictures.page(700, 700)), name)
    assert answer.status_code == 201
    kept = {p.relative_to(settings.data_dir / "files").as_posix() for p in files_below(settings)}
    id_ = answer.json()["id"]
    assert kept == {f"materials/{id_}/page", f"materials/{id_}/thumbnail"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg onload='alert(1)'/>", "not_an_image"),
        (b"GIF89a/*" + b"\0" * 100 + b"*/=alert(1)", "not_an_image"),
        (b"%PDF-1.4 /JavaScript", "not_an_image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, "image_unreadable"),
    ],
)
async def test_what_is_no_photo_is_refused_by_content_and_leaves_nothing(
    anna: httpx2.AsyncClient, settings: OfficeSettings, content: bytes, code: str
) -> None:
    answer = await send(anna, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await rows(), files_below(settings)) == (0, [])


@pytest.mark.parametrize("side", [12_000, 20_000])
async def test_a_pixel_flood_is_refused_within_two_seconds_and_the_office_goes_on(
    anna: httpx2.AsyncClient, side: int
) -> None:
    await send(anna, pictures.encoded(pictures.page(700, 700)))  # a darkroom is warm
    flood = pictures.flood_png(side, side)
    assert len(flood) < 1_000_000
    started = time.perf_counter()
    answer = await send(anna, flood)
    assert time.perf_counter() - started < 2
    assert (answer.status_code, answer.json()["code"]) == (422, "image_too_large")
    assert (await send(anna, pictures.encoded(pictures.page(710, 710)))).status_code == 201


async def test_a_darkroom_that_dies_costs_one_photo_and_is_replaced(anna: httpx2.AsyncClient) -> None:
    assert (await send(anna, pictures.encoded(pictures.page(700, 700)))).status_code == 201
    for process in developing._darkrooms[0]._all:
        if process._child is not None:
            os.kill(process._child.pid, signal.SIGSTOP)  # it hangs, then it is killed under our hands
            under_way = asyncio.create_task(send(anna, pictures.encoded(pictures.page(720, 720))))
            while process in developing._darkrooms[0]._free._queue:  # type: ignore[attr-defined]
                await asyncio.sleep(0)
            os.kill(process._child.pid, signal.SIGKILL)
            answer = await under_way
            assert (answer.status_code, answer.json()["code"]) == (422, "image_unreadable")
    assert (await send(anna, pictures.encoded(pictures.page(730, 730)))).status_code == 201


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\x02{}",
        b'\0\0\0\x0f{"error": "boo"}',
        b'\0\0\0\x18{"sizes": [9999999999]}'.replace(b"\x18", b"\x17"),
    ],
)
async def test_a_darkroom_that_was_taken_over_cannot_hurt_the_office(
    anna: httpx2.AsyncClient, tmp_path: Path, answer: bytes
) -> None:
    """Its place is taken by a process that answers what it likes."""
    liar = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"import sys; sys.stdout.buffer.write({answer!r}); sys.stdout.flush(); sys.stdin.read()",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    for process in developing._darkrooms[0]._all:
        process._child = liar
    refused = await send(anna, pictures.encoded(pictures.page(700, 700)))
    assert (refused.status_code, refused.json()["code"], await rows()) == (422, "image_unreadable", 0)
    assert await liar.wait() != 0
    for process in developing._darkrooms[0]._all:
        await process.close()
    assert (await send(anna, pictures.encoded(pictures.page(700, 700)))).status_code == 201


async def test_the_darkroom_has_little_memory_no_files_and_none_of_our_settings(anna: httpx2.AsyncClient) -> None:
    os.environ["HANDHELD_CANARY"] = "secret"
    try:
        await send(anna, pictures.encoded(pictures.page(700, 700)))
    finally:
        del os.environ["HANDHELD_CANARY"]
    child = next(p._child for p in developing._darkrooms[0]._all if p._child is not None)
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    assert "Max address space         1073741824" in limits
    assert "Max file size             0" in limits
    assert b"HANDHELD" not in Path(f"/proc/{child.pid}/environ").read_bytes()


async def test_ten_megabytes_are_taken_and_one_byte_more_is_not(anna: httpx2.AsyncClient) -> None:
    photo = pictures.encoded(pictures.page(700, 700))
    cap = 10 * 1024 * 1024
    assert (await send(anna, photo + b"\0" * (cap - len(photo)))).status_code == 201
    answer = await send(anna, photo + b"\0" * (cap - len(photo) + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await rows() == 1


async def test_an_endless_body_is_stopped_near_the_cap(app: Starlette) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n'
        while sent < 200 * 1024 * 1024:
            sent += 1 << 20
            yield b"\xff" * (1 << 20)

    async with client(app, ANNA) as http:
        answer = await http.post(
            "/api/v1/uploads", content=endless(), headers={"content-type": "multipart/form-data; boundary=b"}
        )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nno end', 422),
        (b"--b\r\n" + b"x: " + b"y" * 1_000_000 + b"\r\n\r\nz\r\n--b--\r\n", 400),
        (
            b"".join(b'--b\r\ncontent-disposition: form-data; name="f%d"\r\n\r\nv\r\n' % n for n in range(2000))
            + b"--b--\r\n",
            400,
        ),
        (b'--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nplain\r\n--b--\r\n', 422),
    ],
)
async def test_broken_multipart_is_a_typed_refusal(app: Starlette, body: bytes, status: int) -> None:
    async with client(app, ANNA) as http:
        answer = await http.post(
            "/api/v1/uploads", content=body, headers={"content-type": "multipart/form-data; boundary=b"}
        )
    assert answer.status_code == status
    assert await rows() == 0


async def test_an_edited_foreign_or_old_link_shows_nothing(app: Starlette, anna: httpx2.AsyncClient) -> None:
    mine = (await send(anna, pictures.encoded(pictures.page(700, 700)))).json()
    async with client(app, BEN) as ben:
        other = (await send(ben, pictures.encoded(pictures.page(710, 710)))).json()
    url = mine["url"]
    edited = [
        url.replace(mine["id"], other["id"]),
        url.replace("/page", "/thumbnail"),
        url.replace("/page", "/original"),
        url.replace("e=1", "e=9"),
        url.replace(ANNA, BEN),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url.partition("?")[0],
        url.replace("/page", "/..%2f..%2fkeys.json"),
    ]
    for link in edited:
        answer = await anna.get(link)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), link
    with clock.moved(timedelta(minutes=5, seconds=2)):
        assert (await anna.get(url)).status_code == 404
    assert (await anna.get(url)).status_code == 200


async def test_sending_needs_a_sign_in_and_a_full_store_leaves_no_half_record(
    app: Starlette, anna: httpx2.AsyncClient, settings: OfficeSettings
) -> None:
    async with client(app) as nobody:
        assert (await send(nobody, pictures.encoded(pictures.page(700, 700)))).status_code == 401
    await storage.put("materials/probe", b"")
    folder = settings.data_dir / "files" / "materials"
    (folder / "probe").unlink()
    folder.rmdir()
    folder.write_bytes(b"a file where the folder should be")
    answer = await send(anna, pictures.encoded(pictures.page(700, 700)))
    assert (answer.status_code, answer.json()["code"], await rows()) == (503, "no_room_for_files", 0)
    folder.unlink()
    assert (await send(anna, pictures.encoded(pictures.page(700, 700)))).status_code == 201


async def test_an_unused_upload_is_forgotten_after_seven_days_and_a_used_one_stays(
    anna: httpx2.AsyncClient, settings: OfficeSettings
) -> None:
    unused = (await send(anna, pictures.encoded(pictures.page(700, 700)))).json()["id"]
    used = (await send(anna, pictures.encoded(pictures.page(710, 710)))).json()["id"]
    await hold([UUID(used)], used_by="application:1/photo")
    with clock.moved(timedelta(days=6, hours=23)):
        await purge_unused_uploads()
        assert await rows() == 2
    with clock.moved(timedelta(days=7, minutes=1)):
        await purge_unused_uploads()
        assert [str(i) for i in await db.fetch_value("SELECT array_agg(id) FROM materials_upload")] == [used]
        assert {p.parent.name for p in files_below(settings)} == {used}
        assert unused != used
        await release("application:1/photo")
        await purge_unused_uploads()
    assert (await rows(), files_below(settings)) == (0, [])


async def test_the_purge_goes_on_until_nothing_is_left(database: str) -> None:
    await db.execute(
        "INSERT INTO materials_upload (id, owner, sent_sha256, sha256, size, width, height, problems, created_at) "
        "SELECT gen_random_uuid(), $1, n::text, '', 1, 1, 1, '[]', now() - interval '8 days' FROM generate_series(1, 25) n",
        ANNA,
    )
    assert await purge_unused(batch=10) == 25
    assert await rows() == 0


async def test_whoever_sends_and_never_uses_is_stopped(anna: httpx2.AsyncClient, settings: OfficeSettings) -> None:
    await db.execute(
        "INSERT INTO materials_upload (id, owner, sent_sha256, sha256, size, width, height, problems, created_at) "
        "SELECT gen_random_uuid(), $1, n::text, '', 1, 1, 1, '[]', now() FROM generate_series(1, $2) n",
        ANNA, settings.unused_uploads,
    )  # fmt: skip
    refused = await send(anna, pictures.encoded(pictures.page(700, 700)))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    some = await db.fetch_value("SELECT min(id::text) FROM materials_upload")
    await hold([UUID(some)], used_by="application:1/photo")
    assert (await send(anna, pictures.encoded(pictures.page(700, 700)))).status_code == 201


async def test_only_the_sender_can_use_an_upload(anna: httpx2.AsyncClient) -> None:
    mine = UUID((await send(anna, pictures.encoded(pictures.page(700, 700)))).json()["id"])
    assert [u.id for u in await own_uploads(ANNA, [mine])] == [mine]
    with pytest.raises(NoSuchUpload) as refused:
        await own_uploads(BEN, [mine])
    assert [e.field for e in refused.value.errors] == ["uploads.0"]
    with pytest.raises(NoSuchUpload):
        await hold([uuid4()], used_by="application:2/photo")
    assert await db.fetch_value("SELECT count(*) FROM materials_use") == 0
