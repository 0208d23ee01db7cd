"""Notices by text message, for those the citizen asked to be told so."""

from uuid import UUID

from auth import sms
from auth.citizens import open_phone
from auth.models import Citizen
from auth.sms.base import NotSent
from auth.sms.config import SmsSettings
from auth.sms.errors import SmsNotOffered
from kit.config import current
from kit.texts import Text
from mobileapi.notify.deliveries import CannotBeSent
from mobileapi.notify.models import Notice

LONGEST = 60  # characters a value of a template takes


async def possible(citizen: UUID) -> bool:
    """Whether the office sends such messages and the account has a mainland number."""
    settings = current(SmsSettings)
    if not settings.sms_app_id or not settings.sms_notice_template:
        return False
    person = await Citizen.get_or_none(id=citizen)
    phone = open_phone(person) if person else None
    return phone is not None and not phone.startswith("+")


async def send(notice: Notice) -> str:
    """To the number the account has now; the service's number of the message. Raises CannotBeSent."""
    person, template = await Citizen.get_or_none(id=notice.citizen), current(SmsSettings).sms_notice_template
    phone = open_phone(person) if person else None
    if phone is None or not template:
        raise CannotBeSent("no number" if phone is None else "no template")
    language = "en" if person and person.locale == "en" else "zh"
    words = Text.model_validate(notice.text).in_language(language)[:LONGEST]
    try:
        return await sms.service().send(phone, template=template, values=[words])
    except (NotSent, SmsNotOffered) as failed:
        raise CannotBeSent(str(failed), maybe_sent=isinstance(failed, NotSent) and failed.maybe_sent) from None
