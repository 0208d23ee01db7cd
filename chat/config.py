"""Settings of consultation."""

from pydantic import Field

from kit.config import Settings


class ChatSettings(Settings):
    chat_offer_s: int = Field(30, ge=2, le=600, description="seconds a clerk has to accept an offered conversation")
    chat_transfer_s: int = Field(
        60, ge=5, le=600, description="seconds a colleague has to accept a conversation that is handed to them"
    )
    chat_answer_s: int = Field(180, ge=10, description="seconds a citizen's word may wait before it moves on")
    chat_idle_h: int = Field(24, ge=1, description="hours after an answer until a silent conversation is closed")
    chat_capacity: int = Field(
        5, ge=1, le=100, description="conversations a clerk holds at once, unless chosen otherwise"
    )
    chat_vanish_s: int = Field(35, ge=5, le=60, description="seconds without a sign of a clerk until others take over")
    chat_queue_patience_s: int = Field(
        60, ge=0, description="seconds in the queue until any clerk of the department is asked"
    )
    chat_inquiry_workdays: int = Field(1, ge=1, le=15, description="working days within which an inquiry is answered")
    chat_inquiry_hours: int | None = Field(
        None, ge=1, le=80, description="working hours within which an inquiry is answered, instead of working days"
    )
    chat_inquiry_rung_h: int = Field(
        4, ge=1, le=72, description="hours after which the head of a department is told of an inquiry still overdue"
    )
    chat_sticky_days: int = Field(
        30, ge=0, le=366, description="days within which a citizen is given the clerk they spoke with last; 0: never"
    )
    chat_outside_hours: bool | None = Field(
        None, description="whether a clerk who is online outside their hours is on duty; unset: in demo mode only"
    )
    chat_frames_per_s: int = Field(
        20, ge=1, description="frames a socket may send a second in the long run; three times as many at once"
    )
    chat_sockets_per_person: int = Field(
        5, ge=1, description="open sockets of one person in one process; the oldest makes room"
    )
    chat_handshakes_per_s: int = Field(
        50, ge=1, description="new sockets a second from one address; ten times as many at once"
    )
    chat_hello_s: float = Field(5.0, gt=0, le=5, description="seconds from connecting to the first frame")
    chat_heartbeat_s: int = Field(
        25, ge=1, le=55, description="seconds after which a silent socket is expected to ping"
    )
    chat_session_check_s: float = Field(
        2.0, gt=0, le=4, description="seconds between looks at whether sessions still live"
    )
    chat_slow_s: float = Field(
        10.0, gt=0, le=25, description="seconds a socket may take no data until it is closed as slow"
    )
    chat_send_s: float = Field(
        3.0, gt=0, le=5, description="seconds until an unstored send is refused as `unavailable`"
    )
    chat_edit_s: int = Field(
        300, ge=0, le=86_400, description="seconds within which the sender may edit a text; 0: never"
    )
    chat_recall_s: int = Field(
        120, ge=0, le=86_400, description="seconds within which the sender may recall a message; 0: never"
    )
    chat_origins: str = Field("", description="extra origins browsers may open the socket from, comma separated")

    @property
    def clerks_serve_outside_hours(self) -> bool:
        return self.demo if self.chat_outside_hours is None else self.chat_outside_hours
