"""Made-up receipt files, for demonstrations, tests and measurements. Nobody in them lives.

The same arguments give the same bytes on every machine. A patient is the same person in every
month of one seed: chart number, name, birth date, insurer and chronic disease stay.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import TypeVar

_Item = TypeVar("_Item")

_FAMILY = (
    *(("見本", "ミホン"), ("例示", "レイジ"), ("試田", "シダ"), ("仮谷", "カリヤ")),
    *(("髙例", "タカレイ"), ("架橋", "カキョウ"), ("模野", "モノ"), ("想川", "ソウカワ")),
    *(("空木", "ウツギ"), ("書崎", "カキザキ"), ("例澤", "レイザワ"), ("仮屋敷", "カリヤシキ")),
)
_GIVEN = (
    *(("太郎", "タロウ", "1"), ("花子", "ハナコ", "2"), ("一", "ハジメ", "1")),
    *(("京子", "キョウコ", "2"), ("健", "ケン", "1"), ("美咲", "ミサキ", "2")),
    *(("翔", "ショウ", "1"), ("恵", "メグミ", "2"), ("勇", "イサム", "1"), ("葵", "アオイ", "2")),
)
_INSURERS = ("01130012", "06139992", "  138057", "39131008")
_APNOEA = "7805017"
_CHRONIC = ("8833421", "2500015", "8844446", "4939008", _APNOEA, "8848069")
_ACUTE = ("4659007", "8832280", "0091009", "8841304")
_DRUGS = ("620098801", "620002023", "610463174", "622081301")
_TESTS = ("160008010", "160010010", "160000310", "160054710")
_LIFESTYLE, _CPAP = "113707110", "114040810"
_FIRST, _AGAIN, _OUT, _REFILL, _28_DAYS = (
    *("111000110", "112007410", "120002910"),
    *("120005010", "120005710"),
)


class _Dice:
    """An endless row of numbers that follow from a seed."""

    def __init__(self, *seed: object) -> None:
        self._seed = repr(seed).encode()
        self._turn = 0
        self._left = b""

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, up to 65,536."""
        if not self._left:
            self._turn += 1
            self._left = blake2b(self._seed, salt=self._turn.to_bytes(8, "big")).digest()
        pair, self._left = self._left[:2], self._left[2:]
        return int.from_bytes(pair, "big") % limit

    def one_of(self, items: Sequence[_Item]) -> _Item:
        """One of the items."""
        return items[self.below(len(items))]


@dataclass(slots=True)
class _Unit:
    """A line of SI or IY: a day's value by day."""

    kind: str
    section: str
    code: str
    points: int
    days: dict[int, int]

    def line(self) -> str:
        days = ["" if day not in self.days else str(self.days[day]) for day in range(1, 32)]
        amount = "1" if self.kind == "IY" else ""
        cells = [self.kind, self.section, "1", self.code, amount, str(self.points)]
        cells += [str(sum(self.days.values())), *[""] * 6, *days]
        return ",".join(cells)


def receipts(count: int, month: date, seed: int = 0, first: int = 1) -> Iterator[bytes]:
    """A UKE file in cp932, line by line: IR, `count` receipts of a `month`, GO, end mark.

    The patients are numbered from `first`, so that files of other months can hold others. About 13
    lines a receipt: visits, a chronic or an acute disease, at times a suspected one, and drugs for
    so many days or a prescription, at times for refill. Nothing fits a `month` before 2024.
    """
    claim = (month.replace(day=1) + timedelta(31)).strftime("%Y%m")
    yield _bytes(f"IR,1,13,1,9999999,,れい内科,{claim},00,03-0000-0000")
    payers = points = 0
    for number in range(first, first + count):
        lines, charged = _receipt(number, number - first + 1, month, seed)
        payers += sum(line.startswith(("HO", "KO")) for line in lines)
        points += charged
        yield from map(_bytes, lines)
    yield _bytes(f"GO,{payers},{points},99")
    yield b"\x1a"


def _bytes(line: str) -> bytes:
    return line.encode("cp932") + b"\r\n"


def _receipt(number: int, row: int, month: date, seed: int) -> tuple[list[str], int]:
    always, now = _Dice(seed, number), _Dice(seed, number, month.isoformat()[:7])
    family, family_kana = always.one_of(_FAMILY)
    given, given_kana, sex = always.one_of(_GIVEN)
    birth = date(1932, 1, 1) + timedelta(always.below(30_000))
    insurer, chronic = always.one_of(_INSURERS), always.one_of(_CHRONIC)
    lasting = always.below(4) > 0
    public = always.below(12) == 0
    started = date(2018, 4, 1) + timedelta(always.below(1_800))
    kind = "11" + ("2" if public else "1") + "2"
    head = [
        *("RE", str(row), kind, f"{month:%Y%m}", f"{family}　{given}", sex),
        *(f"{birth:%Y%m%d}", *[""] * 6, f"{number:07}", *[""] * 22),
        *(family_kana + given_kana, ""),
    ]
    visits = _visits(now, month)
    units = _units(now, visits, chronic if lasting else "")
    points = sum(unit.points for unit in units)
    days = len(visits)
    lines = [",".join(head)]
    lines.append(f"HO,{insurer},１２,{number:07},{days},{points}" + "," * 9)
    if public:
        lines.append(f"KO,54136015,{number:07},,{days},{points}" + "," * 6)
    lines.append(f"SN,1,01,,,,{number % 4:02},,")
    counted = ",".join("1" if day in visits else "" for day in range(1, 32))
    lines.append(f"JD,1,{counted}")
    if lasting:
        lines.append(f"SY,{chronic},{started:%Y%m%d},1,,,01,")
    else:
        cured = "2" if now.below(2) else "1"
        lines.append(f"SY,{now.one_of(_ACUTE)},{month:%Y%m}{visits[0]:02},{cured},,,01,")
    if now.below(5) == 0:
        lines.append(f"SY,{now.one_of(_CHRONIC)},{month:%Y%m}{visits[0]:02},1,8002,,,")
    lines.append("MF,00" + "," * 31)
    lines.extend(unit.line() for unit in units)
    lines.append("CO,99,1,810000001,見本のコメント")
    return lines, points


def _visits(now: _Dice, month: date) -> list[int]:
    last = monthrange(month.year, month.month)[1]
    count = (1, 1, 1, 2, 2, 3)[now.below(6)]
    return sorted({1 + now.below(last) for _ in range(count)})


def _units(now: _Dice, visits: list[int], chronic: str) -> list[_Unit]:
    """What was charged; the section stands on the first line of a unit only."""
    units: list[_Unit] = []
    if not chronic:
        units.append(_Unit("SI", "11", _FIRST, 291, {visits[0]: 1}))
    if again := visits if chronic else visits[1:]:
        units.append(_Unit("SI", "12", _AGAIN, 75, dict.fromkeys(again, 1)))
    if chronic:
        section, fee = ("14", _CPAP) if chronic == _APNOEA else ("13", _LIFESTYLE)
        units.append(_Unit("SI", section, fee, 333, {visits[0]: 1}))
    if now.below(3) == 0:  # the clinic hands the drugs out itself
        length = now.one_of((7, 14, 28, 30)) if chronic else 5
        days = dict.fromkeys(visits, length)
        for at in range(1 + now.below(3)):
            units.append(_Unit("IY", "" if at else "21", _DRUGS[at], 12 if not at else 0, days))
        units.append(_Unit("SI", "25", "120001210", 42, dict.fromkeys(visits, 1)))
    else:
        refill = bool(chronic) and now.below(8) == 0
        code = _REFILL if refill else _OUT
        units.append(_Unit("SI", "80", code, 60, dict.fromkeys(visits, 1)))
        if chronic and now.below(2):
            units.append(_Unit("SI", "80", _28_DAYS, 56, {visits[0]: 1}))
    for at in range(now.below(5)):
        units.append(
            _Unit("SI", "" if at else "60", _TESTS[at], 49 if not at else 0, {visits[-1]: 1})
        )
    return units
