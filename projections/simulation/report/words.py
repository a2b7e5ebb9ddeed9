"""What the report says beside its numbers, in Chinese and in English."""

from collections.abc import Mapping

from projections.simulation.report.markup import Text

WORDS: Mapping[str, Text] = {
    "title": ("积分办法草案影响测算", "What a draft rulebook would change"),
    "about": ("关于本次测算", "About this run"),
    "examples": ("逐条说明的例子", "Examples explained"),
    "examples_lead": (
        "仅供政策与审计人员查阅。按散列抽取,不含姓名与编号,不取有受限事实的居民。",
        "For the policy office and auditors. Drawn by a hash; no names, no numbers, nobody with restricted facts.",
    ),
    "current": ("现行办法", "in force"),
    "draft": ("草案", "draft"),
    "withheld": ("不显示", "withheld"),
    "hidden": ("不显示(人数过少)", "withheld (too few people)"),
    "changes": (
        "按总分变动的大小统计人数。",
        "People by how much their total would move.",
    ),
    "items": (
        "列出有变化的指标,为各自封顶之后的分值;类别、总表封顶和扣分下限使总分变化与各指标之和不同。",
        "Items that move, after their own caps; caps above them and the floor move the total otherwise.",
    ),
    "deciles": (
        "按现行总分从低到高分为十组;同分不拆开,故各组人数不等。",
        "Ten groups by the total now, lowest first. Equal scores are never divided, so that groups differ in size.",
    ),
    "variants": (
        "草案中的数字改为所列数值时的结果,均与现行办法比较。",
        "The draft with the numbers named here, each compared with what is in force.",
    ),
    "ranks": (
        "现行与草案下都有可用积分的人之间的名次变化。",
        "Ranks of those who have usable points both now and under the draft.",
    ),
}
