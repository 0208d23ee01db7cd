"""What a citizen allows and wants outside the app, over HTTP."""

from uuid import UUID

from kit.errors import NotFound
from kit.web import Call
from mobileapi.notify import grants, sms_way, wishes
from mobileapi.notify.schemas import GrantList, GrantsTapped, GrantView, WishList, WishSaid, WishView
from mobileapi.notify.topics import NOTES, TITLES, Topic
from mobileapi.notify.wishes import Wish


async def list_grants(call: Call) -> GrantList:
    """What may still be sent to the caller as subscription messages, template by template."""
    return await _grants(call.actor.id)


async def book_grants(call: Call, body: GrantsTapped) -> GrantList:
    """One tap on the platform's sheet: each accepted topic is good for one more message."""
    await grants.book(call.actor.id, body.platform, body.answers)
    return await _grants(call.actor.id)


async def list_wishes(call: Call) -> WishList:
    """Which ways outside the app the caller wants, topic by topic."""
    return await _wishes(call.actor.id)


async def say_wish(call: Call, body: WishSaid) -> WishList:
    """Another choice for one topic."""
    try:
        topic = Topic(call.path("topic"))
    except ValueError:
        raise NotFound from None
    await wishes.say(call.actor.id, Wish(topic, body.messages, body.texts))
    return await _wishes(call.actor.id)


async def _grants(citizen: UUID) -> GrantList:
    return GrantList(
        items=[
            GrantView(
                platform=one.platform, topic=one.topic, title=TITLES[one.topic], template=one.template, left=one.left,
                ask=one.ask,
            )
            for one in await grants.left(citizen)
        ]
    )  # fmt: skip


async def _wishes(citizen: UUID) -> WishList:
    left = await grants.left(citizen)
    return WishList(
        items=[
            WishView(
                topic=wish.topic, title=TITLES[wish.topic], note=NOTES[wish.topic], messages=wish.messages,
                texts=wish.texts, left=sum(one.left for one in left if one.topic == wish.topic),
            )
            for wish in await wishes.of(citizen)
        ],
        texts_allowed=await wishes.texts_allowed(citizen),
        texts_possible=await sms_way.possible(citizen),
    )  # fmt: skip
