"""Chores of the certificates."""

from uuid import UUID

from kit.jobs import job
from mobileapi.certificates.models import Certificate


@job(attempts=12)
async def print_certificate(*, certificate: str) -> None:
    """Prints ahead, so that the holder does not wait; whoever asks earlier prints it then."""
    from mobileapi.certificates.certificates import pdf_of  # the verbs defer this job

    await pdf_of(await Certificate.get(id=UUID(certificate)))
