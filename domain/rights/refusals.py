"""What cannot be done with a rights request, each with its remedy."""

from domain.errors import Refusal


class RequestStands(Refusal):
    """同一权利已有一件在办的请求。| A request for this right waits already; one at a time."""

    hint = ("先撤回或等待答复: points request list。", "Withdraw it, or wait for the answer: points request list.")
    status = 409


class NumberTaken(Refusal):
    """该编号已用于此人的另一件请求。| The number is that of another request of this person."""

    hint = ("换一个编号。", "Give it another number.")
    status = 409


class RequestNotOpen(Refusal):
    """没有这件在办的请求。| No such request waits for an answer."""

    hint = ("points request list 显示它在哪一步。", "`points request list` says where it stands.")
    status = 409


class AnsweredBeforeAsked(Refusal):
    """答复或撤回的日期早于请求。| It was asked for later than on this day."""

    hint = ("改用请求之日或以后的日期。", "Give the day of the request or a later one.")


class RequestUnknown(Refusal):
    """没有这件请求。| There is no such request."""

    status = 404


class NoTermDeclared(Refusal):
    """该辖区没有公布这项权利的答复期限。| No place declares within how many days this right is answered."""

    hint = ("在 terms/rights.yaml 写明天数与出处。", "Declare the days and their source in terms/rights.yaml.")
    status = 409


class NotDeceased(Refusal):
    """账本中没有此人的死亡登记。| No death is recorded: only the person may ask."""

    hint = ("由本人提出;或由登记机关先记死亡。", "The person asks; or the registry records the death first.")
    status = 403


class NoKin(Refusal):
    """账本中没有证明近亲属关系的登记。| No tie in the ledger shows a near relative (Civil Code art. 1045)."""

    hint = ("由登记机关先记家庭关系。", "The registry records the tie first.")
    status = 403


class ArrangedOtherwise(Refusal):
    """死者生前另有安排。| The deceased had arranged otherwise (PIPL 49)."""

    status = 403


class InterestMissing(Refusal):
    """近亲属须写明自身的合法、正当利益。| A relative says which lawful interest of theirs it serves (PIPL 49)."""

    hint = ("用 --statement 说明。", "Say so with --statement.")


class NothingDone(Refusal):
    """更正或删除须援引请求之后的记录。| What was corrected or deleted is cited: entries made since the request."""

    hint = ("用 --cites 写条目的版本号。", "Name their versions with --cites.")


class BasisMissing(Refusal):
    """删除须写明依据。| A deletion says on what basis."""

    hint = ("用 --reason (reason) 写明。", "Say so with --reason (`reason`).")


class CopyChanged(Refusal):
    """副本与当时交付的不再相同:其后有内容被依法销毁。| It is not what was handed out: content was erased since."""

    hint = ("提出新的查阅请求。", "Ask for a new copy.")
    status = 409
