"""Constraints and indexes on what 0014 adds, which models cannot say; and finding patients by name.

What is searched for is any part of a name, so the index holds the signs of names and each two of
them in a row. It is made of what every PostgreSQL has: pg_trgm is not in all of them, and to create
an extension takes rights that a clinic's own account may not have.
"""

import unicodedata

from tortoise.migrations import operations as ops

from clinic import migrating

# The codes that a column may hold, by table and column.
STATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("faq_question", "why"): (
        "out_of_scope",
        "not_understood",
        "unsure",
        "no_answer",
        "not_helped",
    ),
}
# By table and name.
CONSTRAINTS: dict[tuple[str, str], str] = {
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
}
# By name: the statement that makes it.
INDEXES: dict[str, str] = {
    "patient_pairs": "CREATE INDEX patient_pairs ON patient USING gin"
    " (patient_pairs(name, kana, chart))",
    # Who came in a month: up to where we know it.
    "encounter_day": """CREATE INDEX encounter_day ON encounter (on_date)
        INCLUDE (patient_id, record_id) WHERE setting = 'outpatient'""",
    # A doctor's own patients: see clinic/staff/access.
    "appointment_own": """CREATE INDEX appointment_own ON appointment (practitioner_id, patient_id)
        WHERE status IN ('booked', 'arrived', 'fulfilled', 'noshow')""",
    "conversation_newest": """CREATE INDEX conversation_newest ON conversation
        (last_patient_at DESC NULLS LAST, id DESC)""",
    "faq_question_open": """CREATE INDEX faq_question_open ON faq_question (asked_at)
        WHERE closed_at IS NULL""",
}
# Latin with marks, Vietnamese, Russian: beyond ASCII, `lower` would go by the server's locale.
_LETTERS = (*range(0xC0, 0x180), *range(0x1EA0, 0x1EFA), *range(0x400, 0x460))
# Hiragana as katakana, and small, old and rare kana as those that receipts have for them.
_KANA = {chr(code): chr(code + 0x60) for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_ALIKE = dict(
    zip(
        "ァィゥェォッャュョヮヵヶヂヅヲヱヰ",
        "アイウエオツヤユヨワカケジズオエイ",
        strict=True,
    )
)
# Forms that family registers have, and those in common use.
_REGISTERED = (
    "髙﨑嵜邊邉齋齊斎澤濱濵𠮷德廣國櫻嶋嶌瀨增黑惠眞實寬淸靜榮龍瀧條曾壽圓顯總應關學與"
    "冨舘栁桒圡巖嵓槇彥淵鹽萬豐禮綠禰蘆檜藪籔峯嶽鐵縣穗彌堯遙藏戶內橫鄕賴藝翆楳龜兒寶"
    "來兩畫聲數"
)
_COMMON = (
    "高崎崎辺辺斉斉斉沢浜浜吉徳広国桜島島瀬増黒恵真実寛清静栄竜滝条曽寿円顕総応関学与"
    "富館柳桑土巌巌槙彦渕塩万豊礼緑祢芦桧薮薮峰岳鉄県穂弥尭遥蔵戸内横郷頼芸翠梅亀児宝"
    "来両画声数"
)
# Blanks, and what stands between or within names and is not typed by everybody.
_LEFT_OUT = " \t\n\r・·.'’-" + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0x200B, 0x200E))))


def _plain(letter: str) -> str:
    """The letter small, and without its marks unless it is another letter for them, as й is."""
    small = letter.lower()
    bare = unicodedata.normalize("NFD", small)[0]
    kept = small if len(small) == 1 else letter
    return bare if bare.isascii() or bare in "еѐ" else kept


def _changed(pairs: dict[str, str]) -> tuple[str, str]:
    kept = {one: other for one, other in pairs.items() if one != other}
    return "".join(kept), "".join(kept.values())


def _quoted(text: str) -> str:
    return text.replace("'", "''")


# One form of a word for all the ways of writing it. Looking a sign up in a long list takes time:
# plain letters and numbers need no list, and Japanese not that of letters with marks.
_MARKED = _changed({chr(code): _plain(chr(code)) for code in _LETTERS if chr(code).isalpha()})
_FORMS = _changed(
    {one: _ALIKE.get(kana, kana) for one, kana in _KANA.items()}
    | _ALIKE
    | dict(zip(_REGISTERED, _COMMON, strict=True))
)
FOLDED = """CREATE FUNCTION search_folded(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN octet_length(words) = char_length(words)
    THEN translate(lower(words COLLATE "C"), '{left_out}', '')
  WHEN words COLLATE "C" ~ '[\u00c0-\u1ef9]'
    THEN translate(translate(lower(normalize(words, NFKC) COLLATE "C"), '{marked}', '{plain}'),
      '{forms}{left_out}', '{common}')
  ELSE translate(lower(normalize(words, NFKC) COLLATE "C"), '{forms}{left_out}', '{common}')
  END""".format(
    left_out=_quoted(_LEFT_OUT),
    marked=_MARKED[0],
    plain=_MARKED[1],
    forms=_FORMS[0],
    common=_FORMS[1],
)
# Each sign by its number in Unicode, and each two in a row as one number.
PAIRS = """CREATE FUNCTION search_pairs(folded text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(array_agg(pair), '{}') FROM (
    SELECT ascii(sign)::bigint AS one, ascii(lead(sign) OVER (ORDER BY n))::bigint AS next
    FROM string_to_table(folded, NULL) WITH ORDINALITY AS signs (sign, n)) neighbours,
  LATERAL (VALUES (one), (CASE WHEN next <> 32 THEN one * 2097152 + next END)) found (pair)
  WHERE one <> 32 AND pair IS NOT NULL)"""
# What a patient is found by; the blanks keep one from running into the next.
WORDS = """CREATE FUNCTION patient_words(name text, kana text, chart text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_folded(name) || ' ' || search_folded(kana) || ' '
  || coalesce(search_folded(chart), '')"""
PATIENT_PAIRS = """CREATE FUNCTION patient_pairs(name text, kana text, chart text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_pairs(patient_words(name, kana, chart))"""
FUNCTIONS = {
    "search_folded(text)": FOLDED,
    "search_pairs(text)": PAIRS,
    "patient_words(text, text, text)": WORDS,
    "patient_pairs(text, text, text)": PATIENT_PAIRS,
}


# Counting segments: 0011's index of birth dates lacked what is asked of everybody, so it was not
# used; that of visits is not either, since most patients were here once.
BIRTH = """CREATE INDEX patient_birth ON patient (birth_on)
    INCLUDE (id, deceased_on, moved_on{}) WHERE merged_into_id IS NULL"""
VISIT = """CREATE INDEX patient_summary_visit ON patient_summary (last_visit_on)
    INCLUDE (patient_id, visits_year, newest_month)"""


class Migration(migrating.Migration):
    """Adds the constraints above."""

    dependencies = [("clinic", "0014_round")]
    operations = [
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), rule in CONSTRAINTS.items()
        ),
        *(ops.RunSQL(create, f"DROP FUNCTION {name}") for name, create in FUNCTIONS.items()),
        *(ops.RunSQL(create, f"DROP INDEX {name}") for name, create in INDEXES.items()),
        ops.RunSQL("DROP INDEX patient_summary_visit", VISIT),
        ops.RunSQL("DROP INDEX patient_birth", BIRTH.format("")),
        ops.RunSQL(BIRTH.format(", provisional"), "DROP INDEX patient_birth"),
        # What is encrypted cannot be made smaller, and its first byte tells the key.
        ops.RunSQL(
            "ALTER TABLE chat_media ALTER COLUMN content SET STORAGE EXTERNAL",
            "ALTER TABLE chat_media ALTER COLUMN content SET STORAGE EXTENDED",
        ),
    ]
