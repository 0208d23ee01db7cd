"""
The last four characters of a document, asked of whoever has the number of a verified account: numbers get new owners.

Few are guessed a day, however many codes somebody has for their number, and the account's owner is told of each try.
"""

import hmac

from auth.citizens import open_id_number
from auth.errors import BindingProofWrong
from auth.joining.events import LastFourGuessed
from auth.models import Citizen
from auth.sms.errors import LastFourNeeded
from auth.troubles import count_guess, forgive_guesses
from kit import audit, db, events


async def judge(person: Citizen, last_four: str | None) -> None:
    """
    Nothing is asked of an account without a document. Outside any transaction: a guess counts, whatever comes of it.

    Raises: LastFourNeeded, BindingProofWrong, TooMany.
    """
    assert not db.transaction_is_open(), "a guess is counted and committed before it is judged"
    number = open_id_number(person)
    if number is None:
        return
    if last_four is None:
        raise LastFourNeeded
    await count_guess(str(person.id))
    if not hmac.compare_digest(number[-4:].upper().encode(), last_four.upper().encode()):
        await _told(person)
        raise BindingProofWrong
    await forgive_guesses(str(person.id))


async def _told(person: Citizen) -> None:
    async with db.transaction():
        await audit.record(actor="system", action="citizen.last_four_wrong", subject=f"citizen:{person.id}")
        await events.publish(LastFourGuessed(citizen=person.id))
