"""Days and hours in English."""

from nlu.dates import english_pieces as make
from nlu.dates.english_names import (
    AMOUNT,
    COUNTED,
    DAY,
    HALF,
    HOUR,
    MINUTE,
    MONTH,
    RANKED,
    UNITS,
    WEEKDAY,
    WEEKDAY_NAMES,
    WEEKDAYS,
    YEAR,
    either,
    plain,
)
from nlu.dates.tokens import (
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

_WORKDAYS = frozenset(range(5))
_NOT_DATES: list[Rule] = [
    (
        "(?:the )?day before yesterday|(?:yesterday|last night)(?:'s)?(?: (?:morning|afternoon|"
        "evening|night))?(?: at [0-9:]+(?: ?[ap]m)?)?|the other day|"
        rf"(?:(?:this|the) )?(?:last|past|previous) (?:{UNITS}|time|weekend|{WEEKDAY}|{MONTH})"
        "(?! of)(?: (?:morning|afternoon|evening|night))?",
        Mark.SKIP,
    ),
    (f"(?:in )?{MONTH}(?: of)? last year", Mark.SKIP),
    (f"last year(?: in)? {MONTH}", Mark.SKIP),
    ("(?:thanks?|thank you)(?: [a-z]+){0,3} for (?:today|yesterday)", Mark.SKIP),
    (
        "(?:have|had|has) an? (?:nice|good|great|lovely) (?:day|weekend|week|evening|night)",
        Mark.SKIP,
    ),
    ("good (?:morning|afternoon|evening|day|night)", Mark.SKIP),
    (
        "(?P<year>20[0-9]{2})[-/.](?P<month>[01]?[0-9])[-/.](?P<day>[0-3]?[0-9])(?:t(?=[0-9]))?",
        make.date,
    ),
    (r"\+?[0-9](?:[ ()-]{0,2}[0-9]){8,14}", Mark.SKIP),
    (
        "(?:room|ward|floor|unit|flat|apartment|apt|suite|building|house|bus|line|number|no|ext|"
        "extension|page|option|form|ticket|order|gate|bed|desk|window|stage|type|phase|covid|grade|"
        "step|level|door|age|aged|part|box|size|bp|blood pressure|pressure|group|i'?m|he'?s|she'?s|"
        "(?:he|she|who|daughter|son|mother|father|wife|husband) is|i am|turn(?:ing|s)?|is now)"
        "[. :#-]*(?:is |of )?[0-9][0-9/.-]*(?!:?[0-9]| ?[ap]m)",
        Mark.SKIP,
    ),
    (r"(?:temp(?:erature)?|fever)(?: (?:of|is|was|at|about|around|up to))* [0-9.]+", Mark.SICK),
    (r"pain(?: \w+){0,3} (?:10|[0-9])/10", Mark.SICK),
    (r"[0-9]+ \w+ (?:street|road|avenue|lane|drive|square|st|rd|ave)", Mark.SKIP),
    (
        f"(?:at )?{HOUR}(?::[0-5][0-9])?(?: ?[ap]m)? (?:every|each) (?:day|morning|evening|night)",
        Mark.SKIP,
    ),
    ("turned [0-9]+", Mark.PAST),
    ("24/7|[0-9]{3}/[0-9]{2,3}|[1-3]/[2-4] (?:a )?(?:tablet|pill|tab|dose|cup|of)s?", Mark.SKIP),
    (r"(?:once|twice|thrice|[0-9]+ ?(?:times|x))(?: (?:a|per|every|each))? ?\w*", Mark.SKIP),
    (
        r"every (?:other|[0-9]+(?:th)?|few) \w+|[0-9]+ ?(?:/|per |a |x )(?:day|week|month)",
        Mark.SKIP,
    ),
]
_FROM_TODAY: list[Rule] = [
    ("(?:the )?day after tomorrow|overmorrow", Day(ahead=2)),
    ("(?:a )?week (?:from )?tomorrow|tomorrow week", Day(ahead=8)),
    ("(?:a )?week (?:from )?(?:today|now)|today week", Day(ahead=7)),
    (f"(?:{AMOUNT} )?weeks? (?:on|from|after|from this|this) {WEEKDAY}", make.week_later),
    (f"{WEEKDAY}(?P<amount>) week", make.week_later),
    (f"(?:a )?fortnight (?:on|from|this) {WEEKDAY}", make.fortnight_later),
    (f"{WEEKDAY} fortnight", make.fortnight_later),
    (f"(?:the )?{WEEKDAY}(?P<amount>) after next", make.week_later),
    ("(?:a )?fortnight (?:from )?(?:today|now)", Day(ahead=14)),
    ("(?:a )?fortnight (?:from )?tomorrow", Day(ahead=15)),
    (
        "(?:the )?week (?:of|commencing|beginning|starting)(?: on)?(?: monday)?",
        Day(whole_week=True),
    ),
    ("(?:the )?(?:[1-5]th|[1-5](?:st|nd|rd)|last) week(?= (?:of|in))", Mark.VAGUE),
    ("(?<=tomorrow or )the day after", Day(ahead=2)),
    (
        "(?:good|black) friday|(?:easter|palm|pancake|ash|shrove|cyber) (?:\\w+day)|christmas day",
        Mark.VAGUE,
    ),
    (
        f"in (?:about |around |exactly )?{AMOUNT}[ -](?P<unit>days?|weeks?|fortnight|months?)"
        "(?:'s?)?(?: time)?(?! (?:before|after|ago))",
        make.ahead,
    ),
    (
        f"{AMOUNT} (?P<unit>days?|weeks?|fortnight|months?) from (?P<since>now|today|tomorrow)",
        make.ahead,
    ),
    (f"within (?:the next )?(?:{AMOUNT} )?(?P<unit>days?|weeks?|fortnight|month)", make.within),
    (f"the (?:next|coming) {AMOUNT} (?P<unit>days?|weeks?|month)", make.within),
    ("(?:the )?(?:week|month) after next", make.after_next),
    (
        "(?:the )?(?:day|week|month|weekend) (?:after|before|following)"
        f"|(?:the )?(?:following|previous|same) (?:day|week|month|weekend|{WEEKDAY})",
        Mark.VAGUE,
    ),
    (
        f"(?:(?:for|over|about|nearly|almost|in) )*(?:{AMOUNT}|several|some|many|few|half an?)"
        f"[ -]{UNITS}(?:[ -](?:ago|old|long|later|after|before|from))*",
        make.span,
    ),
    (f"[0-9][0-9.,]*[ -]?(?:{COUNTED})", Mark.SKIP),
    ("today|this(?= (?:morning|afternoon|evening))", Day(ahead=0)),
    ("tomorrow(?:'s)?", Day(ahead=1)),
]
_CALENDAR: list[Rule] = [
    (f"(?:the )?{DAY}(?: day)?(?: of |[ -])?{MONTH}{YEAR}", make.date),
    (f"{MONTH}[ -]?(?:the )?{DAY}(?![0-9:.]| ?[ap]m){YEAR}", make.date),
    ("(?P<day>[0-3]?[0-9])/(?P<month>[0-3]?[0-9])(?:/(?P<year>(?:20)?[0-9]{2}))?", make.slashed),
    ("(?P<day>[0-3]?[0-9])[.-](?P<month>[0-3]?[0-9])[.-](?P<year>20[0-9]{2})", make.slashed),
    (f"(?:the )?(?P<nth>[1-5](?:st|nd|rd|th)|last) {WEEKDAY}(?= (?:of|in) )", make.nth),
    (f"[2-5](?:nd|rd|th) {WEEKDAY}", Mark.VAGUE),
    (
        f"(?:(?P<which>this|next|every|each|any|all) |(?:this )?coming )?{WEEKDAY}"
        "(?P<plural>(?<=day)s(?! ?\\w* ?week))?",
        make.weekday,
    ),
    (
        "(?:the )?(?P<part>early|late|beginning|begin|start|end|middle|mid|(?:first|1th|second|2th)"
        f" half)(?:[ -](?:part )?(?:of |in )?the month|(?=[ -](?:part )?(?:of |in )?(?:this |"
        f"next )?(?:month|{MONTH})))",
        make.month_part,
    ),
    (
        "(?:around|about|approximately|approx|circa)"
        f"(?= (?:the )?(?:[0-9]+(?:st|nd|rd|th)|{MONTH}))",
        Mark.VAGUE,
    ),
    (
        "(?:the )?(?:early|late|later|end|start|beginning|middle|mid)(?: of| in)?"
        "(?=[ -](?:next|this|the) week)",
        Mark.VAGUE,
    ),
    ("(?:i|we|he|she|they|have|had|just) sat|(?:the|in) sun|march (?:to|on|in)", Mark.SKIP),
    (f"(?:(?P<said>in|during|of|next|this|mid) )?{MONTH}{YEAR}", make.month),
    ("(?:by|before|until|till) the end of(?= (?:the|this|next) week)", Bound(end=True)),
    ("(?<=end of )the week", Day(week=0)),
    ("this week(?!end)", Day(week=0)),
    ("next week(?!end)", Day(week=1)),
    ("this month", Day(months=0)),
    ("next month", Day(months=1)),
    ("next year", Day(years=1)),
    ("this year", Mark.SKIP),
    ("next weekend", Day(weekend=True, week=None, loose=True)),
    ("(?:(?:this|the|this coming) )?weekend", Day(weekend=True)),
    (
        "(?:(?:any|every|on) )?weekdays?|working days?|business days?|workdays?",
        Day(every=_WORKDAYS),
    ),
    ("(?:any |every |each |on )?weekends", Day(every=frozenset((5, 6)))),
    (
        f"(?:the )?(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)(?! (?:{RANKED})| [a-z]+ (?:visit|time))",
        make.day_of_month,
    ),
]

_HOURS: list[Rule] = [
    (f"{HOUR}[:.h ]?{MINUTE}{HALF}", make.clock),
    (f"{HOUR}(?: o'?clock)?{HALF}", make.clock),
    (f"{HOUR}(?P<half>[ap])", make.clock),
    (f"{HOUR}[:h]{MINUTE}(?::00)?", make.clock),
    (f"{HOUR}(?:h| ?o'?clock| ?hours|-?ish)", make.clock),
    (
        "(?:at )?(?:a )?(?P<minutes>half|quarter|5|10|15|20|25)(?: (?P<counted>minutes?|or so))? "
        f"(?P<side>past|(?<=minutes |. or so |quarter )(?:after|to|"
        f"till)) {HOUR}(?: o'?clock)?(?:{HALF})?",
        make.past_hour,
    ),
    (f"(?P<minutes>half)(?P<counted>) ?(?P<side>) {HOUR}(?:{HALF})?", make.past_hour),
    (
        f"(?:at|around|about|approx|approximately|say|@) ?{HOUR}(?:[:. ]{MINUTE})?(?:{HALF})?"
        f"(?! ?(?:{UNITS}|{COUNTED}|[a-z]+ (?:street|road|avenue|st|ave)))(?![0-9.:/-]*[0-9])",
        make.clock,
    ),
    (f"{HOUR} (?P<minute>15|30|45)", make.clock),
    (r"(?P<hour>[0-2]?[0-9])\.(?P<minute>[0-5][0-9])", make.dotted),
    (
        "(?:around|about) (?:noon|midday)|midday|lunch ?time|lunch(?: hour| break)?|over lunch",
        Part("noon"),
    ),
    ("noon|12 noon", Clock(12, settled=True)),
    ("midnight", Clock(0, settled=True)),
    ("after lunch|post lunch|afternoons?|late afternoon", Part("afternoon")),
    ("before lunch|(?:early |late |mid )?mornings?|1th thing|forenoon", Part("morning")),
    ("(?:early |late )?evenings?", Part("evening")),
    ("nights?(?= |$)", Part("night")),
    ("any ?(?:time|day)s?(?! (?:but|except))", Mark.SKIP),
]
_CANNOT = (
    "(?:can'?t|cannot|can not|couldn'?t|won'?t be able to|unable to|not able to|"
    "don'?t want(?: to)?)"
    "(?: (?:do|make|come|manage|attend|be|get|there|in|it|visit|go|any|have|see))*"
)
_BUSY = (
    "(?:i'?m |i am |i'?ll be )?(?:not (?:available|free|here|possible|around)|unavailable|busy|"
    "away|out of town|working)"
)
_FAILS = (
    "(?:(?:is|'s|are|was|would be) )?(?:really |also |just )?(?:no good|not (?:good|great|ok|okay|"
    "possible|an option|convenient|working)|inconvenient|impossible|bad|out|excluded|excepted)|"
    "(?:isn'?t|aren'?t) (?:good|great|possible|ok|okay|convenient|an option)|"
    "(?:doesn'?t|don'?t|does not|do not|won'?t|will not|wouldn'?t) (?:really )?(?:work|suit|do|"
    "fit)|"
    "i (?:can'?t|cannot)(?: (?:do|make|come))?(?: it)?(?! [a-z])|"
    "(?:i'?m|i am|i'?ll be) (?:busy|away|working|not free|not available|unavailable)"
    f"(?! (?:on |this |next |in the |the |all )?(?:{WEEKDAY}|to|[0-9]|morn|after|even|un|week|"
    f"from|be))"
)
_JOINING: list[Rule] = [
    ("(?:work|working|at work|in class|at school|in a meeting) (?:until|till)", Bound(end=False)),
    (
        f"(?:not|no|{_CANNOT}|{_BUSY}) (?:earlier than|sooner than|before|until|till)",
        Bound(end=False),
    ),
    (f"(?:not|no|{_CANNOT}|{_BUSY}) (?:later than|after|past)", Bound(end=True)),
    (
        "(?:any|every|all)(?: ?(?:day|time|thing|other day)s?)? but|anything but|but not|"
        "except(?:ing| for)?|other than|apart from|aside from|besides|excluding|all but|"
        "with the exception of|outside(?: of)?",
        Not(lists=True),
    ),
    (_FAILS, Not(behind=True)),
    ("instead of|rather than|in place of", Not()),
    ("(?:and |or |just |definitely |preferably )?not|avoid(?:ing)?|never", Not()),
    (f"no(?= (?:{either(WEEKDAY_NAMES)})s|,? (?:mornings|afternoons|evenings|weekends))", Not()),
    (f"(?:{_CANNOT}|{_BUSY})", Not(verb=True)),
    (
        "no,? (?:wait|sorry|make|actually|i mean)|(?:oops|wait|actually|i mean|i meant|"
        "scratch that|"
        "correction|or rather|make (?:it|that)|no sorry|sorry i mean)",
        Mark.REPLACE,
    ),
    (
        f"no(?=,? (?:on |the |next |this )?(?:{either(WEEKDAYS)}|tomorrow|today|[0-9]))",
        Mark.REPLACE,
    ),
    (
        "(?:re-?schedul\\w+|mov(?:e|ing)|chang(?:e|ing)|switch\\w*|shift\\w*|postpon\\w+|"
        "push\\w*|swap)",
        Mark.MOVE,
    ),
    ("since", Mark.SINCE),
    ("after (?:work|school|class|classes|hours|breakfast|dinner)", Mark.SKIP),
    (
        "or (?:later|after|thereafter)|and (?:later|after|beyond)|onwards?|on ?wards",
        Bound(end=False, behind=True),
    ),
    ("or (?:earlier|before)|and earlier|at the latest", Bound(end=True, behind=True)),
    ("after", Bound(end=False, inclusive=False)),
    ("(?:starting|beginning|as of)(?: from| on)?|from(?: about)?", Bound(end=False)),
    ("before|earlier than|prior to|ahead of", Bound(end=True, inclusive=False)),
    ("until|till|til|'til|by|up to", Bound(end=True)),
    ("between|betw", Mark.BETWEEN),
    ("to|through|thru", Mark.TO_WORD),
    ("or|either", Mark.OR),
    ("and|also|as well as", Mark.AND),
    (
        "but|because|so|if|when|can (?:i|you|we)|could (?:i|you|we)|may i|i'?d (?:like|prefer|"
        "love)|"
        "i (?:want|need|would)|please|however|then",
        Mark.BREAK,
    ),
    (
        "was (?:hoping|wondering|thinking|planning|going)|had better|have had|used to",
        Mark.SKIP,
    ),
    (
        "was|were|had|didn'?t|started|began|came|visited|saw|called|been|ago|felt|missed|happened|"
        "fell|born|vomited|took|taken|ate|drank|broke|hit|cut|went|got (?:sick|ill|worse|hurt)|"
        "told|stopped|woke|became",
        Mark.PAST,
    ),
    (
        "fever|pains?|aches?|aching|headaches?|cough(?:ing)?|sick|ill|hurts?|hurting|dizzy|"
        "vomiting|symptoms?|sore|bleeding|swollen|rash",
        Mark.SICK,
    ),
    (
        "exams?|holidays?|christmas|new year'?s?|easter|surgery|operation|payday|vacation|trip|"
        "results",
        Mark.VAGUE,
    ),
    ("[0-9]{1,2}", make.number),
]
_SIGNS: list[Rule] = [
    (r"[.;!]*\?[?!]*", Mark.ASK),
    (r"[.;!]+(?=\s|$)", Mark.BREAK),
    ("->|→|=>", Mark.REPLACE),
    (r"[$€£¥]\s?[0-9][0-9.,]*|[0-9]+\.[0-9]+|[0-9]{3,}|[0-9]+%", Mark.SKIP),
    (r",", Mark.COMMA),
    (r"[/|]", Mark.OR),
    (r"[&+]", Mark.AND),
    (r"[-–—~]+", Mark.TO),
]
_LEXICON = Lexicon(
    [*_NOT_DATES, *_FROM_TODAY, *_CALENDAR, *_HOURS, *_JOINING],
    _SIGNS,
    glue=r"[\s()-]|\b(?:the|of|in|on|at|around|about|a|an|for sure|sometime|some time|either|maybe|"
    r"perhaps|possibly|only|just|any time|anytime|it'?s|is|preferably|ideally|it)\b",
)


def tokens(text: str) -> list[Seen]:
    """The tokens of a folded English text."""
    return _LEXICON.cut(plain(text))
