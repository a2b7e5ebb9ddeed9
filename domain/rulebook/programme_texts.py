"""What can be wrong with a programme: the same four texts for each code as in problems.py."""

PROGRAMMES: dict[str, tuple[str, str, str, str]] = {
    "not-a-programme-day": (
        "不是可用的日子",
        "not a day that a condition can be asked for",
        "可用: {known}",
        "known: {known}",
    ),
    "not-a-need": ("不是可用的人数", "not how many people", "写 any、all 或 1–9", "write any, all or 1 to 9"),
    "unknown-condition": (
        "没有条件 {id}",
        "there is no condition {id}",
        "可用: {known}",
        "known: {known}",
    ),
    "bound-missing": (
        "没有写明界限,或写了两个",
        "it names no bound, or two",
        "at_least 与 at_most 只写一个;年龄写 below 或 from",
        "one of at_least and at_most; an age has below or from",
    ),
    "measure-not-here": (
        "计量 {measure} 不能作为条件",
        "the measure {measure} makes no condition",
        "用 months、spells、count、state、sum、levels 或 age,subjects 用 who 代替",
        "use months, spells, count, state, sum, levels or age; who says whose",
    ),
    "days-order": ("起始日不早于截止日", "from is not before to", "from < to", "from < to"),
    "score-missing": (
        "用到积分,却没有 score",
        "points are used, and there is no score block",
        "写 score: {{who: self, clause: …}}",
        "write score: {{who: self, clause: ...}}",
    ),
    "year-missing": (
        "核定积分没有写年份",
        "a certified score names no year",
        "在 score 里写 year",
        "write year in score",
    ),
    "order-missing": (
        "有名额却没有排序",
        "there is a quota and no order",
        "写 order_by",
        "write order_by",
    ),
    "tiers-not-ordered": (
        "顺位与排序不一致",
        "tiers and order_by disagree",
        "有 tiers 就写 {{by: tier}},没有就去掉",
        "tiers want {{by: tier}} in order_by, and the other way round",
    ),
    "tier-never-reached": (
        "顺位 {id} 永远轮不到:符合它的人已在 {earlier}",
        "tier {id} is never reached: who meets it meets {earlier} first",
        "调整次序或条件",
        "change their order or their conditions",
    ),
    "tier-impossible": (
        "顺位 {id} 的条件互相矛盾",
        "the conditions of tier {id} contradict each other",
        "去掉其中一个",
        "remove one of them",
    ),
    "money-incomplete": (
        "金额没有写全",
        "the amount is not complete",
        "写 fen_per_month,或 square_metres、fen_per_square_metre、percent",
        "write fen_per_month, or square_metres, fen_per_square_metre and percent",
    ),
    "zone-twice": (
        "区域 {zone} 有两个金额",
        "the zone {zone} has two amounts",
        "每个区域一行",
        "one row for each zone",
    ),
    "benefit-incomplete": (
        "补贴没有写明起止或发放方式",
        "the benefit does not say when it starts, how long it lasts or how it is paid",
        "写 starts、months、pays",
        "write starts, months and pays",
    ),
    "ranks-overlap": (
        "名次范围颠倒或重叠",
        "ranks are reversed or overlap",
        "按名次从小到大,各写一次",
        "each rank once, in order",
    ),
    "programme-example": (
        "例子 {name} 应为 {expected},算得 {found}",
        "the example says {name} is {expected}, it is {found}",
        "核对例子或条文",
        "check the example, or the rule",
    ),
    "programme-expects": (
        "例子里没有 {name} 这一项",
        "an example cannot expect {name}",
        "可用: {known}",
        "known: {known}",
    ),
}
