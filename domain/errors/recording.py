"""What the ledger does not take: who may say it, what needs two people, what stands already."""

from domain.errors.refusal import Refusal


class OrganNotCompetent(Refusal):
    """该机构未获授权记录此类事实或此辖区。| The organ holds no grant for this kind of fact or this place."""

    hint = ("由账本管理者用 points grant 授权。", "Have the ledger's keeper grant it with `points grant`.")
    status = 403


class GrantUnknown(Refusal):
    """没有这一项授权,或有多项。| The organ holds no such grant, or several."""

    hint = ("points grants 列出各项授权;多项时用 --since 指明。", "See `points grants`; say which with --since.")
    status = 404


class RequestConflict(Refusal):
    """同一编号已用于另一内容。| The same id was used before for other content."""

    hint = ("更正请发送 fact-corrected,不要重用编号。", "To correct, send fact-corrected; do not use an id again.")
    status = 422


class SamePerson(Refusal):
    """提请人与批准人不能是同一人(同一人的两个账号也不行)。| The person who proposed may not approve."""

    hint = (
        "请另一人以自己的账号批准。",
        "Have another person approve it, with an account of their own; a second account of one person is no other.",
    )
    status = 403


class AccountOfAnother(Refusal):
    """该账号已登记在另一人名下。| The account belongs to another person."""

    hint = (
        "账号不转让:给该人另开账号并用 points account assign 登记。",
        "Accounts are not handed on: give the person another one, and register it with `points account assign`.",
    )
    status = 409


class AccountWithoutPerson(Refusal):
    """两个账号中有一个未登记归属,无法确认是两个人。| One of the two accounts belongs to nobody known."""

    hint = (
        "用 points account assign 登记该账号归属何人。",
        "Register whose account it is with `points account assign`.",
    )
    status = 403


class NothingProposed(Refusal):
    """没有待批准的提请。| Nothing awaits approval here."""

    hint = (
        "先提请;如已批准,则无需再做。",
        "Propose it first; if it was approved already, there is nothing left to do.",
    )
    status = 404


class ApprovalTaken(Refusal):
    """已由另一人提请、批准,或已使用。| Somebody else has proposed or approved this, or it was used already."""

    status = 409


class BatchUnknown(Refusal):
    """没有这个批次。| There is no such batch."""

    hint = ("points batch list 列出批次。", "`points batch list` shows the batches.")
    status = 404


class BatchNotEnded(Refusal):
    """该批次尚未导入完毕。| The import of this batch has not ended."""

    hint = ("先把同一文件再导入一次,使其完成。", "Import the same file once more, so that it ends.")
    status = 409


class BatchGone(Refusal):
    """该批次已撤销。| The batch was undone already."""

    hint = ("如需恢复,请用 --again 再次导入该文件。", "To bring its rows back, import the file with --again.")
    status = 409


class NothingToUndo(Refusal):
    """该批次没有可作废的条目:作废条目本身不能再作废。| Nothing of this batch can be voided."""

    hint = (
        "如需恢复被作废的事实,请用 --again 再次导入。",
        "To bring back what it voided, import that with --again.",
    )
    status = 409


class RetiredBeforeForce(Refusal):
    """废止日早于生效日。| The day lies before the version takes effect."""

    status = 409


class SeveralProposed(Refusal):
    """有多份待批准的提请。| Several proposals stand."""

    hint = ("用 --hash 指明哪一份。", "Say which one with --hash.")
    status = 409


class AlreadyPublished(Refusal):
    """该版本已发布。| This version is published already."""

    status = 409


class RulebookNotSound(Refusal):
    """积分办法未通过检查。| The rulebook does not pass its checks."""

    hint = ("运行 points rulebook check 查看每一处。", "Run `points rulebook check` to see every place.")


class ProgrammeNotSound(Refusal):
    """积分应用未通过检查,没有入账。| The programme does not pass its checks; nothing was stored."""

    hint = ("运行 points programme check 查看每一处。", "Run `points programme check` to see every place.")


class DisputedTranscription(Refusal):
    """有争议的转录本不能发布。| A disputed transcription is never published."""


class NotRestricted(Refusal):
    """只有受限事实可以单条销毁。| Only a restricted fact can be expunged alone."""

    hint = (
        "其他条目随主体一并销毁: points erase subject。",
        "Other entries go with their subject: `points erase subject`.",
    )
    status = 409


class HeldRowUnknown(Refusal):
    """没有这条待确认记录。| No such row is held."""

    status = 404


class HeldRowDecided(Refusal):
    """该待确认记录已有另一结论。| The held row was decided otherwise before."""

    status = 409


class HeldRowUndecidable(Refusal):
    """这一结论不适用于该待确认记录。| The held row cannot be decided so."""

    hint = (
        "无姓名的行不能另建身份;号码对应多人时须指明是谁。",
        "A row without a name makes no new person; where several share the number, say which of them it is.",
    )
    status = 409


class KindNotCompared(Refusal):
    """此类事实不能按全量文件比对。| Full files of this kind cannot be compared."""

    hint = (
        "全量比对适用于有自然键、按日期计入的事实;其他种类请逐条报送作废。",
        "A kind needs a natural key and a day of its own; of other kinds, send the voids.",
    )


class FullFileUnsound(Refusal):
    """全量文件中有不合格或身份待确认的行,不能据以作废。| A row cannot be read, or its person is to be confirmed."""

    hint = (
        "先用 points import --dry-run 查看并改正,再作全量比对。",
        "Look with `points import --dry-run`, put the rows right, then compare the full file.",
    )


class FullFileOutOfScope(Refusal):
    """文件中有种类、辖区或月份不在全量范围内的行。| A row is of another kind, place or month."""

    hint = ("检查 --kind、--full 的辖区与月份。", "Check --kind, and the place and months of --full.")


class FullPlanChanged(Refusal):
    """计划与文件或账本不符。| The plan is not that of this file and ledger."""

    hint = ("不带 --plan 重新运行,查看新计划。", "Run it without --plan, and look at the new plan.")
    status = 409


class FullVoidsTooMany(Refusal):
    """将作废的比例超过上限。| More would be voided than the bound allows."""

    hint = (
        "核对文件是否完整;确属无误时用 --voids-max 提高上限。",
        "See whether the file is whole; where it is right, raise the bound with --voids-max.",
    )
    status = 409


class ControlSumDiffers(Refusal):
    """行数或控制和与所报不符。| Rows or control sum are not what was declared."""

    hint = ("向数源部门核对文件是否完整。", "Ask the organ whether the file is whole.")
    status = 409


class AgreementUnknown(Refusal):
    """没有这项数据交付约定。| Nothing of the kind was agreed."""

    hint = ("points feed list 列出约定。", "`points feed list` shows what was agreed.")
    status = 404
