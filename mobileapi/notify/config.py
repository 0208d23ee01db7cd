"""Settings of notices."""

from pydantic import Field

from kit import config

TEMPLATE = "template id and its fields (`id thing1=subject time2=at`), words: subject hint number state at day;"


class NotifySettings(config.Settings):
    notices_kept_days: int = Field(365, ge=30, le=1095, description="a citizen's notices are removed after so long")
    staff_notices_kept_days: int = Field(90, ge=7, le=365, description="notices to staff are removed after so long")

    wechat_message_answers: str = Field("", description=f"{TEMPLATE} at WeChat for answers in a consultation")
    wechat_message_cases: str = Field("", description=f"{TEMPLATE} at WeChat for the progress of a case")
    wechat_message_bills: str = Field("", description=f"{TEMPLATE} at WeChat for payments")
    alipay_message_answers: str = Field("", description=f"{TEMPLATE} at Alipay for answers in a consultation")
    alipay_message_cases: str = Field("", description=f"{TEMPLATE} at Alipay for the progress of a case")
    alipay_message_bills: str = Field("", description=f"{TEMPLATE} at Alipay for payments")
    message_grants_kept: int = Field(
        10, ge=1, le=100, description="one-time allowances kept of one person for one template"
    )
    message_ask_days: int = Field(30, ge=1, description="days until somebody who said no to messages is asked again")

    missed_after_s: int = Field(
        20, ge=5, le=600, description="seconds an answer may find no device of its citizen until it counts as missed"
    )
    missed_unread_s: int = Field(
        180,
        ge=0,
        description="seconds an answer that reached a device may stay unread until it counts as missed; 0: never",
    )
    notice_patience_s: int = Field(
        60, ge=0, le=3600, description="seconds a notice of a case or bill may be read in the app before other ways"
    )
    bill_due_days: int = Field(
        3, ge=1, le=30, description="days before its last day that a payer is reminded of a bill"
    )
    texts_per_day: int = Field(3, ge=0, description="text messages with notices to one citizen a day")
    texts_per_day_office: int = Field(5000, ge=0, description="text messages with notices of the whole office a day")
    texts_quiet_from: int = Field(21, ge=0, le=23, description="hour from which no text message is sent")
    texts_quiet_until: int = Field(8, ge=0, le=23, description="hour until which no text message is sent")

    urgent_kinds: str = Field(
        "consultation.overdue inquiry.overdue order.due",
        description="kinds of notices to staff that also go as work messages; a kind is good for what begins with it",
    )
    console_seen_minutes: int = Field(
        3,
        ge=1,
        le=60,
        description="minutes after the last sign of somebody at the console until work messages are sent",
    )
