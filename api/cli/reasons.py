"""Why evidence, proofs and policies do not hold, in Chinese: what checks say stands in English where they say it.

A value in a sentence is {} here. A test holds this page against every refusal in ledger/evidence and
ledger/transparency, so that none is left untold.
"""

import re
from collections.abc import Iterator

from ledger.evidence.refusal import EvidenceRefused
from ledger.transparency.policy import PolicyRefused

_OF_FILES = {
    "the archive cannot be read": "压缩包无法读取",
    "an archive has at most {} files and {} bytes": "压缩包最多 {} 个文件、{} 字节",
    "a name stands twice in the archive": "压缩包内有同名文件",
    "the file is missing": "缺少该文件",
    "no bundle has such a file": "证据包没有这样的文件",
    "the index knows no such file": "索引中没有该文件",
    "its bytes are not those of the index": "内容与索引所记不符",
    "this release does not know the format": "本版本不认识该格式",
    "it does not describe a bundle": "所述不是证据包",
    "it does not describe a package": "所述不是归档包",
    "a bundle has one spelling": "证据包清单只有一种写法",
    "a package has one spelling": "归档包清单只有一种写法",
    "a package has at most {} files": "归档包最多 {} 个文件",
    "a package holds files alone": "归档包只含文件",
    "a file has at most {} bytes": "文件最多 {} 字节",
    "what it says has no form that this release knows": "其内容不是本版本认识的形式",
    "the stream is empty": "该流没有条目",
}
_OF_ENTRIES = {
    "the line is no read": "该行不是查阅记录",
    "a read has one spelling": "查阅记录只有一种写法",
    "the header commits to another read": "记录头承诺的是另一次查阅",
    "it has a form that this release does not know": "不是本版本认识的形式",
    "the line is no entry": "该行不是条目",
    "an entry has one spelling": "条目只有一种写法",
    "positions and versions are numbers": "位置与版本应为数字",
    "the header has a form that this release does not know": "条目头不是本版本认识的形式",
    "an entry that is opened shows its state and its salt": "打开的条目须给出内容与盐",
    "the header names another kind": "条目头所记的种类不同",
    "the header commits to another content": "条目头承诺的是另一内容",
    "this release does not know the kind": "本版本不认识该种类",
    "no such fact has ever been written": "从未写过这样的事实",
    "what is unsealed needs both keys": "解封须给出两把密钥",
    "the seal does not open": "封存部分打不开",
    "the header is bound to another meaning": "条目头绑定的是另一含义",
    "the stream begins with version 1 and leaves none out": "流须自第 1 版起,一版不缺",
    "it does not name the leaf of the entry before": "所记前一条的叶值不符",
    "the stream's last entry is not proven": "该流末条没有证明",
    "a ledger has one suite": "一本账只有一种密码套件",
    "it proves nothing that is shown": "所证明的条目不在包内",
    "it is under another checkpoint": "属于另一检查点",
}
_OF_DECISIONS = {
    "the stream of the decision is not shown": "未给出认定决定所在的流",
    "it is not an opened decision": "不是已打开的认定决定",
    "the decision is not proven": "认定决定没有证明",
    "its hash is not the decision's name": "其哈希不是该决定的名称",
    "it is not the record that stands in the ledger": "不是账本中的决定原文",
    "it is not the header of the decision's entry": "不是决定条目的条目头",
    "the entry and its record say different things": "条目与决定原文所述不一",
    "the decision looked at the ledger up to another entry": "决定所据的账本截至另一条目",
    "the entry up to which the decision looked is not proven": "决定所据截至的条目没有证明",
    "nothing shows that it came after the decision looked": "不能证明它在决定取数之后",
    "nothing shows that it was there when the decision looked": "不能证明决定取数时它已在账",
    "nobody is named": "未列出任何人",
    "a document is not sound: {}": "文件有误:{}",
    "it is not the programme under which was decided": "不是作出决定所依据的积分应用",
    "they are not the tables under which was decided": "不是作出决定所依据的积分办法",
    "recomputed, the decision is another: {}": "重算结果不同:{}",
    "the decision read it, and it is left out": "决定读取了它,包内却没有",
    "{} was read and is left out": "决定读取了 {},却未列出",
    "the line is no delivery": "该行不是供数记录",
    "a delivery has one spelling": "供数记录只有一种写法",
    "it is not an opened delivery that was complete": "不是已打开的完整供数",
    "the decision knew of no such delivery": "决定并不知道这一供数",
    "the decision rests on deliveries that are not shown": "决定所依据的供数未全部给出",
    "a tie is shown whole": "亲属关系须完整给出",
    "nothing shows whose relative it is": "不能证明其为何人亲属",
}
_OF_ARCHIVES = {
    "an archive of a decision has that decision, and no other": "决定的归档只含该决定",
    "an archive of a round has the round's stream, and no other": "批次的归档只含该批次的流",
    "the title or the retention is none that an archive has": "题名或保管期限不是归档所用",
    "its title or media type is not that of such a file": "题名或格式与该类文件不符",
    "it does not say what the index says": "与索引所述不符",
    "it does not say what history.json says": "与 history.json 所述不符",
    "it does not say what the decisions and the ranking say": "与各决定和排名所述不符",
    "it does not list just the entries that are shown": "所列条目与所附条目不一致",
    "it is not what the entry says": "与条目所述不符",
    "it is not the organ of the entries": "不是条目所属的部门",
    "it is not the day of the entries": "不是条目的日期",
    "it is the bundle of another decision": "是另一决定的证据包",
    "it is of another round": "属于另一批次",
    "the index says otherwise of what was erased": "关于已销毁内容,索引所述不同",
    "it is not the record of the decision": "不是该决定的原文",
    "it is no receipt of that decision": "不是该决定的回执",
    "a decision that opens has its bundle": "可打开的决定须附证据包",
    "it is not the opening of the round": "不是该批次的开始",
    "it is not the ranking that was published": "不是已公布的排名",
    "no decision about it is here, or it is not in the ranking": "没有关于它的决定,或不在排名中",
}
_OF_RECEIPTS = {
    "the link holds no receipt": "链接中没有回执",
    "the document carries no receipt": "文件中没有回执",
    "it carries several receipts": "文件中有多份回执",
    "a receipt shows its entry": "回执须附其条目",
    "the time stamp is of something else": "时间戳属于另一内容",
    "not a time stamp of RFC 3161 over SHA-2": "不是 RFC 3161 (SHA-2) 时间戳",
}
_OF_PROOFS = {
    "a proof has at most {} characters": "证明最多 {} 个字符",
    "a proof begins with {} and ends with a checkpoint": "证明须以 {} 开头,以检查点结尾",
    "a proof names an index": "证明须写明叶序号",
    "a proof has at most {} hashes": "证明最多 {} 个哈希",
    "a hash has 32 bytes": "哈希为 32 字节",
    "the leaf is not in the tree": "该叶不在树中",
    "the proof is too long": "证明过长",
    "the proof is too short": "证明过短",
    "the proof does not lead to the root": "按证明算不出该根",
    "the proof does not lead to the old root": "按证明算不出旧根",
    "the old root is not that of an empty tree": "旧根不是空树的根",
    "the older tree is the larger one": "旧树反而更大",
    "two roots for one size": "同一大小有两个根",
}
_OF_NOTES = {
    "a note is a text, a blank line and signatures, each with a newline": "签名文本含正文、空行和签名行",
    "a note has 1 to {} signatures": "签名应为 1 至 {} 个",
    "a note has at most {} bytes": "签名文本最多 {} 字节",
    "a note has no control characters": "签名文本不得含控制字符",
    "a note is UTF-8": "签名文本应为 UTF-8",
    "a signature line is a dash, a name and base64": "签名行由破折号、名称和 base64 组成",
    "a signature has a key id and bytes": "签名含密钥标识与字节",
    "not base64": "不是 base64",
    "not base64 in its one spelling": "base64 写法不唯一",
    "the signature of {} does not hold": "{} 的签名不成立",
    "a checkpoint has an origin, a size and a root, each on a line": "检查点含来源、大小和根,各占一行",
    "a root has 32 bytes": "根为 32 字节",
    "a size is a decimal number without leading zeroes": "大小为不带前导零的十进制数",
    "a key's name has no spaces and no plus signs": "密钥名不得含空格和加号",
    "a verifier key is name+id+base64": "公钥写作 名称+标识+base64",
    "the key id does not belong to the key": "标识与公钥不符",
    "the key is neither Ed25519 (01) nor an Ed25519 cosigner (04), nor one of SM2 (ff)": "公钥种类不符",
    "the secret is no key of SM2": "不是 SM2 私钥",
    "a request has at most {} bytes": "请求最多 {} 字节",
    "a request is UTF-8": "请求应为 UTF-8",
    "a request begins with the old size and ends with a checkpoint": "请求以旧大小开头,以检查点结尾",
}
_OF_POLICIES = {
    "a policy has at most {} lines": "策略最多 {} 行",
    "a quorum line is missing": "缺少 quorum 行",
    "control characters": "含控制字符",
    "a line begins with log, witness, group or quorum and has their words": "行首只能是 log、witness 等四词之一",
    "this key has a line already": "该公钥已写过一行",
    "the name {} is taken": "名称 {} 已被使用",
    "there is one quorum": "quorum 只能有一行",
    "{} is not defined above": "{} 在上文没有定义",
    "{} is a member already": "{} 已是成员",
    "of {} members 1 to {} can be enough, or all, or any": "{} 个成员中可定 1 至 {} 个,或 all、any",
    "a witness's key is no log's": "见证人的公钥不能用作日志公钥",
    "a log's key is no witness's": "日志公钥不能用作见证人公钥",
    "no log of the policy signed this under its own origin": "策略中没有日志以自己的名义签过它",
    "too few witnesses: {} known ones signed, the quorum is {}": "见证不足:已知见证人签了 {} 份,要求 {}",
}
REASONS = (
    _OF_FILES | _OF_ENTRIES | _OF_DECISIONS | _OF_ARCHIVES | _OF_RECEIPTS | _OF_PROOFS | _OF_NOTES | _OF_POLICIES
)
_LINE = re.compile(r"\bline (\d+)")


def _patterns() -> Iterator[tuple[re.Pattern[str], str]]:
    for english, chinese in REASONS.items():
        if "{}" in english:
            yield re.compile("(.*)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese


_PATTERNS = tuple(_patterns())


def in_chinese(why: str) -> str:
    """Give a reason in Chinese; one that is not on this page as it is."""
    known = REASONS.get(why)
    if known is not None:
        return known
    for pattern, chinese in _PATTERNS:
        found = pattern.fullmatch(why)
        if found is not None:
            return chinese.format(*found.groups())
    return _LINE.sub(r"第 \1 行", why)


def told_in_chinese(refusal: EvidenceRefused) -> str:
    """Give a refusal in Chinese: where, and why."""
    where, why = _LINE.sub(r"第 \1 行", refusal.where), in_chinese(refusal.why)
    return f"{where}:{why}" if where else why


def why_of(error: Exception) -> tuple[str, str]:
    """Give why something was refused, in Chinese and in English."""
    if isinstance(error, EvidenceRefused):
        return told_in_chinese(error), str(error)
    if isinstance(error, PolicyRefused):
        return f"第 {error.line} 行:{in_chinese(error.why)}", str(error)
    return in_chinese(str(error)), str(error)
