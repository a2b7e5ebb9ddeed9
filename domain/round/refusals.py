"""What a round refuses. Each name says the state that was met."""

from domain.errors import Refusal


class RoundNotOpen(Refusal):
    """申请窗口尚未开启。| The window has not opened yet."""

    status = 409


class RoundClosed(Refusal):
    """申请窗口已关闭,逾期申请无效。| The window is closed; an application filed late is void."""

    status = 409


class RoundIsLocked(Refusal):
    """批次已锁定。| The round is locked."""

    status = 409


class RoundNotLocked(Refusal):
    """批次尚未锁定。| The round is not locked yet."""

    hint = ("先用 points round lock 锁定批次。", "Lock it first: `points round lock`.")
    status = 409


class RoundIsCancelled(Refusal):
    """批次已取消。| The round was cancelled."""

    status = 409


class WindowStillOpen(Refusal):
    """申请窗口还没有关闭。| The window is still open."""

    status = 409


class ClosedAlready(Refusal):
    """批次此前已截止。| The window was closed before."""

    status = 409


class NotLater(Refusal):
    """延期后的截止日不晚于原截止日。| An extension must close later than was said."""


class FeedIncomplete(Refusal):
    """所需数据尚未报齐,不能锁定。| A feed that the round needs is incomplete; it cannot be locked."""

    hint = (
        "等数据报齐,或由两人说明理由后强制锁定。",
        "Wait for the feed, or let two people override it with a reason.",
    )
    status = 409


class ApplicationStands(Refusal):
    """该编号的申请已提出。| An application of this number stands already."""

    status = 409


class ApplicationNotStanding(Refusal):
    """没有有效的申请。| No application stands."""

    status = 409


class UnitUnknown(Refusal):
    """本批次没有这个学校或镇(街道)。| The round has no such school or town."""


class ItemNotReturned(Refusal):
    """该项没有被退回。| The item was not returned."""

    status = 409


class SupplementTooLate(Refusal):
    """补正期限已过,该项不计分,其他项继续。| The day is over: this item scores nothing, the others go on."""

    status = 409


class NoPlaceFree(Refusal):
    """没有空余学位(名额)。| No place is free."""

    status = 409


class AnswerBeforeOffer(Refusal):
    """答复截止日早于录取通知日。| The last day to answer lies before the day of the offer."""


class PlacePassedOn(Refusal):
    """逾期未答复,名额已递补给下一名。| The offer lapsed, and the place was passed on to the next."""

    status = 409


class NothingOffered(Refusal):
    """没有待答复的录取通知。| No offer waits for an answer."""

    status = 409


class SeedTooEarly(Refusal):
    """种子须在申请截止之后公布。| The seed is published after the window has closed."""

    status = 409


class ReturnUnexplained(Refusal):
    """退回某一项须写明理由和补正期限。| An item is returned with a reason and a day to supplement it by."""
