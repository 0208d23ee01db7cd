"""The conditions calls meet: faults, quotas and the clock."""

from typing import Any

from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.control.asking import Asked
from miniapp_stub.sandbox.faults import KINDS_AT, Rule
from miniapp_stub.sandbox.world import World


async def set_fault(world: World, asked: Asked) -> dict[str, Any]:
    """`{where, kind, rate?=1, seed?=0, for_s?, delay_s?, times?, channel?}` → the rule in force."""
    rate, seed = asked.get("rate", float), asked.get("seed", int)
    rule = Rule(
        where=asked.need("where", str),
        kind=asked.need("kind", str),
        rate=1.0 if rate is None else rate,
        seed=seed or 0,
        for_s=asked.get("for_s", float),
        delay_s=asked.get("delay_s", float),
        times=asked.get("times", int),
        channel=asked.get("channel", str),
    )
    return world.faults.set(rule).public()


async def list_faults(world: World, asked: Asked) -> dict[str, Any]:
    """The rules with how often they drew and struck, and every kind there is at each place."""
    del asked
    kinds = {where: sorted(names) for where, names in KINDS_AT.items()}
    return {"faults": [rule.public() for rule in world.faults.rules], "kinds": kinds}


async def clear_faults(world: World, asked: Asked) -> dict[str, Any]:
    del asked
    return {"cleared": world.faults.clear()}


async def forgive_quotas(world: World, asked: Asked) -> dict[str, Any]:
    """Forget the calls counted against the platforms' frequency limits."""
    del asked
    world.quotas.forgive()
    return {"forgiven": True}


async def set_clock(world: World, asked: Asked) -> dict[str, Any]:
    """`{offset_s, signatures?}`: move business time; with `signatures` true the signing clock goes along."""
    world.clock.offset_s = asked.need("offset_s", float)
    world.clock.signatures_follow = asked.get("signatures", bool) or False
    world.courier.wake()
    return await show_clock(world, asked)


async def show_clock(world: World, asked: Asked) -> dict[str, Any]:
    del asked
    clock = world.clock
    return {"offset_s": clock.offset_s, "signatures": clock.signatures_follow, "now": rfc3339(clock.now())}
