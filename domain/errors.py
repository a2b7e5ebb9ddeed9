"""Every refusal, on one page. The docstring is the message: Chinese, a bar, English; the name says the state met.

No refusal carries personal data: `place` names where (a file and line, a column), never a value of a person.
"""

import re
from typing import ClassVar, Literal

Language = Literal["zh", "en"]


class Refusal(Exception):
    """拒绝。| Refused."""

    hint: ClassVar[tuple[str, str]] = ("", "")
    status: ClassVar[int] = 422

    def __init__(self, place: str = "") -> None:
        super().__init__(place)
        self.place = place

    @classmethod
    def code(cls) -> str:
        """Give the stable code: the class name in kebab case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def message(self, language: Language = "zh") -> str:
        """Give the sentence, with the place where it has one."""
        chinese, _, english = " ".join((type(self).__doc__ or "").split()).partition("|")
        text = chinese.strip() if language == "zh" else english.strip()
        return f"{text} [{self.place}]" if self.place else text

    def remedy(self, language: Language = "zh") -> str:
        """Give what to do next, or nothing."""
        return self.hint[0 if language == "zh" else 1]

    def __str__(self) -> str:
        return f"{self.code()}: {self.message('en')}"


class SubjectUnknown(Refusal):
    """没有这个居民的记录。| No history is known for this subject."""

    hint = ("检查编号,或先导入数据。", "Check the number, or import its facts first.")
    status = 404


class PersonUnknown(Refusal):
    """没有人以这个证件号码建档。| Nobody is known by this document number."""

    hint = ("检查号码与证件类型。", "Check the number and the type of the document.")
    status = 404


class RejectsRefused(Refusal):
    """被拒行不能写到那里。| Rejected rows cannot go there: it exists already, or cannot be written."""

    hint = ("用 --rejects 指定一个新文件名。", "Name a new file in a folder of yours with --rejects.")


class NoRulebookInForce(Refusal):
    """这一天、这个辖区没有已发布的积分办法。| No published rulebook is in force at this place on this day."""

    hint = (
        "points rulebook list 列出已发布的办法;也可能是日期早于办法生效日。",
        "`points rulebook list` shows what is published; the day may lie before the first one takes effect.",
    )
    status = 404


class NowhereAtHome(Refusal):
    """当日没有有效的居住证或居住登记,不知在哪里计分。| No permit and no registration is in force."""

    hint = ("用 --place 指明辖区,例如 330212。", "Name a place, for example --place 330212.")
    status = 404


class KeyDestroyed(Refusal):
    """该居民的密钥已依法销毁,不能再记账。| The subject's key was destroyed by law; nothing more can be recorded."""

    status = 410


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
    """提请人与批准人不能是同一人。| The person who proposed may not approve."""

    status = 403


class NothingProposed(Refusal):
    """没有待批准的提请。| Nothing was proposed over this hash."""

    hint = ("先提请。", "Propose it first.")
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


class DisputedTranscription(Refusal):
    """有争议的转录本不能发布。| A disputed transcription is never published."""


class EntryUnknown(Refusal):
    """没有这条记账条目。| No such entry."""

    status = 404


class NotRestricted(Refusal):
    """只有受限事实可以单条销毁。| Only a restricted fact can be expunged alone."""

    status = 409


class LedgerNotOpened(Refusal):
    """账本尚未建立。| The ledger has not been opened."""

    hint = (
        "运行 points init;若账本在别处,用 --data 或 POINTS_DATABASE_URL 指明。",
        "Run `points init`; or, where the ledger is elsewhere, name it with --data or POINTS_DATABASE_URL.",
    )
    status = 503


class LedgerOpenedOtherwise(Refusal):
    """账本已用另一套密码算法建立。| The ledger was opened with another suite."""

    status = 409


class DatabaseUnavailable(Refusal):
    """数据库不可用。| The database is not available."""

    hint = ("检查 POINTS_DATABASE_URL 或数据目录。", "Check POINTS_DATABASE_URL or the data directory.")
    status = 503


class LedgerDamaged(Refusal):
    """表结构与程序不符。| The tables are not those of this release."""

    hint = ("运行 points db status 查看。", "Run `points db status` to see which.")
    status = 409


class PositionUnknown(Refusal):
    """账本中还没有这个位置。| The ledger has no such position yet."""

    status = 404


class BadCoordinate(Refusal):
    """日期、位置或辖区的写法不对。| A date, position or place is not written as expected."""

    hint = (
        "as_of 写 2026-01-31,as_at 写位置号或带时区的时刻,place 写区划代码。",
        "Write as_of as 2026-01-31, as_at as a position or an instant with its zone, place as a division code.",
    )
    status = 400


class SubjectErased(Refusal):
    """该居民的记录已依法销毁。| The history of this subject was destroyed by law."""

    status = 410


class LedgerReplaced(Refusal):
    """投影所依据的账本已被换过。| The ledger under this projection is not the one it has read."""

    hint = ("运行 points rebuild 重建投影。", "Run `points rebuild`: projections are made again from the entries.")
    status = 503


class ProjectionBehind(Refusal):
    """投影还没有读到这个位置。| The projection has not reached this position yet."""

    hint = ("稍后再试;points doctor 显示进度。", "Try again shortly; `points doctor` shows how far it is.")
    status = 503


class SubjectQuarantined(Refusal):
    """该居民有一条记录无法处理。| An entry of this subject cannot be folded; no score is given from there on."""

    hint = (
        "升级程序后运行 points doctor 解除隔离;此前的位置仍可查询。",
        "Upgrade, then release it with `points doctor`; positions before it still answer.",
    )
    status = 503


class KeyFileMissing(Refusal):
    """没有密钥文件。| The key file is not there."""

    hint = (
        "从保管处取回原文件;新账本由 points init 生成。没有它,任何密封内容都无法打开。",
        "Bring the file back: nothing opens without it. `points init` makes one for a new ledger.",
    )
    status = 503


class KeyFileExists(Refusal):
    """密钥文件已存在,不会覆盖。| A key file is there already and is not written over."""

    hint = ("换一个路径,或继续使用原文件。", "Choose another path, or go on with the file that is there.")
    status = 409


class KeyFileUnsafe(Refusal):
    """密钥文件的权限不安全。| Others than its owner may read or write the key file."""

    hint = (
        "chmod 600 该文件,并确认它没有被他人读过。",
        "chmod 600 the file, and make sure that nobody else has read it.",
    )
    status = 503


class KeyFileDamaged(Refusal):
    """密钥文件不完整。| The key file does not hold 32 bytes."""

    hint = ("从备份恢复密钥文件。", "Restore the key file from its backup.")
    status = 503


class KeyFileForeign(Refusal):
    """密钥文件不属于这个账本。| The key file does not open this ledger's keys."""

    hint = (
        "使用建账时的密钥文件;轮换期间须同时给出新旧两个文件。",
        "Give the file of this ledger; while keys are being rotated, give both the new one and the old one.",
    )
    status = 503


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


def refusals() -> list[type[Refusal]]:
    """List every refusal, by code."""
    return sorted(Refusal.__subclasses__(), key=lambda refusal: refusal.code())


class LogKeyMissing(Refusal):
    """透明日志或见证人还没有密钥。| The log, or the witness, has no key yet."""

    hint = ("先运行 points log key 或 points witness key。", "Run `points log key` or `points witness key` first.")
    status = 409


class LogProofRefused(Refusal):
    """证明或策略文件不能读懂。| The proof, or the policy, cannot be read."""

    hint = (
        "证明由 points log prove 写出;策略格式见 docs/transparency.md。",
        "`points log prove` writes proofs; docs/transparency.md tells the form of a policy.",
    )


class NotInLog(Refusal):
    """透明日志里没有这一位置,或尚未签到那里。| The log has no entry there, or has not signed that far yet."""

    hint = ("运行 points log run --once 签到最新位置。", "`points log run --once` signs up to the last entry.")
    status = 404
