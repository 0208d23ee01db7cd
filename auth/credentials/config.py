"""Settings of staff passwords, second factors and concurrent sessions (GB/T 22239-2019 level 3, identity)."""

from typing import Literal

from pydantic import Field

from kit import config


class CredentialSettings(config.Settings):
    staff_password_length: int = Field(10, ge=8, le=64, description="a staff password has at least so many characters")
    staff_password_classes: int = Field(
        3, ge=1, le=4, description="of lower case, upper case, digits and other characters a staff password has so many"
    )
    staff_passphrase_length: int = Field(
        20, ge=16, le=129, description="from this length on the kinds of characters are not counted; 129: never"
    )
    staff_password_history: int = Field(5, ge=0, le=24, description="a staff password differs from so many before it")
    staff_password_days: int = Field(
        90, ge=0, le=3650, description="a staff password older than this is changed at the next sign-in; 0: never"
    )
    staff_sessions: Literal["one_per_kind", "refuse", "many"] = Field(
        "one_per_kind",
        description="a second desktop (or mobile) session of staff ends the first, is refused, or is let in beside it",
    )
