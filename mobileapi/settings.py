"""The settings of the whole program, composed of every package's part, and the tables it consists of."""

from auth.acting.config import ActingSettings
from auth.attestation.config import AttestationSettings
from auth.config import AuthSettings
from auth.credentials.config import CredentialSettings
from auth.joining.config import JoiningSettings
from auth.privacy.config import PrivacySettings
from auth.sms.config import SmsSettings
from auth.staffing.config import StaffingSettings
from auth.workplaces.config import WorkplaceSettings
from chat.config import ChatSettings
from kit import config, db
from kit.crypto import with_demo_keys
from mobileapi.applications.config import ApplicationSettings
from mobileapi.bookings.config import BookingSettings
from mobileapi.hotline.config import HotlineSettings
from mobileapi.materials.config import MaterialSettings
from mobileapi.notify.config import NotifySettings
from mobileapi.ratings.config import RatingSettings
from payments.config import PaymentSettings

APPS = {
    "kit": "kit.models",
    "auth": "auth.models",
    "keyring": "auth.keyring.models",
    "credentials": "auth.credentials.models",
    "workplaces": "auth.workplaces.models",
    "acting": "auth.acting.models",
    "staffing": "auth.staffing.models",
    "sms": "auth.sms.models",
    "attestation": "auth.attestation.models",
    "joining": "auth.joining.models",
    "privacy": "auth.privacy.models",
    "chat": "chat.models",
    "discretion": "chat.discretion.models",
    "payments": "payments.models",
    "desk": "payments.desk.models",
    "closing": "payments.closing.models",
    "treasury": "payments.treasury.models",
    "dues": "payments.dues.models",
    "counter": "payments.counter.models",
    "catalogue": "mobileapi.catalogue.models",
    "consulting": "mobileapi.consulting.models",
    "materials": "mobileapi.materials.models",
    "applications": "mobileapi.applications.models",
    "certificates": "mobileapi.certificates.models",
    "casefees": "mobileapi.casefees.models",
    "bookings": "mobileapi.bookings.models",
    "hotline": "mobileapi.hotline.models",
    "notify": "mobileapi.notify.models",
    "ratings": "mobileapi.ratings.models",
    "transcripts": "mobileapi.transcripts.models",
    "answers": "mobileapi.answers.models",
    "replies": "mobileapi.replies.models",
}


class OfficeSettings(
    AuthSettings,
    CredentialSettings,
    WorkplaceSettings,
    ActingSettings,
    StaffingSettings,
    ApplicationSettings,
    BookingSettings,
    HotlineSettings,
    MaterialSettings,
    ChatSettings,
    PaymentSettings,
    NotifySettings,
    AttestationSettings,
    JoiningSettings,
    SmsSettings,
    PrivacySettings,
    RatingSettings,
):
    """Everything `HANDHELD_…` can say."""

    def outside_urls(self) -> list[str]:
        """Addresses of the outside parties that may be called: every setting whose name ends in `_url` but our own."""
        ours = {"database_url", "redis_url", "storage_url", "public_url"}
        names = [name for name in type(self).model_fields if name.endswith("_url") and name not in ours]
        return [str(getattr(self, name)) for name in names if getattr(self, name)]


def load() -> OfficeSettings:
    """Reads the environment, fills demo keys, installs the result. Raises BadConfiguration."""
    settings = with_demo_keys(OfficeSettings())
    config.install(settings)
    return settings


def tables(url: str, *, pool: int = 20) -> dict[str, object]:
    """Tortoise's configuration of all packages."""
    return db.tortoise_config(url, apps=APPS, pool=pool)
