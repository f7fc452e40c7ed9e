"""Chinese as it is typed: what stands beside an emergency must not take it away."""

from pathlib import Path

import pytest
import yaml

from nlu.red_flags import RedFlag, screen
from nlu.red_flags.homophones import as_said

DATA = Path(__file__).parent / "data"
BESIDE = """\
胸口痛出冷汗，以前有过一次但没这么重
胸口痛出冷汗，曾经是医生
前几年做过手术，胸口痛出冷汗
前几年做过手术 胸口痛出冷汗
患者女，58岁，既往有冠心病，胸口痛出冷汗
有糖尿病史 胸口隐隐作痛
我家里老人胸口痛，之前没有什么病史
胸口痛 没有高血压
胸口痛出冷汗 有没有号
胸口痛出冷汗，以前的药吃完了
万一是心梗怎么办 现在胸口疼得厉害
胸口疼是什么原因
""".splitlines()


@pytest.mark.parametrize("text", BESIDE)
def test_what_is_past_or_denied_in_another_clause_takes_nothing_away(text: str) -> None:
    assert screen(text) == RedFlag("chest_pain", 4)


@pytest.mark.parametrize(
    "text",
    [
        "胸痛没有，就是感冒",
        "胸口痛：没有",
        "胸口痛没有了",
        "去年，胸口痛过",
        "胸口痛，去年的事",
        "以前有过胸痛病史",
        "去年胸口痛",
    ],
)
def test_what_is_past_or_denied_itself_is_asked_about(text: str) -> None:
    flag = screen(text)
    assert flag is None or flag.negated or flag.level < 4


@pytest.mark.parametrize("mark", ["。", "，", " ", "…", "\n", "！", ""])
@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ("哮喘犯了", "喷了好多下都不管用", "asthma_attack"),
        ("糖尿病", "肚子疼，不停吐", "vomiting_grave"),
        ("切到手腕", "压了二十分钟还在流", "bleeding"),
    ],
)
def test_any_mark_may_stand_between_what_belongs_together(
    mark: str, first: str, second: str, rule: str
) -> None:
    flag = screen(first + mark + second)
    assert flag
    assert (flag.rule, flag.level) == (rule, 4)


GRAVE = """\
叫半天才睁眼 一会儿又睡过去
几秒钟之内头疼到极点，想吐
感染发烧 一整天一滴尿都没有
腰疼 那个地方周围没感觉了 尿也憋不住
安眠药我都吃了 就这样吧
同学说她吞了药 让我别找她了
爸爸今天已經抽第三次了
腳被壓到以後整個變冰變白 沒感覺
上個月我自殺過一次沒死成
孩子说想死 门锁着
左半边身子跟木头一样
摸我妈脖子摸不到跳动 胸口也不起伏
坐起来咳粉红色泡沫痰
慢阻肺 吸氧也不管事 人迷糊了
小腿白骨露出来了
血像水枪一样往外滋
眼睛被钢丝扎了
一次性吃光抗抑郁药
吐了好几口红的
百天没到 发烧三十八度二
""".splitlines()


@pytest.mark.parametrize("text", GRAVE)
def test_what_was_missed_once_is_found(text: str) -> None:
    flag = screen(text)
    assert flag
    assert (flag.level, flag.negated) == (4, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("人没反映", "人没反应"),
        ("想自鲨", "想自杀"),
        ("想鼠标", "想鼠标"),
        ("这是老梗了", "这是老梗了"),
    ],
)
def test_signs_of_the_same_sound_are_read_as_meant(text: str, said: str) -> None:
    assert as_said(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "抽血抽了三次",
        "叫号叫了半天",
        "系统反应很慢",
        "开煤气做饭",
        "东西太重拿不住",
        "头疼，不知道挂什么科。有空再来",
    ],
)
def test_daily_talk_with_such_words_is_no_emergency(text: str) -> None:
    flag = screen(text)
    assert flag is None or flag.level < 4


@pytest.mark.parametrize(("language", "still_missed"), [("zh-Hans", 0), ("zh-Hant", 2)])
def test_what_was_once_missed_in_other_words_stays_found(language: str, still_missed: int) -> None:
    told = yaml.safe_load((DATA / f"red_flag_told_{language}.yml").read_text("utf-8"))
    missed = [
        one["text"]
        for one in told
        if (flag := screen(one["text"])) is None or flag.level < one["level"]
    ]
    assert len(told) >= 200
    assert len(missed) <= still_missed, missed
