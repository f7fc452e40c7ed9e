"""Chinese as dictation and typing by sound write it: other signs of the same sound. Pure.

Only what is a word of its own nowhere, or hardly, so that nothing else is changed.
"""

import re

# What is written, by what was said.
_HEARD = {
    "自杀": "字杀|自沙|自刹|自煞|紫杀",
    "呼吸困难": "呼吸困男|呼吸困南|胡吸困难|呼息困难|乎吸困难",
    "大出血": "大出学|大初血|大出雪",
    "白沫": "白末|白莫|白抹",
    "抽搐": "抽触|抽畜|抽蓄",
    "昏倒": "昏到(?!不)|昏道",
    "晕倒": "晕到(?!不)|晕道",
    "喘不上": "喘部上|船不上|踹不上|喘不尚",
    "喘不过气": "船不过气|踹不过气|喘不过汽|喘不过起|喘部过气",
    "胸口": "凶口|胸扣|雄口|兄口",
    "胸闷": "凶闷|胸焖|兄闷",
    "安眠药": "安眠要|安眠约",
    "农药": "浓药|农要",
    "意识不清": "意识不轻",
    "叫不醒": "叫不行|叫不星|叫不兴",
    "吐血": "吐学|吐雪",
    "便血": "便雪|便学",
    "咳血": "咳雪|咳学|磕血",
    "流血": "流学|流雪",
    "羊水破": "羊水迫|羊水坡|羊水泼|杨水破",
    "割腕": "割晚|割碗|隔腕",
    "跳楼": "跳搂|跳漏",
    "救命": "救名|就命啊",
    "发烧": "发骚",
    "中风": "中疯",
    "窒息": "窒吸",
    "休克": "修克",
    "痛": "(?:(?<=胸口)|(?<=心口)|(?<=肚子)|(?<=头))通(?=[得死])",
    "疼": "(?:(?<=胸口)|(?<=心口)|(?<=肚子)|(?<=头))(?:腾|滕|藤|誊)",
}
_WRITTEN = re.compile("|".join(f"({forms})" for forms in _HEARD.values()))
_SAID = tuple(_HEARD)


def as_said(text: str) -> str:
    """A simplified text with the signs that were meant."""
    return _WRITTEN.sub(lambda found: _SAID[(found.lastindex or 1) - 1], text)
