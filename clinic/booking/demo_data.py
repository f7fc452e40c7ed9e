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

# What the assistant tells who asks: topic -> the answer in each language.
FAQ: dict[str, Words] = {
    "opening_hours": words(
        "月曜から金曜の9時から17時まで診療しています。土曜は午前のみ、日曜・祝日は休診です。",
        "We are open Monday to Friday from 9:00 to 17:00, on Saturday in the morning only. "
        "We are closed on Sundays and public holidays.",
        "週一至週五 9:00 到 17:00 看診，週六僅上午，週日及國定假日休診。",
        "周一至周五 9:00 到 17:00 接诊，周六仅上午，周日及法定节假日休诊。",
        "Мы работаем с понедельника по пятницу с 9:00 до 17:00, в субботу только утром. "
        "В воскресенье и праздники закрыто.",
    ),
    "way": words(
        "みなと駅2番出口から徒歩3分です。駐車場は建物の裏に6台分あります。",
        "Three minutes on foot from exit 2 of Minato station. "
        "There are six parking places behind the building.",
        "從港站2號出口步行3分鐘。大樓後方有6個停車位。",
        "从港站2号出口步行3分钟。大楼后方有6个停车位。",
        "Три минуты пешком от выхода 2 станции Минато. За зданием шесть мест для машин.",
    ),
    "price": words(
        "健康保険が使えます。健診や予防接種などは自費です。お支払いは現金とカードが使えます。",
        "Japanese health insurance is accepted. Check-ups and vaccinations are paid privately. "
        "You can pay in cash or by card.",
        "可使用日本健康保險。健康檢查和疫苗接種為自費。可付現金或刷卡。",
        "可使用日本健康保险。体检和疫苗接种为自费。可付现金或刷卡。",
        "Принимаем японскую медицинскую страховку. Осмотры и прививки платные. "
        "Оплата наличными или картой.",
    ),
    "what_to_bring": words(
        "保険証（マイナンバーカード）、診察券、お薬手帳をお持ちください。",
        "Please bring your insurance card, your patient card if you have one, "
        "and a list of your medicines.",
        "請攜帶保險證、診察券（如有）和用藥清單。",
        "请携带保险证、就诊卡（如有）和用药清单。",
        "Возьмите страховую карту, карту пациента, если есть, и список ваших лекарств.",
    ),
    "services": words(
        "一般診察、健康診断、予防接種、超音波検査などを行っています。予約の画面で医師を選べます。",
        "We offer general consultations, check-ups, vaccinations, ultrasound and more. "
        "You can choose a doctor when you book.",
        "提供一般門診、健康檢查、疫苗接種、超音波檢查等。預約時可以選擇醫師。",
        "提供普通门诊、体检、疫苗接种、超声检查等。预约时可以选择医生。",
        "Приём терапевта, осмотры, прививки, УЗИ и другое. Врача можно выбрать при записи.",
    ),
}
