"""What the use cases of rounds and decisions refuse, beyond what the domain does."""

from domain.errors import Refusal


class RoundUnknown(Refusal):
    """没有这个批次。| No such round."""

    hint = ("用 points round open 开启一个批次。", "Open a round with `points round open`.")
    status = 404


class AssessmentUnknown(Refusal):
    """该地当年没有开启年度申评。| No assessment of that year was opened in that place."""

    hint = ("用 points assessment open 开启。", "Open it with `points assessment open`.")
    status = 404


class AssessmentOfAnother(Refusal):
    """该年度申评由另一机构办理。| The assessment is run by another organ."""

    status = 403


class ApplicationUnknown(Refusal):
    """本批次没有这个编号的申请。| The round has no application of this number."""

    status = 404


class ApplicationOfAnother(Refusal):
    """该编号的申请属于另一户。| The application of this number is another household's."""

    hint = ("每份申请用自己的编号。", "Give each application a number of its own.")
    status = 409


class ItemUnknown(Refusal):
    """该积分应用没有这一项。| The programme has no such item."""

    hint = ("points programme show 列出各项条件。", "`points programme show` lists the conditions.")


class ProgrammeUnknown(Refusal):
    """没有发布这份积分应用。| No such programme was published."""

    hint = (
        "points programme list 列出已发布的积分应用;points programme publish 送审一份。",
        "`points programme list` lists what is published; `points programme publish` puts one forward.",
    )
    status = 404


class ProgrammeAmbiguous(Refusal):
    """同名的积分应用不止一份。| Several programmes have this name."""

    hint = ("写文件名,例如 cx.school。", "Write the document's name, such as cx.school.")


class CountedOnOther(Refusal):
    """积分应用规定了另一个计分截止日。| The programme itself fixes another counting day."""


class DayAhead(Refusal):
    """不能登记尚未到来的日期。| A day that has not come cannot be recorded."""


class DecisionUnknown(Refusal):
    """没有这个认定决定。| No such decision."""

    hint = ("points decision list 列出认定决定。", "`points decision list` lists decisions.")
    status = 404


class JournalOfAnother(Refusal):
    """进度文件属于另一次重放。| The journal is of another replay."""

    hint = ("换一个文件名,或删除它重新开始。", "Name another file, or delete it and begin again.")


class NotAdmitted(Refusal):
    """该申请未入围。| The application is not among those who are in."""

    status = 409


class NoMoney(Refusal):
    """该积分应用在此区域不发补贴。| The programme gives no money there."""


class BenefitStands(Refusal):
    """待遇已经开始。| The benefit was started before."""

    status = 409


class NoticeIsOver(Refusal):
    """当前没有公示。| Nothing hangs out on this day: not yet, or no more."""

    status = 404


class RankingNotFinal(Refusal):
    """排名待摇号,尚不能公布。| The ranking waits for a draw and cannot be published yet."""

    hint = ("用 points round seed 公布摇号种子。", "Publish the seed of the draw with `points round seed`.")
    status = 409


class RoundOfAnother(Refusal):
    """该批次由另一机构办理。| The round is run by another organ."""

    status = 403


class HouseholdGranted(Refusal):
    """每户只享受一次,该户已经享受过。| A household is granted this once for life, and this one has been."""

    hint = ("婚姻存续期间任一方享受的,双方都算。", "What either had while they were married counts for both.")
    status = 409


class PaymentStands(Refusal):
    """该编号的补贴已经发放。| A payment of this number was made already."""

    hint = ("每次发放用自己的编号。", "Give each payment a number of its own.")
    status = 409


class SettledAlready(Refusal):
    """该认定决定已处理,此后没有新的事实。| The decision was settled, and nothing became known since."""

    status = 409


class PlaceTakenMeanwhile(Refusal):
    """同时有他人办理名额,请重试。| Others took places at the same moment; ask again."""

    status = 409
