"""What a rebuild refuses."""

from domain.errors import Refusal


class RebuildUnderWay(Refusal):
    """另一个重建正在进行。| Another rebuild is at work."""

    hint = ("用 points rebuild status 查看进度。", "Watch it with `points rebuild status`.")
    status = 409


class GenerationKept(Refusal):
    """上一代投影仍保留着,可供回退。| An earlier generation is still kept, so that one can go back to it."""

    hint = (
        "确认无误后运行 points rebuild drop,再重建。",
        "Once you are sure of what is live, run `points rebuild drop`, then rebuild.",
    )
    status = 409


class NothingRebuilt(Refusal):
    """没有可用的重建结果。| There is no generation in that state."""

    hint = (
        "用 points rebuild status 查看;points rebuild start 开始。",
        "See `points rebuild status`; begin with `start`.",
    )
    status = 409


class RebuildUnfinished(Refusal):
    """重建尚未完成。| The rebuild is not finished."""

    hint = ("运行 points rebuild start 继续。", "Run `points rebuild start`: it goes on where it stopped.")
    status = 409


class DifferencesUnaccepted(Refusal):
    """重建结果与现用投影不同,或尚未比较。| What was rebuilt differs from what is live, or was not compared."""

    hint = (
        "先看 points rebuild diff;确认应当不同,再用 --accept。",
        "Look at `points rebuild diff`; where the difference is meant, switch with --accept.",
    )
    status = 409


class LaidOutOtherwise(Refusal):
    """重建的表结构已过时。| The tables of that generation are not laid out like the live ones any more."""

    hint = (
        "表结构在此期间升级过:points rebuild drop,再重新开始。",
        "They were migrated meanwhile: `points rebuild drop`, then begin again.",
    )
    status = 409


class TablesBusy(Refusal):
    """长时间的读取占着表,未能切换。| Long reads hold the tables: the switch did not come about."""

    hint = ("稍后再试;什么都没有改变。", "Try again later; nothing was changed.")
    status = 503


class ViewUnknown(Refusal):
    """没有这个投影。| There is no such projection."""


class FillerFailed(Refusal):
    """重建的工作进程失败。| A process that was filling has failed."""

    hint = (
        "再次运行 points rebuild start:从停下处继续。",
        "Run `points rebuild start` again: it goes on where it stopped.",
    )
    status = 503
