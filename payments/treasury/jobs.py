"""What is done about the books without anybody asking. All times of the schedules are UTC."""

from kit.jobs import job
from payments.treasury import books


@job(every="20 17 * * *")
async def prove_books() -> None:
    """At 01:20 Beijing time: every sealed day is recomputed, yesterday is sealed; a drift calls people."""
    await books.watch()
