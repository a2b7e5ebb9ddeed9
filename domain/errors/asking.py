"""What was asked for, and is not there or is not known yet."""

from domain.errors.refusal import Refusal


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


class EntryUnknown(Refusal):
    """没有这条记账条目。| No such entry."""

    hint = ("核对编号;points history 列出各条目。", "Check its number: `points history` lists the entries.")
    status = 404


class PositionUnknown(Refusal):
    """账本中还没有这个位置。| The ledger has no such position yet."""

    hint = ("points doctor 显示账本的末位。", "`points doctor` shows the last one, as head.")
    status = 404


class BadCoordinate(Refusal):
    """日期、位置、辖区或编号的写法不对。| A date, position, place or id is not written as expected."""

    hint = (
        "日期写 2026-01-31,已知至写位置号或 2026-01-31T09:00+08:00,辖区写 330212;居民编号由 points find 得到。",
        "A day: 2026-01-31; as-at: a position or 2026-01-31T09:00+08:00; a place: 330212; ids: `points find`.",
    )
    status = 400


class SubjectErased(Refusal):
    """该居民的记录已依法销毁。| The history of this subject was destroyed by law."""

    status = 410


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
