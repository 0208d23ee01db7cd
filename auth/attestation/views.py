"""How claims are shown to the staff who judge them. Reads only."""

from auth import papers
from auth.attestation.claims import claimed_in
from auth.attestation.models import NameClaim
from auth.attestation.schemas import ClaimPhoto, ClaimRow, ClaimView
from auth.attestation.states import ClaimState
from auth.documents import Document, masked
from kit import clock


def row_shown(found: NameClaim) -> ClaimRow:
    claimed = claimed_in(found)
    return ClaimRow(
        id=found.id, document=Document(found.document), name_masked=_masked_name(claimed.name),
        number_masked=masked(claimed.id_number), region=found.region_code, photos=len(found.photos),
        state=ClaimState(found.state), since=clock.city_time(found.created_at),
    )  # fmt: skip


def _masked_name(name: str) -> str:
    """Of a foreign name the first letter of each part: E**** C*****."""
    parts = name.split()
    if len(parts) > 1:
        return " ".join(part[:1] + "*" * (len(part) - 1) for part in parts)
    return name[:1] + "*" if len(name) <= 2 else name[:1] + "*" * (len(name) - 2) + name[-1:]


async def claim_shown(found: NameClaim, *, reader: str) -> ClaimView:
    """With the photographs and in the clear as long as it is to be judged; the caller leaves the audit row."""
    waits, claimed = found.state == ClaimState.WAITING, claimed_in(found)
    photos = await papers.shown(found.photos, reader=reader) if waits else []
    return ClaimView(
        **row_shown(found).model_dump(), name=claimed.name if waits else None,
        id_number=claimed.id_number if waits else None, reason=found.reason,
        papers=[ClaimPhoto.model_validate(photo) for photo in photos],
        decided_at=clock.city_time(found.decided_at) if found.decided_at else None,
    )  # fmt: skip
