"""What a permit's life refuses. Each name says the state that was met."""

from domain.errors import Refusal


class NoPermit(Refusal):
    """没有有效的居住证。| No residence permit is held."""

    status = 409


class PermitAlreadyHeld(Refusal):
    """在本地已持有有效居住证。| A permit of this place is held already."""

    hint = ("办理签注或恢复,不必重新申领。", "Have it endorsed or restored; no new one is needed.")
    status = 409


class PermitConditionsUnmet(Refusal):
    """尚不符合申领居住证的条件。| The conditions for a residence permit are not met yet."""

    hint = (
        "居住登记满半年,并有就业、住所或连续就读之一。",
        "Half a year's registered residence and one of employment, home or study.",
    )
    status = 409


class NothingToConvert(Refusal):
    """没有可转换互认的居住证或登记月数。| There is neither a permit nor enough registered months to convert."""

    hint = ("省内居住登记累计满六个月即可转换。", "Six registered months anywhere in the province convert.")
    status = 409


class NotRegisteredHere(Refusal):
    """在本地没有居住登记。| No residence is registered at this place."""

    hint = ("到达三日内办理居住登记。", "Register within three days of arrival.")
    status = 409


class PermitIsOver(Refusal):
    """居住证已终止。| The permit has ended."""

    status = 409


class PermitIsSuspended(Refusal):
    """居住证处于中止状态。| The permit is suspended."""

    status = 409


class PermitNotSuspended(Refusal):
    """居住证没有中止。| The permit is not suspended."""

    status = 409


class EndorsementTooEarly(Refusal):
    """未到签注期。| The permit is not due for endorsement yet."""

    hint = ("签注期为每满一年前一个月内。", "It is endorsed within the month before each full year from issue.")
    status = 409


class NothingToReinstate(Refusal):
    """没有因中止而暂停的积分。| No points are paused by a suspension."""

    status = 409
