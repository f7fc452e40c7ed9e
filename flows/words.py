"""Reads short typed commands in five languages. Only what is certain: the rest is None. Pure."""

import re
import unicodedata
from enum import Enum, auto

MAX_WORDS = 4  # of an alphabetic language; longer texts are told to somebody, not to the bot
MAX_SIGNS = 14  # of Japanese or Chinese
LONGEST = 6_000  # signs that are read of a text; no channel has more, but one may unfold to 18


class Word(Enum):
    """A command that a few typed words can give."""

    YES = auto()
    NO = auto()
    BACK = auto()
    MENU = auto()
    HELP = auto()
    PERSON = auto()
    LANGUAGE = auto()
    BOOK = auto()
    MOVE = auto()
    CANCEL = auto()
    VISITS = auto()
    LINK = auto()
    STOP = auto()
    START = auto()
    HELLO = auto()
    THANKS = auto()
    WAITLIST = auto()


# The whole text must be one of these. They are heard under every question, even where the patient
# was asked for free text; so "please cancel my parking, I cannot stop there" stays a note.
_EXACT: dict[Word, str] = {
    Word.STOP: """
        stop; please stop; stop please; unsubscribe; stop messages; stop all; 停止; 配信停止;
        配信を停止; 退訂; 退订; 停止訊息; 停止消息; 取消訂閱; 取消订阅; стоп; отписаться;
        отпишись; не присылайте
    """,
    Word.START: """
        start; subscribe; 再開; 配信再開; 配信を再開; 開始; 开始; 恢復訊息; 恢复消息; 訂閱;
        订阅; старт; подписаться; начать
    """,
    Word.BACK: """
        back; go back; 戻る; もどる; 前に戻る; 返回; 上一步; 回上一步; назад; обратно
    """,
    Word.MENU: """
        menu; main menu; メニュー; 選單; 主選單; 菜单; 主菜单; 選項; меню; главное меню
    """,
    Word.HELP: """
        help; ?; ヘルプ; 使い方; 助けて; 說明; 说明; 幫助; 帮助; 使用說明; 使用说明; помощь;
        справка; помогите
    """,
    Word.PERSON: """
        person; human; staff; operator; receptionist; 人; スタッフ; オペレーター; 受付; 人工;
        真人; 客服; 專人; 专人; 人工客服; 真人客服; 櫃台; 柜台; 前台; оператор; человек;
        сотрудник; администратор; регистратура
    """,
}

# The whole text again, but only where no free text is asked for.
_WHOLE: dict[Word, str] = {
    Word.YES: """
        yes; y; yeah; yep; ok; okay; sure; correct; はい; ええ; うん; そうです; はいそうです;
        お願いします; おねがいします; はいお願いします; はいおねがいします; よろしくお願いします;
        オッケー; 是; 是的; 好; 好的; 對; 对; 可以; 没错; 沒錯; 嗯; да; ага; хорошо; верно;
        конечно; согласен; согласна
    """,
    Word.NO: """
        no; n; nope; no thanks; いいえ; いえ; いや; ううん; ちがいます; 違います; 結構です;
        ありません; 特にありません; 特にない; なし; nothing; none; 没有; 沒有; ничего;
        不; 不是; 不用; 不要; 不用了; 不了; нет; не надо; не нужно; неа
    """,
    Word.HELLO: """
        hello; hi; hey; good morning; good afternoon; good evening; こんにちは; こんばんは;
        おはよう; おはようございます; はじめまして; 你好; 您好; 早安; 早上好; 嗨; 哈囉;
        晚上好; здравствуйте; привет; добрый день; добрый вечер; доброе утро
    """,
    Word.THANKS: """
        thanks; thank you; thank you very much; thx; many thanks; ありがとう;
        ありがとうございます; ありがとうございました; どうも; 了解; 了解です; 分かりました;
        わかりました; 謝謝; 谢谢; 謝謝您; 谢谢您; 謝謝你; 谢谢你; 多謝; 多谢; 感謝; 感谢;
        спасибо; большое спасибо; спасибо большое; благодарю; понятно
    """,
}

# Not a command: an answer where "not sure" is offered. There "わからない" asks for no help.
_UNSURE = """
    not sure; i'm not sure; im not sure; i am not sure; unsure; don't know; dont know; i don't know;
    i dont know; i do not know; no idea; maybe; perhaps; hard to say; can't tell; cannot say;
    わからない; 分からない; わかりません; 分かりません; よくわからない; よく分からない;
    よくわかりません; よく分かりません; わからないです; 分からないです; 不明; 微妙;
    どちらともいえない; たぶん; 多分; 不確定; 不确定; 不知道; 不清楚; 說不清; 说不清; 不太確定;
    不太确定; 也許; 也许; 可能; 不曉得; не знаю; не уверен; не уверена; не могу сказать;
    трудно сказать; сложно сказать; может быть; возможно; наверное; затрудняюсь ответить
"""

# A short text may contain these. Of several, the one further up counts: "cancel my booking".
_WITHIN: tuple[tuple[Word, str], ...] = (
    (
        Word.PERSON,
        """
        person; human; staff; operator; receptionist; スタッフ; オペレーター; 人と話; 人に代;
        受付の人; 人工; 真人; 客服; 專人; 专人; 服務人員; 工作人员; 轉接; 转接; оператор*;
        живой человек; с человеком; сотрудник*; администратор*
    """,
    ),
    (
        Word.LANGUAGE,
        "language; languages; 言語; 日本語; 語言; 语言; 中文; english; 英語; язык*; по-русски",
    ),
    (
        Word.WAITLIST,
        """
        waitlist; wait list; waiting list; キャンセル待ち; 空き待ち; 候補; 候补; 候診名單; 候诊名单;
        лист ожидания; лист ожидание; список ожидания
        """,
    ),
    (
        Word.CANCEL,
        """
        cancel; キャンセル; 取り消; 取消; 退號; 退号; やめる; やめたい; 中止; отмена;
        отменить; отмените; отменяю
    """,
    ),
    (
        Word.MOVE,
        """
        move; reschedule; change; postpone; 変更; 変えたい; ずらし; 改期; 更改; 變更; 变更;
        改時間; 改时间; 改約; 改约; перенести; перенесите; перенос; изменить; поменять
    """,
    ),
    (
        Word.VISITS,
        """
        my visits; my visit; my appointments; my appointment; my bookings; my booking;
        予約確認; 予約の確認; 予約を確認; 予約一覧; 予約はいつ; 私の予約; 我的預約; 我的预约;
        我的門診; 我的就诊; 我的掛號; 我的挂号; 查詢預約; 查询预约; 查預約; 查预约;
        мои визиты; мои записи; мой прием; моя запись; мои приемы
    """,
    ),
    (
        Word.LINK,
        """
        link; code; qr; 連携; 診察券; コード; 綁定; 绑定; 連結病歷; 关联; код; привязать;
        карта пациента
    """,
    ),
    (
        Word.BOOK,
        """
        book; booking; appointment; visit; reserve; 予約; 受診; 預約; 预约; 掛號; 挂号; 看診;
        看诊; 就诊; записаться; запись; запишите; записать; прием*
    """,
    ),
    (Word.HELP, "help; 使い方; わからない; 分からない; 怎麼用; 怎么用; помощь; помогите"),
    (Word.MENU, "menu; メニュー; 選單; 菜单; меню"),
)

# "do not cancel": what is denied is not done.
_DENIED = re.compile(
    r"(?<!\w)(?:don'?t|do not|not|never|не|нельзя)(?!\w)|しない|せず|不要|不想|別|别|没有|沒有"
)
_COURTESY = re.compile(
    r"(?<!\w)(?:please|i want to|i want|i'd like to|i need|пожалуйста|я хочу|хочу|мне нужно)(?!\w)"
    r"|(?:お願いします|ください|下さい|したいです|したい|です)$|^(?:請|请|我要|我想)|(?:謝謝|谢谢)$"
)
_MARKS = " .!;:…~〜「」『』()\"'/*-"
_CJK_GAP = re.compile(r"(?<=[぀-鿿()]) | (?=[぀-鿿()])")
_CJK = re.compile(r"[぀-鿿]")
_OURS = ("LATIN", "CYRILLIC", "CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HALFWIDTH KATAKANA")


def fold(text: str) -> str:
    """The text as it is compared: width, case, ё, quotes, commas, spaces, marks at its ends."""
    text = unicodedata.normalize("NFKC", text)[:LONGEST].casefold().replace("ё", "е")
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Mn"))
    text = re.sub("[,、。・]", " ", re.sub("[’‘`´]", "'", text))
    text = _CJK_GAP.sub("", " ".join(text.split())).strip(_MARKS)
    return text.rstrip("? ") or text


def _table(words: dict[Word, str]) -> dict[str, Word]:
    return {fold(phrase): word for word, lines in words.items() for phrase in lines.split(";")}


def _pattern(lines: str) -> re.Pattern[str]:
    """Whole words in alphabets (`*`: any ending), anywhere in kana and Han, which part no words."""
    parts = []
    for phrase in map(str.strip, lines.split(";")):
        word = re.escape(fold(phrase))
        if not _CJK.search(phrase):
            word = rf"(?<!\w){word}" + ("" if phrase.endswith("*") else r"(?!\w)")
        parts.append(word)
    return re.compile("|".join(parts))


_exact = _table(_EXACT)
_whole = _table(_WHOLE)
_unsure = frozenset(fold(phrase) for phrase in _UNSURE.split(";"))
_within = tuple((word, _pattern(lines)) for word, lines in _WITHIN)


def is_foreign(text: str) -> bool:
    """Whether the text is written in letters of none of our languages."""
    names = [unicodedata.name(sign, "") for sign in text[:LONGEST] if sign.isalpha()]
    return bool(names) and not any(name.startswith(_OURS) for name in names)


def command(text: str) -> Word | None:
    """A command that is the whole text: heard even where the patient was asked for free text."""
    return _exact.get(fold(text))


def unsure(text: str) -> bool:
    """Whether somebody says that they do not know, where that is an answer."""
    return fold(text) in _unsure


def read(text: str) -> Word | None:
    """What a short text means, None if that is not certain or the text is long."""
    folded = fold(text)
    if word := _exact.get(folded) or _whole.get(folded):
        return word
    bare = fold(_COURTESY.sub(" ", folded))
    if (word := _exact.get(bare)) and word not in (Word.STOP, Word.START):
        return word
    longest = MAX_SIGNS if _CJK.search(bare) else MAX_WORDS
    if len(bare if _CJK.search(bare) else bare.split()) > longest or _DENIED.search(folded):
        return None
    return next((word for word, pattern in _within if pattern.search(bare)), None)
