"""Settings of the organisation."""

from pydantic import Field

from kit import config


class StaffingSettings(config.Settings):
    duties_per_person: int = Field(30, ge=1, description="owning more items than this shows as a gap in the duties")
