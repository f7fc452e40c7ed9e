"""Keys under which two spellings of the same name, number or address meet.

A key is for comparing only; what is shown and stored is what the source wrote. Two different people
may share a key, so no key proves anybody by itself. Text that leaves nothing gives the empty key.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import wraps

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

_SMALL_KANA = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
_LIKE_KANA = {"ヂ": "ジ", "ヅ": "ズ", "ヲ": "オ", "ヱ": "エ", "ヰ": "イ"}
_DASHES = dict.fromkeys("-‐‑‒–—―−─━﹣", "ー")
_KANA = str.maketrans(_SMALL_KANA | _LIKE_KANA | _DASHES)
_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}

# On the left the plain form, then those that family registers have for it. NFKC leaves them apart,
# because they count as characters of their own and not as compatibility forms (𠮷, 髙, 﨑 too).
_NAME_VARIANTS = {
    "高": "髙", "崎": "﨑嵜", "辺": "邊邉", "斉": "齋齊斎", "沢": "澤", "浜": "濱濵", "吉": "𠮷",
    "徳": "德", "広": "廣", "国": "國", "桜": "櫻", "島": "嶋嶌", "瀬": "瀨", "増": "增",
    "黒": "黑", "恵": "惠", "真": "眞", "実": "實", "寛": "寬", "清": "淸", "静": "靜",
    "栄": "榮", "竜": "龍", "滝": "瀧", "条": "條", "曽": "曾", "寿": "壽", "円": "圓",
    "顕": "顯", "総": "總", "応": "應", "関": "關", "学": "學", "与": "與", "富": "冨",
    "館": "舘", "柳": "栁", "桑": "桒", "土": "圡", "巌": "巖嵓", "槙": "槇", "彦": "彥",
    "渕": "淵", "塩": "鹽", "万": "萬", "豊": "豐", "礼": "禮", "緑": "綠", "祢": "禰",
    "芦": "蘆", "桧": "檜", "薮": "藪籔", "峰": "峯", "岳": "嶽", "鉄": "鐵", "県": "縣",
    "穂": "穗", "弥": "彌", "尭": "堯", "遥": "遙", "蔵": "藏", "戸": "戶", "内": "內",
    "横": "橫", "郷": "鄕", "頼": "賴", "芸": "藝", "翠": "翆", "梅": "楳", "亀": "龜",
    "児": "兒", "宝": "寶", "来": "來", "両": "兩", "画": "畫", "声": "聲", "数": "數",
}  # fmt: skip
_NAME = str.maketrans(
    {form: plain for plain, forms in _NAME_VARIANTS.items() for form in forms}
    | _SMALL_KANA
    | {"ё": "е"}
)
_NAME_ROOM = 20  # full-width characters that a receipt has for a name; longer ones are cut
_MAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
)
_MAIL_ROOM = 254
_STEPS = 8  # two are nearly always enough
# Nearly every number of a patient list; asking the package takes a hundred times as long.
_MOBILE = re.compile(r"(?:\+81|0)([789]0[1-9][0-9]{7})")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_PHONE_ROOM = 200  # of a cell; what is longer is no number


def _settled(key_of: Callable[[str], str]) -> Callable[[str], str]:
    """Have a key be its own key: what one step leaves side by side, another may draw together."""

    @wraps(key_of)
    def settled(text: str) -> str:
        for _ in range(_STEPS):
            key = key_of(text)
            if key == text:
                break
            text = key
        return text

    return settled


def shown(text: str) -> str:
    """The text as it may be stored and shown: without control marks and outer or repeated blanks.

    Width and variants stay. Variation selectors stay too: they are part of a person's name.
    """
    return " ".join(_CONTROL.sub(" ", text).split())


@_settled
def chart_key(text: str) -> str:
    """A chart number in one width and case. Leading zeros are part of it."""
    return _plain(text).upper()


def chart_loose(text: str) -> str:
    """The chart number as a spreadsheet leaves it that took it for a number."""
    key = chart_key(text)
    return key.lstrip("0") or key[-1:]


@_settled
def kana_key(text: str) -> str:
    """A reading in large katakana without blanks, whatever kana the source writes it in."""
    katakana = _plain(text).translate(_KATAKANA)
    return katakana.replace("・", "").translate(_KANA)


@_settled
def kana_loose(text: str) -> str:
    """The reading without long vowel marks, which one system writes and another leaves out."""
    return kana_key(text).replace("ー", "")


@_settled
def name_key(text: str) -> str:
    """A name without blanks, with the character variants of family registers folded."""
    return _plain(text).replace("・", "").translate(_NAME)


def same_name(left: str, right: str) -> bool:
    """Whether two written names may be the same: one that fills a receipt's room may go on."""
    one, other = name_key(left), name_key(right)
    if not one or not other:
        return False
    if _is_cut(left) or _is_cut(right):
        return one.startswith(other) or other.startswith(one)
    return one == other


def phone_e164(text: str, region: str = "JP") -> str | None:
    """The (first) telephone number in `text` as +819012345678; None if there is none to call.

    `region` (ISO 3166) is where a number without a country code is dialled.
    """
    written = _one_width(text)[:_PHONE_ROOM]
    mobile = _MOBILE.fullmatch(written.replace("-", "").replace(" ", ""))
    if mobile and region == "JP":
        return f"+81{mobile[1]}"
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        # Desk lists say more in the cell: "090-1234-5678 (mother)", "home / mobile".
        number = _first_number(written, region)
    if number is None:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_mobile(phone: str) -> bool:
    """Whether an E.164 number can take an SMS. Where a country does not tell, it may."""
    if _MOBILE.fullmatch(phone):
        return True
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        return False
    kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return phonenumbers.number_type(number) in kinds


def email_key(text: str) -> str | None:
    """A mail address in lower case, or None if it cannot be one.

    Dots in a row and before the @ pass: Japanese mobile networks gave out such addresses.
    """
    mail = _one_width(text).strip().lower()
    return mail if len(mail) <= _MAIL_ROOM and _MAIL.fullmatch(mail) else None


def _one_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _plain(text: str) -> str:
    """One width and case, no blanks, no marks that cannot be seen."""
    kept = "".join(_one_width(_one_width(text).casefold()).split())
    if not kept.isprintable() or _SELECTOR.search(kept):
        kept = "".join(char for char in _SELECTOR.sub("", kept) if not _is_unseen(char))
    return unicodedata.normalize("NFC", kept)


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs")


def _is_cut(name: str) -> bool:
    return len(_one_width(name).strip()) == _NAME_ROOM


def _first_number(text: str, region: str) -> PhoneNumber | None:
    for part in re.split(r"[/,;、\n]", text):
        for found in phonenumbers.PhoneNumberMatcher(part, region):
            return found.number
    return None
