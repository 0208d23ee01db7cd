"""Settings of work orders."""

from pydantic import Field

from kit.config import Settings


class HotlineSettings(Settings):
    order_prefix: str = Field("GD", pattern=r"^[A-Z]{2,4}$", description="letters an order number begins with")
    order_days_help: int = Field(5, ge=1, le=60, description="working days in which a request for help is answered")
    order_days_question: int = Field(3, ge=1, le=60, description="working days in which a question is answered")
    order_days_complaint: int = Field(5, ge=1, le=60, description="working days in which a complaint is answered")
    order_days_suggestion: int = Field(10, ge=1, le=60, description="working days in which a suggestion is answered")
    order_days_report: int = Field(15, ge=1, le=60, description="working days in which a report is answered")
    order_transfers_max: int = Field(
        3, ge=1, le=10, description="hand-overs between clerks before a supervisor decides"
    )
    order_reply_workdays: int = Field(
        5, ge=1, le=60, description="working days a citizen has to say that an answer does not satisfy"
    )
    order_words_kept_days: int = Field(
        1825, ge=365, le=7300, description="what was written in an order is removed so long after its end"
    )
