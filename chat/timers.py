"""
A clock that was set back must not leave timers standing: what would run longer than any timer may is begun anew.

Numbers of messages come from the row, never from a clock, and need nothing.
"""

from chat.config import ChatSettings
from kit import clock, db
from kit.config import current

SLACK_S = 60  # clocks of several machines differ a little

SHORTEN = f"""
UPDATE chat_conversation SET
  answer_due_at = CASE state WHEN 'offered' THEN $1::timestamptz + make_interval(secs => $2)
    WHEN 'assigned' THEN $1::timestamptz + make_interval(secs => $3) END,
  queued_at = CASE state WHEN 'queued' THEN $1::timestamptz END
WHERE (state = 'offered' AND answer_due_at > $1::timestamptz + make_interval(secs => $2 + {SLACK_S}))
  OR (state = 'assigned' AND awaiting = 'clerk'
    AND answer_due_at > $1::timestamptz + make_interval(secs => $3 + {SLACK_S}))
  OR (state = 'queued' AND queued_at > $1::timestamptz + make_interval(secs => {SLACK_S}))
"""  # noqa: S608 - a number of ours


async def shorten_what_outlasts() -> int:
    """Offers, answer timers and patience that end later than they ever could; how many."""
    settings = current(ChatSettings)
    offer_s = max(settings.chat_offer_s, settings.chat_transfer_s)
    return await db.execute(SHORTEN, clock.now(), float(offer_s), float(settings.chat_answer_s))
