"""Every effect that crosses a domain, on one screen: who listens to whom, which hooks the lower floors are given."""

from collections.abc import Sequence
from uuid import UUID

from auth import duties, papers, realname
from auth.acting import accounts
from auth.acting.events import ActedFor, MandateAsked, MandateMoved, RepresentedJoined, TakeoverAsked
from auth.attestation.events import NameClaimRefused
from auth.events import BindingRefused, IdentityBound, PhoneChanged, RealNameVerified, SignedInOnNewDevice
from auth.joining import merging
from auth.joining.events import (
    AccountsMerged,
    IdentityUnbound,
    LastFourGuessed,
    PhoneMoveAsked,
    PhoneMoved,
    PhoneMoveEnded,
)
from auth.papers import Paper
from auth.privacy.events import ClosureAsked, CorrectionDecided, ExportReady
from auth.staffing import leaves
from auth.staffing.events import LeaveBegan, LeaveEnded, StaffDisabled
from chat import attachments, cards, conversations, subjects
from chat import covering as talks_covering
from chat import ratings as talk_ratings
from chat.attachments import ImageInfo, ImageLinks
from chat.events import AnswerOverdue, BadRatingGiven, InquiryAnswered, InquiryDueSoon, InquiryOverdue
from chat.subjects import CaseInfo, SubjectInfo
from kit import events
from kit.errors import NotFound
from kit.money import yuan_text
from kit.texts import text
from mobileapi import personal
from mobileapi.answers.shelf import past_answers
from mobileapi.applications import covering as cases_covering
from mobileapi.applications import gates
from mobileapi.applications.events import (
    ApplicationAccepted,
    ApplicationDecided,
    ApplicationNotAccepted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CorrectionRequested,
    HolderChanged,
)
from mobileapi.applications.models import Application
from mobileapi.belongings import MOVERS
from mobileapi.casefees import fees as case_fees
from mobileapi.catalogue.events import GuidePublished
from mobileapi.catalogue.items import current_guide, everything_to_answer_for, names_of
from mobileapi.catalogue.matching import department_of
from mobileapi.catalogue.shelf import install_past_answers, likely_items
from mobileapi.certificates.verification import Verified, register_verifier
from mobileapi.consulting import cards as consulting_cards
from mobileapi.consulting import happenings
from mobileapi.hotline import covering as orders_covering
from mobileapi.hotline.events import OrderMoved
from mobileapi.materials import uploads
from mobileapi.materials.errors import NoSuchUpload
from mobileapi.materials.links import link
from mobileapi.materials.models import Upload
from mobileapi.notify import (
    deliveries,
    dues,
    finance_notices,
    mandates,
    occasions,
    own_account,
    refund_notices,
    rights,
    sms_way,
    waiting,
)
from mobileapi.notify.states import Way
from mobileapi.ratings import rectifications
from mobileapi.ratings import rules as rating_rules
from mobileapi.ratings.events import RectificationConfirmed
from mobileapi.replies import staleness
from mobileapi.transcripts import transcripts
from payments.closing.statements import issuer as statement_issuer
from payments.closing.statements import proven as proven_statement
from payments.events import (
    AmendmentDecided,
    AmendmentProposed,
    BillFallsDue,
    BillPaid,
    BillPartPaid,
    BillWaived,
    BillWithdrawn,
    DayReconciled,
    DifferencesWait,
    ReceiptAskedFor,
    RefundMoved,
)
from payments.receipts import proven
from payments.treasury import fees as channel_fees


def connect() -> None:
    """Connects the rooms. Called by the server, the worker and every command; calling it again changes nothing."""
    duties.install_item_names(names_of)
    duties.install_item_list(everything_to_answer_for)
    subjects.install(item_for_chat, cases=case_for_chat, words=department_for_words)
    attachments.install(image_for_chat, links_for_chat)
    cards.install(consulting_cards.complete)
    register_verifier("receipt", receipt_for_the_public)
    register_verifier("statement", statement_for_the_public)
    register_verifier("transcript", transcripts.for_the_public)
    install_past_answers(past_answers)
    tell_citizens()
    merging.install_movers(MOVERS)
    deliveries.install_sender(Way.SMS, sms_way.send)
    tell_conversations()
    hand_over_work()
    take_ratings()
    events.subscribe(GuidePublished, staleness.look_again)
    events.subscribe(DayReconciled, channel_fees.book)
    leave_nobody_alone()
    follow_dues()
    papers.install(Photographs())
    personal.connect()
    realname.install_joining(accounts.join)


def tell_citizens() -> None:
    """What becomes a notice to the citizen it is about."""
    events.subscribe(IdentityBound, own_account.identity_bound)
    events.subscribe(BindingRefused, own_account.binding_refused)
    events.subscribe(PhoneChanged, own_account.phone_changed)
    events.subscribe(RealNameVerified, own_account.real_name_verified)
    events.subscribe(SignedInOnNewDevice, own_account.signed_in_on_new_device)
    events.subscribe(IdentityUnbound, own_account.identity_unbound)
    events.subscribe(PhoneMoveAsked, own_account.phone_move_asked)
    events.subscribe(PhoneMoved, own_account.phone_moved)
    events.subscribe(PhoneMoveEnded, own_account.phone_move_ended)
    events.subscribe(LastFourGuessed, own_account.last_four_guessed)
    events.subscribe(AccountsMerged, own_account.accounts_merged)
    events.subscribe(NameClaimRefused, own_account.name_claim_refused)
    events.subscribe(BillPaid, occasions.bill_paid)
    events.subscribe(ReceiptAskedFor, occasions.receipt_asked_for)
    events.subscribe(RefundMoved, refund_notices.refund_moved)
    events.subscribe(DifferencesWait, finance_notices.differences_wait)
    events.subscribe(ApplicationAccepted, occasions.case_accepted)
    events.subscribe(CorrectionRequested, occasions.correction_requested)
    events.subscribe(ApplicationDecided, occasions.case_decided)
    events.subscribe(ApplicationNotAccepted, occasions.case_not_accepted)
    events.subscribe(HolderChanged, occasions.holder_changed)
    events.subscribe(MandateAsked, mandates.mandate_asked)
    events.subscribe(TakeoverAsked, mandates.takeover_asked)
    events.subscribe(MandateMoved, mandates.mandate_moved)
    events.subscribe(RepresentedJoined, mandates.represented_joined)
    events.subscribe(ActedFor, mandates.acted_for)
    events.subscribe(MandateMoved, end_talks)
    events.subscribe(ExportReady, rights.export_ready)
    events.subscribe(CorrectionDecided, rights.correction_decided)
    events.subscribe(ClosureAsked, rights.closure_asked)


def tell_conversations() -> None:
    """What happens to a thing comes back into the conversations whose cards stand for it."""
    events.subscribe(BillPaid, happenings.bill_paid)
    events.subscribe(BillWithdrawn, happenings.bill_withdrawn)
    events.subscribe(ApplicationSubmitted, happenings.case_handed_in)
    events.subscribe(ApplicationDecided, happenings.case_decided)
    events.subscribe(OrderMoved, happenings.work_order_moved)


def hand_over_work() -> None:
    """Who is away is answered for by somebody else: their cases and their conversations go, and come back."""
    events.subscribe(LeaveBegan, cases_of_the_absent)
    events.subscribe(LeaveBegan, talks_of_the_absent)
    events.subscribe(LeaveEnded, cases_of_the_returned)
    events.subscribe(LeaveEnded, talks_of_the_returned)
    events.subscribe(StaffDisabled, cases_of_the_gone)
    events.subscribe(StaffDisabled, talks_of_the_gone)
    events.subscribe(LeaveBegan, orders_of_the_absent)
    events.subscribe(LeaveEnded, orders_of_the_returned)
    events.subscribe(StaffDisabled, orders_of_the_gone)


def leave_nobody_alone() -> None:
    """Who is told of a question that waits too long, and that it was answered."""
    events.subscribe(AnswerOverdue, waiting.answer_overdue)
    events.subscribe(InquiryDueSoon, waiting.inquiry_due_soon)
    events.subscribe(InquiryOverdue, waiting.inquiry_overdue)
    events.subscribe(InquiryAnswered, waiting.inquiry_answered)


def follow_dues() -> None:
    """What payers and departments are told of bills; a case waits for its fee, and gets it back when it is refused."""
    events.subscribe(BillFallsDue, dues.bill_falls_due)
    events.subscribe(BillPartPaid, dues.part_paid)
    events.subscribe(AmendmentDecided, dues.amendment_decided)
    events.subscribe(AmendmentProposed, dues.amendment_proposed)
    gates.install(case_fees.settled_or_refuse)
    events.subscribe(ApplicationAccepted, case_fees.accepted)
    events.subscribe(BillPaid, case_fees.bill_paid)
    events.subscribe(BillWaived, case_fees.bill_waived)
    events.subscribe(BillWithdrawn, case_fees.bill_waived)
    events.subscribe(ApplicationDecided, case_fees.ended)
    events.subscribe(ApplicationNotAccepted, case_fees.ended)
    events.subscribe(ApplicationWithdrawn, case_fees.ended)


def take_ratings() -> None:
    """How a conversation may be rated, and what follows a bad rating."""
    talk_ratings.install(rating_rules.judge)
    events.subscribe(BadRatingGiven, rectifications.conversation_rated_badly)
    events.subscribe(RectificationConfirmed, occasions.rectification_confirmed)


async def cases_of_the_absent(event: LeaveBegan) -> None:
    if await leaves.runs_now(event.leave):
        await cases_covering.hand_over_all(event.staff, leave=event.leave, named=event.cover)


async def talks_of_the_absent(event: LeaveBegan) -> None:
    if await leaves.runs_now(event.leave):
        await talks_covering.hand_over_all(event.staff, leave=event.leave, named=event.cover)


async def orders_of_the_absent(event: LeaveBegan) -> None:
    if await leaves.runs_now(event.leave):
        await orders_covering.hand_over_all(event.staff, leave=event.leave, named=event.cover)


async def orders_of_the_returned(event: LeaveEnded) -> None:
    await orders_covering.take_back_all(event.leave, staff=event.staff)


async def orders_of_the_gone(event: StaffDisabled) -> None:
    await orders_covering.hand_over_all(event.staff)


async def cases_of_the_returned(event: LeaveEnded) -> None:
    await cases_covering.take_back_all(event.leave, staff=event.staff)


async def talks_of_the_returned(event: LeaveEnded) -> None:
    await talks_covering.take_back_all(event.leave, staff=event.staff)


async def cases_of_the_gone(event: StaffDisabled) -> None:
    await cases_covering.hand_over_all(event.staff)


async def talks_of_the_gone(event: StaffDisabled) -> None:
    await talks_covering.hand_over_all(event.staff)


class Photographs:
    """What proves a mandate, a name or a correction lies with all photographs that are handed in."""

    async def keep(self, owner: str, photos: Sequence[UUID], *, used_by: str) -> None:
        await uploads.own_uploads(owner, photos, field="evidence")
        await uploads.hold(photos, used_by=used_by)

    async def release(self, used_by: str) -> None:
        await uploads.release(used_by)

    async def shown(self, photos: Sequence[UUID], *, reader: str) -> list[Paper]:
        found = await uploads.uploads_by_id(photos)
        return [
            Paper(
                photo, url=link(found[photo], "page", reader=reader), width=found[photo].width,
                thumbnail_url=link(found[photo], "thumbnail", reader=reader), height=found[photo].height,
            )
            for photo in photos if photo in found
        ]  # fmt: skip


async def end_talks(event: MandateMoved) -> None:
    """Whoever asked under a mandate that has ended does not go on asking."""
    if event.state in {"revoked", "resigned", "expired"} and event.principal and event.agent:
        await conversations.close_for(event.agent, on_behalf_of=event.principal, reason="mandate_ended")


async def item_for_chat(code: str) -> SubjectInfo | None:
    """A consultation knows an item by its name, its department and where it is handled."""
    try:
        _, guide = await current_guide(code)
    except NotFound:
        return None
    return SubjectInfo(name=guide.name, department_code=guide.department, region=guide.regions[0])


async def department_for_words(question: str, region: str | None) -> str | None:
    """A question without an item goes to the department its words leave no doubt about."""
    return department_of(await likely_items(question, region=region))


async def case_for_chat(application: UUID) -> CaseInfo | None:
    """A consultation about a case goes to whoever holds it."""
    wanted = ("item_code", "region_code", "citizen_id", "holder_staff")
    found = await Application.filter(id=application).values_list(*wanted)
    if not found:
        return None
    item, region, citizen, holder = found[0]
    return CaseInfo(item_code=item, region=region, citizen=citizen, holder=holder)


async def image_for_chat(upload: UUID, owner: str) -> ImageInfo | None:
    """A message may show the sender's own photographs; one that is shown is kept."""
    try:
        (picture,) = await uploads.own_uploads(owner, [upload])
    except NoSuchUpload:
        return None
    await uploads.hold([upload], used_by=f"message:{upload}")
    return ImageInfo(width=picture.width, height=picture.height)


def links_for_chat(upload: UUID, reader: str) -> ImageLinks:
    picture = Upload(id=upload)
    return ImageLinks(url=link(picture, "page", reader=reader), thumbnail_url=link(picture, "thumbnail", reader=reader))


async def receipt_for_the_public(code: str) -> Verified | None:
    """`/verify/{code}` proves receipts as well as certificates."""
    proof = await proven(code)
    if proof is None:
        return None
    return Verified(
        kind="receipt", number=proof.number, title=proof.title, holder_masked=proof.holder_masked,
        issued_at=proof.issued_at, issuer=proof.issuer, status=proof.status,
    )  # fmt: skip


async def statement_for_the_public(code: str) -> Verified | None:
    """`/verify/{code}` proves daily statements too: totals and digest, with the signature checked anew."""
    proof = await proven_statement(code)
    if proof is None:
        return None
    rows = [
        (text("收入（元）", "Received (yuan)"), yuan_text(proof.totals["received_fen"])),
        (text("退付（元）", "Returned (yuan)"), yuan_text(proof.totals["returned_fen"])),
        (text("期末（元）", "Closing (yuan)"), yuan_text(proof.totals["closing_fen"])),
        (text("摘要（SHA-256）", "Digest (SHA-256)"), proof.digest),
        (text("签名密钥", "Signing key"), proof.key),
    ]
    return Verified(
        kind="statement", number=proof.number, title=proof.title, holder_masked=proof.body.zh, issued_at=proof.made_at,
        issuer=text(statement_issuer()), status=proof.status, rows=rows,
    )  # fmt: skip
