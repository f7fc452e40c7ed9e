"""The methods of the Bot API that Kayoi calls, as strict as the platform.

Error texts: tdlib/telegram-bot-api and tdlib/td. Limits: Bot API 10.1 and Telegram's bot FAQ.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.local.simulators.telegram_state import Allowance, Ledger, SimulatedTime
from bot.local.simulators.telegram_text import (
    NotParsed,
    clean,
    is_empty,
    parse_html,
    trimmed,
    units,
)
from bot.local.simulators.telegram_webhooks import Webhooks

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTON_LIMIT = 100
ANSWER_LIMIT = 200
CALLBACK_LIFETIME = 15.0  # seconds in which a pressed button can be answered
ACTIONS = {"url", "callback_data", "web_app", "login_url", "copy_text", "switch_inline_query"}
CHAT_ACTIONS = {"typing", "upload_photo", "record_voice", "upload_document", "find_location"}
MARKUPS = {"inline_keyboard", "keyboard", "remove_keyboard", "force_reply"}
UPDATE_KINDS = {"message", "edited_message", "callback_query", "my_chat_member"}
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


class ApiError(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, retry_after: int = 0) -> None:
        super().__init__(description)
        self.code, self.description, self.retry_after = code, description, retry_after


def bad(description: str) -> ApiError:
    """A 400."""
    return ApiError(400, f"Bad Request: {description}")


def too_many(seconds: float) -> ApiError:
    """A 429."""
    wait = max(math.ceil(seconds), 1)
    return ApiError(429, f"Too Many Requests: retry after {wait}", wait)


@dataclass(slots=True)
class User:
    """A person with the bot's private chat on the phone."""

    id: int
    first_name: str
    last_name: str = ""
    language_code: str = ""
    phone: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    messages: dict[int, Json] = field(default_factory=dict)  # what the bot sent, as now shown
    keyboard: Json | None = None  # the reply keyboard now shown
    typing: int = 0  # chat actions seen

    def as_json(self) -> Json:
        """The type User."""
        told = {"last_name": self.last_name, "language_code": self.language_code}
        person = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return person | {name: value for name, value in told.items() if value}

    def chat(self) -> Json:
        """The type Chat."""
        return {"id": self.id, "type": "private", "first_name": self.first_name}


@dataclass(slots=True)
class Query:
    """A pressed button that waits for its answer."""

    user: User
    at: float
    answered: bool = False


class BotApi:
    """One bot: its users, and the methods by name."""

    def __init__(
        self, time: SimulatedTime, ledger: Ledger, webhooks: Webhooks, limits: tuple[float, ...]
    ) -> None:
        self.rate, self.burst, self.rate_per_chat, self.burst_per_chat = limits
        self.time, self.ledger, self.webhooks = time, ledger, webhooks
        self.users: dict[int, User] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, bytes] = {}
        self.unfetched: set[str] = set()  # addresses of pictures that do not answer
        self.too_early = 0  # sends before an earlier 429's retry_after was over
        self.me = {
            "id": 7_000_000_001,
            "is_bot": True,
            "first_name": "Kayoi",
            "username": "kayoi_test_bot",
        }
        self._next_message = 1
        self._all = Allowance(self.rate, self.burst)
        self._chats: dict[int, Allowance] = {}
        self._webhook_set_at = -math.inf
        self.methods: dict[str, Callable[[Json], Any]] = {
            "getme": lambda _: self.me | {"can_join_groups": False},
            "setwebhook": self._set_webhook,
            "getwebhookinfo": self._webhook_info,
            "deletewebhook": self._delete_webhook,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "answercallbackquery": self._answer_callback,
            "sendchataction": self._chat_action,
            "getfile": self._get_file,
        }

    def next_message_id(self) -> int:
        """A new message id."""
        self._next_message += 1
        return self._next_message

    def shut(self, seconds: float) -> None:
        """The whole bot is answered 429 for so long."""
        self._all.closed_until = max(self._all.closed_until, self.time.now() + seconds)

    def _send_message(self, params: Json) -> Json:
        text, entities = self._text(params)
        words = {"text": text} | ({"entities": entities} if entities else {})
        return self._sent("sendMessage", words, params)

    def _send_photo(self, params: Json) -> Json:
        """A picture by its address, which Telegram fetches before anything is shown."""
        photo = params.get("photo")
        caption = {"text": params["caption"]} if params.get("caption") else {}
        text, entities = self._text(params | caption, CAPTION_LIMIT) if caption else ("", [])
        self._chat(params)
        if not isinstance(photo, str) or not re.fullmatch(r"https?://[!-~]+", photo):
            raise bad("wrong file identifier/HTTP URL specified")
        if photo in self.unfetched:
            raise bad("failed to get HTTP URL content")
        words: Json = {"caption": text} if text else {}
        words |= {"caption_entities": entities} if entities else {}
        size = {"file_id": photo, "file_unique_id": photo[-16:], "width": 800, "height": 600}
        return self._sent("sendPhoto", {"photo": [size], **words}, params)

    def _sent(self, method: str, content: Json, params: Json) -> Json:
        markup = _markup(params.get("reply_markup"))
        user = self._chat(params)
        self._limit(user.id)
        _reachable(user)
        message: Json = {
            "message_id": self.next_message_id(),
            "from": self.me,
            "chat": user.chat(),
            "date": int(self.time.now()),
            **content,
        }
        if "inline_keyboard" in markup:
            message["reply_markup"] = markup
        elif markup:
            user.keyboard = markup if "keyboard" in markup else None
        user.messages[message["message_id"]] = message
        self._record(method, message, markup, params)
        return message

    def _edit_text(self, params: Json) -> Json:
        text, entities = self._text(params)
        user, message = self._message(params)
        markup = _markup(params.get("reply_markup"))
        edited = {key: message[key] for key in ("message_id", "from", "chat", "date")}
        edited |= {"text": text} | ({"entities": entities} if entities else {})
        edited |= {"reply_markup": markup} if markup.get("inline_keyboard") else {}
        return self._edited("editMessageText", user, message, edited, params)

    def _edit_markup(self, params: Json) -> Json:
        user, message = self._message(params)
        markup = _markup(params.get("reply_markup"))
        edited = {key: value for key, value in message.items() if key != "reply_markup"}
        edited |= {"reply_markup": markup} if markup.get("inline_keyboard") else {}
        return self._edited("editMessageReplyMarkup", user, message, edited, params)

    def _edited(self, method: str, user: User, message: Json, edited: Json, params: Json) -> Json:
        edited.pop("edit_date", None)
        if edited == {key: value for key, value in message.items() if key != "edit_date"}:
            raise bad(NOT_MODIFIED)
        self._limit(user.id)
        _reachable(user)
        edited["edit_date"] = int(self.time.now())
        user.messages[edited["message_id"]] = edited
        self._record(method, edited, edited.get("reply_markup", {}), params)
        return edited

    def _record(self, method: str, message: Json, markup: Json, params: Json) -> None:
        self.ledger.append(
            {
                "at": self.time.now(),
                "method": method,
                "chat_id": message["chat"]["id"],
                "message_id": message["message_id"],
                "text": message.get("text", message.get("caption", "")),
                "entities": message.get("entities", message.get("caption_entities", [])),
                "photo": message["photo"][0]["file_id"] if "photo" in message else None,
                "reply_markup": markup,
                "fault": params.get("_fault", ""),
            }
        )

    def _text(self, params: Json, limit: int = TEXT_LIMIT) -> tuple[str, list[Json]]:
        text, entities = params.get("text"), params.get("entities", [])
        if not isinstance(text, str) or not text:
            raise bad("message text is empty")
        mode = params.get("parse_mode", "")
        if mode not in ("", "HTML"):
            raise bad("unsupported parse_mode")
        if mode:
            try:
                text, entities = parse_html(clean(text))
            except NotParsed as error:
                raise bad(f"can't parse entities: {error}") from error
        text, entities = trimmed(clean(text), entities)
        if is_empty(text):
            raise bad("message text is empty")
        if units(text) > limit:
            raise bad("message is too long" if limit == TEXT_LIMIT else "caption is too long")
        return text, entities

    def _chat(self, params: Json) -> User:
        address = params.get("chat_id")
        if address in (None, ""):
            raise bad("chat_id is empty")
        user = self.users.get(int(address)) if re.fullmatch(r"-?\d+", str(address)) else None
        if user is None or not user.started:
            raise bad("chat not found")
        return user

    def _message(self, params: Json) -> tuple[User, Json]:
        user = self._chat(params)
        try:
            return user, user.messages[int(params.get("message_id", 0))]
        except (KeyError, ValueError, TypeError) as error:
            raise bad("message to edit not found") from error

    def _limit(self, chat_id: int) -> None:
        now = self.time.now()
        chat = self._chats.setdefault(chat_id, Allowance(self.rate_per_chat, self.burst_per_chat))
        for allowance in (self._all, chat):
            if allowance.closed_until > now:
                self.too_early += 1
                raise too_many(allowance.closed_until - now)
        for allowance in (chat, self._all):
            if wait := allowance.take(now):
                error = too_many(wait)
                allowance.closed_until = now + error.retry_after
                raise error

    def _answer_callback(self, params: Json) -> bool:
        query = self.queries.get(str(params.get("callback_query_id", "")))
        if not query or query.answered or self.time.now() - query.at > CALLBACK_LIFETIME:
            raise bad(TOO_OLD)
        if units(str(params.get("text", ""))) > ANSWER_LIMIT:
            raise bad("MESSAGE_TOO_LONG")
        query.answered = True
        return True

    def _chat_action(self, params: Json) -> bool:
        if params.get("action") not in CHAT_ACTIONS:
            raise bad("wrong parameter action in request")
        user = self._chat(params)
        _reachable(user)
        user.typing += 1
        return True

    def _get_file(self, params: Json) -> Json:
        file_id = str(params.get("file_id", ""))
        if file_id not in self.files:
            raise bad("invalid file_id")
        path = f"files/{file_id}"
        size = len(self.files[file_id])
        unique = file_id[-8:]
        return {"file_id": file_id, "file_unique_id": unique, "file_size": size, "file_path": path}

    def _set_webhook(self, params: Json) -> bool:
        url, secret = params.get("url"), params.get("secret_token", "")
        allowed = params.get("allowed_updates", [])
        if not isinstance(url, str):
            raise bad("parameter url is required")
        if not isinstance(secret, str) or not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad("secret token contains unallowed characters")
        if not isinstance(allowed, list) or not set(allowed) <= UPDATE_KINDS:
            raise bad("can't parse allowed updates")
        now = self.time.now()
        if now - self._webhook_set_at < 1:
            raise too_many(1)
        self._webhook_set_at = now
        self.webhooks.set(url, secret, tuple(allowed))
        return True

    def _delete_webhook(self, _: Json) -> bool:
        self.webhooks.set("", "", ())
        return True

    def _webhook_info(self, _: Json) -> Json:
        info: Json = {
            "url": self.webhooks.url,
            "has_custom_certificate": False,
            "pending_update_count": self.webhooks.pending,
            "allowed_updates": list(self.webhooks.allowed),
        }
        if self.webhooks.last_error:
            info["last_error_message"] = self.webhooks.last_error
        return info


def _reachable(user: User) -> None:
    if user.deactivated:
        raise ApiError(403, "Forbidden: user is deactivated")
    if user.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")


def _markup(markup: object) -> Json:
    """A reply_markup that passed the checks; {} for none."""
    if isinstance(markup, str):
        try:
            markup = json.loads(markup) if markup else None
        except ValueError as error:
            raise bad("can't parse reply keyboard markup JSON object") from error
    if markup is None:
        return {}
    if not isinstance(markup, dict) or len(MARKUPS & set(markup)) != 1:
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("field of the keyboard must be of type Array of Array")
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTON_LIMIT:
        raise bad("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        if not isinstance(button, dict) or not isinstance(button.get("text"), str):
            raise bad('can\'t parse keyboard button: field "text" must be of type String')
        if is_empty(clean(button["text"])):
            raise bad("can't parse keyboard button: text is empty")
        if "inline_keyboard" in markup:
            _inline(button)
    return markup


def _inline(button: Json) -> None:
    actions = ACTIONS & set(button)
    if len(actions) != 1:
        raise bad("can't parse inline keyboard button: exactly one action is needed")
    data = button.get("callback_data", "-")
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        problem = _url_problem(str(button["url"]))
        if problem:
            url = button["url"]
            raise bad(f"inline keyboard button URL '{url}' is invalid: {problem}")


def _url_problem(url: str) -> str:
    """Why a button cannot open an address; "" if it can."""
    try:
        parts = urlsplit(url if ":" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return "Wrong HTTP URL"
    if parts.scheme.lower() == "tg":
        return "" if host and parts.port is None else "Wrong tg URL"
    if parts.scheme.lower() not in ("http", "https"):
        return "Unsupported URL protocol"
    return "" if "." in host or ":" in host else "Wrong HTTP URL"
