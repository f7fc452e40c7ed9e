"""Chinese red flags: what must be seen, what is asked about, and what must stay quiet.

The tables are own sentences, not those of the lexicon; its own phrases are tested besides.
"""

from time import process_time

import pytest

from nlu.red_flags import RedFlag, screen
from nlu.red_flags.lexicon import lexicon, rules

OWN = [
    (rule, entry.source)
    for rule, entries in lexicon("zh").entries.items()
    for entry in entries
    if entry.plain
]


def test_the_lexicon_has_phrases_of_its_own_for_every_rule():
    assert len(OWN) >= 150
    assert rules().keys() == {rule for rule, _ in OWN}


@pytest.mark.parametrize(("rule", "phrase"), OWN)
def test_a_phrase_of_the_lexicon_raises_at_least_the_level_of_its_rule(rule, phrase):
    flag = screen(phrase)
    assert flag
    assert not flag.negated
    assert flag.level >= rules()[rule].level


EMERGENCIES = """\
小孩在游泳池沉下去，剛剛才被救上來
路边有个老人躺着不动，问话不答
媽媽剛剛把整罐鎮靜劑倒進嘴裡，我拉不住她
不小心打了雙倍的胰島素
老是渴，尿特别多，今天又吐又犯困
我家弟弟四十五天，體溫38.5
血糖仪显示HI，恶心呕吐
按壓鼻子半小時了，血還是一直滴
不好了，宝宝脸朝下睡，翻过来发现已经不喘气了
上腹连着后背剧痛，满身大汗
心口难受得要命，冷汗直冒
兒子說他吸不到氣臉發青
奶奶快沒有呼吸了
女兒被小番茄噎到
吃饭呛住了脸发紫
回家看到老婆倒在地上
跟他說話他都呆呆的沒什麼反應，剛剛還好好的
突然拿不住筷子，讲话也怪
一站起來右腳就軟掉跌倒
半邊身體突然沒感覺
手脚僵直口吐白沫
头像血管爆掉一样痛
剛滿一個月的寶寶有點燒38.0
一岁孩子呼吸很快胸口一凹一凹
肚子突然痛得快昏倒
肚子脹痛一直吐，大便也沒有
拉黑色稀便人很虚
吐出来的东西像咖啡
從梯子摔下來背痛腳麻
脸被火烧到
被蜂螫到脖子喉嚨很緊
吃抗生素后全身红疹喘不上气
小孩舔了漂白水
媽媽吃很多安眠藥一直睡叫不醒
我决定不活了
我想自殺
打算從橋上跳下去
女儿割腕流血不止
胸口像灌了鉛一樣冷汗一直冒
心臟像被挖一樣一直痛
胸口怪怪的好難受一直流汗
突然背部像裂開一樣劇痛
喘得发不出声音
奶奶喘得没法躺下
半夜氣喘一直停不下來藥也沒效
爸爸坐在沙发上没有反应了
媽媽快沒意識了
一邊突然沒有力氣
嘴巴右邊垂下來話講不出來
左半邊都看不到
走路突然不稳，说话也困难
她突然不认识我了，刚才还好好的
抽搐停不下來
女儿突然僵住眼睛往上看
頭快要爆炸一直吐
头像被棒球棍打到一样
一個月大嬰兒吐奶又軟趴趴
孩子脸色很差叫他反应很弱
腿上出现紫色花纹还发烧
肚子一阵阵剧烈绞痛冒冷汗
下腹突然劇痛昏過去
大便像木炭一樣黑
廁所都是血
快到预产期突然大出血
怀孕抽搐了
臍帶掉出來了
從鷹架摔下來下半身不能動
镰刀割到手血喷出来
洗厕所混了清洁剂后喘不过气
吃魚後臉腫呼吸困難
已经打了肾上腺素笔
药水溅到眼睛里
钮扣电池不见了宝宝可能吞了
低血糖没意识了
請讓我死
在找可以死的地方
弟弟暗示要自殺
我好累想死
累了不想活
想死了
我真的想死了算了
累得不想活了
胸口闷死了
手机打不了字右手没力气
地铁上喘不过气胸闷
工作时突然晕倒了
看电影时胸口痛
哮喘药没用了喘不上气
想挂心脏内科但现在胸口痛得厉害
喝多了叫不醒
抽血后晕倒叫不醒
感冒后喘不过气
压力大，我不想活了
生活没有意思，想跳楼
下班路上车祸受伤了
等救护车，人没呼吸了
吃饱后胸口剧痛
孩子吃药呛到不能呼吸
以前没有这样过，现在胸痛
摸唔到脈搏 身都凍埋
可唔可以call架白車嚟
120打不通，怎么办
個男仔企喺天台邊唔肯落嚟
阿嫲發燒 成個人懵咗 唔識人
小朋友身上紅點用杯子壓也不會退 發燒
阿爺咳咗成碗血
啲屎黑到好似墨汁
孕晚期了，今天没感觉到宝宝动
太太作動 三分鐘一次
血㩒極都㩒唔住
傷口一直冒血
血一直壓不住
俾電電親 隻手燶咗
滾湯淋到成個面
食咗蝦 條脷腫晒
鐵屑插進眼睛裡
孙子把奶奶的降压药当糖吃了
佢吞咗成樽安眠藥
吃了野生菇一直吐
吸氣的時候很困難
爸爸笑起來只有一邊會動
含了兩顆舌下片 心絞痛沒有比較好
電鋸鋸到手，手指不見了
攒了半年的药都倒手心里了，就差一口水
""".splitlines()


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_is_seen_in_any_wording(text):
    flag = screen(text)
    assert flag
    assert (flag.level, flag.negated) == (4, False)


SAME_DAY = """\
清嗓子吐出来的痰发红
拉了好多次，嘴巴很乾，尿很少
小腿肚子疼，一边明显粗一圈
預約下週的，可是這兩天躺平就喘，坐起來才好
血糖两点九
在吃波立维，鼻子老出血
懷孕36週，褲子突然濕一大片
食魚鯁咗條骨 吞口水都痛
跣親 隻腳腫晒 落唔到地
肚臍痛 後來跑到右下邊
耳仔後面腫咗一嚿
氣管敏感成日要用支藍色泵 半夜都要噴
讓我解脫吧
不是想死，只是想消失
每天醒來都很失望自己還活著
有想结束人生的念头
量到39.9度
烧得发抖停不下来
咳出来的痰有血
一動就喘不太順
心跳很快一直降不下来
站起来眼前一黑昏倒了一下
頭痛到吐
喉嚨一邊腫嘴巴張不太開
连吐两天什么都吃不下
拉肚子还有血
尿液像血一樣
右边腰到侧腹痛得打滚
我是孕妇，分泌物有血
只有一隻腳腫又紅
下樓梯扭到腳完全不能走
被貓咬手腫起來
烫伤的水泡破了
眼睛刺痛又红看不清楚
不小心重複吃藥了
感觉有人要杀我
不想再存在了
覺得活著很對不起大家
没有信心活下去
有时候会想死
睡着以后不要再醒就好
怕自己會割自己的手
体温39.1度
冷得發抖停不了又發燒
洗腎病人發燒
反复发热一个礼拜
痰裡有血絲
心悸到睡不著
突然失去意识倒了一下
頭暈吐到動不了
头痛得厉害还恶心想吐
孩子发烧三天都不喝水
喝下去的水都吐出來
水便帶血
大便有鲜红血
怀孕十周出血
好像羊水流出來
左腳突然水腫
手好像斷了
被狗咬小腿
切傷很深
燙傷脫皮
蕁麻疹擴散到全身
眼睛痛一直流淚很紅
有黑影遮住視線
药吃成双倍了
一直听到陌生的声音
""".splitlines()


@pytest.mark.parametrize("text", SAME_DAY)
def test_what_needs_a_doctor_the_same_day_is_seen_in_any_wording(text):
    flag = screen(text)
    assert flag
    assert flag.level >= 3
    assert not flag.negated


CHEST_PAIN = """\
胸口痛
胸口疼
心口痛
胸口好痛
胸 口 痛
胸口，痛！！
心臟痛
心脏疼
胸悶
胸闷得很
""".splitlines()


@pytest.mark.parametrize("text", CHEST_PAIN)
def test_a_sign_is_seen_however_it_is_written(text):
    assert screen(text) == RedFlag("chest_pain", 4)


SELF_HARM = [
    ("我想死", 4),
    ("不想活了", 4),
    ("我要跳楼", 4),
    ("割腕了", 4),
    ("吞了一整瓶安眠藥想死", 4),
    ("兒子說要跳樓", 4),
    ("遺書寫好了", 4),
    ("活着没意思", 3),
    ("活著沒有意義", 3),
    ("想消失", 3),
    ("想解脫", 3),
    ("不想醒來", 3),
]


@pytest.mark.parametrize(("text", "level"), SELF_HARM)
def test_words_of_self_harm_have_rule_s_and_its_level(text, level):
    flag = screen(text)
    assert flag
    assert flag.self_harm
    assert (flag.level, flag.negated) == (level, False)


DOUBTFUL = """\
没有胸痛
有沒有胸痛
沒有喘不過氣
没有呼吸困难
沒有大量出血
并没有吐血
没有便血
我没有想自杀
我不想死
去年昏倒过
以前有过抽搐
三年前中风了
小时候癫痫发作过
如果胸口痛怎么办
要是突然喘不过气怎么办
""".splitlines()


@pytest.mark.parametrize("text", DOUBTFUL)
def test_what_is_denied_past_or_supposed_is_asked_about_rather_than_dropped(text):
    flag = screen(text)
    assert flag
    assert (flag.level, flag.negated) == (3, True)


STATED = [
    ("chest_pain", "主要是胸口很痛，左手也麻"),
    ("chest_pain", "突如其来的胸口剧痛"),
    ("chest_pain", "有心臟病史，胸口悶痛半小時了"),
    ("breathing", "比去年那次还喘，话都说不出来"),
    ("unconscious", "诺如病毒感染，孩子昏睡叫不醒"),
    ("breathing", "没有发烧但是喘不过气"),
    ("stroke", "没有胸痛,但是突然右手没力气"),
    ("chest_pain", "以前没有这样过,现在胸痛"),
]


@pytest.mark.parametrize(("rule", "text"), STATED)
def test_a_stated_sign_counts_though_another_is_denied_or_past(rule, text):
    assert screen(text) == RedFlag(rule, 4)


def test_a_long_text_is_read_in_no_time():
    """A patient's device must not be able to hold up the others by what it sends."""
    began = process_time()
    for text in ("没有胸痛", "头痛发烧吐血肚子痛", "死"):
        screen(text * 2000)
    assert process_time() - began < 5
