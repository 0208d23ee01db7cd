"""What each room holds of a citizen, and the verb by which it goes along when two accounts become one."""

from auth.joining.merging import Mover
from chat import belongings as talks
from mobileapi.applications import belongings as cases
from mobileapi.bookings import belongings as bookings
from mobileapi.certificates import belongings as certificates
from mobileapi.hotline import belongings as matters
from mobileapi.materials import belongings as pictures
from mobileapi.notify import notices
from mobileapi.ratings import belongings as ratings
from mobileapi.transcripts import belongings as transcripts
from payments import belongings as orders

# Bills are found by the number of the document and the phone, which go along with the account itself.
MOVERS = (
    Mover("pictures", pictures.of, pictures.move_between),
    Mover("cases", cases.of, cases.move_between, cases.clashes, tables=("applications_application",)),
    Mover("certificates", certificates.of, certificates.move_between, tables=("certificates_certificate",)),
    Mover("bookings", bookings.of, bookings.move_between, bookings.clashes, tables=("bookings_booking",)),
    Mover("work_orders", matters.of, matters.move_between, tables=("hotline_order",)),
    Mover("orders", orders.of, orders.move_between, tables=("payments_order",)),
    Mover("conversations", talks.of, talks.move_between, tables=("chat_conversation",)),
    Mover("ratings", ratings.of, ratings.move_between),
    Mover("transcripts", transcripts.of, transcripts.move_between),
    Mover("notices", notices.of, notices.move_between),
)
