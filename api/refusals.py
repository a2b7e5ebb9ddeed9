"""What the HTTP door itself refuses, on one page. What the ledger refuses is in domain/errors."""

from domain.errors import Refusal


class TokenMissing(Refusal):
    """请求没有携带令牌。| The request carries no token."""

    hint = ("在 Authorization 头中写 Bearer 令牌。", "Send it as `Authorization: Bearer TOKEN`.")
    status = 401


class TokenRefused(Refusal):
    """令牌无效或已过期。| The token is not valid, or not valid any more."""

    hint = ("重新取得令牌;开发环境用 points token。", "Get a new one; for development, `points token`.")
    status = 401


class RoleNotAllowed(Refusal):
    """该身份无权进行此操作。| Whom the token names may not do this."""

    hint = ("各身份的权限见 docs/http.md。", "docs/http.md says who may do what.")
    status = 403


class ReadUnknown(Refusal):
    """没有这一次查询,或尚未到告知日期。| There is no such look, or it is not shown yet."""

    hint = ("points reads show 列出各次查询。", "`points reads show` lists the looks.")
    status = 404


class PurposeMissing(Refusal):
    """工作人员查询个人记录须说明目的。| Staff who read a person's record say why."""

    hint = (
        "写目的代码与编号,如 dispute D-17:命令行 --by、--purpose;HTTP 头 Reading-Purpose (1 至 200,百分号编码)。",
        "A code and a case's number, dispute D-17: --by, --purpose; over HTTP Reading-Purpose (percent-encoded).",
    )
    status = 400


class RouteUnknown(Refusal):
    """没有这个地址。| There is nothing at this address."""

    hint = ("所有地址见 /openapi.json。", "/openapi.json lists every address.")
    status = 404


class LogResourceUnknown(Refusal):
    """日志还没有这个文件。| The log has no such file, or not yet."""

    hint = (
        "先读 /log/checkpoint,其中的条数决定有哪些瓦片。",
        "Read /log/checkpoint first: its size says which tiles there are.",
    )
    status = 404


class MethodNotAllowed(Refusal):
    """该地址不支持此方法。| This address does not know the method."""

    hint = ("Allow 头列出可用的方法。", "The header Allow lists those that it knows.")
    status = 405


class RequestMalformed(Refusal):
    """请求不能读懂。| The request cannot be read."""

    status = 400


class ParameterUnknown(Refusal):
    """没有这个参数。| There is no such parameter."""

    hint = ("每个地址的参数见 /openapi.json。", "/openapi.json lists the parameters of every address.")
    status = 400


class ParameterRepeated(Refusal):
    """同一参数出现多次。| A parameter stands more than once."""

    status = 400


class ParametersInvalid(Refusal):
    """参数的写法不对。| A parameter is not written as expected."""

    hint = ("见 errors 中每一处所需的写法。", "`errors` says for each what is expected.")


class MediaTypeUnknown(Refusal):
    """不接受这种内容类型。| This kind of content is not taken."""

    hint = (
        "用 application/cloudevents+json、application/cloudevents-batch+json,或带 ce- 头的 application/json。",
        "application/cloudevents+json, application/cloudevents-batch+json, or application/json with ce- headers.",
    )
    status = 415


class ActMediaType(Refusal):
    """内容须为 application/json。| The content is application/json."""

    status = 415


class MovedOn(Refusal):
    """同一时刻另有记录,本次没有入账。| Somebody recorded at the same moment; nothing was stored."""

    hint = ("重新查看后再试。", "Look again, then try again.")
    status = 409


class BatchTooLargeHere(Refusal):
    """批次过大,不能在一次请求内撤销。| The batch is too large to be undone within one request."""

    hint = (
        "请在命令行批准:points batch approve。",
        "Approve it at the command line: points batch approve.",
    )
    status = 409


class BodyTooLarge(Refusal):
    """内容过大。| The content is too large."""

    hint = (
        "单个事件至多 1 MiB;一批至多 16 MiB、10000 个事件。",
        "One event takes at most 1 MiB; a batch at most 16 MiB and 10,000 events.",
    )
    status = 413


class BodyTooSlow(Refusal):
    """内容没有在限定时间内到齐。| The content did not arrive in time."""

    status = 408


class NotJson(Refusal):
    """内容不是 UTF-8 编码的 JSON。| The content is not JSON in UTF-8."""

    status = 400


class DuplicateKey(Refusal):
    """JSON 对象中同一个键出现两次。| A key stands twice in one JSON object."""

    status = 400


class NumberNotFinite(Refusal):
    """数字无穷或不是数字。| A number is infinite or none."""

    status = 400


class NumberTooLarge(Refusal):
    """整数超出 64 位。| A whole number does not fit 64 bits."""

    status = 400


class CharactersNotAllowed(Refusal):
    """文本含有 NUL 或不成对的代理码点。| A text holds NUL or half of a surrogate pair."""

    status = 400


class NestedTooDeep(Refusal):
    """嵌套过深。| Nested too deep."""

    status = 400


class EventInvalid(Refusal):
    """事件不合格,没有入账。| The event cannot be taken; nothing was stored."""

    hint = ("见 errors 中每一处及其改法。", "`errors` says where, and what to do.")


class RulebookUnknown(Refusal):
    """没有这份积分办法或这个版本。| There is no such rulebook, or no such version of it."""

    status = 404


class KindUnknown(Refusal):
    """没有这种事实。| There is no such kind of fact."""

    hint = ("/v1/kinds 列出所有种类。", "/v1/kinds lists all of them.")
    status = 404


class PlaceNeeded(Refusal):
    """该居民当日没有登记的居住地,须指明辖区。| The resident is at home nowhere on that day; name a place."""

    hint = ("加上 place,例如 place=330212。", "Add a place, such as place=330212.")
    status = 409


class DevelopmentTokensOutside(Refusal):
    """开发令牌只能在本机使用。| Development tokens are for this machine alone."""

    hint = (
        "监听 127.0.0.1;确知后果时加 --allow-development-tokens。",
        "Listen on 127.0.0.1; knowing what it means, add --allow-development-tokens.",
    )
    status = 403


class AddressNotFree(Refusal):
    """地址或端口不可用。| The address or the port cannot be used."""

    hint = ("换一个 --port,或停止占用者。", "Choose another --port, or stop who has it.")
    status = 503


class NotReady(Refusal):
    """服务尚未就绪。| The service is not ready."""

    status = 503


class Overloaded(Refusal):
    """同时处理的请求过多,本次没有受理。| Too many requests at once; this one was not begun."""

    hint = ("稍后再试。", "Try again shortly.")
    status = 503


class OutcomeUnknown(Refusal):
    """未能确认是否已入账。| Whether it was stored is not known."""

    hint = ("用同一编号和内容重发;不会重复入账。", "Send it again under the same id: it is stored once at most.")
    status = 503


class SettingMisread(Refusal):
    """环境变量的值不能读懂。| The value of an environment variable cannot be read."""

    hint = (
        "POINTS_DATABASE_URL 写 postgresql://用户@主机/库名;POINTS_LEDGER 写小写字母、数字与下划线。",
        "Write POINTS_DATABASE_URL as postgresql://USER@HOST/DATABASE, POINTS_LEDGER in a-z, 0-9 and _.",
    )
    status = 400


class Unexpected(Refusal):
    """程序出错;已记录,不含请求内容。| The program failed; it was noted, without the request's content."""

    hint = ("请把 instance 告知管理者。", "Tell the keeper the `instance`.")
    status = 500
