"""
Conflict                409
├── NotOneself              nobody disables their own account or takes their own second factor this way
└── LastAdministrator       somebody must be left who can open accounts
"""

from kit.errors import Conflict
from kit.texts import text


class NotOneself(Conflict):
    code = "not_oneself"
    title = text("不能对自己的账号执行此操作", "You cannot do this to your own account")


class LastAdministrator(Conflict):
    code = "last_administrator"
    title = text("至少保留一名可用的管理员", "At least one administrator must be left")
