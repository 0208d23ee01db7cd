"""Who tells and forgets what about people: every package's contributor, and the tables that need none."""

from auth import personal as identity
from auth.acting import personal as acting
from auth.joining import personal as joining
from auth.privacy import contributors
from auth.privacy import personal as rights
from chat import personal as chat
from mobileapi.answers import personal as answers
from mobileapi.applications import personal as applications
from mobileapi.bookings import personal as bookings
from mobileapi.certificates import personal as certificates
from mobileapi.consulting import personal as consulting
from mobileapi.hotline import personal as hotline
from mobileapi.materials import personal as materials
from mobileapi.notify import personal as notify
from mobileapi.ratings import personal as ratings
from mobileapi.transcripts import personal as transcripts
from payments import personal as payments

# In the order in which they forget: what finds its rows by the account comes before the account itself.
CONTRIBUTORS = (
    consulting.CONTRIBUTOR,
    ratings.CONTRIBUTOR,
    transcripts.CONTRIBUTOR,
    answers.CONTRIBUTOR,
    chat.CONTRIBUTOR,
    payments.CONTRIBUTOR,
    applications.CONTRIBUTOR,
    certificates.CONTRIBUTOR,
    bookings.CONTRIBUTOR,
    hotline.CONTRIBUTOR,
    acting.CONTRIBUTOR,
    joining.CONTRIBUTOR,
    rights.CONTRIBUTOR,
    notify.CONTRIBUTOR,
    materials.CONTRIBUTOR,
    identity.CONTRIBUTOR,
)

# Tables that lead to a person and say nothing of them, or that law forbids to touch → why they are in no contributor.
EXEMPT = {
    "kit_audit": "the audit log is never changed; it names opaque ids, and who looked is told out of it",
    "kit_audit_top": "the length of the audit log",
    "auth_phone_seal": "keyed digests of sealed numbers that were used once; nothing is found by a person",
    "auth_sign_in_trouble": "keyed digests of user names of staff and addresses, removed after 30 days",
    "auth_person_read": "which member of staff opened whose matter last, to notice bulk reading; opaque ids",
    "credentials_staff_sign_in": "how sessions of staff began",
    "replies_reply": "what the office says in general, about nobody; its owner is a member of staff",
    "replies_revision": "who of the staff wrote and agreed to what the office says",
    "payments_exception": "differences about money, kept with the books; orders and numbers only",
    "desk_work": "who of finance looks after a difference, and until when it may wait",
    "payments_notice": "what channels sent about money, kept with the books as it came, sealed",
    "payments_ledger_entry": "the books: references and days",
    "payments_posting": "the books: accounts and amounts",
    "procrastinate_jobs": "opaque ids of work to do, removed when done",
}


def connect() -> None:
    contributors.install(CONTRIBUTORS)
    contributors.EXEMPT.clear()
    contributors.EXEMPT.update(EXEMPT)
