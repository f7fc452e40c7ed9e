"""The simulator is as strict as Telegram: what it refuses, how it delivers, what it writes down."""

import asyncio
import json
import sys
from collections import Counter

import aiohttp
import pytest
from aiohttp import web

from bot.local.simulators.telegram import TOKEN, TelegramSimulator

SECRET = "s3cret"


@pytest.fixture
async def call(telegram):
    """Call a method with JSON: status, and result or description."""
    telegram._validator = None  # these requests are wrong on purpose
    async with aiohttp.ClientSession() as session:

        async def call(method, token=TOKEN, form=None, **params):
            body = {"data": form} if form else {"json": params}
            async with session.post(f"{telegram.url}/bot{token}/{method}", **body) as answer:
                told = await answer.json()
                assert told["ok"] is (answer.status == 200)
                return answer.status, told.get("result", told.get("description"))

        yield call


class Hook:
    """A webhook that answers as it is told, and remembers what came."""

    def __init__(self):
        self.seen, self.answers, self.secrets = [], [], set()

    async def answer(self, request):
        update = await request.json()
        self.seen.append(update)
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        return web.Response(status=status, headers=headers)

    @property
    def texts(self):
        return [u["message"]["text"] if "message" in u else "press" for u in self.seen]


@pytest.fixture
async def hook(telegram):
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    telegram.webhooks.set(url, SECRET, ("message", "callback_query", "my_chat_member"))
    yield hook
    await telegram.webhooks.close()
    await runner.cleanup()


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # many conditions, one short wait
            await asyncio.sleep(0.005)


def inline(**button):
    return {"inline_keyboard": [[{"text": "x", **button}]]}


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n\u200b"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "👨" * 2049}, "message is too long"),
        ({"text": "x", "chat_id": 12}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "parse_mode": "Word"}, "unsupported parse_mode"),
        (
            {"text": "a <c", "parse_mode": "HTML"},
            "can't parse entities: Unclosed start tag at byte offset 2",
        ),
        (
            {"text": "é <c>", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "c" at byte offset 3',
        ),
        ({"text": "x", "reply_markup": inline(callback_data="y" * 65)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": inline(callback_data="é" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": inline(callback_data="")}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "reply_markup": inline()},
            "can't parse inline keyboard button: exactly one action is needed",
        ),
        (
            {"text": "x", "reply_markup": inline(callback_data="y", url="https://a.b")},
            "can't parse inline keyboard button: exactly one action is needed",
        ),
        (
            {"text": "x", "reply_markup": inline(url="tel:119")},
            "inline keyboard button URL 'tel:119' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x", "reply_markup": inline(url="http://localhost/")},
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[inline()] * 101]}},
            "REPLY_MARKUP_TOO_LONG",
        ),
        ({"text": "x", "reply_markup": {}}, "object expected as reply markup"),
    ],
)
async def test_a_wrong_message_is_refused_whole(telegram, call, params, description):
    telegram.start(11)
    status, told = await call("sendMessage", **({"chat_id": 11} | params))
    assert (status, told) == (400, f"Bad Request: {description}")
    assert telegram.ledger.entries == []


@pytest.mark.parametrize(
    ("token", "method", "status"),
    [(TOKEN, "getMe", 200), (TOKEN, "GETME", 200), (TOKEN, "getYou", 404), ("1:x", "getMe", 401)],
)
async def test_the_token_and_the_method_must_be_right(call, token, method, status):
    assert (await call(method, token=token))[0] == status


async def test_parameters_come_as_a_form_too(telegram, call):
    telegram.start(11)
    form = {"chat_id": "11", "text": "hi", "reply_markup": json.dumps(inline(callback_data="y"))}
    assert (await call("sendMessage", form=form))[0] == 200
    assert telegram.received(11) == ["hi"]


async def test_a_message_is_edited_but_not_into_itself(telegram, call):
    telegram.start(11)
    _, message = await call("sendMessage", chat_id=11, text="a", reply_markup=inline(url="a.b"))
    target = {"chat_id": 11, "message_id": message["message_id"]}
    assert (await call("editMessageText", text="b", **target))[0] == 200
    status, told = await call("editMessageText", text="b", **target)
    assert (status, told.partition(":")[2][:24]) == (400, " message is not modified")
    assert (await call("editMessageReplyMarkup", **target))[0] == 400
    markup = inline(callback_data="y")
    assert (await call("editMessageReplyMarkup", reply_markup=markup, **target))[0] == 200
    assert telegram.user(11).messages[message["message_id"]]["reply_markup"] == markup
    gone = {"chat_id": 11, "message_id": 999}
    assert (await call("editMessageText", text="c", **gone))[0] == 400


async def test_a_query_is_answered_once_and_soon(telegram, call, hook):
    telegram.start(11)
    await call("sendMessage", chat_id=11, text="?", reply_markup=inline(callback_data="y"))
    for _ in range(2):
        telegram.press(11, "x")
    first, second = telegram.api.queries
    assert await call("answerCallbackQuery", callback_query_id=first) == (200, True)
    assert (await call("answerCallbackQuery", callback_query_id=first))[0] == 400
    telegram.time.advance(16)
    assert (await call("answerCallbackQuery", callback_query_id=second))[0] == 400


async def test_only_a_button_that_was_shown_can_be_pressed(telegram, call):
    telegram.start(11)
    with pytest.raises(LookupError):
        telegram.press(11, "x")
    await call("sendMessage", chat_id=11, text="?", reply_markup=inline(url="https://a.b"))
    with pytest.raises(LookupError):
        telegram.press(11, "x")


async def test_a_picture_can_be_fetched(telegram, call):
    telegram.start(11)
    telegram.send_media(11, "photo", b"pixels")
    (file_id,) = telegram.api.files
    _, file = await call("getFile", file_id=file_id)
    url = f"{telegram.url}/file/bot{TOKEN}/{file['file_path']}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert await answer.read() == b"pixels"
    assert (await call("getFile", file_id="other"))[0] == 400


async def test_over_all_chats_thirty_a_second_pass(telegram, call):
    for user in range(1, 41):
        telegram.start(user)
    answers = [await call("sendMessage", chat_id=user, text="x") for user in range(1, 41)]
    assert Counter(status for status, _ in answers) == {200: 30, 429: 10}
    assert telegram.api.too_early == 9
    telegram.time.advance(1)
    assert (await call("sendMessage", chat_id=40, text="x"))[0] == 200


async def test_updates_come_with_the_secret_in_order_of_their_queue(telegram, hook):
    telegram.start(11, "code")
    telegram.say(11, "one")
    telegram.say(11, "two")
    telegram.share_contact(11, "8190", owner=12)
    telegram.send_media(11, "voice", caption="three")
    telegram.block(11)
    telegram.unblock(11)
    await telegram.webhooks.settle()
    ids = [update["update_id"] for update in hook.seen]
    chats = [u["update_id"] for u in hook.seen if "message" in u]
    assert (len(ids), chats, hook.secrets) == (7, sorted(chats), {SECRET})


async def test_a_failing_update_blocks_its_queue_and_only_that(telegram, hook):
    telegram.start(11)
    telegram.start(12)
    await telegram.webhooks.settle()
    hook.answers = [(503, {}), (503, {}), (200, {}), (503, {})]
    telegram.say(11, "one")
    telegram.say(11, "two")
    attempts = telegram.webhooks.attempts
    await until(lambda: len(attempts) == 4)  # tried, and again at once; now it waits 2 s
    telegram.say(12, "other")
    await until(lambda: len(attempts) == 5)
    telegram.time.advance(2)
    await until(lambda: len(attempts) == 6)
    telegram.time.advance(4)
    await telegram.webhooks.settle()
    assert hook.texts[2:] == ["one", "one", "other", "one", "one", "two"]


async def test_a_retry_after_is_honoured(telegram, hook):
    hook.answers = [(503, {"Retry-After": "100"})]
    telegram.start(11)
    await until(lambda: telegram.webhooks.attempts)
    telegram.time.advance(99)
    assert len(hook.seen) == 1
    telegram.time.advance(1)
    await telegram.webhooks.settle()
    assert len(hook.seen) == 2


async def test_a_pressed_button_is_given_up_after_150_seconds(telegram, call, hook):
    telegram.start(11)
    await call("sendMessage", chat_id=11, text="?", reply_markup=inline(callback_data="y"))
    await telegram.webhooks.settle()
    hook.answers = [(500, {})] * 50
    update_id = telegram.press(11, "x")
    attempts = telegram.webhooks.attempts
    for tries in (3, 4, 5):  # the first update, then this one: at 0, 0, 60, 120, 180 s
        await until(lambda tries=tries: len(attempts) == tries)
        telegram.time.advance(60)
    await telegram.webhooks.settle()
    assert telegram.webhooks.expired == [update_id]


async def test_a_tap_may_overtake_a_text(telegram, call, hook):
    telegram.start(11)
    await call("sendMessage", chat_id=11, text="?", reply_markup=inline(callback_data="y"))
    await telegram.webhooks.settle()
    telegram.webhooks.hold("chat")
    telegram.say(11, "first")
    telegram.press(11, "x")
    await until(lambda: len(hook.seen) == 2)
    telegram.webhooks.release("chat")
    await telegram.webhooks.settle()
    assert hook.texts[1:] == ["press", "first"]


async def test_an_update_may_come_twice(telegram, hook):
    telegram.webhooks.duplicates = 1.0
    update_id = telegram.start(11)
    await telegram.webhooks.settle()
    telegram.webhooks.redeliver(update_id)
    await telegram.webhooks.settle()
    assert {update["update_id"] for update in hook.seen} == {update_id}
    assert len(hook.seen) == 4


async def test_kinds_that_are_not_allowed_are_not_delivered(telegram, hook):
    telegram.start(11)
    telegram.edit(11, 2, "other")
    await telegram.webhooks.settle()
    assert len(hook.seen) == 1


async def test_without_a_webhook_updates_wait(telegram, call):
    telegram.start(11)
    _, info = await call("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == ("", 1)


@pytest.mark.parametrize(
    "params", [{"secret_token": "no spaces"}, {"allowed_updates": ["massage"]}, {"url": 7}]
)
async def test_a_wrong_webhook_is_refused(call, params):
    assert (await call("setWebhook", **({"url": "https://a.b/"} | params)))[0] == 400


async def test_it_runs_in_a_process_of_its_own(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.local.simulators.telegram"),
        *("--ledger", str(ledger), "--fault", "500=0"),
        stdout=asyncio.subprocess.PIPE,
    )
    url = json.loads(await process.stdout.readline())["url"]
    async with aiohttp.ClientSession(url) as session:

        async def control(action, **arguments):
            async with session.post(f"/_control/{action}", json=arguments) as answer:
                return answer.status, await answer.json()

        async def read(path):
            async with session.get(f"/_control/{path}") as answer:
                return await answer.json()

        assert (await control("start", user_id=11))[0] == 200
        assert (await control("press", user_id=11, button="x"))[0] == 400
        assert (await control("dance"))[0] == 404
        await control("faults", once=["accept_then_500"])
        async with session.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": 11, "text": "hi"}):
            pass
        assert await read("received?user_id=11") == ["hi"]
        assert (await read("stats"))["faults"] == {"accept_then_500": 1}
        assert [entry["text"] for entry in await read("ledger?since=0")] == ["hi"]
    process.terminate()
    assert await process.wait() == 0
    (line,) = ledger.read_text().splitlines()
    entry = json.loads(line)
    assert (entry["chat_id"], entry["text"], entry["fault"]) == (11, "hi", "accept_then_500")


async def test_swaps_and_duplicates_lose_nothing(hook, telegram):
    telegram.webhooks.swaps = telegram.webhooks.duplicates = 0.3
    telegram.webhooks.swap_delay = 0
    sent = {telegram.start(user) for user in range(1, 51)}
    sent |= {telegram.say(user, "hi") for user in range(1, 51)}
    await until(lambda: telegram.time.advance(1) or not telegram.webhooks.pending)
    await telegram.webhooks.settle()
    seen = Counter(update["update_id"] for update in hook.seen)
    assert set(seen) == sent
    assert 15 < sum(count == 2 for count in seen.values()) < 45


async def test_a_blocked_person_says_nothing():
    async with TelegramSimulator() as telegram:
        telegram.start(11)
        telegram.block(11)
        with pytest.raises(ValueError):
            telegram.say(11, "hello?")
        with pytest.raises(ValueError):
            telegram.start(12, "not a payload!")
