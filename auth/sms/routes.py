"""Codes by text message: asking for one, and signing in with it."""

from auth.access import own_citizen
from auth.citizens import open_phone
from auth.errors import AssuranceTooLow
from auth.models import Citizen
from auth.roles import CITIZEN_ROLES
from auth.schemas import OneTapAnswer
from auth.sms import codes, entering
from auth.sms.codes import Purpose
from auth.sms.schemas import CodeAsk, CodeSent, SmsSignIn
from auth.views import citizen_brief, device_of
from kit.errors import FieldError, InvalidRequest
from kit.texts import text
from kit.web import Actor, Call, post


async def ask_code(call: Call, body: CodeAsk) -> CodeSent:
    """Send a code to a number. To sign in nobody needs to be signed in; for the rest the code is the asker's alone."""
    purpose = Purpose(body.purpose)
    asker = None if purpose is Purpose.SIGN_IN else await call.sign_in_needed(roles=CITIZEN_ROLES)
    phone = await _own_phone(asker) if asker and purpose is Purpose.STEP_UP else body.phone
    if phone is None:
        missing = text("请输入手机号", "Please enter a phone number")
        raise InvalidRequest(errors=[FieldError(field="phone", code="missing", detail=missing)])
    sent = await codes.send(phone, purpose=purpose, source=device_of(call).address, owner=asker.id if asker else None)
    return CodeSent(flow=sent.flow, expires_in=sent.expires_in, retry_after=sent.retry_after)


async def _own_phone(asker: Actor) -> str:
    phone = open_phone(await own_citizen(asker))
    if phone is None:
        raise AssuranceTooLow("phone")
    return phone


async def sign_in(call: Call, body: SmsSignIn) -> OneTapAnswer:
    """Sign in with a code; a verified account is asked for the last four characters of its document as well."""
    signed_in = await entering.sign_in(flow=body.flow, code=body.code, last_four=body.last_four, device=device_of(call))
    assert isinstance(signed_in.person, Citizen)
    return OneTapAnswer(
        access_token=signed_in.access.text, refresh_token=signed_in.refresh_token,
        expires_in=signed_in.access.expires_in, citizen=citizen_brief(signed_in.person), is_new=signed_in.is_new,
    )  # fmt: skip


ROUTES = [
    post("/auth/sms-codes", ask_code, cost=10, public=True, reach="holder", status=201),
    post("/auth/sms/sign-in", sign_in, cost=5, public=True, reach="holder"),
]
