"""What two people agreed to and the channel has not answered yet."""

from kit.jobs import job
from kit.log import logger
from payments.desk import carrying

log = logger("payments")


@job(every="*/2 * * * *")
async def carry_out_approved() -> None:
    """Asks again until the channel answers."""
    for proposal in await carrying.running():
        try:
            await carrying.carry_out(proposal)
        except Exception:
            log.exception("proposal_not_carried_out", proposal=str(proposal))
