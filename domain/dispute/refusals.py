"""What cannot be done with a dispute, each with its remedy."""

from domain.errors import Refusal


class DisputeStands(Refusal):
    """该指标已有一件在办的异议。| A dispute about this item is open already; one at a time."""

    hint = ("先撤回或等待裁定: points dispute list。", "Withdraw it, or wait for the ruling: points dispute list.")
    status = 409


class DisputeNotOpen(Refusal):
    """没有这件在办的异议,或它不在这一步。| No such dispute is open, or it is not at this step."""

    hint = ("points dispute show 显示它在哪一步。", "`points dispute show` says where it stands.")
    status = 409


class DisputeUnknown(Refusal):
    """没有这件异议。| There is no such dispute."""

    hint = ("points dispute list 列出异议。", "`points dispute list` lists disputes.")
    status = 404


class ItemNotInForce(Refusal):
    """该结果所依据的积分办法与积分应用中没有这一指标。| No rule of the result contested has such an item."""

    hint = ("写 文件/指标,例如 zj.common/insurance。", "Write document/item, such as zj.common/insurance.")


class NothingToSuppose(Refusal):
    """异议没有写明月份,无法试算。| The dispute claims no months: there is nothing to suppose."""

    hint = ("提出异议时写明月份。", "Name the months when a dispute is opened.")
    status = 409


class RulerRecordedTheFact(Refusal):
    """录入事实、提出异议或作过裁定的人不得裁定。| Who recorded the fact, filed it or ruled before does not rule."""

    hint = ("由另一人裁定。", "Somebody else rules.")
    status = 403


class CheckPending(Refusal):
    """数据校核尚未答复。| The organ that was asked to check its data has not answered."""

    hint = ("等答复后裁定。", "Rule when it has answered.")
    status = 409


class NothingCited(Refusal):
    """更正须援引作出更正的记录。| A correction cites the entries that correct."""

    hint = ("用 --cites 写更正条目的版本号。", "Name their versions with --cites.")


class NoSuchCheck(Refusal):
    """没有这件待答复的数据校核。| No such source check is waiting."""

    status = 409
