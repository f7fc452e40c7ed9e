"""Chinese as dictation and typing by sound write it: other signs of the same sound. Pure.

Only what is a word of its own nowhere, or hardly, so that nothing else is changed.
"""

import re

# What is written, by what was said.
_HEARD = {
    "自杀": "字杀|自沙|自刹|自煞|紫杀|自鲨",
    "想死": r"想亖|想鼠(?!标|片|曲|年)|想4(?=了|算|[^\w]|$)",
    "不想活": "不想火(?=了)|8想活|布想活",
    "死": "亖",
    "呼吸": "呼西|忽吸|乎吸|胡吸(?!困)",
    "昏迷": "婚迷|昏米|昏谜",
    "昏过去": "婚过去|昏过区",
    "晕过去": "云过去|运过去",
    "心梗": "心更(?=了|死|塞|发)|心埂|心耿",
    "脑梗": "脑更(?=了|死|塞)|脑埂",
    "心脏": "心藏(?=痛|疼|病|跳|难)|心葬|心赃|新脏",
    "头晕": "头云(?=得|目|眼)|头运(?=得|目|眼)",
    "没反应": "没反映|没翻应",
    "没有反应": "没有反映",
    "没知觉": "没只觉|没直觉了",
    "止不住": "指不住|只不住",
    "救护车": "救户车|就护车",
    "喉咙": "喉龙|猴咙|厚咙",
    "嘴唇": "嘴纯|最唇|嘴春",
    "烧炭": "烧碳",
    "过敏": "果敏|过抿",
    "煤气": "梅气|煤汽",
    "怀孕": "怀运|坏孕",
    "宫缩": "宫锁|工缩|公缩",
    "呼吸困难": "呼吸困男|呼吸困南|胡吸困难|呼息困难|乎吸困难",
    "大出血": "大出学|大初血|大出雪",
    "白沫": "白末|白莫|白抹",
    "抽搐": "抽触|抽畜|抽蓄",
    "昏倒": "昏到(?!不)|昏道",
    "晕倒": "晕到(?!不)|晕道",
    "喘不上": "喘部上|船不上|踹不上|喘不尚",
    "喘不过气": "船不过气|踹不过气|喘不过汽|喘不过起|喘部过气",
    "胸口": r"凶口|胸扣|雄口|兄口|(?<![a-z])xiong ?(?:口|kou)",
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
_AROUND = re.compile(r"\(\?<?[=!][^)]*\)")  # what stands before or after a form
# Most signs begin no form: they are passed over without trying all forms.
_FIRST = "".join(
    sorted(
        {
            form.strip("(?:)")[0]
            for forms in _HEARD.values()
            for form in _AROUND.sub("", forms).split("|")
            if form.strip("(?:)")
        }
    )
)
_FORMS = "|".join(f"({forms})" for forms in _HEARD.values())
_WRITTEN = re.compile(f"(?=[{_FIRST}])(?:{_FORMS})")
_SAID = tuple(_HEARD)


def as_said(text: str) -> str:
    """A simplified text with the signs that were meant."""
    return _WRITTEN.sub(lambda found: _SAID[(found.lastindex or 1) - 1], text)
