"""The socket described as AsyncAPI 3.0: the client's frames from their shapes, the server's from the table below."""

from typing import Any

from chat.frames import READERS

INTEGER, STRING = {"type": "integer"}, {"type": "string"}
ID, TIME = {"type": "string", "format": "uuid"}, {"type": "string", "format": "date-time"}
MAYBE_TIME = {"type": ["string", "null"]}
OBJECT = {"type": "object"}
OBJECTS = {"type": "array", "items": OBJECT}
STRINGS = {"type": "array", "items": STRING}

# Frames of the server: field → schema; those after the bar are there only when they have something to say.
SERVER: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "welcome": (
        "the hello was accepted; then what was missed follows",
        {"principal": OBJECT, "conversations": OBJECTS, "heartbeat_s": INTEGER, "server_time": TIME,
         "edit_s": INTEGER, "recall_s": INTEGER},
        {},
    ),
    "ack": (
        "committed; the same for a repeat of the client_id",
        {"client_id": STRING, "conversation": ID, "seq": INTEGER, "at": TIME},
        {"body": OBJECT},  # as everybody reads it, when something was hidden in it
    ),
    "message": (
        "one place in a conversation",
        {"conversation": ID, "seq": INTEGER, "id": ID, "sender": OBJECT, "kind": STRING, "body": OBJECT, "at": TIME},
        {"client_id": {"type": ["string", "null"]}, "edited": {"const": True}, "recalled": {"const": True}},
    ),
    "caught_up": ("everything up to here was sent", {"conversation": ID, "seq": INTEGER}, {}),
    "reset": ("the place asked for is not known here: fetch afresh", {"conversation": ID}, {}),
    "receipt": ("how far a side has come", {"conversation": ID, "by": STRING}, {"delivered": INTEGER, "read": INTEGER}),
    "conversation": (
        "the conversation's public state",
        {"conversation": ID, "state": STRING},
        {"clerk": {"type": ["object", "null"]}, "queue_position": {"type": ["integer", "null"]},
         "wait_estimate_s": {"type": ["integer", "null"]}, "due_at": MAYBE_TIME, "reason": OBJECT,
         "wait_range_s": {"type": ["array", "null"], "items": INTEGER}, "waits_since": MAYBE_TIME,
         "inquiry": {"type": ["object", "null"]}},
    ),
    "offer": (
        "for clerks: take it or not",
        {"conversation": ID, "expires_at": TIME},
        {"item": {"type": ["object", "null"]}, "citizen": OBJECT, "reason": OBJECT,
         "last_message": {"type": ["object", "null"]}},
    ),
    "presence": (
        "for clerks: the desk as it is now",
        {"status": STRING, "capacity": INTEGER, "auto_accept": {"type": "boolean"}},
        {},
    ),
    "refreshed": ("the new token is taken", {"expires_at": INTEGER}, {}),
    "typing": ("the other side is writing", {"conversation": ID, "by": STRING, "name": STRING}, {}),
    "watching": ("for staff: who else looks on", {"conversation": ID, "by": OBJECTS}, {}),
    "pong": ("the answer to ping", {}, {"t": {}}),
    "error": (
        "a frame was refused; `retry` tells whether the same frame may succeed later",
        {"code": STRING, "detail": STRING, "retry": {"type": "boolean"}},
        {"client_id": STRING, "conversation": ID, "retry_after_s": INTEGER, "kinds": STRINGS},
    ),
    "goodbye": ("the socket ends; come back after the given time", {"reason": STRING}, {"retry_after_ms": INTEGER}),
}  # fmt: skip


def asyncapi(server_url: str) -> dict[str, Any]:
    """The document."""
    client = {name: {"name": name, "payload": reader.json_schema()} for name, reader in READERS.items()}
    server = {f"server_{name}": {"name": name, "summary": said, "payload": _schema(name, need, may)}
              for name, (said, need, may) in SERVER.items()}  # fmt: skip
    scheme, _, host = server_url.partition("://")
    told = {"title": "Handheld Office: consultation", "version": "1", "description": "see docs/protocol.md"}
    return {
        "asyncapi": "3.0.0",
        "info": told,
        "servers": {"office": {"host": host, "protocol": "wss" if scheme == "https" else "ws"}},
        "channels": {
            "chat": {
                "address": "/api/v1/chat",
                "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in [*client, *server]},
            }
        },
        "operations": {
            "clientSends": _operation("receive", list(client)),
            "serverSends": _operation("send", list(server)),
        },
        "components": {"messages": client | server},
    }  # fmt: skip


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/chat/messages/{name}"} for name in names]
    return {"action": action, "channel": {"$ref": "#/channels/chat"}, "messages": messages}


def _schema(name: str, need: dict[str, Any], may: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": ["type", *need], "properties": {"type": {"const": name}, **need, **may}}
