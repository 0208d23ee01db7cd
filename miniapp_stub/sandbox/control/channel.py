"""What the payment platform does behind the counter: notices, refunds, keys, account, bills."""

from datetime import date
from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox import delivery, rotation, shelves
from miniapp_stub.sandbox.alipay.gateway import foreign_key
from miniapp_stub.sandbox.alipay.trade import account as alipay_account
from miniapp_stub.sandbox.alipay.trade import notices as alipay_notices
from miniapp_stub.sandbox.alipay.trade import refunds as alipay_refunds
from miniapp_stub.sandbox.alipay.trade.bills import prepared as alipay_prepared
from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.control.asking import Asked, ControlRefused
from miniapp_stub.sandbox.wechatpay import account, certificates, notices, refunds
from miniapp_stub.sandbox.wechatpay.bills import prepared
from miniapp_stub.sandbox.wechatpay.signing import Signer
from miniapp_stub.sandbox.world import World

SHELVES = {
    (shelf.channel, shelf.kind): shelf
    for shelf in (prepared.TRADE, prepared.FUND, alipay_prepared.TRADE, alipay_prepared.FUND)
}


async def list_notices(world: World, asked: Asked) -> dict[str, Any]:
    """`?out_trade_no=` → notices with every attempt: faults, headers and body as sent, the answer."""
    return {"notices": notices.listed(world, out_trade_no=asked.query.get("out_trade_no"))}


async def retry_notices(world: World, asked: Asked) -> dict[str, Any]:
    """`{id?, out_trade_no?, again?}`: attempt what is pending now, due or not; with `again` also what was delivered."""
    refunds.settle_due(world)
    states = ("pending", "delivered", "exhausted") if asked.get("again", bool) else ("pending",)
    rows = world.store.all(
        "SELECT id, state FROM notices WHERE id = coalesce(?, id) AND out_trade_no = coalesce(?, out_trade_no)"
        " ORDER BY rowid",
        asked.get("id", str),
        asked.get("out_trade_no", str),
    )
    chosen = [str(row["id"]) for row in rows if row["state"] in states]
    for notice_id in chosen:
        await delivery.attempt(world, notice_id)
    return {"attempted": len(chosen), "notices": [one for one in notices.listed(world) if one["id"] in chosen]}


async def craft_notice(world: World, asked: Asked) -> dict[str, Any]:
    """Make a notice of any content and sign it: `{resource, event_type?, id?, key?, skew_s?, url?}`.

    `key` is `public_key` (default), `certificate` or `foreign`; `skew_s` moves the signature's timestamp. With
    `channel: alipay` the fields of `resource` are the form, and the keys are `public_key` and `foreign`. With `url` it
    is sent as well. Answers headers, body and the merchant's answer.
    """
    letter = _form_crafted(world, asked) if asked.channel() == "alipay" else _letter_crafted(world, asked)
    if url := asked.get("url", str):
        await delivery.post(world, url=url, letter=letter)
    outcome = {"status": letter.status, "answer": letter.answer, "error": letter.error, "accepted": letter.accepted}
    return {"headers": letter.headers, "body": letter.body.decode()} | outcome


def _letter_crafted(world: World, asked: Asked) -> delivery.Letter:
    now = world.clock.now()
    content = notices.envelope(
        world,
        notice_id=asked.get("id", str) or notices.new_notice_id(now),
        event_type=asked.get("event_type", str) or "TRANSACTION.SUCCESS",
        created_at=now,
        resource=asked.need("resource", dict),
    )
    signer = _signer(world, asked.get("key", str) or "public_key")
    return delivery.write_letter(world, content=content, signer=signer, skew_s=asked.get("skew_s", float) or 0)


def _form_crafted(world: World, asked: Asked) -> delivery.Letter:
    fields = {str(name): str(value) for name, value in asked.need("resource", dict).items()}
    key = asked.get("key", str) or "public_key"
    if key not in ("public_key", "foreign"):
        raise ControlRefused("FIELD_WRONG", "key must be public_key or foreign")
    signed = alipay_notices.signed_form(fields, key=foreign_key() if key == "foreign" else world.alipay.alipay_key)
    return delivery.write_form(signed)


async def set_refunds(world: World, asked: Asked) -> dict[str, Any]:
    """`{mode?: auto|hold, delay_s?}`: whether and how long after acceptance refunds succeed by themselves."""
    mode, delay_s = asked.get("mode", str), asked.get("delay_s", float)
    if mode not in (None, "auto", "hold"):
        raise ControlRefused("FIELD_WRONG", "mode must be auto or hold")
    if mode is not None:
        world.store.keep(refunds.MODE_SETTING, mode)
    if delay_s is not None:
        world.store.keep(refunds.DELAY_SETTING, str(delay_s))
    return {
        "mode": world.store.setting(refunds.MODE_SETTING, "auto"),
        "delay_s": float(world.store.setting(refunds.DELAY_SETTING, str(refunds.DEFAULT_DELAY_S))),
    }


async def settle_refunds(world: World, asked: Asked) -> dict[str, Any]:
    """`{out_refund_no?, outcome?}`: give one refund, or all in process, an outcome now (default SUCCESS) and notify.

    Refunds of both channels; Alipay's number is `out_request_no`, and its outcomes are SUCCESS and CLOSED.
    """
    outcome, number = asked.get("outcome", str) or "SUCCESS", asked.get("out_refund_no", str)
    rows = world.store.all("SELECT out_refund_no FROM refunds WHERE status = 'PROCESSING' ORDER BY created_at")
    held = [row for row in alipay_refunds.held(world) if number in (None, row["out_request_no"])]
    numbers = [str(row["out_refund_no"]) for row in rows] if number is None else [] if held else [number]
    try:
        settled = [refunds.shown(world, refunds.settle(world, one, outcome=outcome)) for one in numbers]
        settled += [_alipay_settled(world, row, outcome=outcome) for row in held]
    except ValueError as error:
        raise ControlRefused("REFUND_NOT_SETTLED", str(error)) from error
    for notice_id in delivery.due(world):
        await delivery.attempt(world, notice_id)
    return {"settled": settled}


def _alipay_settled(world: World, row: Row, *, outcome: str) -> dict[str, Any]:
    settled = alipay_refunds.settle(world, row["out_trade_no"], row["out_request_no"], outcome=outcome)
    return {name: settled[name] for name in ("out_trade_no", "out_request_no", "status", "refund_fen")}


async def set_signing(world: World, asked: Asked) -> dict[str, Any]:
    """`{public_key_share?, former_key_share?}`, each between 0 and 1.

    How many of WeChat Pay's notices are signed with the public-key mode's key; and how many of both channels (and
    answers of Alipay's) still with the key or certificate before the present one, while that lives.
    """
    names = {"public_key_share": certificates.PUBLIC_KEY_SHARE, "former_key_share": rotation.FORMER_SHARE}
    given = {name: share for name in names if (share := asked.get(name, float)) is not None}
    if not given or not all(0 <= share <= 1 for share in given.values()):
        raise ControlRefused("FIELD_WRONG", f"{' and '.join(names)} must lie between 0 and 1")
    for name, share in given.items():
        world.store.keep(names[name], str(share))
    return dict(given)


async def rotate_keys(world: World, asked: Asked) -> dict[str, Any]:
    """`{channel?, public_key?, retire?, ends_in_s?}`: a new platform certificate, or a new public key, in force.

    The old ones live on beside it; with `retire` they end at once. Alipay has a public key only. Files and settings in
    the data folder follow.
    """
    if asked.channel() == "alipay":
        rotation.rotate_alipay(world)
        return {"retired": int(asked.get("retire", bool) is True and rotation.end_former(world, "alipay"))}
    if asked.get("public_key", bool):
        pub_key_id = rotation.rotate_wechat(world)
        retired = int(asked.get("retire", bool) is True and rotation.end_former(world, "wechat"))
        return {"pub_key_id": pub_key_id, "retired": retired}
    certificates.certificate_signer(world)
    serial_no = certificates.add_certificate(world, ends_in_s=asked.get("ends_in_s", float))
    retired = certificates.retire_others(world, serial_no) if asked.get("retire", bool) else 0
    return {"serial_no": serial_no, "retired": retired}


async def end_keys(world: World, asked: Asked) -> dict[str, Any]:
    """`?channel=`: whatever is not the newest ends: certificates and the former public key."""
    channel = asked.channel()
    newest = certificates.certificate_signer(world)
    assert newest is not None
    ended = certificates.retire_others(world, newest.serial) if channel == "wechat" else 0
    return {"retired": ended + rotation.end_former(world, channel)}


async def show_account(world: World, asked: Asked) -> dict[str, Any]:
    """`?channel=` → the merchant's balance there; a refund beyond it is refused."""
    return {"balance_fen": _balance(world, asked.channel())}


async def move_account(world: World, asked: Asked) -> dict[str, Any]:
    """`{top_up_fen}` or `{withdraw_fen}`, `channel?`: the merchant moves own money in or out."""
    top_up, withdrawal = asked.get("top_up_fen", int) or 0, asked.get("withdraw_fen", int) or 0
    balance_fen = (await show_account(world, asked))["balance_fen"]
    if min(top_up, withdrawal) < 0 or withdrawal > balance_fen + top_up:
        raise ControlRefused("AMOUNT_WRONG", "amounts must not be negative, nor a withdrawal exceed the balance")
    with world.store.transaction():
        for kind, amount in (("top_up", top_up), ("withdrawal", withdrawal)):
            if asked.channel() == "alipay":
                alipay_account.book(world, alipay_account.Movement(kind, amount))
            else:
                number = account.numbered("1000", world.clock.now(), digits=28)
                account.book(world, account.Movement(kind, amount, number))
    return await show_account(world, asked)


def _balance(world: World, channel: str) -> int:
    return alipay_account.balance_fen(world) if channel == "alipay" else account.balance_fen(world)


async def prepare_bill(world: World, asked: Asked) -> dict[str, Any]:
    """`{channel, day, kind?: trade|fund, discrepancies?: {class: count}, seed?}` → what was injected; freezes the bill.

    A class may be told of many rows at once; each row carries one at most.
    """
    counts = asked.get("discrepancies", dict) or {}
    day, seed = _day(asked.need("day", str)), asked.get("seed", int) or 0
    return shelves.prepare(world, _shelf(asked), day, discrepancies=counts, seed=seed)


async def list_bills(world: World, asked: Asked) -> dict[str, Any]:
    """The prepared bills with what was injected."""
    del asked
    return {"bills": shelves.listed(world), "now": rfc3339(world.clock.now())}


async def drop_bills(world: World, asked: Asked) -> dict[str, Any]:
    """`?day=&channel=&kind=`: forget the prepared bill of a day, or, without a day, all of them."""
    day = asked.query.get("day")
    return {"dropped": shelves.drop(world, _shelf(asked), _day(day)) if day else shelves.drop_all(world)}


def _shelf(asked: Asked) -> shelves.Shelf:
    kind = asked.get("kind", str) or asked.query.get("kind", "trade")
    found = SHELVES.get((asked.channel(), kind))
    if found is None:
        raise ControlRefused("FIELD_WRONG", "kind must be trade or fund")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ControlRefused("DAY_WRONG", "day must be YYYY-MM-DD") from error


def _signer(world: World, key: str) -> Signer:
    if key == "certificate":
        signer = certificates.certificate_signer(world)
        assert signer is not None
        return signer
    if key not in ("public_key", "foreign"):
        raise ControlRefused("FIELD_WRONG", "key must be public_key, certificate or foreign")
    genuine = certificates.public_key_signer(world)
    return certificates.foreign_signer(genuine) if key == "foreign" else genuine
