"""The ledger itself: its database, its tables, its key file, its log."""

from domain.errors.refusal import Refusal


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


class LedgerBehind(Refusal):
    """表结构比程序旧。| The tables are older than this release."""

    hint = ("运行 points db migrate。", "Run `points db migrate`.")
    status = 503


class DatabaseUnavailable(Refusal):
    """数据库不可用。| The database is not available."""

    hint = ("检查 POINTS_DATABASE_URL 或数据目录。", "Check POINTS_DATABASE_URL or the data directory.")
    status = 503


class LedgerDamaged(Refusal):
    """表结构与程序不符。| The tables are not those of this release."""

    hint = ("运行 points db status 查看。", "Run `points db status` to see which.")
    status = 409


class LedgerReplaced(Refusal):
    """投影所依据的账本已被换过。| The ledger under this projection is not the one it has read."""

    hint = (
        "运行 points rebuild start 重建投影,再 points rebuild switch。",
        "Run `points rebuild start`, then `switch`: projections are made again from the entries.",
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


class LogKeyMissing(Refusal):
    """透明日志或见证人还没有密钥。| The log, or the witness, has no key yet."""

    hint = ("先运行 points log key 或 points witness key。", "Run `points log key` or `points witness key` first.")
    status = 409


class LogProofRefused(Refusal):
    """证据、证明或策略文件不能读懂。| The file is no evidence, proof or policy that can be read."""

    hint = (
        "证据的种类见 docs/evidence.md,策略格式见 docs/transparency.md。",
        "docs/evidence.md tells what evidence there is, docs/transparency.md the form of a policy.",
    )


class BundleUnwritable(Refusal):
    """证据包自检不通过,未写出。| The bundle does not hold when it is checked, so that none is written."""

    hint = (
        "方括号内是不成立之处;运行 points verify 查看账本有无差异。",
        "The place is in brackets; `points verify` says whether the ledger itself was changed.",
    )
    status = 409


class OpensslMissing(Refusal):
    """国密签名需要 openssl 程序。| Signatures of SM2 want the program openssl, and it is not there."""

    hint = ("安装 openssl 3.0 或更高版本。", "Install openssl 3.0 or newer.")
    status = 503


class PaperMissing(Refusal):
    """二维码与 PDF 需要附加组件。| QR codes and PDF need an extra that is not installed."""

    hint = (
        "安装附加组件 paper (segno、typst 与中文字体)。",
        "Install the extra `paper`: segno, typst and a Chinese font.",
    )
    status = 503


class DeferralDayRefused(Refusal):
    """延后告知的日期须在今天之后、三年之内。| A look may be shown later by three years at most."""

    hint = ("用 --until 写首个告知日。", "Name with --until the first day on which it is shown.")


class NotInLog(Refusal):
    """透明日志里没有这一位置,或尚未签到那里。| The log has no entry there, or has not signed that far yet."""

    hint = ("运行 points log run --once 签到最新位置。", "`points log run --once` signs up to the last entry.")
    status = 404


class ExportMismatch(Refusal):
    """导出中止:该位置的条目与其叶哈希不符。| The entry at this position is not what its leaf says."""

    hint = (
        "运行 points verify --entries 查看每一处差异。",
        "Run `points verify --entries` to see every difference.",
    )
    status = 409
