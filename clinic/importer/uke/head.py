"""Whose receipt it is, of which month, and who pays: RE, HO, KO and SN."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from clinic.importer.eras import era_date, era_month
from clinic.importer.types import Issue, Person, Setting, Sex
from clinic.importer.uke.records import Record, folded

_SEX: dict[str, Sex] = {"1": "male", "2": "female"}
_OLDEST = 125  # years
_TYPE = re.compile("1[0-9]{3}")  # 1: 医科
_KATAKANA = re.compile("[ァ-ヺー・]+")


@dataclass(frozen=True, slots=True)
class Head:
    """What the first records say. `key` is the receipt's own identity, without plain numbers."""

    key: str
    month: date
    setting: Setting
    person: Person
    admitted_on: date | None


def read_head(first: Mapping[str, Record], issues: list[Issue]) -> Head | Issue:
    """The head of a receipt, given the first record of each kind; warnings go to `issues`.

    SN is that of the insurance, whose 枝番 tells the members of a family apart.

    An `Issue` instead of a head rejects the receipt: no legal month or birth date, or no name.
    """
    opening = first["RE"]
    month, birth = era_month(opening.plain(3)), era_date(opening.plain(6))
    if month is None:
        return _rejected(opening, "treatment_month", "診療年月")
    if birth is None:
        return _rejected(opening, "birth_date", "生年月日")
    if (birth.year, birth.month) > (month.year, month.month):
        return _rejected(opening, "birth_after_treatment", "生年月日")
    if month.year - birth.year > _OLDEST:
        return _rejected(opening, "too_old", "生年月日")
    name, kana = opening.cell(4), opening.cell(36)
    if not name and not kana:
        return _rejected(opening, "name_missing", "氏名")
    setting = _setting(opening, issues)
    sex = _SEX.get(opening.plain(5))
    if sex is None:
        issues.append(Issue("warn", "sex", opening.line, "RE", "男女区分"))
    insurer, symbol, number = _payer(first)
    branch = first["SN"].plain(6) if "SN" in first else ""
    only_kana = _KATAKANA.fullmatch(folded(name)) is not None
    person = Person(
        chart=opening.cell(13),
        name=name,
        kana=kana or (name if only_kana else ""),
        birth_on=birth,
        sex=sex,
        insurer=insurer,
        insured=f"{symbol}/{number}/{branch}" if symbol or number else "",
        kana_only=only_kana,
    )
    where = "in" if setting == "inpatient" else "out"
    key = f"uke:{month:%Y-%m}:{_digest(insurer, symbol, number)}:{where}"
    return Head(key, month, setting, person, era_date(opening.plain(8)))


def _rejected(opening: Record, reason: str, column: str) -> Issue:
    return Issue("reject", reason, opening.line, "RE", column)


def _setting(opening: Record, issues: list[Issue]) -> Setting:
    """Inpatient, if the last digit of レセプト種別 is odd; without a legal one, if admitted."""
    kind = opening.plain(2)
    if _TYPE.fullmatch(kind):
        return "inpatient" if int(kind[3]) % 2 else "outpatient"
    issues.append(Issue("warn", "receipt_type", opening.line, "RE", "レセプト種別"))
    return "inpatient" if opening.cell(8) else "outpatient"


def _payer(first: Mapping[str, Record]) -> tuple[str, str, str]:
    """Insurer, symbol and number in half width; of the first public payer, if it pays alone."""
    insurance, public = first.get("HO"), first.get("KO")
    funder = public.plain(1) if public else ""
    if insurance is None:
        return funder, "", public.plain(2) if public else ""
    return insurance.plain(1) or funder, insurance.plain(2), insurance.plain(3)


def _digest(insurer: str, symbol: str, number: str) -> str:
    # Leading zeros come and go between programs, and so does the case of a symbol.
    plain = (insurer.lstrip("0"), symbol.upper(), number.lstrip("0"))
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()[:16]
