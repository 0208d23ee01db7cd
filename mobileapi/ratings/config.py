"""Settings of ratings."""

from pydantic import Field

from kit import config


class RatingSettings(config.Settings):
    rating_days: int = Field(30, ge=1, le=365, description="days after its end in which a matter may be rated")
    rating_contact_workdays: int = Field(
        1, ge=1, le=30, description="working days until who gave a bad rating has been called"
    )
    rating_workdays: int = Field(15, ge=1, le=60, description="working days until a bad rating is put right and told")
    rating_warn_workdays: int = Field(3, ge=1, le=30, description="working days ahead, on which its owner is warned")
    rating_departments: str = Field(
        "ZWFW", description="codes of the departments that watch over all ratings in their region, comma separated"
    )
    rating_smallest: int = Field(
        5, ge=1, le=100, description="ratings below which figures are not told, so that nobody is recognised"
    )

    @property
    def watching_departments(self) -> list[str]:
        return [code.strip() for code in self.rating_departments.split(",") if code.strip()]
