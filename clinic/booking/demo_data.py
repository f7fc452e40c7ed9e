"""What the demonstration clinic consists of. Nobody in it exists."""

from dataclasses import dataclass

Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class DemoService:
    code: str
    name: Words
    duration: int
    step: int
    resources: tuple[str, ...]
    buffer_after: int = 0


@dataclass(frozen=True, slots=True)
class DemoPatient:
    name: str
    kana: str
    age: int
    sex: str
    language: str
    phone: str


def words(ja: str, en: str, hant: str, hans: str, ru: str) -> Words:
    """A name in the five languages."""
    return {"ja": ja, "en": en, "zh-Hant": hant, "zh-Hans": hans, "ru": ru}


SITES: tuple[tuple[str, Words, Words], ...] = (
    (
        "main",
        words("本院", "Main clinic", "本院", "总院", "Главная клиника"),
        words(
            "東京都中央区みなと1-2-3",
            "1-2-3 Minato, Chuo, Tokyo",
            "東京都中央區港1-2-3",
            "东京都中央区港1-2-3",
            "Токио, Тюо, Минато 1-2-3",
        ),
    ),
    (
        "station",
        words("駅前分院", "Station branch", "站前分院", "站前分院", "Филиал у вокзала"),
        words(
            "東京都中央区駅前4-5 2階",
            "4-5 Ekimae, Chuo, Tokyo, 2nd floor",
            "東京都中央區站前4-5 2樓",
            "东京都中央区站前4-5 2层",
            "Токио, Тюо, Экимаэ 4-5, 2 этаж",
        ),
    ),
)

# Code, kind, name, the site it stays at.
RESOURCES: tuple[tuple[str, str, Words, str | None], ...] = (
    (
        "dr-sato",
        "practitioner",
        words("佐藤 恵 医師", "Dr. Megumi Sato", "佐藤 惠 醫師", "佐藤 惠 医生", "д-р Мэгуми Сато"),
        None,
    ),
    (
        "dr-ito",
        "practitioner",
        words("伊藤 健 医師", "Dr. Ken Ito", "伊藤 健 醫師", "伊藤 健 医生", "д-р Кэн Ито"),
        None,
    ),
    (
        "dr-wang",
        "practitioner",
        words(
            "王 美玲 医師", "Dr. Mei-Ling Wang", "王 美玲 醫師", "王 美玲 医生", "д-р Мэйлин Ван"
        ),
        None,
    ),
    ("room-1", "room", words("診察室1", "Room 1", "診間1", "诊室1", "Кабинет 1"), "main"),
    ("room-2", "room", words("診察室2", "Room 2", "診間2", "诊室2", "Кабинет 2"), "main"),
    (
        "room-3",
        "room",
        words("検査室", "Test room", "檢查室", "检查室", "Кабинет диагностики"),
        "main",
    ),
    (
        "room-4",
        "room",
        words("処置室", "Treatment room", "處置室", "处置室", "Процедурный кабинет"),
        "station",
    ),
    (
        "echo",
        "device",
        words("超音波装置", "Ultrasound", "超音波儀", "超声仪", "Аппарат УЗИ"),
        "main",
    ),
)

DOCTORS = ("dr-sato", "dr-ito", "dr-wang")
SERVICES: tuple[DemoService, ...] = (
    DemoService(
        "first",
        words("初診", "First visit", "初診", "初诊", "Первичный приём"),
        30,
        30,
        (*DOCTORS, "room-1", "room-2", "room-4"),
    ),
    DemoService(
        "again",
        words("再診", "Follow-up visit", "複診", "复诊", "Повторный приём"),
        15,
        15,
        DOCTORS,
    ),
    DemoService(
        "ultrasound",
        words("超音波検査", "Ultrasound", "超音波檢查", "超声检查", "УЗИ"),
        30,
        30,
        ("dr-ito", "dr-wang", "room-3", "echo"),
        buffer_after=15,
    ),
    DemoService(
        "vaccine",
        words("予防接種", "Vaccination", "疫苗接種", "疫苗接种", "Вакцинация"),
        15,
        15,
        ("dr-sato", "dr-wang", "room-4", "room-2"),
    ),
    DemoService(
        "checkup",
        words("健康診断", "Health check", "健康檢查", "健康体检", "Медосмотр"),
        60,
        30,
        ("dr-sato", "dr-ito", "room-3", "room-1"),
        buffer_after=15,
    ),
    DemoService(
        "advice",
        words("生活習慣相談", "Lifestyle advice", "生活習慣諮詢", "生活习惯咨询", "Консультация"),
        45,
        15,
        ("dr-sato",),
    ),
)

# Who, where, weekdays (0 is Monday), from, to.
SCHEDULES: tuple[tuple[str, str, tuple[int, ...], str, str], ...] = (
    ("dr-sato", "main", (0, 1, 3, 4), "09:00", "12:30"),
    ("dr-sato", "main", (0, 1, 3), "14:00", "18:00"),
    ("dr-sato", "station", (4,), "14:30", "19:00"),
    ("dr-sato", "main", (5,), "09:00", "12:00"),
    ("dr-ito", "main", (0, 1, 2, 3, 4), "09:00", "13:00"),
    ("dr-ito", "main", (0, 2, 4), "14:30", "18:30"),
    ("dr-wang", "station", (0, 2, 4), "10:00", "19:00"),
    ("dr-wang", "main", (1, 3), "13:30", "18:00"),
    ("dr-wang", "station", (5,), "09:30", "12:30"),
)

PATIENTS: tuple[DemoPatient, ...] = (
    DemoPatient("山田 花子", "ヤマダ ハナコ", 78, "female", "ja", "+819000000001"),
    DemoPatient("鈴木 一郎", "スズキ イチロウ", 52, "male", "ja", "+819000000002"),
    DemoPatient("高橋 さくら", "タカハシ サクラ", 7, "female", "ja", "+819000000003"),
    DemoPatient("陳 雅婷", "チン ヤテイ", 34, "female", "zh-Hant", "+819000000004"),
    DemoPatient("李 伟", "リ イ", 41, "male", "zh-Hans", "+819000000005"),
    DemoPatient("Анна Петрова", "アンナ ペトロワ", 29, "female", "ru", "+819000000006"),
    DemoPatient("Иван Соколов", "イワン ソコロフ", 63, "male", "ru", "+819000000007"),
    DemoPatient("Emily Carter", "エミリー カーター", 36, "female", "en", "+819000000008"),
)

# Patient, days ago, service, practitioner, what became of it.
PAST: tuple[tuple[int, int, str, str, str], ...] = (
    (0, 182, "first", "dr-sato", "fulfilled"),
    (0, 91, "again", "dr-sato", "fulfilled"),
    (0, 28, "again", "dr-sato", "fulfilled"),
    (1, 63, "checkup", "dr-ito", "fulfilled"),
    (1, 14, "again", "dr-ito", "noshow"),
    (2, 35, "vaccine", "dr-wang", "fulfilled"),
    (3, 119, "first", "dr-wang", "fulfilled"),
    (4, 49, "ultrasound", "dr-ito", "fulfilled"),
    (5, 21, "first", "dr-sato", "fulfilled"),
    (6, 203, "checkup", "dr-sato", "fulfilled"),
    (7, 77, "first", "dr-ito", "fulfilled"),
)

# Patient, days ahead at least, service, which of that day's starts.
COMING: tuple[tuple[int, int, str, int], ...] = (
    (0, 1, "again", 2),
    (1, 1, "checkup", 1),
    (3, 2, "ultrasound", 0),
    (5, 3, "again", 5),
    (7, 6, "advice", 1),
)
