"""Days and hours in Chinese, in simplified characters; some Cantonese words."""

import re

from nlu.dates.eastern import (
    DATES,
    HOURS,
    MONTH_AND_DAY,
    PHONE,
    REPUBLICAN_DATE,
    ahead,
    clock,
    day_of_month,
    number,
    with_digits,
    within,
)
from nlu.dates.tokens import (
    BETWEEN_BEHIND,
    END,
    FIRST_HALF,
    MIDDLE,
    SECOND_HALF,
    START,
    Bound,
    Clock,
    Day,
    Lexicon,
    Mark,
    Not,
    Part,
    Rule,
    Seen,
)
from nlu.folding import simplified

_SIGNS = "一二三四五六日天"
_W = f"[{_SIGNS}1-6]"
_WEEK = "(?:周|星期|礼拜)"
_PART = "(?:早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|凌晨)"
_UNIT = f"(?:天|日|个?{_WEEK}|个?月|年|个?小时|个?钟头|分钟?)"
_LATER = "(?:之|以)?后"


def _sign(sign: str) -> int:
    return int(sign) - 1 if sign.isdigit() else min(_SIGNS.index(sign), 6)


def _weekday(match: re.Match[str]) -> Day | Mark:
    which = match["which"] or ""
    weekday = _sign(match["sign"])
    if which.startswith(("每", "逢")):
        return Day(every=frozenset({weekday}))
    if which.startswith("上"):
        return Mark.SKIP
    week = which.count("下") if "下" in which else 0 if which else None
    return Day(weekday=weekday, week=week)


def _week(match: re.Match[str]) -> Day:
    return Day(week=match["which"].count("下"), weekend=bool(match["end"]))


def _month(match: re.Match[str]) -> Day:
    return Day(months=match["which"].count("下"))


def _nth(match: re.Match[str]) -> Day:
    nth = match["nth"]
    return Day(weekday=_sign(match["sign"]), nth=_sign(nth) + 1 if nth else -1)


def _short_of(match: re.Match[str]) -> Clock:
    minutes = 15 if match["quarter"] else int(match["less"])
    hour = int(match["hour"])
    return Clock(hour - 1 if hour > 1 else 12, 60 - minutes, settled=hour > 12)


_NOT_DATES: list[Rule] = [
    (r"上(?:一)?[次回](?:是|在|的时间是)*(?:\d+月)?(?:\d+[号日])?|谢谢.{0,3}今[天日]", Mark.SKIP),
    (
        f"(?:大?前[天日](?!{_LATER})|昨[天日晚夜早儿]|[寻琴]日|上个?(?:{_WEEK}{_W}?末?|月|次|回)|刚才|"
        f"去年(?:的?\\d+月)?(?:\\d+[号日])?|"
        f"前[几两]天|上回)(?:的)?(?:{_WEEK}{_W})?{_PART}?(?:的)?(?:起|开始)?",
        Mark.SKIP,
    ),
    (
        "(?:早上|上午|中午|下午|晚上|早|晚)(?:好|安)|下午茶|早[饭餐]|晚[饭餐]|今年(?:已经)?\\d+岁?",
        Mark.SKIP,
    ),
    ("(?:农历|阴历|旧历)[^,。!?]{0,8}|(?:大年|正月|腊月)?初[一二三四五六七八九十\\d]+", Mark.VAGUE),
    (
        "(?:春节|过年|国庆|五一|十一(?!月|号|日|点)|中秋|元旦|端午|清明|圣诞|新年|放?假期?|寒假|暑假|年底|年初|"
        "年末|考试|手术|出院|术|产|检查|打完针?|接种|疫苗|生日|出差|旅行|节)"
        f"(?:完|回来|结束)?(?:\\d+{_UNIT})?(?:{_LATER}|(?:之|以)?前|期间|的时候|当天)",
        Mark.VAGUE,
    ),
    (
        "春节|过年|国庆节?|中秋节?|端午节?|清明节?|年[后前底初末]|第二天|[改另]天|[过这前]几天|几[天周]后",
        Mark.VAGUE,
    ),
    (r"号码?是\d+号?|[一二三四五六七八九两]{2}点", Mark.VAGUE),
    (f"(?<=[点半分钟刻])(?:才)?(?:下班|放学|下课)(?:{_LATER})?", Bound(end=False, behind=True)),
    ("下班后?|放学后?|下课后?|[晚早]饭[前后]", Mark.SKIP),
    (
        f"(?:每|\\d)个?(?:{_WEEK}|天|日|月)[一二两三四五六七八九十\\d]+[次回遍片粒顿]|每(?:天|日|晚|早)",
        Mark.SKIP,
    ),
    (f"每隔?\\d*{_UNIT}(?!{_W})|隔[天日周]|半个?(?:小时|钟头|月|天|年)(?:{_LATER})?", Mark.SKIP),
    (f"(?:再)?过(?P<days>\\d+)天|(?P<weeks>\\d+)个?{_WEEK}{_LATER}", ahead),
    (f"(?P<days>\\d+)天{_LATER}|(?P<months>\\d+)个月{_LATER}", ahead),
    (f"(?P<days>\\d+)天(?:之|以)?内|(?P<weeks>\\d+)个?{_WEEK}(?:之|以)?内", within),
    (
        f"\\d+(?:天|个{_WEEK}|周(?!{_W})|星期(?!{_W})|个月|年(?!\\d)|个?小时|个?钟头|分钟)"
        f"(?:多|半|左右)?(?:前|{_LATER}|之前|以前|内)?",
        Mark.SKIP,
    ),
    (
        r"\d[\d.,]*\s?(?:岁|人|位|个|块|元|毛|片|粒|颗|毫[克升米]|公[斤里分]|斤|克|厘米|米|%|度|℃|次|回|遍|"
        r"楼|层|室|栋|单元|床|路|班|年级|期|张|支|针|盒|瓶|包|滴|mg|ml|kg|cm|g(?!\w)|万|千|百|"
        r"号(?:楼|线|诊室|房|门|窗|床|院|机|码|桌|病房|公交|车|厅|诊)|番|杯|顿|颗牙)",
        Mark.SKIP,
    ),
    (r"(?:房间?|病房|诊室|电话|手机号?|编号|床|楼)(?:号|是|为|:)*\s?\d[\d./-]*", Mark.SKIP),
    (r"(?:体温|血压|发?烧到?|高烧)(?:是|为|到|:|了|有)*\s?\d[\d./-]*", Mark.SICK),
    ("[早晚快慢多少好高低近轻重便再有]1?点(?![半钟\\d])|1点(?:也|都|儿|点|不)", Mark.SKIP),
    (
        r"(?<=[一-鿿])(?<![午上晚天号日末在到约的间或和至是晨里早一二三四五六七])1点(?![半钟\d前后以之到])",
        Mark.SKIP,
    ),
]
_FROM_TODAY: list[Rule] = [
    (f"下个?{_WEEK}的?今天", Day(ahead=7)),
    ("今[天日儿]|当日", Day(ahead=0)),
    ("大后[天日儿]", Day(ahead=3)),
    ("后[天日儿]", Day(ahead=2)),
    ("明[天日儿]|听日", Day(ahead=1)),
]
_CALENDAR: list[Rule] = [
    *DATES,
    REPUBLICAN_DATE,
    *MONTH_AND_DAY,
    ("明年", Day(years=1)),
    ("今年", Day(years=0)),
    ("后年", Day(years=2)),
    ("(?P<which>(?:下){1,3}|这|本|当)个?月(?!\\d)", _month),
    ("(?<=[号日])(?:左右|前后)", Mark.VAGUE),
    ("上旬|月初|(?<=月)(?:份)?(?:初|头)", Day(stretch=START)),
    ("中旬|月中(?!旬)|(?<=月)(?:份)?中(?!午)", Day(stretch=MIDDLE)),
    ("下旬", Day(stretch=END)),
    ("月[底末尾]|(?<=月)(?:份)?[底末尾]", Day(stretch=END, unsure=True)),
    ("上半月|(?<=月)(?:的)?上半", Day(stretch=FIRST_HALF)),
    ("下半月|(?<=月)(?:的)?下半", Day(stretch=SECOND_HALF)),
    (f"(?:第(?P<nth>[一二三四五1-5])个?|最后一?1?个){_WEEK}(?P<sign>{_W})", _nth),
    (
        f"(?P<which>下{{1,3}}一?1?个?|这一?1?个?|本|上{{1,2}}一?1?个?|每个?|逢)?{_WEEK}"
        f"(?P<sign>{_W}(?![次个回]))",
        _weekday,
    ),
    (f"(?P<which>下{{1,3}}一?1?个?|这一?1?个?|本){_WEEK}(?P<end>末)?(?:内|里|之内)?", _week),
    ("(?<=[周期拜])(?:初|中|底|前半|后半)", Mark.VAGUE),
    ("周末", Day(weekend=True)),
    ("工作日|平日|平时", Day(every=frozenset(range(5)))),
    ("六日", Day(every=frozenset((5, 6)), unsure=True)),
    ("双休日?", Day(every=frozenset((5, 6)))),
    (r"(?<![\d.])(?P<day>\d{1,2})[号日](?!本)", day_of_month),
]
_ABOUT = "(?:左右|前后|上下|钟|整)*"
_PARTS: list[Rule] = [
    *HOURS,
    (r"差(?:(?P<quarter>[1一]刻)|(?P<less>\d+)分?钟?)(?:到)?(?P<hour>\d{1,2})点", _short_of),
    (
        r"(?<!\d)(?P<hour>\d{1,2})[点时](?:(?P<half>半)|(?P<quarters>[13])刻|过?(?P<minute>[0-5]?\d)分?)"
        + _ABOUT,
        clock,
    ),
    (r"(?<!\d)(?P<hour>\d{1,2})(?:点|时(?!候|间))(?:来|多|过)?" + _ABOUT, clock),
    ("正午", Clock(12, settled=True)),
    ("午夜", Clock(0, settled=True)),
    ("午[饭餐]后|饭后|下午|午后|下昼|晏昼|下半天|后半晌", Part("afternoon")),
    ("[大一清]*早[上晨]|大?清早|一大?早|上午|午前|上昼|上半天|清晨|朝早", Part("morning")),
    ("中午|午间|晌午|午休", Part("noon")),
    ("傍晚|黄昏|晚[上间]|夜晚|夜间", Part("evening")),
    ("半夜|深夜|凌晨|夜里", Part("night")),
    ("(?<=[一二三四五六日天号])晚(?![点一])", Part("evening")),
    ("(?<=[一二三四五六日天号])早(?![点一])", Part("morning")),
]
_FAILS = (
    "(?<![能行])不(?:行|可以|能|方便|便|合适|太?方便|太行|在(?!意)|要(?!紧)|想|得空|得闲|成)|"
    "没[有]?(?:空|时间|法|办法)|冇时间|唔得|[有要]事|(?:要|得)上[班课学]|[来去约]不了|来不及|"
    "(?:比较|有点|很|太|挺)?(?:难|麻烦|困难|够呛|赶|紧|忙)|要(?:出差|开会|加班|工作)"
)
_JOINING: list[Rule] = [
    ("以外|之外|除外", Not(behind=True, lists=True, rest=True)),
    ("[吗嘛](?=[。?!]|$)|[。!;]*\\?+", Mark.ASK),
    ("→|->", Mark.REPLACE),
    (r"~(?=\s*(?:$|[。,、)]))", Bound(end=False, behind=True)),
    (r"(?:(?<!.)|(?<=[\s,的]))~(?=\d)", Bound(end=True)),
    ("除[去开了]?|避开|排除|不包括", Not(lists=True)),
    ("行不行|得唔得|可不可以|能不能|方便不方便", Mark.BREAK),
    (
        "(?:而)?(?:不是|并非|不要|别(?:约|在|安排)?|不(?:能)?(?:在|约|选)|不想(?:要|在|约)?)(?=[^,。]?(?:\\d|"
        "[今明后大下这本周星礼早上中晚]))",
        Not(),
    ),
    (
        f"(?:的话)?(?:我|他|她|孩子|我们)?(?:就|也|都|可能|恐怕|实在|真的|这天|那天|,)*(?:{_FAILS})",
        Not(behind=True),
    ),
    (
        "不对|不不|说错了?|写错了?|更正|改(?!时间|期|预|签|天|变)(?:成|到|为|约|在)?|换(?:成|到|为|个)?|"
        "(?:推迟?|提前|延期?|挪|调|调整|移)到|算了|应该是|还是(?=.{1,12}吧)",
        Mark.REPLACE,
    ),
    ("最早|不早于|从|由|自(?!己)", Bound(end=False)),
    ("最[晚迟]|不[晚迟]于", Bound(end=True)),
    ("之间|中间", BETWEEN_BEHIND),
    ("以后|起|开始|以降", Bound(end=False, behind=True)),
    ("之后|过后|后(?![天日面来续悔])", Bound(end=False, inclusive=False, behind=True)),
    ("(?:之|以)?前(?![天日台面后几])", Bound(end=True, inclusive=False, behind=True)),
    ("为止|截止", Bound(end=True, behind=True)),
    ("到|至", Mark.TO),
    ("或者?是?|还是|要[么不]|抑或", Mark.OR),
    ("以及|[和跟与及]", Mark.AND),
    ("但是?|所以|因为|不过|如果|可是|然后|请问|[。!?;]", Mark.BREAK),
    (
        "已经|刚刚|曾经|[去来]了(?!吗)|[来去看做]过|过了|[去来看做吃打摔晕吐始](?<!不来)了(?=$|[,。!?;])",
        Mark.PAST,
    ),
    (
        "发[烧热]|疼|痛|咳|不舒服|难受|头晕|吐|拉肚子|腹泻|感冒|过敏|出血|肿|痒|失眠|症状|高烧|恶心",
        Mark.SICK,
    ),
    ("、", Mark.COMMA),
    (",", Mark.COMMA),
    ("[/&+|]", Mark.OR),
    (r"[-~]+(?=\s?[\d周星礼明后今下])", Mark.TO),
    (r"\d+", number),
]
_LEXICON = Lexicon(
    [],
    [PHONE, *_NOT_DATES, *_FROM_TODAY, *_CALENDAR, *_PARTS, *_JOINING],
    glue=r"[\s()「」]|的|在|是|大概|大约|约|那天|这天|我想|想|要|吧|呢|就|都|也|左右|嘅|预约|时候|可以|行",
)
_COUNTERS = "个?月|[号日点时分刻天年周岁人位次回片粒楼层室块元度]|个|小时|钟|星期|礼拜|毫|公斤"
_KEPT = (
    f"{_WEEK}[一二三四五六]|(?<![〇一二三四五六七八九十廿卅月])六日|第[一二三四五六]个|"
    "[一二三四五六七八九]{2}[天日周个]"
)
_LISTED = re.compile(
    f"((?:每个?|逢)?{_WEEK})([{_SIGNS}])"
    f"((?:[、,和及]?[{_SIGNS}](?![点时号月日天个次年周半刻期本{_SIGNS}]{{0,3}}[点时号月次])){{1,6}})"
)
_FORMS: list[tuple[re.Pattern[str], str]] = [
    (re.compile("[〜～]"), "~"),
    (re.compile("[–—−‐‑―]+"), "-"),
    (re.compile("([今明后])早(?!上|晨)"), r"\1天早上"),
    (re.compile("([今明后])晚(?!上|点)上?"), r"\1天晚上"),
    (re.compile("([今明后])晚上"), r"\1天晚上"),
    (
        re.compile(f"({_WEEK})([{_SIGNS}])([到至~-])([{_SIGNS}])(?![点时号月个天十])"),
        r"\1\2\3\1\4",
    ),
    (re.compile("听朝"), "明天早上"),
    (re.compile("听晚"), "明天晚上"),
]


def _listed(match: re.Match[str]) -> str:
    """周一三五 as 周一、周三、周五."""
    rest = [sign for sign in match[3] if sign in _SIGNS]
    return match[1] + match[2] + "".join(f"、{match[1]}{sign}" for sign in rest)


def tokens(text: str) -> list[Seen]:
    """The tokens of a folded Chinese text."""
    text = simplified(text)
    for form, plain in _FORMS:
        text = form.sub(plain, text)
    return _LEXICON.cut(with_digits(_LISTED.sub(_listed, text), _COUNTERS, _KEPT))
