"""
Conflict                409
├── TranscriptTooLong       more entries than one document takes
├── NothingSaid             there is nothing to print yet
└── TranscriptDamaged       the stored file is not the one that was made
"""

from kit.errors import Conflict
from kit.texts import text


class TranscriptTooLong(Conflict):
    code = "transcript_too_long"
    title = text("咨询记录过长，请联系工作人员调取", "This conversation is too long for one document; please ask staff")


class NothingSaid(Conflict):
    code = "nothing_said"
    title = text("还没有可导出的内容", "There is nothing to print yet")


class TranscriptDamaged(Conflict):
    code = "transcript_damaged"
    title = text("文件已损坏，请联系工作人员", "The stored document is damaged; please ask the staff")
