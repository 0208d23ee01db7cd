"""Housekeeping of codes, checks and ways."""

from datetime import timedelta

from auth.attestation import faces
from auth.joining.models import MergeCode
from auth.sms import codes
from kit import clock, db
from kit.jobs import job


@job(every="37 18 * * *")
async def purge_codes() -> None:
    """Every night (02:37 in Beijing)."""
    await codes.purge()
    await faces.purge()
    await MergeCode.filter(expires_at__lt=clock.now() - timedelta(days=1)).delete()
    gone = "DELETE FROM joining_session_way w WHERE NOT EXISTS (SELECT 1 FROM auth_session s WHERE s.id = w.session)"
    await db.execute(gone)
