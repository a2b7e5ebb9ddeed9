"""What in a sound rulebook is probably not meant: a stable code, and what to do, in Chinese and in English."""

WARNINGS: dict[str, tuple[str, str, str, str]] = {
    # code: (Chinese, English, Chinese hint, English hint), as in problems.py; a warning blocks nothing
    "gives-nothing": (
        "{id} 永远不会得分",
        "{id} can never give anything",
        "检查分值、门槛、期间和封顶",
        "look at its points, threshold, window and cap",
    ),
    "cap-unreachable": (
        "封顶 {cap} 永远达不到,最多 {most}",
        "the cap {cap} is never reached: {most} is the most",
        "改封顶,或改分值",
        "correct the cap or the points",
    ),
    "year-cap-unreachable": (
        "年度封顶不低于总封顶 {cap}",
        "the year's cap is not below the cap {cap}",
        "去掉其中一个",
        "remove one of them",
    ),
    "levels-left-out": (
        "没有给等级 {levels} 定分",
        "the levels {levels} give nothing",
        "补上它们,或用 only 写明只计哪些",
        "add them, or say in `only` which levels are meant",
    ),
    "band-changes-nothing": (
        "从 {from} 起的一段与前一段同分",
        "the band from {from} is worth the same as the one before",
        "合并两段",
        "join the two",
    ),
    "band-falls": (
        "从 {from} 起分值反而下降",
        "from {from} on the points fall",
        "确认不是笔误",
        "make sure that it is meant",
    ),
    "band-unreachable": (
        "从 {from} 起的一段达不到,计量最多 {most}",
        "the band from {from} is never reached: {most} is the most that is counted",
        "改 window,或去掉这一段",
        "correct the window, or remove the band",
    ),
    "same-facts": (
        "{id} 与 {other} 计的是同样的事实",
        "{id} counts the same facts as {other}",
        "用 only 分开,或放进 choose: one 的类别",
        "part them with `only`, or put them into a category with choose: one",
    ),
    "category-empty": (
        "类别 {id} 里没有指标",
        "the category {id} has no items",
        "去掉它,或给指标写 category",
        "remove it, or give items their category",
    ),
    "not-tried": (
        "没有算例验证 {id}",
        "no example tries {id}",
        "在 examples 的 expect 里写上它",
        "name it in an example's expect",
    ),
}
