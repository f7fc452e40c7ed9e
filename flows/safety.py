"""The first red-flag list: runs before everything else, on every text, in every state. Pure.

NEEDS A CLINICIAN'S SIGNATURE. These are the phrases of level 4 (call an ambulance now) that any
patient chat must know from its first day, paraphrased from FDMA's seven first checks, Q助 and rule
S (suicide, by the C-SSRS answers of imminent risk). The language work extends it behind the same
interface: `screen(text)` gives the id of a rule and a level. Rules can only raise a level; nothing
after them lowers it.

Alphabets are matched by whole words ("sob" is not in "sober"); kana, width, ё and both Chinese
scripts are levelled first. A denied sign ("no chest pain") is not dropped: it is asked about.
"""

import re
import unicodedata
from dataclasses import dataclass

from flows.words import LONGEST


@dataclass(frozen=True, slots=True)
class RedFlag:
    """What a text points to. `level` is 1 to 4 (4: emergency).

    `negated`: the patient said that it is not so, which is asked about rather than believed.
    """

    rule: str
    level: int
    negated: bool = False

    @property
    def self_harm(self) -> bool:
        """Whether rule S applies: other words, and crisis lines."""
        return self.rule.startswith("self_harm")


_FILL_JA = "(?:が|は|も|の|を|に|と|すごく|とても|急に|ずっと|少し|ちょっと|ひどく|ものすごく)*"

# Japanese in hiragana and kanji: katakana is turned into hiragana first. Chinese in both scripts.
_RULES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    # rule, phrases of alphabets (whole words), phrases of Japanese and Chinese
    (
        "chest_pain",
        (
            r"chest (?:pains?|pressure|tightness|is tight|feels tight|is hurting|hurts|ache)",
            r"(?:pain|pressure|tightness|squeezing|crushing) (?:in|on|across) "
            r"(?:my|the|his|her|your) chest",
            r"(?:having|it'?s|is it|maybe|signs? of|symptoms? of) (?:a )?heart attack",
            r"^heart attack$",
            r"бол(?:ь|и|ью|ей|ям) (?:в|за) (?:груди|грудине|грудиной|сердце|грудной клетке)",
            r"(?:болит|давит|жжет|сжимает|колет) (?:сильно )?(?:в груди|в сердце|сердце|грудь"
            r"|за грудиной)",
            r"(?:грудь|в груди|сердце) (?:очень |сильно )?(?:болит|давит|сжимает|жжет)",
            r"(?:кажется|похоже|наверное|возможно|случился|признаки) инфаркт\w?|^инфаркт$",
        ),
        (
            rf"(?:胸|むね){_FILL_JA}(?:痛|いた[いくみむ]|苦し|くるし|締め付け|しめつけ|圧迫)",
            r"胸痛|(?:心臓発作|心筋梗塞)(?:かも|みたい|だと|の症状|の疑い|です)",
            r"胸(?:口|部)?(?:好|很|非常|突然|一直|感到|感觉|感覺|有点|有點)*(?:疼|悶痛|闷痛|壓迫|压迫)",
            r"(?:胸口|胸部)(?:好|很|非常|突然|一直|感到)*痛",
            r"(?:好像|可能|是不是)(?:是)?心(?:肌梗|臟病發|脏病发)|心(?:臟病發|脏病发)作",
        ),
    ),
    (
        "breathing",
        (
            r"(?:can'?t|cannot|can not|unable to|couldn'?t|not able to|struggling to) "
            r"(?:breathe|breath|catch (?:my|his|her) breath)",
            r"(?:can hardly|can barely|hardly|barely) breathe",
            r"not breathing|stopped breathing|gasping(?: for (?:air|breath))?|choking",
            r"не (?:могу|может|можем) (?:нормально )?(?:дышать|вдохнуть|вздохнуть)",
            r"не дышит|нечем дышать|задыха\w+|перестал\w? дышать|трудно дышать",
        ),
        (
            rf"(?:息|いき|呼吸|こきゅう){_FILL_JA}(?:でき[なま]|出来[なま]|吸え[なま]|止ま|とま|困難"
            r"|してい?な|していませ)",
            rf"(?:息|いき){_FILL_JA}(?:苦し|くるし)|窒息",
            r"(?:不能|無法|无法|沒辦法|没办法|没法)呼吸|呼吸(?:困難|困难|不了|不過來|不过来|停)",
            r"(?:喘|透|吸|呼吸)不(?:過|过|上)(?:氣|气|來|来)|(?:沒有|没有|沒|没)呼吸",
        ),
    ),
    (
        "stroke",
        (
            r"having a stroke|signs? of (?:a )?stroke|symptoms? of (?:a )?stroke",
            r"face (?:is |has )?(?:drooping|drooped|droops|numb)|droopy face",
            r"slurr(?:ed|ing)(?: my| his| her)? (?:speech|words)|speech is slurred",
            r"(?:can'?t|cannot|unable to) move (?:my|his|her|one) (?:arm|leg|side|face)",
            r"(?:suddenly |he |she )(?:can'?t|cannot) (?:speak|talk)"
            r"(?! (?:english|now|to|about|long))",
            r"(?:arm|leg|side) (?:suddenly )?(?:is |went |has gone )(?:suddenly )?"
            r"(?:numb|weak|paralysed|paralyzed)",
            r"(?:кажется|похоже|наверное|возможно|случился|признаки) инсульт\w?|^инсульт$",
            r"(?:перекосило|перекошено|онемело|онемела половина) (?:лицо|лица)",
            r"лицо (?:перекосило|онемело)|(?:отнялась|отнялись|онемела|не двигается) "
            r"(?:рука|нога|руки|ноги|речь|половина тела)",
            r"(?:рука|нога|речь) (?:отнялась|не двигается|не слушается)",
            r"не может говорить(?! по)|речь (?:нарушена|невнятная)",
        ),
        (
            rf"(?:ろれつ|呂律){_FILL_JA}(?:回|まわ)(?:ら[なずん]|りませ)",
            r"脳(?:卒中|梗塞)(?:かも|みたい|だと|の症状|の疑い)",
            rf"(?:顔|かお){_FILL_JA}(?:片側|半分|片方){_FILL_JA}(?:下が|動か[なず]|ゆが|歪|麻痺|まひ|しびれ)",
            r"片(?:側|方|腕|手|足)(?:の?(?:手|足|腕|手足|顔))?(?:が|に|は)(?:急に)?"
            r"(?:動(?:か[なず]|きませ)|しびれ|力が入(?:ら[なず]|りませ)|麻痺|まひ)",
            r"(?:言葉|ことば)が(?:出ない|出てこない|でない|出ませ)",
            r"中[風风](?:了|發作|发作)|(?:好像|可能|疑似|是不是)(?:是)?中[風风](?!險|险)|嘴(?:巴)?歪",
            r"口齒不清|口齿不清|(?:突然|忽然)說不出話|(?:突然|忽然)说不出话",
            r"半(?:邊|边|身)(?:身體|身体|身子|臉|脸)?"
            r"(?:沒力|没力|無力|无力|麻|不能動|不能动|動不了|动不了)",
        ),
    ),
    (
        "unconscious",
        (
            r"unconscious|unresponsive|not responding|(?:won'?t|will not|doesn'?t|does not) wake up"
            r"|(?:can'?t|cannot) wake (?:him|her|them) up|passed out|lost consciousness|collapsed",
            r"(?:без|потерял\w?|потеря\w?|теря\w+) сознани\w+|не приходит в себя"
            r"|не (?:просыпается|реагирует)|упал\w? в обморок",
        ),
        (
            rf"意識{_FILL_JA}(?:ない|無い|なく|なか|ありませ|もうろう|朦朧|失|不明|戻ら|遠の)",
            r"(?:気|き)を失|失神|(?:呼びかけ|呼んで|声をかけ|倒れ)(?:に|も|て)*"
            r"(?:反応|返事|答え|動か|動き|起き)(?:が|は|も|し)*(?:な[いく]|ませ|ありませ)",
            r"反応(?:が|も)(?:ない|ありませ|なく)",
            r"昏迷|(?:失去|沒有|没有|沒了|没了)(?:了)?(?:意識|意识|知覺|知觉)|叫不醒|不省人事"
            r"|(?:昏|暈|晕)(?:倒|過去|过去)",
        ),
    ),
    (
        "seizure",
        (
            r"(?:having|has|had|have) (?:a |another )?(?:seizures?|fits|convulsions?)",
            r"seizures?|convuls(?:ing|ions?)",
            r"судорог\w*(?! (?:в|во|по|на)? ?(?:ног|икр|ступ|пальц|мышц)\w*)"
            r"|судорожн\w+ (?:приступ|припадок)|эпилептическ\w+ (?:приступ|припадок)"
            r"|припадок",
        ),
        (
            r"(?<!足が)(?<!足の)(?<!まぶたが)(?<!まぶたの)(?<!胃)(?:けいれん|痙攣)|ひきつけ|てんかん(?:の)?発作",
            r"(?<!嘴角)抽搐|痉挛|癲癇發作|癫痫发作|抽筋不(?:止|停)|羊癲瘋|羊癫疯",
        ),
    ),
    (
        "bleeding",
        (
            r"(?:heavy|severe|uncontrolled|massive) bleeding|bleeding (?:heavily|badly|a lot)",
            r"bleeding (?:won'?t|will not|does not|doesn'?t|isn'?t|not) stop(?:ping|ped)?",
            r"(?:can'?t|cannot) stop (?:the |my )?bleeding|won'?t stop bleeding",
            r"(?:vomiting|vomited|throwing up|coughing up) (?:up )?(?:a lot of )?blood"
            r"|blood (?:is )?(?:spurting|gushing)|lost a lot of blood",
            r"(?:сильное|обильное|сильного) кровотечени\w|кров(?:ь|отечение) не останавлива\w+"
            r"|не (?:могу|можем) остановить кровь|истека\w+ кровью|рв(?:ет|ота|оту) (?:с )?кровью"
            r"|кровь (?:хлещет|льется|фонтаном)",
        ),
        (
            r"(?<!到)(?<!得)(?<!快)(?<!要)吐血|大量(?:に|の)?出血|大出血|(?:血|出血)(?:が|は)(?:ぜんぜん|全然|なかなか)?"
            r"(?:止|と)ま(?:ら[なずん]|りませ)|血を(?:たくさん|大量に)?(?:吐|はい[たて])",
            r"大(?:量)?(?:出血|流血)|(?:血|流血|出血)(?:一直)?(?:止不住|不止|停不下來|停不下来)"
            r"|止不住血|(?:吐|嘔|呕)(?:了)?(?:很多|好多|大量)?血",
        ),
    ),
    (
        "anaphylaxis",
        (
            r"anaphyla(?:xis|ctic(?: shock)?)",
            r"(?:throat|tongue) (?:is |has )?(?:swelling|swollen|closing|swelled)"
            r"|swollen (?:throat|tongue)",
            r"анафила\w+|отек (?:квинке|горла|языка|гортани)"
            r"|(?:горло|язык) (?:отекает|отекло|опухает|опухло|отек|опух)",
        ),
        (
            r"あなふぃらき",
            rf"(?:喉|のど|舌|した){_FILL_JA}(?:腫れ|はれて|はれた|ふさが)",
            r"過敏性休克|过敏性休克|(?:喉嚨|喉咙|舌頭|舌头)(?:都|開始|开始|很|好)*(?:腫|肿)",
        ),
    ),
    (
        "overdose",
        (
            r"overdos(?:e|ed|ing)|(?:took|taken|swallowed) (?:far |way )?too many (?:pills|tablets"
            r"|sleeping pills|of (?:my|the|his|her) (?:pills|tablets))",
            r"(?:took|swallowed|taken) (?:all|(?:a|the) whole (?:bottle|box) of)"
            r"(?: of)? (?:my |the |his |her )?(?:pills|tablets|medicine|medication|sleeping pills)",
            r"(?:swallowed|drank|drunk) (?:some )?(?:bleach|poison|detergent|pesticide)|poisoned",
            r"передозировк\w+|(?:выпил\w?|принял\w?|съел\w?) (?:слишком много|много|все|горсть)"
            r" (?:таблет\w+|лекарств\w*|снотворн\w+)",
            r"(?:выпил\w?|принял\w?|съел\w?) (?:всю|целую) (?:пачку|упаковку)",
            r"наглотал\w+ таблеток|отравил\w+ (?:таблетками|лекарствами|газом|уксусом)"
            r"|выпил\w? (?:хлорку|уксус|яд)",
        ),
        (
            r"おーばーどーず|過量服薬|(?:薬|くすり|錠剤|睡眠薬)を?(?:全部|大量に|たくさん|いっぱい|一気に"
            r"|まとめて)(?:飲|のん)|(?:大量|たくさん)の(?:薬|睡眠薬)を(?:飲|のん)",
            r"(?:漂白剤|洗剤|農薬|毒)を(?:飲|のん)",
            r"(?:服藥|服药|用藥|用药|藥物|药物|吃藥|吃药)(?:過量|过量)"
            r"|(?:吃|吞|服)(?:下|了|食)*(?:很多|好多|大量|太多|過量的?|过量的?|一整瓶|整瓶|一瓶|全部的?)"
            r"(?:的)?(?:藥|药|安眠藥|安眠药)|喝(?:了)?(?:農藥|农药|漂白水|毒藥|毒药)|(?:吃|吞)(?:了)?毒",
        ),
    ),
    (
        "self_harm",
        (
            r"(?:want|wants|wanted|going|plan|planning|decided|ready|intend) to (?:die|kill myself"
            r"|kill (?:himself|herself|themselves)|end my life|end it all|be dead)"
            r"(?! (?:laughing|of (?:laughter|boredom|embarrassment|shame|hunger)))",
            r"kill(?:ing)? myself|suicid(?:e|al)|end(?:ing)? my (?:own )?life"
            r"|take my (?:own )?life",
            r"(?:don'?t|do not|doesn'?t|no longer) want to (?:live|be alive|exist|wake up)"
            r"|wish i (?:was|were) dead|better off dead|no reason to live",
            r"(?:self[- ]?harm(?:ing)?|hurt(?:ing)? myself|cut(?:ting)? (?:myself|my wrists?)"
            r"|hang(?:ing)? myself)",
            r"хо(?:чу|чет|тел\w?|чется) умереть(?! (?:от|со) (?:смех|стыд|скук)\w)"
            r"|не хо(?:чу|чет|чется) (?:больше )?жить"
            r"|покончить с (?:собой|жизнью)|(?:убить|убью|порезать|порежу) себя|самоубийств\w*"
            r"|суицид\w*|лучше бы я умер\w*|повеситься|повешусь|вскрыть вены|режу себя",
        ),
        (
            r"(?:死|し)にたい(?!ほど|くらい|ぐらい)|自殺|自傷|りすとかっと|りすか(?:し|を)|首を[吊つ][りろっ]"
            r"|飛び降り(?:たい|よう|る)|生きて(?:い)?たくない|生きるのをやめ|命を(?:絶|断)|殺してほしい",
            r"想死(?!你|妳|您|我|他|她|它|大家|家|這|这|那)|(?:想|要|打算)(?:去)?(?:自殺|自杀)|自殺|自杀"
            r"|輕生|轻生|(?:不想|不願|不愿)(?:再)?活(?!動|动)|自殘|自残|割腕|上吊|跳樓|跳楼"
            r"|結束(?:我的|自己的)?生命|结束(?:我的|自己的)?生命|活不下去了",
        ),
    ),
)

NEAR = 40  # signs; a denial further off denies something else
# What stands right before or after a phrase and denies it.
_DENIED_BEFORE = re.compile(
    r"(?:(?<!\w)(?:no|not|without|never(?: had)?|don'?t have|do not have|doesn'?t have|haven'?t had"
    r"|not having|isn'?t|wasn'?t|am not|do not|don'?t|нет|не было|нету|без|не|никаких|никакой)"
    r"(?: any| a| the| more| really)? "
    r"|(?:並?沒有?|并?没有?|無|无|不|不是|未)(?:有|感到|再|會|会)?)$"
)
_DENIED_AFTER = re.compile(
    r"^(?: (?:нет|нету|не было|отсутству\w+)(?!\w)"
    r"|[いくみむしさ]?(?:は|が|も|など|とか|や|の|です|症状|こと|わけ|とは|で)*"
    r"(?:な[いく]|無[いし]|なし|ありませ|ございませ|思[わいっ]+(?:な|ませ)|していませ|していな))"
)


def _alphabet(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


_rules = tuple(
    (rule, _alphabet(words), re.compile("|".join(signs))) for rule, words, signs in _RULES
)


def _levelled(text: str) -> tuple[str, str]:
    """The text for alphabets, and for kana and Han: there without spaces, in hiragana.

    Marks between statements stay, so that "no, chest pain again" is not read as "no chest pain".
    """
    text = unicodedata.normalize("NFKC", text)[:LONGEST].casefold().replace("ё", "е")
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Mn"))
    text = re.sub("[’‘`´]", "'", text)
    words = " ".join(re.sub(r"[^\w' -]+| -+ ", " ; ", text).split())
    signs = (
        chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign
        for sign in re.sub(r"[\s、・]", "", text)
    )
    return words, "".join(signs)


def screen(text: str) -> RedFlag | None:
    """The gravest red flag of a text: one that is stated before one that is denied; else None."""
    words, signs = _levelled(text)
    denied: str | None = None
    for rule, alphabet, han in _rules:
        for pattern, levelled in ((alphabet, words), (han, signs)):
            for found in pattern.finditer(levelled):
                before = levelled[max(0, found.start() - NEAR) : found.start()]
                after = levelled[found.end() : found.end() + NEAR]
                if not (_DENIED_BEFORE.search(before) or _DENIED_AFTER.search(after)):
                    return RedFlag(rule, 4)
                denied = denied or rule
    return RedFlag(denied, 3, negated=True) if denied else None
