"""What LINE refuses in message objects, with its limits. Pure.

From the LINE Messaging API reference: message objects, flex messages, actions, quick replies.
Only text and flex messages are looked into; of the other kinds only the names are known.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from bot.channels.graphemes import graphemes, units

Problem = tuple[str, str]  # the property, and what is wrong with it

OTHER_MESSAGES = frozenset(
    {"textV2", "sticker", "video", "audio", "location", "imagemap", "template", "coupon"}
)
BUBBLE_SIZES = frozenset({"nano", "micro", "deca", "hecto", "kilo", "mega", "giga"})
TEXT_SIZES = frozenset({"xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl"})
LAYOUTS = frozenset({"horizontal", "vertical", "baseline"})
ONLY_IN_QUICK_REPLIES = frozenset({"camera", "cameraRoll", "location"})
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?")
URI = re.compile(r"(https?|line|tel):[!-~]+", re.IGNORECASE)
HALF_PAIR = re.compile("[\ud800-\udfff]")
KILOBYTE = 1024


def problems(messages: Any) -> list[Problem]:
    """All that LINE would refuse in the `messages` of one call; [] if it takes them."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return [("messages", "Size must be between 1 and 5")]
    return [
        found for i, message in enumerate(messages) for found in _message(f"messages[{i}]", message)
    ]


def _message(at: str, message: Any) -> Iterator[Problem]:
    if not isinstance(message, dict):
        yield at, "Must be an object"
        return
    match message.get("type"):
        case "text":
            yield from _string(f"{at}.text", message.get("text"), 1, 5000, units)
        case "flex":
            yield from _string(f"{at}.altText", message.get("altText"), 1, 1500, units)
            yield from _container(f"{at}.contents", message.get("contents"))
        case "image":
            for name in ("originalContentUrl", "previewImageUrl"):
                url = message.get(name)
                yield from _string(f"{at}.{name}", url, 1, 2000, len)
                if not re.fullmatch(r"https://[!-~]+", str(url)):
                    yield f"{at}.{name}", "invalid uri scheme"
        case kind if kind not in OTHER_MESSAGES:
            yield f"{at}.type", "Unknown message type"
    if "quickReply" in message:
        yield from _quick_reply(f"{at}.quickReply", message["quickReply"])


def _quick_reply(at: str, quick: Any) -> Iterator[Problem]:
    items = quick.get("items") if isinstance(quick, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= 13:
        yield f"{at}.items", "Size must be between 1 and 13"
        return
    for i, item in enumerate(items):
        here = f"{at}.items[{i}]"
        if not isinstance(item, dict) or item.get("type", "action") != "action":
            yield here, "Must be an action"
            continue
        yield from _action(f"{here}.action", item.get("action"), label=20, quick=True)


def _container(at: str, container: Any) -> Iterator[Problem]:
    kind = container.get("type") if isinstance(container, dict) else None
    if kind == "bubble":
        yield from _bubble(at, container)
    elif kind == "carousel":
        bubbles = container.get("contents")
        if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= 12:
            yield f"{at}.contents", "Size must be between 1 and 12"
            return
        for i, bubble in enumerate(bubbles):
            yield from _bubble(f"{at}.contents[{i}]", bubble)
        if len({bubble.get("size") for bubble in bubbles if isinstance(bubble, dict)}) > 1:
            yield at, "All bubbles of a carousel must have one size"
        if len(json.dumps(container)) > 50 * KILOBYTE:
            yield at, "Carousel is too large"
    else:
        yield f"{at}.type", "Unknown container type"


def _bubble(at: str, bubble: Any) -> Iterator[Problem]:
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        yield at, "Must be a bubble"
        return
    if bubble.get("size", "mega") not in BUBBLE_SIZES:
        yield f"{at}.size", "Unknown size"
    blocks = [name for name in ("header", "hero", "body", "footer") if name in bubble]
    if not blocks:
        yield at, "At least one block must be specified"
    for name in blocks:
        block = bubble[name]
        if name != "hero" and not (isinstance(block, dict) and block.get("type") == "box"):
            yield f"{at}.{name}", "Must be a box"
        yield from _component(f"{at}.{name}", block)
    if len(json.dumps(bubble)) > 30 * KILOBYTE:
        yield at, "Bubble is too large"


def _component(at: str, component: Any, layout: str = "") -> Iterator[Problem]:
    if not isinstance(component, dict):
        yield at, "Must be an object"
        return
    kind = component.get("type")
    if layout == "baseline" and kind not in ("text", "icon", "filler"):
        yield f"{at}.type", "Not allowed in a baseline box"
    for name in ("color", "backgroundColor", "borderColor"):
        if name in component and not COLOUR.fullmatch(str(component[name])):
            yield f"{at}.{name}", "Invalid colour"
    match kind:
        case "box":
            yield from _box(at, component)
        case "text":
            if "contents" not in component:
                yield from _string(f"{at}.text", component.get("text"), 1, None, units)
            size = component.get("size", "md")
            if size not in TEXT_SIZES and not re.fullmatch(r"\d+(\.\d+)?px", str(size)):
                yield f"{at}.size", "Unknown size"
        case "button":
            yield from _action(f"{at}.action", component.get("action"), label=40)
        case "separator" | "filler" | "image" | "icon" | "video" | "span":
            pass
        case _:
            yield f"{at}.type", "Unknown component type"
    if kind != "button" and "action" in component:
        yield from _action(f"{at}.action", component["action"], label=40, label_needed=False)


def _box(at: str, box: dict[str, Any]) -> Iterator[Problem]:
    layout, contents = box.get("layout"), box.get("contents")
    if layout not in LAYOUTS:
        yield f"{at}.layout", "Unknown layout"
    if not isinstance(contents, list):
        yield f"{at}.contents", "Must be an array"
        return
    for i, child in enumerate(contents):
        yield from _component(f"{at}.contents[{i}]", child, str(layout))


def _action(
    at: str, action: Any, *, label: int, label_needed: bool = True, quick: bool = False
) -> Iterator[Problem]:
    if not isinstance(action, dict):
        yield at, "Must be specified"
        return
    if label_needed or "label" in action:
        yield from _string(f"{at}.label", action.get("label"), 1, label, _clusters)
    match action.get("type"):
        case "postback":
            yield from _string(f"{at}.data", action.get("data"), 1, 300, units)
            if "displayText" in action and "text" in action:
                yield f"{at}.text", "Not together with displayText"
            for name in ("displayText", "text", "fillInText"):
                if name in action:
                    yield from _string(f"{at}.{name}", action[name], 1, 300, _clusters)
        case "message":
            yield from _string(f"{at}.text", action.get("text"), 1, 300, _clusters)
        case "uri":
            yield from _string(f"{at}.uri", action.get("uri"), 1, 1000, units)
            if not URI.fullmatch(str(action.get("uri"))):
                yield f"{at}.uri", "Invalid URI"
        case "datetimepicker":
            yield from _picker(at, action)
        case "clipboard":
            yield from _string(f"{at}.clipboardText", action.get("clipboardText"), 1, 1000, units)
        case kind if not (quick and kind in ONLY_IN_QUICK_REPLIES):
            yield f"{at}.type", "Unknown action type"


def _picker(at: str, action: dict[str, Any]) -> Iterator[Problem]:
    yield from _string(f"{at}.data", action.get("data"), 1, 300, units)
    mode = action.get("mode")
    if mode not in ("date", "time", "datetime"):
        yield f"{at}.mode", "Unknown mode"
    if mode != "date":
        return
    try:
        least = date.fromisoformat(action.get("min", "1900-01-01"))
        most = date.fromisoformat(action.get("max", "2100-12-31"))
        initial = date.fromisoformat(action.get("initial", least.isoformat()))
    except (TypeError, ValueError):
        yield at, "Invalid date"
        return
    if not (least.year >= 1900 and most.year <= 2100 and least < most):
        yield f"{at}.min", "Must be earlier than max, between 1900 and 2100"
    if not least <= initial <= most:
        yield f"{at}.initial", "Must be between min and max"


def _clusters(text: str) -> int:
    return len(graphemes(text))


def _string(
    at: str, value: Any, least: int, most: int | None, length: Callable[[str], int]
) -> Iterator[Problem]:
    if not isinstance(value, str) or (least and not value.strip()):
        yield at, "May not be empty"
    elif HALF_PAIR.search(value):
        yield at, "Invalid character"
    elif most is not None and length(value) > most:
        yield at, f"Length must be between {least} and {most}"
