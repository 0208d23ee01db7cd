"""Settings of the organisation."""

from pydantic import Field, field_validator

from kit import config


class StaffingSettings(config.Settings):
    duties_per_person: int = Field(30, ge=1, description="owning more items than this shows as a gap in the duties")
    office_hours: str = Field(
        "09:00-12:00,13:00-18:00",
        description="when departments serve the public on working days, unless they have hours of their own",
    )

    @field_validator("office_hours")
    @classmethod
    def _is_hours(cls, said: str) -> str:
        from auth.openings import usual_hours  # it reads this setting

        usual_hours(said)
        return said
