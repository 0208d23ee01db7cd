"""
Why the office handles personal data, and on which ground (personal information protection law art. 13).

A state organ's statutory duty needs no consent (art. 13 (3), 34, 35), only the notice. Sensitive data beyond it needs a
consent of its own (art. 28, 29), and what is merely convenient needs a plain one. Texts are versioned with the notice.
"""

from dataclasses import dataclass
from enum import StrEnum

from kit.texts import Text, text


class Ground(StrEnum):
    DUTY = "duty"  # statutory duty: art. 13 (3)
    SEPARATE = "separate"  # separate consent: art. 29
    CONSENT = "consent"  # art. 13 (1)


@dataclass(frozen=True)
class Purpose:
    """`effect`: what withdrawing changes. `needed_for`: where it is asked; nothing else is refused (art. 16)."""

    code: str
    ground: Ground
    title: Text
    what: Text
    effect: Text
    needed_for: Text


PURPOSES = {
    p.code: p
    for p in (
        Purpose(
            "account",
            Ground.DUTY,
            text("账号与身份核验", "Account and identity"),
            text("手机号、姓名、身份证号，用于确认办事人身份", "Phone, name and ID number, to know who files"),
            text("依法履行职责，不需同意", "Rests on law"),
            text("登录与办事", "Signing in and filing"),
        ),
        Purpose(
            "cases",
            Ground.DUTY,
            text("办理事项", "Handling your matters"),
            text("申请表、材料照片、办理过程和结果", "Forms, photographs of papers, steps and results"),
            text("依法履行职责，不需同意", "Rests on law"),
            text("办事", "Filing"),
        ),
        Purpose(
            "payments",
            Ground.DUTY,
            text("缴费与票据", "Payments and receipts"),
            text("缴款书、支付记录、电子票据", "Bills, payments and receipts"),
            text("依照财务档案规定保存，不需同意", "Kept by finance law"),
            text("缴费", "Paying"),
        ),
        Purpose(
            "face",
            Ground.SEPARATE,
            text("人脸核验", "Face check"),
            text(
                "由核验机构比对人脸；我们只保存是否通过",
                "The checking office compares your face; we keep pass or fail only",
            ),
            text(
                "撤回后删除核验记录，需要人脸核验的操作改到窗口办理",
                "Check records are deleted; come to the counter where a face check is needed",
            ),
            text("需要人脸核验的操作", "Acts that need a face check"),
        ),
        Purpose(
            "minor",
            Ground.SEPARATE,
            text("为不满十四周岁的孩子办事", "Acting for a child under 14"),
            text("孩子的姓名、身份证号和监护关系", "The child's name, ID number and guardianship"),
            text("撤回后不能再为孩子办理新的事项", "Nothing new can be filed for the child"),
            text("监护人代办", "Acting as a guardian"),
        ),
        Purpose(
            "reminders",
            Ground.CONSENT,
            text("办理提醒", "Reminders"),
            text("用手机号发送进度短信", "Progress messages to your phone number"),
            text("撤回后只在应用内提醒", "You are told in the app only"),
            text("短信提醒", "Text messages"),
        ),
    )
}
