"""Who belongs to the organisation in DingTalk and WeCom, and the codes their phones agree to."""

from typing import Any

from miniapp_stub.sandbox import organisation
from miniapp_stub.sandbox.control.asking import Asked
from miniapp_stub.sandbox.people import PersonRefused
from miniapp_stub.sandbox.world import World

FACTS = ("kind", "userid", "unionid", "name", "member")


async def people(world: World, asked: Asked) -> dict[str, Any]:
    """`?kind=` → everybody the workplace knows."""
    return {"people": [_facts(row) for row in organisation.people(world, asked.query.get("kind", "dingtalk"))]}


async def join(world: World, asked: Asked) -> dict[str, Any]:
    """`{kind, userid, name, member?}` → the person; `member: false` makes an outsider of them."""
    try:
        row = organisation.join(
            world, asked.need("kind", str), userid=asked.need("userid", str), name=asked.need("name", str),
            member=asked.get("member", bool) is not False,
        )  # fmt: skip
    except organisation.MemberRefused as refusal:
        raise PersonRefused(str(refusal)) from None
    return _facts(row)


async def codes(world: World, asked: Asked) -> dict[str, str]:
    """`{kind, userid, scene: app|scan}` → `{code}`: what the page gets when the person agrees."""
    try:
        scene = asked.get("scene", str) or "scan"
        code = organisation.mint_code(world, asked.need("kind", str), userid=asked.need("userid", str), scene=scene)
    except organisation.MemberRefused as refusal:
        raise PersonRefused(str(refusal)) from None
    return {"code": code}


async def end_tokens(world: World, asked: Asked) -> dict[str, int]:
    """`?kind=`: the app's tokens end before their time."""
    return {"ended": organisation.end_tokens(world, asked.query.get("kind", "dingtalk"))}


def _facts(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in FACTS}
