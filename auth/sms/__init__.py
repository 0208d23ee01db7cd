"""The text message service this office uses."""

from auth.sms.base import TextMessages
from auth.sms.config import SmsSettings
from auth.sms.errors import SmsNotOffered
from auth.sms.tencent import TencentTextMessages
from auth.tc3 import Account
from kit.config import BadConfiguration, current

NEEDED = ("sms_secret_id", "sms_secret_key", "sms_sign_name", "sms_code_template")


def service() -> TextMessages:
    """Raises SmsNotOffered."""
    settings = current(SmsSettings)
    if not settings.sms_app_id:
        raise SmsNotOffered
    account = Account(settings.sms_secret_id, settings.sms_secret_key.get_secret_value(), settings.sms_region)
    return TencentTextMessages(settings.sms_url, account, settings.sms_app_id, settings.sms_sign_name)


def refuse_half_set() -> None:
    """An app id without its keys would fail at the first code. Raises BadConfiguration."""
    settings = current(SmsSettings)
    if settings.sms_app_id:
        for name in NEEDED:
            value = getattr(settings, name)
            if not (value.get_secret_value() if hasattr(value, "get_secret_value") else value):
                raise BadConfiguration(f"HANDHELD_{name.upper()} must be set with HANDHELD_SMS_APP_ID")
