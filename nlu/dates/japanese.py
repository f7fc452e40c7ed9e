"""Days and hours in Japanese."""

import re

from nlu.dates.eastern import (
    DATES,
    HOURS,
    MONTH_AND_DAY,
    PHONE,
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

_SIGNS = "月火水木金土日"
_NAMES = ("げつ", "か", "すい", "もく", "きん", "ど", "にち")
_W = f"[{_SIGNS}]"
_HAN = "[一-龠々]"
_DAY = rf"(?:{_W}曜日?|(?:{'|'.join(_NAMES)})よう(?:び)?)"
_MONTHS = "[かヶヵケカ]月"
_PAST_DAYS = (
    "一昨日|おととい|昨日|きのう|昨夜|昨晩|ゆうべ|先日|先々週|先週|先月|昨年|去年|前回|この前|"
    "この間|こないだ|今朝"
)
_SICK = (
    "熱|痛|咳|せき(?!ゅ)|だる|吐|下痢|めまい|具合|調子|体調|症状|腫れ|かゆ|鼻水|続い|ずっと|風邪|"
    "しんど|出血|悪化|ひど|眠れ|食欲"
)


def _weekday(match: re.Match[str]) -> Day:
    sign = match["sign"]
    weekday = _SIGNS.index(sign) if sign else _NAMES.index(match["kana"] or match["short"])
    which = match["which"] or ""
    if which.startswith("毎"):
        return Day(every=frozenset({weekday}))
    return Day(weekday=weekday, loose=bool(which))


def _short_weekday(match: re.Match[str]) -> Day:
    return Day(weekday=_SIGNS.index(match[0]))


def _several(match: re.Match[str]) -> Day:
    return Day(every=frozenset(_SIGNS.index(sign) for sign in match["signs"]))


def _nth(match: re.Match[str]) -> Day:
    nth = int(match["nth"] or (1 if match["first"] else -1))
    return Day(weekday=_SIGNS.index(match["sign"]), nth=nth)


_NOT_DATES: list[Rule] = [
    (
        rf"(?:{_PAST_DAYS})の?(?:{_DAY}|[朝昼夜晩]|夕方|午前中?|午後|(?:\d+月)?(?:\d+日)?)?(?:から|より)?",
        Mark.SKIP,
    ),
    (r"\d+日に\d+(?:回|度)|(?:生後|産後|妊娠)\d+(?:日|週)目?", Mark.SKIP),
    (r"から\d+(?:日|週間)後|(?:最終|第\d)週", Mark.VAGUE),
    ("(?:今日|本日)は(?:、)?(?:本当に|どうも)?(?=ありがと)", Mark.SKIP),
    (r"の\d+(?:日|週間|" + _MONTHS + ")後", Mark.VAGUE),
    (
        rf"(?:手術|術|退院|出産|検査|接種|試験|テスト|帰国|生理|旅行|出張|予防注射|抜歯)の?"
        rf"(?:\d+(?:日|週間|{_MONTHS}))?(?:後|のあと|あと|前|が終わ\w*)(?:\d+(?:日|週間))?",
        Mark.VAGUE,
    ),
    (r"[一二三四五\d][、,・~-]?\d+(?:日|週間)(?:後|以内)|[弥や]の(?:明後日|あさって)", Mark.VAGUE),
    ("(?<=日)(?:ごろ|頃|前後|あたり)", Mark.VAGUE),
    (
        r"\d+日(?:間|前(?!後)|目|分|おき|ごと|以上|ほど|くらい|ぐらい|も(?!可)|連続|続|休|たっ|経)",
        Mark.SKIP,
    ),
    (r"(?:1|一)日(?:に|あたり)?(?:\d+(?:回|錠|度|食|本|杯|包|粒|mg|ml)|おき|中|じゅう)", Mark.SKIP),
    (r"(?:ここ|もう|丸|約|この)\d+日(?:間)?", Mark.SKIP),
    (r"(?:週|月|年)に?\d+(?:回|度|日)|毎[日週月年朝昼晩夕夜](?!の?" + _W + r"曜)", Mark.SKIP),
    ("隔[週月]", Mark.VAGUE),
    (
        r"\d+時間半?(?:後|前|おき|ごと|くらい|ほど|以上)?|\d+分(?:間|前|後|くらい|ほど|おき)?",
        Mark.SKIP,
    ),
    (rf"\d+(?:週間|{_MONTHS}|年)(?:半|間)?(?!以?内|後)(?:前|目|ほど|くらい|以上)?", Mark.SKIP),
    (
        r"\d[\d.,]*\s?(?:歳|才|人|名|円|万|錠|mg|ml|g|kg|cm|度|℃|°c?|階|号室?|番|丁目|%|本|個|杯|件|"
        r"枚|キロ|泊|割|所|回|週目|包|滴|包|ミリ|センチ|点|つ|号車|駅|軒)",
        Mark.SKIP,
    ),
    (r"(?:体温|熱|血圧|部屋|診察室|room|番号|no\.?|tel)(?:が|は|:)?\s?\d[\d./-]*", Mark.SICK),
    (r"数(?:日|週間|時間|" + _MONTHS + r")(?:後|前|間)?|半日|丸一日|一日中|一晩|徹夜", Mark.SKIP),
    ("朝晩|朝夕|[朝昼夕夜](?:食|ご飯|ごはん)|食[前後]|昼夜|夜勤|日(?:時|程|常|本)", Mark.SKIP),
    (
        "年明け|年末年始|年末|年始|連休|お盆|正月|gw|ゴールデンウ[ィイ]ーク|祝日|翌[日週月朝年]|前日",
        Mark.VAGUE,
    ),
]
_FROM_TODAY: list[Rule] = [
    ("来週の今日", Day(ahead=7)),
    ("今日|本日|きょう(?!だい|いく)|ほんじつ|当日(?!予約)", Day(ahead=0)),
    ("明[々明]後日|しあさって|シアサッテ", Day(ahead=3)),
    ("明後日|あさって|アサッテ|みょうごにち", Day(ahead=2)),
    ("明日|あした|あす(?![かけなぱぺ])|アシタ|みょうにち", Day(ahead=1)),
    (rf"(?P<days>\d+)日後|(?P<weeks>\d+)週間?後|(?P<months>\d+){_MONTHS}後", ahead),
    (r"(?P<days>\d+)日以?内|(?P<weeks>\d+)週間以?内", within),
]
_CALENDAR: list[Rule] = [
    *DATES,
    *MONTH_AND_DAY,
    (r"再来年|さ来年", Day(years=2)),
    ("来年", Day(years=1)),
    ("今年|本年", Day(years=0)),
    ("再来月|さ来月|さらいげつ", Day(months=2)),
    ("来月末|来月の?(?:末|終わり)", Day(months=1, stretch=END, unsure=True)),
    ("今月末|今月の?(?:末|終わり)", Day(months=0, stretch=END, unsure=True)),
    ("来月|らいげつ", Day(months=1)),
    ("今月(?:中|いっぱい)?|当月|こんげつ", Day(months=0)),
    ("(?:再来週|さ来週)末", Day(week=2, weekend=True)),
    ("来週末|来週の?土日", Day(week=1, weekend=True)),
    ("今週末|今週の?土日|今度の?(?:週末|土日)", Day(week=0, weekend=True)),
    ("週末", Day(weekend=True)),
    ("再来週|さ来週|さらいしゅう|来々週|翌々週", Day(week=2)),
    (
        "(?:来週の?)?週明け(?:の?月曜日?)?|来週の?(?:初め|はじめ|頭)",
        Day(week=1, weekday=0, unsure=True),
    ),
    ("来週|らいしゅう", Day(week=1)),
    ("今週(?:中|いっぱい)?|こんしゅう", Day(week=0)),
    ("(?<=週)の?(?:前半|後半|半ば|中頃|終わり|後ろ)", Mark.VAGUE),
    ("の?(?:上旬|初旬)|月初め?|月頭|(?<=月)の?(?:初め|はじめ|頭|あたま)", Day(stretch=START)),
    ("の?中旬|月半ば|(?<=月)の?(?:半ば|なかば|中頃|真ん中)", Day(stretch=MIDDLE)),
    ("の?下旬", Day(stretch=END)),
    ("月末|(?<=月)の?(?:末|終わり|おわり)", Day(stretch=END, unsure=True)),
    ("(?<=月)の?前半", Day(stretch=FIRST_HALF)),
    ("(?<=月)の?後半", Day(stretch=SECOND_HALF)),
    (rf"(?:第(?P<nth>[1-5])|(?P<first>最初|初め|はじめ)|最[終後])の?(?P<sign>{_W})曜日?", _nth),
    (
        rf"(?:(?P<which>次|つぎ|今度|こんど|毎週?)の?)?(?:(?P<sign>{_W})曜日?"
        rf"|(?P<kana>{'|'.join(_NAMES)})ようび|(?P<short>げつ|すい|もく|きん|ど(?=よう[のはで]))よう(?!な|に見))",
        _weekday,
    ),
    ("平日|ウィークデー", Day(every=frozenset(range(5)))),
    ("土日祝?(?:日)?", Day(every=frozenset((5, 6)))),
    (rf"(?<!.){_W}(?!.)", _short_weekday),
    (rf"(?<=\(){_W}(?=\)|曜)", _short_weekday),
    (
        rf"(?<!{_HAN})(?<!\d){_W}(?=[・、,/か~-]{_W}(?!{_HAN})|[・、,/か~-]{_W}曜|から{_W}(?!{_HAN}))",
        _short_weekday,
    ),
    (rf"(?<={_W}[・、,/か~-]){_W}(?!{_HAN})|(?<={_W}から){_W}(?!{_HAN})", _short_weekday),
    (rf"(?<!{_HAN})(?<!\d)(?P<signs>{_W}{{2,5}})(?!{_HAN})", _several),
    ("ついたち", Day(day=1)),
    ("ふつか", Day(day=2)),
    ("みっか", Day(day=3)),
    ("よっか", Day(day=4)),
    ("とおか", Day(day=10)),
    ("はつか", Day(day=20)),
    (r"(?<![\d.])(?P<day>\d{1,2})日", day_of_month),
]
_PARTS: list[Rule] = [
    *HOURS,
    (r"(?<!\d)(?P<hour>\d{1,2})時(?P<half>半)", clock),
    (r"(?<!\d)(?P<hour>\d{1,2})時(?P<minute>[0-5]?\d)分?(?P<before>前)?", clock),
    (r"(?<!\d)(?P<hour>\d{1,2})時台", lambda match: Clock(int(match["hour"]), unsure=True)),
    (r"(?<!\d)(?P<hour>\d{1,2})(?:時(?:ちょうど)?|じ(?=はん|に|から|ごろ|で|$|まで))", clock),
    ("正午", Clock(12, settled=True)),
    ("朝(?:イチ|いち|1)(?:番)?|朝方|早朝|午前中?|ごぜん(?:ちゅう)?|お?昼前|朝", Part("morning")),
    (r"(?<![ぁ-ん])あさ(?=[\s\dにのはで、]|イチ|いち|$)", Part("morning")),
    ("午後(?:イチ|いち|1)?(?:番)?|ごご|お?昼(?:過ぎ|すぎ)|お?昼から|昼下がり", Part("afternoon")),
    ("お昼(?:休み|ごろ|頃)?|昼(?:休み|ごろ|頃)?|おひる|ランチ(?:タイム)?", Part("noon")),
    ("夕方|夕刻|ゆうがた", Part("evening")),
    ("夜中|深夜|夜(?:間|遅く)?|晩", Part("night")),
]
_FAILS = (
    "だめ|ダメ|駄目|無理|ムリ|ng|×|難し|むずかし|厳し|きびし|(?:都合|つごう)(?:が|は)?(?:悪|わる|つか|"
    "合わ|合い)|[行い]け(?:な|ませ)|行かれ|来られ(?:な|ませ)|来れ(?:な|ませ)|空いてい?(?:な|ませ)|"
    "(?:行け|来れ|来られ|でき)そうに|できな|できませ|取れ(?:な|ませ)|"
    "不可|避け|さけ|嫌|外(?:して|せ)|休診|ちょっと(?!後|早|遅|お待|前)"
)
_BUSY = "仕事|用事|用が|予定|出張|忙し|旅行|学校|会議"
_JOINING: list[Rule] = [
    (
        "以外|のほか|を?除(?:いて|く|き|け)",
        Not(behind=True, lists=True, rest=True),
    ),
    (
        "じゃ(?:なく|な)て?|では?な(?:く|くて)|でなく|抜き|"
        rf"の?(?:代わり|かわり)に|[はを]?(?:やめ|取り?消|キャンセル)|(?:の日)?(?:は|が|も|だと|、)?(?:{_FAILS})|"
        rf"(?:の日)?(?:は|が|も|に(?=出張|旅行))(?:{_BUSY})(?!帰り|終わり|の?[後あ])",
        Not(behind=True, lists=True),
    ),
    (
        "(?:の(?:予約|診察|受診|回|分|枠|約束))?を(?=[^。!?]{0,16}(?:変更|変え|かえ|ずら|移|延期|にして))",
        Mark.REPLACE,
    ),
    (
        "やっぱり?|やはり|いやいや|いや[、,]|いえ[、,]|間違え(?:まし)?た?|まちがえ|訂正",
        Mark.REPLACE,
    ),
    (f"まで(?:は|が|も)?(?:{_BUSY})", Bound(end=False, behind=True)),  # free from then on
    (f"から(?:は|が|も)?(?:{_BUSY})", Bound(end=True, behind=True)),
    ("それ(?:まで|以前|以降|から|より)|その(?:前|後|あと)", Mark.VAGUE),
    ("早くても|はやくても", Bound(end=False)),
    ("遅くとも|遅くても|おそくとも", Bound(end=True)),
    ("の?間(?=に|で|が|の|は|$|、|なら)|のあいだ", BETWEEN_BEHIND),
    ("(?:より|の)(?:後|あと)", Bound(end=False, inclusive=False, behind=True)),
    ("以降|以後|いこう|過ぎ|すぎ|から|スタート", Bound(end=False, behind=True)),
    ("より?前(?!後)|以前|の?前(?![回後日週])|まえ", Bound(end=True, inclusive=False, behind=True)),
    ("まで(?:に)?|迄(?:に)?", Bound(end=True, behind=True)),
    (r"か(?=\s*(?:[。?]|$))|[。!;]*\?+", Mark.ASK),
    ("→|->", Mark.REPLACE),
    (r"~(?=\s*(?:$|[。、でお)]))", Bound(end=False, behind=True)),
    (r"(?:(?<!.)|(?<=[\s、の]))~(?=\d)", Bound(end=True)),
    ("または|もしくは|あるいは|それか|or|か(?!月|ら)", Mark.OR),
    ("および|及び|と|や(?!っ|す)", Mark.AND),
    (
        "ので|ため|けど|けれど|ですが|ますが|が[、,]|のですが|だから|なので|ですから|[。!?;]",
        Mark.BREAK,
    ),
    (
        "(?<!思ってい)(?<!考えてい)(?<!思い)(?<!よろし)(?<!かり)(?<!承知し)(?<!了解し)(?<!かしこまり)"
        "(?<!ござい)(?<!失礼し)(?<!なり)(?<!決め)(?:ました|でした|だった|なかった)(?!ら)"
        "|(?:行った|来た|休んだ|飲んだ|出た|倒れた|言われた|始まった)(?=けど|のに|が|の|。|、|$)",
        Mark.PAST,
    ),
    (_SICK, Mark.SICK),
    ("[、,]", Mark.COMMA),
    ("[・/&+]", Mark.OR),
    (r"[-‐–—―~ー]+(?=\s?[\d月火水木金土日来今明午朝昼夕翌])", Mark.TO),
    (r"\d+", number),
]
_LEXICON = Lexicon(
    [],
    [PHONE, *_NOT_DATES, *_FROM_TODAY, *_CALENDAR, *_PARTS, *_JOINING],
    glue=r"[\s()「」]|の|に|は|で|が|も|なら|だと|あたり|ごろ|頃|くらい|ぐらい|ちょうど|希望|だけ|とか|"
    "です|午前か午後",
)
_COUNTERS = (
    "[月日年時分週回歳才人名錠度階号番円泊]|[かヶヵケカ]月|曜|本|個|丁目|時間|の?[月火水木金土日]曜"
)
_KEPT = r"(?<![月十廿三二])一日(?!後|以)|一人|二人|一番|一緒|一度(?!に\d)|第?一回"
_FORMS: list[tuple[re.Pattern[str], str]] = [
    (re.compile("[〜～]"), "~"),
    (re.compile("[–—−‐‑―]+"), "-"),
    (re.compile("今[夜晩]|こんや|こんばん(?!は|わ)"), "今日の夜"),
    (re.compile("明朝"), "明日の朝"),
    (re.compile("明晩"), "明日の夜"),
    (re.compile(r"(?<=\d)じ(?=はん)"), "時"),
    (re.compile("(?<=時)はん"), "半"),
    (re.compile(r"ました(?!ら)"), "ました。"),
]


def tokens(text: str) -> list[Seen]:
    """The tokens of a folded Japanese text."""
    for form, plain in _FORMS:
        text = form.sub(plain, text)
    return _LEXICON.cut(with_digits(text, _COUNTERS, _KEPT))
