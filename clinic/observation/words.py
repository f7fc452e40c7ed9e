"""What readings, units and moments are called in five languages, as patterns. Pure.

The text is folded before (clinic.observation.reading): NFKC, small letters, е for ё.
"""

from clinic.observation.types import Kind, Occasion, Unit

# Of a word of an alphabet; kana and Han part no words.
W, E = r"(?<![a-zа-я])", r"(?![a-zа-я])"

PRESSURE = (
    rf"{W}(?:blood[ -]?pressure|bp|b/p|pressure|ад|давлен[а-я]*){E}"
    r"|血圧|けつあつ|ケツアツ|血壓|血压"
)
UPPER = (
    rf"{W}(?:systolic|sys|upper|top|верхн[а-я]*(?: давлен[а-я]*)?|систол[а-я]*){E}"
    r"|最高血圧|最高|収縮期(?:血圧)?|上の(?:血圧|方)|收[缩縮][压壓]|高[压壓]|上[压壓]|上(?!午|次|周|週)"
)
LOWER = (
    rf"{W}(?:diastolic|dia|lower|bottom|нижн[а-я]*(?: давлен[а-я]*)?|диастол[а-я]*){E}"
    r"|最低血圧|最低|拡張期(?:血圧)?|下の(?:血圧|方)|舒[张張][压壓]|低[压壓]|下[压壓]|下(?!午|次|周|週)"
)
LABELS: dict[Kind, str] = {
    "pulse": (
        rf"{W}(?:pulse(?: rate)?|heart ?(?:rate|beat)|hr|pr|пульс[а-я]*|чсс){E}"
        r"|脈拍数?|脈|心拍数?|みゃくはく|心率|心跳|[脉脈]搏|脉"
    ),
    "spo2": (
        rf"{W}(?:sp ?[o0] ?2|(?:blood )?oxygen(?: (?:saturation|level|sat))?|o2(?: sats?)?|sats?"
        rf"|saturation|pulse ?ox|сатурац[а-я]*|кислород[а-я]*(?: в крови)?|оксиметр[а-я]*){E}"
        r"|血中酸素(?:飽和度|濃度)?|酸素(?:飽和度|濃度)?|サチュレーション|サチ|血氧(?:[饱飽]和度|浓度|濃度)?"
        r"|氧[饱飽]和度"
    ),
    "glucose": (
        rf"{W}(?:(?:blood )?(?:sugar|glucose)(?: level)?|bgl?|bs|fbs|сахар[а-я]*(?: (?:в )?крови)?"
        rf"|глюкоз[а-я]*|гликеми[а-я]*){E}|血糖[値值]?|けっとう(?:ち)?|血液中の糖"
    ),
    "temperature": (
        rf"{W}(?:body temp(?:erature)?|temp(?:erature)?|fever|темп(?:ература)?[а-я]*|t|т){E}"
        r"|体温|體溫|体溫|たいおん|[熱热]|ねつ|[发發][烧燒]"
    ),
    "weight": (
        rf"{W}(?:(?:body ?)?weight|i weigh|weigh(?:ed|s)?|вес|весе|вешу|масс[аы](?: тела)?){E}"
        r"|体重|體重|たいじゅう"
    ),
}
# A number with one of these needs no label. The longest stand first.
UNIT_OF: tuple[tuple[Unit, Kind, str], ...] = (
    ("mg/dL", "glucose", rf"mg ?/? ?d[l1]{E}|мг ?/ ?дл{E}|毫克(?:每分升|/分升)?|ミリグラム"),
    (
        "mmol/L",
        "glucose",
        rf"mmol(?: ?/ ?l)?{E}|ммоль?(?: ?/ ?л)?{E}|毫[摩莫](?:[尔爾])?(?:每升|/升)?",
    ),
    (
        "/min",
        "pulse",
        rf"bpm{E}|beats?(?: (?:per|a) min(?:ute)?)?{E}|/ ?min{E}|уд(?:ар[а-я]*)?\.?"
        rf"(?: ?(?:/|в) ?мин[а-я]*\.?)?{E}|回 ?/ ?分|回|拍|[次下] ?/ ?分(?:[钟鐘])?|次",
    ),
    ("°F", "temperature", rf"°? ?f{E}|°? ?fahrenheit{E}|華氏|华氏度?|по фаренгейту"),
    (
        "°C",
        "temperature",
        rf"°? ?[cс]{E}|° ?|degrees?(?: (?:c|celsius))?{E}|度|градус[а-я]*(?: цельсия)?{E}"
        r"|[摄攝]氏度?",
    ),
    (
        "kg",
        "weight",
        rf"kgs?{E}|кг\.?{E}|килограмм[а-я]*{E}|kilo(?:gram)?s?{E}|キロ(?:グラム)?|公斤|千克",
    ),
    ("lb", "weight", rf"lbs?{E}|pounds?{E}|фунт[а-я]*{E}|ポンド|磅"),
    ("%", "spo2", rf"%|percent{E}|パーセント|パー|процент[а-я]*{E}"),
)
MMHG = rf"(?:mm ?hg{E}|мм\.? ?рт\.? ?ст\.?|ミリ|毫米汞柱)"

_MEAL = r"(?:breakfast|lunch|dinner|supper|(?:a |the )?meals?|eating|food)"
_MEAL_RU = r"(?:еды|еду|едой|завтрак[а-я]*|обед[а-я]*|ужин[а-я]*|при[её]м[а-я]* пищи)"
OCCASIONS: tuple[tuple[Occasion, str], ...] = (
    (
        "after_exercise",
        rf"after (?:an? |my |the )?(?:exercis\w*|walk\w*|run\w*|stairs|workout){E}"
        r"|(?:運動|散歩|入浴)の?(?:後|あと)|[运運][动動](?:之)?[后後]|散步[后後]"
        rf"|после (?:нагрузк[а-я]*|прогулк[а-я]*|зарядк[а-я]*|тренировк[а-я]*|физнагрузк[а-я]*){E}",
    ),
    (
        "bedtime",
        rf"(?:before|at) (?:bed(?:time)?|sleep(?:ing)?){E}|bedtime|(?:寝る|就寝|眠る)の?(?:前|まえ)"
        rf"|就寝前|眠前|睡[觉覺]?前|перед сном{E}|на ночь{E}",
    ),
    (
        "after_meal",
        rf"(?:(?:\d[\d.,]*|an?|one|two|half an?) ?(?:h|hrs?|hours?|min(?:ute)?s?) )?"
        rf"(?:after|post)[ -]?{_MEAL}{E}"
        r"|(?:朝|昼|夕|晩)?(?:食|ご飯|ごはん)の?(?:後|あと)(?:\d+ ?(?:時間|分)(?:半|後)?)?"
        r"|(?:早|午|晚|中)?[饭飯餐](?:之)?[后後](?:半|\d+)?(?:个|個)?(?:小[时時]|分[钟鐘])?"
        rf"|(?:через (?:\d+ )?(?:час[а-я]*|минут[а-я]*|полчаса) )?после {_MEAL_RU}{E}",
    ),
    (
        "before_meal",
        rf"(?:before|pre)[ -]?{_MEAL}{E}|(?:朝|昼|夕|晩)?(?:食|ご飯|ごはん)の?(?:前|まえ)|食べる前"
        rf"|(?:吃)?(?:早|午|晚|中)?[饭飯餐](?:之)?前|(?:до|перед) {_MEAL_RU}{E}",
    ),
    (
        "fasting",
        rf"(?:on an? |with an? )?(?:fasting|fasted|empty stomach){E}|空腹(?:時|时|の時)?|натощак{E}"
        rf"|на (?:пустой|голодный) желудок{E}|起床時|起きてすぐ|起床[后後]",
    ),
)
# Of a day: the hour that is meant by a part of it, and how many days ago.
PARTS: tuple[tuple[int | None, int, str], ...] = (
    (22, 1, rf"last night{E}|昨夜|ゆうべ|昨晩|昨晚|вчера (?:вечером|ночью)"),
    (7, 1, r"yesterday morning|昨日の?朝|昨天(?:早上|早晨|上午)|вчера утром"),
    (7, 0, r"this morning|今朝|けさ|今早|今天(?:早上|早晨|上午)|сегодня утром"),
    (None, 1, rf"yesterday{E}|昨日|きのう|昨天|вчера{E}"),
    (7, 0, rf"(?:in the )?morning{E}|朝(?:の|に|は)?|早上|早晨|早|上午|утром{E}|с утра{E}|утро{E}"),
    (12, 0, rf"(?:at )?noon{E}|昼(?:の|に)?|お昼|中午|в обед{E}|в полдень{E}"),
    (15, 0, rf"(?:in the )?afternoon{E}|午後|下午|днем{E}"),
    (22, 0, rf"(?:at )?night{E}|tonight{E}|夜(?:の|に)?|寝る頃|夜里|夜裡|半夜|ночью{E}"),
    (
        19,
        0,
        rf"(?:in the )?evening{E}|夕方|夕(?:に)?|今晩|晩(?:に)?|晚上|今晚|傍晚|вечером{E}|вечер{E}",
    ),
    (None, 0, rf"today(?:'s)?{E}|今日の?|本日の?|今天的?|сегодня(?:шн[а-я]*)?{E}"),
    (
        None,
        0,
        rf"(?:just|right) now{E}|(?:only )?just{E}|now{E}|今さっき|さっき|先ほど|たった今|今現在"
        rf"|現在|今|刚才|剛才|刚刚|剛剛|刚|剛|现在|сейчас{E}|только что{E}",
    ),
)
CLOCK = (
    r"(?:(?P<late>午後|下午|晚上|夜)|(?P<early>午前|上午|早上|朝))?"
    rf"(?:(?<![\w])(?:at|в|@) )?(?<![\d.,/:])(?P<hour>[01]?\d|2[0-3])"
    rf"(?: ?[:] ?(?P<minute>[0-5]\d)|時(?:(?P<minute2>[0-5]?\d)分|(?P<half>半))?(?!間)"
    rf"|[点點](?:(?P<minute3>[0-5]\d)分?|(?P<half2>半)|[钟鐘])?(?![\d])"
    rf"| ?(?=[ap]\.?m)| час[а-я]*{E}| (?=утра|вечера|дня))"
    rf" ?(?P<half_day>a\.?m\.?|p\.?m\.?|утра|вечера|дня|ночи)?{E}"
)
# Between two pressures. Those of the first list need no word beside them.
SURE_BETWEEN = r" ?/ ?| ?\\ ?| over | ?на ?| ?の ?| ?[·•] ?"
MAYBE_BETWEEN = r" ?[-–—~〜] ?| ?[,と和に:;] ?| and | и | | ?で ?| ?比 ?| ?到 ?"
FILLER = (
    rf"{W}(?:my|is|was|were|are|the|a|an|of|at|and|it'?s|it|readings?|results?|measured|i|have|had|got|get"
    rf"|please|record|note|me|about|approx|around|shows?|today|so|hi|hello|here|in|on|with|its|just|level"
    rf"|у|меня|мой|моя|мое|мои|и|на|в|было|была|был|показал[а-я]*|показыва[а-я]*|измерил[а-я]*"
    rf"|померил[а-я]*|мерил[а-я]*|показани[а-я]*|результат[а-я]*|примерно|около|это|равно|здравствуйте|мне|я){E}"
    r"|でした|です|だった|だ|でし|ました|ます|測定値?|測りました|測った|測って|計りました|計った|結果|くらい|ぐらい|ほど|約"
    r"|数値|今の|今回|私の|わたしの|は|が|で|と|の|を|に|も|ね|よ"
    r"|是|为|為|了|的|有|量|测量?|測量?|我的|我|[结結]果|和|大概|左右|[读讀][数數]|[数數]值|今次|出[来來]|到|在|您好|你好|[显顯]示|[刚剛]"
)
