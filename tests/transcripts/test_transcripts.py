"""Transcripts: the same bytes for the same words, a digest anybody can compute, and whoever tampers is found."""

import hashlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from PIL import Image

from auth.models import Citizen
from chat import people
from chat.messages import Draft, append
from chat.models import Conversation, Note
from kit import clock, crypto, db, storage
from mobileapi.certificates import routes as certificates
from mobileapi.certificates.verification import register_verifier
from mobileapi.materials.models import Upload
from mobileapi.transcripts import routes, transcripts
from mobileapi.transcripts.entries import Said, Variant, as_read, canonical, chained
from mobileapi.transcripts.models import Transcript
from mobileapi.transcripts.personal import forget
from tests.applications.office import ITEM, STREET, Office, open_office
from tests.materials.app import application, client
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio


@dataclass
class Room:
    office: Office
    anna: Citizen
    talk: UUID

    def phone(self, person: UUID | None = None) -> Any:
        return client(self.office.app, f"citizen:{person or self.anna.id}")

    def staff(self, person: UUID | None = None, roles: str = "clerk") -> Any:
        return client(self.office.app, f"staff:{person or self.office.owner}:{roles}")

    async def say(self, role: str, words: str) -> None:
        sender = self.anna.id if role == "citizen" else self.office.owner
        await append(
            Draft(self.talk, role, "text", {"text": words}, sender=sender, name="陈立群", client_id=uuid4().hex)
        )

    async def made(self, who: Any, **body: Any) -> dict[str, Any]:
        answer = await who.post(f"/api/v1/consultations/{self.talk}/transcripts", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.fixture
async def room(database: str) -> AsyncIterator[Room]:
    office = await open_office()
    office.app = application(routes.ROUTES, certificates.OUTSIDE)
    register_verifier("transcript", transcripts.for_the_public)
    anna = await verified_citizen()
    now = clock.now()
    talk = await Conversation.create(
        citizen_id=anna.id, item_code=ITEM, item_name={"zh": "补领身份证", "en": "Replace an ID card"},
        department_code="GA", department_name={"zh": "公安局", "en": "Police"}, region_code=STREET, state="assigned",
        clerk_id=office.owner, answer_due_at=now + timedelta(hours=1), reason_code="owner_on_duty", created_at=now,
    )  # fmt: skip
    room = Room(office, anna, talk.id)
    await room.say("citizen", "身份证丢了怎么办？")
    await room.say("clerk", "请带户口簿来。#[不是标记] *粗体*")
    yield room


async def noted(room: Room, words: str) -> None:
    await Note.create(
        conversation_id=room.talk, after_seq=1, author=room.office.owner, author_name="陈立群", client_id=uuid4().hex,
        body={"text": words}, at=clock.now(),
    )  # fmt: skip


async def test_the_same_words_give_the_same_document_and_more_words_another(room: Room) -> None:
    async with room.phone() as anna:
        first, again = await room.made(anna), await room.made(anna)
        assert first == again
        pdf = (await anna.get(first["pdf_url"])).content
        assert pdf.startswith(b"%PDF")
        assert (await anna.get(first["pdf_url"])).content == pdf
        stored = await Transcript.get(id=first["id"])
        assert await transcripts._printed(stored) == pdf, "printed anew it is the same, byte for byte"
        await room.say("citizen", "好的")
        later = await room.made(anna)
        assert (later["top_seq"], first["top_seq"]) == (3, 2)
        assert later["digest"] != first["digest"]
        assert (await anna.get(first["pdf_url"])).content == pdf
    assert await db.fetch_value("SELECT count(*) FROM transcripts_transcript") == 2


async def test_the_digest_is_computed_again_by_hand(room: Room) -> None:
    async with room.staff() as clerk:
        made = await room.made(clerk)
    rows = await db.fetch("SELECT * FROM chat_message ORDER BY seq")
    talk = (await db.fetch("SELECT * FROM chat_conversation"))[0]
    head = {"conversation": str(talk["id"]), "opened_at": micro(talk["created_at"]), "variant": "staff"}
    link = hashlib.sha256(json.dumps(head, sort_keys=True, separators=(",", ":")).encode()).digest()
    for row in rows:
        name = "欧*晴" if row["sender_role"] == "citizen" else row["sender_name"]
        entry = {
            "at": micro(row["at"]), "body": json.loads(row["body"]), "kind": row["kind"], "name": name,
            "role": row["sender_role"], "seq": row["seq"],
        }  # fmt: skip
        link = hashlib.sha256(
            link + json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        ).digest()
    assert made["digest"] == link.hex()
    assert made["entries"] == 2


def micro(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@pytest.mark.parametrize(
    "harm",
    [
        'UPDATE chat_message SET body = \'{"text": "不用带"}\'::jsonb WHERE seq = 2',
        "UPDATE chat_message SET at = at + interval '1 second' WHERE seq = 1",
        "UPDATE chat_message SET sender_name = '别人' WHERE seq = 2",
        "DELETE FROM chat_message WHERE seq = 2",
    ],
)
async def test_whoever_changes_what_was_said_is_found(room: Room, harm: str) -> None:
    async with room.phone() as anna, client(room.office.app) as public:
        made = await room.made(anna)
        url, asked = f"/verify/{made['code']}", {"accept": "application/json"}
        good = (await public.get(url, headers=asked)).json()
        assert (good["valid"], good["kind"], good["status"]) == (True, "transcript", "valid")
        page = (await public.get(url, headers={"accept": "text/html"})).text
        assert made["digest"] in page
        assert "户口簿" not in page
        await db.execute(harm)
        bad = (await public.get(url, headers=asked)).json()
        assert (bad["valid"], bad["status"]) == (False, "altered")
        assert "不符" in (await public.get(url, headers={"accept": "text/html"})).text
        refused = await anna.get(made["pdf_url"])
        assert (refused.status_code, refused.json()["code"]) == (409, "transcript_damaged")
        forged = made["code"][:-1] + ("A" if made["code"][-1] != "A" else "B")
        assert (await public.get(f"/verify/{forged}", headers=asked)).status_code == 404


async def test_a_transcript_cannot_be_rewritten_and_a_changed_file_is_not_shown(room: Room) -> None:
    async with room.phone() as anna:
        made = await room.made(anna)
        for change in ("digest = 'x'", "top_seq = 1", "code = 'y'"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await db.execute(f"UPDATE transcripts_transcript SET {change}")
        assert (await anna.get(made["pdf_url"])).status_code == 200
        await storage.put(f"transcripts/{made['id']}", b"%PDF-1.7 something else")
        assert (await anna.get(made["pdf_url"])).json()["code"] == "transcript_damaged"


async def test_internal_notes_are_in_the_staffs_internal_variant_only(room: Room) -> None:
    await noted(room, "此人态度激动")
    async with room.staff() as clerk, room.phone() as anna:
        plain, internal = await room.made(clerk), await room.made(clerk, notes=True)
        assert (plain["variant"], plain["entries"]) == ("staff", 2)
        assert (internal["variant"], internal["entries"]) == ("internal", 3)
        own = await room.made(anna, notes=True)
        assert (own["variant"], own["entries"]) == ("citizen", 2)
        for theirs in (plain, internal):
            assert (await anna.get(theirs["pdf_url"])).status_code == 404
        assert (await clerk.get(own["pdf_url"])).status_code == 404
        await noted(room, "已回访")
        assert (await room.made(clerk, notes=True))["entries"] == 4
        assert await room.made(clerk) == plain


async def test_nobody_prints_what_is_not_theirs_and_readers_are_noted(room: Room) -> None:
    async with room.phone(uuid4()) as other, room.staff(room.office.colleague) as colleague, room.staff() as clerk:
        url = f"/api/v1/consultations/{room.talk}/transcripts"
        assert (await other.post(url, json={})).status_code == 404
        assert (await colleague.post(url, json={})).status_code == 404
        assert await db.fetch_value("SELECT count(*) FROM transcripts_transcript") == 0
        made = await room.made(clerk)
        assert (await colleague.get(made["pdf_url"])).status_code == 404
        assert (await clerk.get(made["pdf_url"])).status_code == 200
    acts = [row["action"] for row in await db.fetch("SELECT action FROM kit_audit ORDER BY seq")]
    assert [a for a in acts if a in {"consultation.transcribed", "transcript.read"}] == [
        "consultation.transcribed", "transcript.read",
    ]  # fmt: skip


async def test_a_picture_is_shown_small_with_the_digest_of_the_whole(room: Room) -> None:
    jpeg = io.BytesIO()
    Image.new("RGB", (320, 200), "steelblue").save(jpeg, "JPEG")
    upload = await Upload.create(
        id=uuid4(), owner=f"citizen:{room.anna.id}", sent_sha256="a" * 64, sha256="b" * 64, size=9, width=320,
        height=200, problems=[], created_at=clock.now(),
    )  # fmt: skip
    await storage.put(upload.file_name("thumbnail"), jpeg.getvalue())
    body = {"upload": str(upload.id), "width": 320, "height": 200}
    await append(Draft(room.talk, "citizen", "image", body, sender=room.anna.id, client_id="p"))
    async with room.phone() as anna:
        made = await room.made(anna)
        entries = await transcripts.entries_of(
            await Conversation.get(id=room.talk), Variant.citizen, top=made["top_seq"], notes=0, citizen="x"
        )
        assert entries[-1]["body"]["sha256"] == "b" * 64
        assert b"/Image" in (await anna.get(made["pdf_url"])).content


async def test_a_name_that_is_corrected_later_makes_no_paper_false(room: Room) -> None:
    async with room.phone() as anna, client(room.office.app) as public:
        made = await room.made(anna)
        other = crypto.seal("欧阳文静", bound_to=f"auth_citizen.name:{room.anna.id}")
        await db.execute("UPDATE auth_citizen SET name_sealed = $1", other)
        people._names.clear()
        assert (await room.made(anna))["digest"] == made["digest"]
        told = (await public.get(f"/verify/{made['code']}", headers={"accept": "application/json"})).json()
        assert (told["valid"], told["holder_masked"]) == (True, "欧*晴")


async def test_a_long_conversation_is_not_printed(room: Room) -> None:
    for n in range(transcripts.LONGEST - 2):
        await append(Draft(room.talk, "citizen", "text", {"text": "."}, sender=room.anna.id, client_id=f"l{n}"))
    await room.say("citizen", "太长了")
    async with room.phone() as anna:
        refused = await anna.post(f"/api/v1/consultations/{room.talk}/transcripts", json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "transcript_too_long")
    assert await db.fetch_value("SELECT count(*) FROM transcripts_transcript") == 0


async def test_with_the_account_the_document_goes_and_the_digest_stays(room: Room) -> None:
    async with room.phone() as anna, client(room.office.app) as public:
        made = await room.made(anna)
        await anna.get(made["pdf_url"])
        assert await forget(room.anna) == [f"transcripts/{made['id']}"]
        assert await forget(room.anna) == [f"transcripts/{made['id']}"]
        await db.execute('UPDATE chat_message SET body = \'{"text": ""}\'::jsonb')
        assert (await anna.get(made["pdf_url"])).status_code == 404
        told = (await public.get(f"/verify/{made['code']}", headers={"accept": "application/json"})).json()
        assert (told["valid"], told["holder_masked"]) == (True, "")


NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TALK = [
    Said(1, "citizen", "张*", "text", {"text": "原话"}, NOON),
    Said(2, "clerk", "陈", "text", {"text": "收回"}, NOON),
    Said(3, "citizen", "张*", "edit", {"of": 1, "text": "改过"}, NOON),
    Said(4, "clerk", "陈", "recall", {"of": 2}, NOON),
    Said(3, "clerk", "陈", "note", {"text": "备注"}, NOON, note=True),
]


def test_staff_read_every_version_and_citizens_their_own_view() -> None:
    staff = as_read(TALK, Variant.staff, digests={})
    assert [(e["seq"], e["body"].get("text"), e.get("changed"), e.get("changed_by")) for e in staff] == [
        (1, "原话", "edit", 3), (2, "收回", "recall", 4), (3, "改过", None, None), (4, None, None, None),
    ]  # fmt: skip
    own = as_read(TALK, Variant.citizen, digests={})
    assert [(e["seq"], e["body"], e.get("changed")) for e in own] == [
        (1, {"text": "改过"}, "edit"), (2, {}, "recall"), (3, {"of": 1}, None), (4, {"of": 2}, None),
    ]  # fmt: skip
    assert "备注" in str(as_read(TALK, Variant.internal, digests={}))
    assert "备注" not in str(staff) + str(own)


def test_an_entry_moved_or_left_out_gives_another_end() -> None:
    entries, head = as_read(TALK, Variant.staff, digests={}), {"conversation": "x"}
    ends = {
        chained(head, entries), chained(head, entries[:-1]), chained(head, entries[::-1]),
        chained(head, [*entries, entries[-1]]), chained({"conversation": "y"}, entries),
    }  # fmt: skip
    assert len(ends) == 5
    assert canonical({"b": "中", "a": 1}) == '{"a":1,"b":"中"}'.encode()
