"""
Conflict                409
├── AnswerMoved             somebody else acted, or the state does not allow it
└── OwnProposal             who proposed an answer does not review it
InvalidRequest          422
└── TellsOfPeople           what is to be published still tells who somebody is
"""

from kit.errors import Conflict, InvalidRequest
from kit.texts import text


class AnswerMoved(Conflict):
    code = "answer_moved"
    title = text("该问答已被他人处理，请刷新", "Somebody else acted on this answer; please reload")


class OwnProposal(Conflict):
    code = "own_proposal"
    title = text("提议人不能审核自己的问答", "Who proposed an answer does not review it")


class TellsOfPeople(InvalidRequest):
    code = "tells_of_people"
    title = text("内容仍含个人信息，请修改后再发布", "It still tells who somebody is; please mend it first")
