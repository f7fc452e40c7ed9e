"""The titles of the columns of patient lists, in Japanese, Chinese, Russian and English."""

import re
import unicodedata
from dataclasses import dataclass

from clinic.importer.table.types import Field


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a title says its column holds, and how surely (0 to 1).

    `part`: 0 for the whole field; the parts of a field that is spread over columns are joined in
    the order of their numbers (姓 before 名). Of phones, all are kept, the mobile one first.
    """

    field: Field
    part: int = 0
    certainty: float = 1.0


_SURE = 1.0
_LIKELY = 0.7  # the title begins or ends with a known word
_MAYBE = 0.5  # the word may mean another thing as well

_WORDS: dict[tuple[Field, int], str] = {
    ("chart", 0):
        "患者番号 患者no カルテ番号 カルテno カルテid 患者id 患者コード 診察券番号 診察券no "
        "診察券id 病历号 病歷號 患者编号 患者編號 患者号 病案号 病案號 病人编号 门诊号 "
        "門診號 номеркарты номеркарточки номермедкарты номермедицинскойкарты №карты mrn "
        "chart chartno chartnumber chartid patientid patientno patientnumber "
        "medicalrecordnumber medicalrecordno",
    ("name", 0):
        "氏名 患者名 患者氏名 漢字氏名 氏名漢字 名前 お名前 姓名 患者姓名 病人姓名 фио "
        "фиопациента пациент name fullname patientname patient",
    ("name", 1):
        "姓 氏 苗字 姓漢字 漢字姓 姓氏 患者姓 фамилия lastname familyname surname",
    ("name", 2):
        "名 名漢字 漢字名 имя firstname givenname",
    ("name", 3):
        "отчество middlename patronymic",
    ("kana", 0):
        "カナ カナ氏名 氏名カナ カナ名 患者名カナ 患者カナ氏名 患者氏名カナ カナ患者名 "
        "名前カナ 氏名フリガナ 氏名ふりがな フリガナ ふりがな 患者名フリガナ よみ よみがな "
        "読み 読み仮名 ヨミガナ かな かな氏名 氏名かな カタカナ カタカナ氏名 kana namekana "
        "kananame furigana 片假名 假名",
    ("kana", 1):
        "セイ せい 姓カナ カナ姓 姓フリガナ 姓ふりがな 姓かな 姓セイ lastnamekana "
        "familynamekana",
    ("kana", 2):
        "メイ めい 名カナ カナ名前 名フリガナ 名ふりがな 名かな 名メイ firstnamekana "
        "givennamekana",
    ("birth", 0):
        "生年月日 誕生日 出生日期 出生年月日 出生年月 生日 датарождения др birthdate "
        "birthday dateofbirth dob birth",
    ("sex", 0):
        "性別 性别 пол sex gender",
    ("phone", 1):
        "携帯 携帯電話 携帯番号 携帯電話番号 携帯tel 手机 手機 手机号 手機號 手机号码 "
        "手機號碼 移动电话 мобильный мобильныйтелефон сотовый сотовыйтелефон моб mobile "
        "mobilephone cell cellphone cellphonenumber mobilenumber",
    ("phone", 2):
        "電話 電話番号 電話番号1 tel tel1 連絡先 連絡先電話番号 电话 電話號碼 电话号码 "
        "联系电话 聯絡電話 телефон номертелефона тел phone phonenumber telephone "
        "contactnumber",
    ("phone", 3):
        "電話番号2 tel2 自宅電話 自宅電話番号 固定電話 自宅tel 家庭电话 住宅電話 "
        "домашнийтелефон homephone landline",
    ("email", 0):
        "メール メールアドレス eメール eメールアドレス 電子メール メアド 邮箱 电子邮箱 "
        "电子邮件 郵箱 電子郵件 電子信箱 почта элпочта электроннаяпочта емейл email "
        "emailaddress mail mailaddress",
    ("address", 0):
        "住所 現住所 患者住所 地址 住址 家庭住址 адрес адреспроживания address homeaddress",
    ("address", 1):
        "都道府県",
    ("address", 2):
        "市区町村 住所1",
    ("address", 3):
        "番地 町名番地 住所2",
    ("address", 4):
        "建物名 建物 マンション名 住所3",
    ("language", 0):
        "言語 使用言語 母語 语言 語言 язык language preferredlanguage",
    ("sms_consent", 0):
        "sms同意 sms可 sms可否 sms許可 sms配信可否 sms配信同意 sms配信希望 ショートメール同意 "
        "ショートメッセージ同意 短信同意 同意短信 同意接收短信 簡訊同意 同意簡訊 同意接收簡訊 "
        "согласиенаsms согласиенасмс согласиеsms согласиесмс smsconsent smsok smsoptin "
        "smsallowed consentsms consenttosms",
    ("email_consent", 0):
        "メール同意 メール可 メール可否 メール許可 メール配信可否 メール配信同意 メール配信希望 "
        "eメール同意 邮件同意 同意邮件 同意接收邮件 郵件同意 同意郵件 同意接收郵件 "
        "согласиенаemail согласиенапочту согласиенаписьма согласиеemail emailconsent emailok "
        "emailoptin emailallowed mailconsent mailok consentemail consenttoemail",
    ("insurer", 0):
        "保険者番号 保険者no insurernumber",
    ("insured", 1):
        "記号 保険証記号 被保険者証記号 被保険者記号",
    ("insured", 2):
        "保険証番号 被保険者証番号 被保険者番号",
    ("insured", 3):
        "枝番 保険証枝番",
    ("deceased", 0):
        "死亡日 死亡年月日 死亡日期 датасмерти dateofdeath deceasedon deathdate",
    ("last_visit", 0):
        "最終来院日 最終受診日 最終来院 最終受診 最終診療日 最終診察日 最終来院年月日 "
        "前回来院日 前回受診日 最近来院日 直近来院日 最后就诊日期 最近就诊日期 末次就诊日期 "
        "最後就診日期 最近就診日期 上次就诊 последнийвизит датапоследнеговизита "
        "последнийприем датапоследнегоприема lastvisit lastvisitdate lastseen",
    ("next_visit", 1):
        "次回予約 次回予約日 次回予約日時 次回来院予定日 次回来院日 次回来院予定 次回受診日 "
        "次回受診予定日 次回診察日 下次预约 下次预约日期 下次就诊 下次就诊日期 下次預約 "
        "下次就診日期 следующийвизит датаследующеговизита следующийприем "
        "датаследующегоприема nextvisit nextvisitdate nextappointment nextappointmentdate",
    ("next_visit", 2):
        "次回予約時間 次回予約時刻 予約時間 予約時刻 nextappointmenttime",
    ("supply_days", 0):
        "処方日数 投与日数 投薬日数 処方天数 处方天数 用药天数 處方天數 днейприема daysupply "
        "dayssupply supplydays",
}  # fmt: skip
_MAYBE_WORDS: dict[str, tuple[Field, int]] = {
    "id": ("chart", 0),
    "名字": ("name", 0),  # Chinese for the name, Japanese for the surname
    "карта": ("chart", 0),
}
# Columns about somebody or something else, whatever other words they hold.
_OTHERS = re.compile(
    "保護者|緊急|医師|主治医|担当|世帯主|続柄|紹介|勤務|会社|家族|配偶者|代理|fax|"
    "ファックス|ファクス|郵便|医生|醫師|醫生|监护|監護|紧急|联系人|聯絡人|家属|家屬|单位|"
    "邮编|врач|доктор|опекун|родител|экстренн|работ|рабоч|родств|индекс|guardian|"
    "emergency|doctor|physician|provider|employer|nextofkin|postal|zip"
)
_NOISE = re.compile(
    r"[\s_*＊※:：.,、。・/()\[\]【】「」〔〕<>\"'#-]+|必須|任意|必填|選填|required|optional"
)


def folded(title: str) -> str:
    """A title in one width and case, without blanks, brackets and remarks like 必須."""
    plain = unicodedata.normalize("NFKC", title[:100]).casefold().replace("ё", "е")
    return _NOISE.sub("", plain)


def meaning(title: str) -> Meaning | None:
    """What a title (folded) says, or None if it is no title that we know."""
    if not title or _OTHERS.search(title):
        return None
    known = _MEANINGS.get(title)
    if known is not None:
        return known
    if len(title) > _LONGEST_TITLE:
        return None
    for word in _BY_LENGTH:
        if title.startswith(word) or title.endswith(word):
            found = _MEANINGS[word]
            return Meaning(found.field, found.part, _LIKELY)
    return None


_MEANINGS = {
    folded(word): Meaning(name, part, _SURE)
    for (name, part), words in _WORDS.items()
    for word in words.split()
} | {word: Meaning(name, part, _MAYBE) for word, (name, part) in _MAYBE_WORDS.items()}
_LONGEST_TITLE = 24  # what is longer is a sentence or data
# What is agreed to is told by the whole title: メール可 begins one that says メール可否不明 too.
_WHOLE = frozenset({"sms_consent", "email_consent"})
# A word of two characters is too short to be looked for inside another: カナ in カナダ.
_BY_LENGTH = sorted(
    (word for word, found in _MEANINGS.items() if len(word) > 2 and found.field not in _WHOLE),
    key=len,
    reverse=True,
)
