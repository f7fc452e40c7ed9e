"""Short typed commands in five languages, and what is no command."""

import pytest

from flows.words import Word, command, fold, read

READ = [
    (Word.STOP, ["Stop", "ＳＴＯＰ", "stop!", "please stop", "停止", "退訂", "退订", "СТОП"]),
    (Word.START, ["start", "/start", "再開", "開始", "开始", "Старт"]),
    (Word.MENU, ["Menu", "メニュー", "ﾒﾆｭｰ", "選單", "菜单", "меню", "the menu please"]),
    (Word.BACK, ["back", "戻る", "上一步", "返回", "Назад"]),
    (Word.HELP, ["help", "?", "Help?", "？", "使い方", "說明", "帮助", "помощь", "i need help"]),
    (Word.PERSON, ["person", "スタッフ", "人", "客服", "真人", "Оператор, пожалуйста"]),
    (Word.PERSON, ["I need a human", "スタッフと話したい", "転送 スタッフ"]),
    (Word.LANGUAGE, ["language", "Change language", "語言", "语言", "言語", "язык"]),
    (Word.BOOK, ["I want to book", "予約したいです", "我要掛號", "我想预约", "хочу записаться"]),
    (Word.MOVE, ["reschedule", "予約の変更をお願いします", "改期", "Перенести приём"]),
    (Word.CANCEL, ["Cancel my booking", "予約をキャンセルしたい", "取消預約", "取消预约"]),
    (Word.CANCEL, ["отменить запись"]),
    (Word.VISITS, ["my visits", "予約の確認", "我的預約", "我的预约", "мои визиты", "мой приём"]),
    (Word.LINK, ["link my record", "連携コード", "绑定", "код"]),
    (Word.YES, ["yes", "YES!", "はい、お願いします。", "好的", "да", "ok"]),
    (Word.NO, ["no", "いいえ", "不用", "不用了", "нет"]),
    (Word.HELLO, ["hello", "こんにちは", "您好", "Здравствуйте!"]),
    (Word.THANKS, ["thank you", "ありがとうございます", "謝謝", "спасибо"]),
]


@pytest.mark.parametrize(("word", "texts"), READ)
def test_a_few_words_are_understood(word, texts):
    assert {text: read(text) for text in texts} == dict.fromkeys(texts, word)


@pytest.mark.parametrize(
    "text",
    [
        "please stop by the desk when you have time",
        "I could not stop there, can you cancel the parking ticket",
        "don't cancel",
        "キャンセルしないでください",
        "不要取消",
        "не отменяйте",
        "restart",
        "bookkeeper",
        "menuet",
        "昨日から頭が痛くて予約した時間まで待てるか心配です",
        "stop the pain in my knee please",
        "12",
        "",
        "   ",
        "👍",
        "...",
    ],
)
def test_what_only_contains_a_command_is_none(text):
    assert read(text) is None


@pytest.mark.parametrize("text", ["book", "cancel", "yes", "i want the menu", "human being"])
def test_under_a_question_for_free_text_only_whole_commands_are_heard(text):
    assert command(text) is None


@pytest.mark.parametrize("text", ["menu", "Stop", "戻る", "help", "スタッフ"])
def test_whole_commands_are_heard_everywhere(text):
    assert command(text) is read(text) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wed, Nov 25, 10:00", "wed nov 25 10:00"),
        ("11月25日(水) 10:00", "１１月２５日（水）１０：００"),
        ("Ещё", "еще"),
        ("don’t", "DON'T"),
        ("１", "1."),
        ("?", "？"),
    ],
)
def test_texts_that_differ_in_looks_alone_are_the_same(one, other):
    assert fold(one) == fold(other)
