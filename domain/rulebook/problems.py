"""What can be wrong with a rulebook: a stable code, where it is, and what to do, in Chinese and in English."""

from dataclasses import dataclass, field
from typing import Any

from domain.errors import Language, RulebookNotSound
from domain.rulebook.programme_texts import PROGRAMMES
from domain.rulebook.warnings import WARNINGS

Path = tuple[str | int, ...]

TEXTS: dict[str, tuple[str, str, str, str]] = {
    # code: (Chinese, English, Chinese hint, English hint); {words} come from the problem's context
    "not-utf8": ("文件不是 UTF-8 编码", "the file is not UTF-8", "用 UTF-8 重新保存", "save it again as UTF-8"),
    "too-large": ("文件超过 1 MB", "the file is over 1 MB", "拆成几个文件", "split it into several files"),
    "yaml-syntax": (
        "YAML 写法有误: {detail}",
        "not YAML: {detail}",
        "检查缩进、引号和括号",
        "check indents, quotes, brackets",
    ),
    "alias": ("不允许锚点和别名", "anchors and aliases are not allowed", "把内容写全", "write the content out"),
    "tag": (
        "不允许标签 {tag}",
        "the tag {tag} is not allowed",
        "去掉标签,直接写值",
        "remove the tag, write the value",
    ),
    "too-deep": ("嵌套过深", "nested too deep", "积分办法最多 {most} 层", "a rulebook has at most {most} levels"),
    "duplicate-key": ("字段 {key} 重复", "the key {key} stands twice", "只保留一处", "keep one of them"),
    "key-not-text": (
        "字段名必须是文本",
        "a key must be text",
        '给字段名加引号: "{key}"',
        'write it in quotes: "{key}"',
    ),
    "number-too-long": (
        "数字过长",
        "the number is too long",
        "最多 7 位整数和 6 位小数",
        "at most 7 digits and 6 decimals",
    ),
    "no-document": ("文件中没有积分办法", "the file holds no document", "从 doc: 写起", "begin with doc:"),
    "not-a-mapping": ("文档必须是一组字段", "a document must be a mapping", "从 doc: 写起", "begin with doc:"),
    "a-programme": ("这是积分应用,不是积分办法", "a programme, not a rulebook", "{verb}", "{verb}"),
    "a-rulebook": ("这是积分办法,不是积分应用", "a rulebook, not a programme", "{verb}", "{verb}"),
    "unknown-field": ("没有 {name} 这个字段", "there is no field {name}", "{nearest}", "{nearest}"),
    "missing-field": ("缺少字段 {name}", "the field {name} is missing", "补上 {name}", "add {name}"),
    "unknown-kind": ("不认识的类型 {given}", "unknown kind {given}", "可用: {known}", "known: {known}"),
    "missing-kind": (
        "缺少类型字段 {name}",
        "the field {name} that names the kind is missing",
        "补上 {name}",
        "add {name}",
    ),
    "unknown-value": ("不能是这个值", "not one of the values allowed", "可用: {known}", "known: {known}"),
    "unquoted-code": (
        "代码写成了数字,开头的零会丢失",
        "a code is written as a number and would lose its leading zeros",
        '给代码加引号: "{given}"',
        'write the code in quotes: "{given}"',
    ),
    "wrong-type": (
        "值的类型不对: {detail}",
        "the value has the wrong type: {detail}",
        "见 docs/rulebooks.md",
        "see docs/rulebooks.md",
    ),
    "bad-form": ("写法不符合要求", "not written as this field wants it", "要求: {pattern}", "wanted: {pattern}"),
    "not-a-number": (
        "这里要一个十进制数",
        "a decimal number is wanted",
        "最多 7 位整数和 6 位小数",
        "at most 7 digits and 6 decimals",
    ),
    "not-a-day": ("日期写法不对", "not a day", "写成 2026-01-31", "write it as 2026-01-31"),
    "not-a-duration": ("时长写法不对", "not a duration", "写成月数: 36mo", "write months: 36mo"),
    "unknown-fact": ("{given} 在这里不能计量", "{given} cannot be counted here", "可用: {known}", "known: {known}"),
    "unknown-variant": ("{given} 没有这个细类", "{given} names no variant", "可用: {known}", "known: {known}"),
    "unit-does-not-fit": (
        "单位 {given} 不适用",
        "the unit {given} does not fit",
        "可用: {known}",
        "known: {known}",
    ),
    "award-does-not-fit": (
        "赋分方式 {award} 不能接在计量 {measure} 之后",
        "the award {award} does not fit the measure {measure}",
        "可用: {known}",
        "known: {known}",
    ),
    "unknown-level": ("没有等级 {level}", "there is no level {level}", "可用: {known}", "known: {known}"),
    "levels-not-declared": (
        "指标 {scheme} 没有声明等级",
        "the scheme {scheme} declares no levels",
        "在 schemes 里写 levels",
        "declare levels: in schemes",
    ),
    "unknown-category": (
        "没有类别 {category}",
        "there is no category {category}",
        "先在 categories 里声明",
        "declare it in categories",
    ),
    "unknown-scheme": (
        "没有声明指标 {scheme}",
        "the scheme {scheme} is not declared",
        "先在 schemes 里声明",
        "declare it in schemes",
    ),
    "duplicate-id": ("编号 {id} 重复", "the id {id} stands twice", "换一个编号", "choose another id"),
    "reserved-id": ("编号 {id} 是保留字", "the id {id} is reserved", "换一个编号", "choose another id"),
    "cap-scale": (
        "封顶值的小数多于 {scale} 位",
        "the cap has more than {scale} decimals",
        "改写封顶值,或加大 scale",
        "round the cap, or raise scale",
    ),
    "cap-negative": (
        "封顶值不能为负",
        "a cap is never negative",
        "扣分的封顶写成正数",
        "write the cap of a deduction as a positive number",
    ),
    "points-sign": (
        "{block} 里的分值符号不对",
        "points in {block} have the wrong sign",
        "items 里不写负分,deductions 里不写正分",
        "no negative points in items, no positive ones in deductions",
    ),
    "year-cap-does-not-fit": (
        "计量 {measure} 不按年计算",
        "the measure {measure} is not counted by year",
        "cap_per_year 只用于 sum 和 count",
        "cap_per_year belongs to sum and count",
    ),
    "ambiguous-word": (
        "{word} 在别的读法里是真假值",
        "other readers take {word} for true or false",
        "换一个词",
        "choose another word",
    ),
    "window-from": (
        "计量 {measure} 的 window 不能另定起算点",
        "the window of {measure} cannot be counted from a step",
        "写成 window: 36mo",
        "write window: 36mo",
    ),
    "pooled-run": (
        "join: pooled 不能与 run 同用",
        "join: pooled and run do not go together",
        "去掉其中一个",
        "remove one of them",
    ),
    "paid-does-not-fit": (
        "{of} 不分有偿无偿",
        "{of} is neither paid nor unpaid",
        "paid 只用于 volunteer-hours-served",
        "paid belongs to volunteer-hours-served",
    ),
    "month-set-option": (
        "{option} 不适用于 {of}",
        "{option} does not fit {of}",
        "standing、insurance 只用于参保月份,part 只用于时段",
        "standing and insurance belong to insured months, part to spells",
    ),
    "choice-of-one": (
        "类别 {category} 择一计分,却不足两项",
        "the category {category} chooses among fewer than two items",
        "加入另一项,或去掉 choose",
        "add an item, or remove choose",
    ),
    "empty-match": (
        "没有写明哪些事实",
        "it says no facts",
        "写 level、variant 或 mark",
        "give level, variant or mark",
    ),
    "not-a-counting-day": (
        "计分日写法不对",
        "not a day to count for",
        "可用: {known}",
        "known: {known}",
    ),
    "effective-order": (
        "失效日不晚于生效日",
        "`to` is not after `from`",
        "[from, to) 左闭右开",
        "[from, to) is half-open",
    ),
    "bands-order": (
        "分段没有按起点递增",
        "bands do not rise",
        "按 from 从小到大排列",
        "order them by from, each once",
    ),
    "ladder-order": (
        "阶梯的年龄次序不对",
        "the ladder's ages are out of order",
        "min ≤ from ≤ to",
        "min <= from <= to",
    ),
    "not-accepted": (
        "{clause} 还没有人确认",
        "nobody has accepted {clause}",
        "确认后写 accepted: true",
        "write accepted: true once it is agreed",
    ),
    "disputed-incomplete": (
        "disputed 与 transcription: disputed 必须同时写",
        "`disputed` and `transcription: disputed` go together",
        "写明与哪份文件有哪些不同",
        "say which document it differs from, and where",
    ),
    "not-the-difference": (
        "与 {doc} 的不同之处没有如实列出: {path}",
        "the differences from {doc} are not listed as they are: {path}",
        "逐处列在 disputed.differs",
        "list each of them in disputed.differs",
    ),
    "misplaced": (
        "文件应放在 {expected}",
        "the file belongs at {expected}",
        "按 辖区代码/生效日.yaml 存放",
        "store it as <authority>/<effective date>.yaml",
    ),
    "version-twice": (
        "{doc} 在 {day} 有两个版本",
        "{doc} has two versions from {day}",
        "只保留一个,或改生效日",
        "keep one, or change its day of effect",
    ),
    "example-fact": (
        "算例里的事实写法不对: {detail}",
        "a fact of the example cannot be read: {detail}",
        "例: {form}",
        "for example {form}",
    ),
    "example-expects": (
        "算例期望了不存在的 {name}",
        "the example expects {name}, which does not exist",
        "可用: {known}",
        "known: {known}",
    ),
    "example-fails": (
        "算例不符: {name} 应为 {expected},算得 {scored}",
        "the example fails: {name} should be {expected} and is {scored}",
        "改规则或改算例",
        "correct the rule or the example",
    ),
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. Lines and columns begin at 1; 0 where the document did not come from a file."""

    code: str
    path: Path = ()
    file: str = ""
    line: int = 0
    column: int = 0
    context: dict[str, Any] = field(default_factory=dict, compare=False)

    def message(self, language: Language = "zh") -> str:
        """Say what is wrong."""
        return self._text(0 if language == "zh" else 1)

    def hint(self, language: Language = "zh") -> str:
        """Say what to do."""
        return self._text(2 if language == "zh" else 3)

    def _text(self, part: int) -> str:
        return (TEXTS.get(self.code) or PROGRAMMES.get(self.code) or WARNINGS[self.code])[part].format_map(
            self.context
        )

    @property
    def where(self) -> str:
        """Give the path as it is read: items[3].award.points."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return text.removeprefix(".")

    def as_json(self) -> dict[str, Any]:
        """Give everything, in both languages."""
        return {
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.where,
            "message": {"zh": self.message("zh"), "en": self.message("en")},
            "hint": {"zh": self.hint("zh"), "en": self.hint("en")},
        }

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = f" {self.where}" if self.path else ""
        return f"{place}: {self.code}{path}: {self.message('en')} ({self.hint('en')})"


class Unsound(RulebookNotSound):
    """积分办法未通过检查。| The rulebook does not pass its checks."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].where if problems else "")
        self.problems = problems

    @classmethod
    def code(cls) -> str:
        """Give the code of the refusal it is."""
        return RulebookNotSound.code()

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
