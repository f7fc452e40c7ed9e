"""From where on a reading is looked at: the limits that Kayoi ships, as data. An admin changes them
for the clinic (`house.py`), within BOUNDS; staff set a patient's own.

NEEDS A CLINICIAN'S SIGNATURE. Sources: home blood pressure: CHEP and NICE NG136 (the mean of the
days, and 180/120); glucose: ADA, levels 1 and 2; SpO2: NHS practice card; fever: NICE NG143 and
WHO/ICRC/MSF IITT; pulse: IITT; weight: ESC (heart failure). Where no source was seen it says "own".
"""

from decimal import Decimal

from clinic.observation.types import Level, Limit, Measure, Side

THREE_MONTHS, SIX_MONTHS, GROWN = 91, 182, 6574  # days

_ROWS: tuple[tuple[Measure, Side, Level, str, int, int | None], ...] = (
    ("systolic", "from", 3, "180", 0, None),
    ("diastolic", "from", 3, "120", 0, None),
    ("systolic", "below", 2, "90", GROWN, None),  # own
    ("glucose", "below", 2, "70", 0, None),
    ("glucose", "below", 3, "54", 0, None),
    ("glucose", "from", 2, "250.1", 0, None),
    ("glucose", "from", 3, "300.1", 0, None),
    ("spo2", "below", 3, "95", 0, None),  # call on the same day
    ("spo2", "below", 4, "93", 0, None),
    ("temperature", "from", 4, "38", 0, THREE_MONTHS),
    ("temperature", "from", 3, "39", THREE_MONTHS, SIX_MONTHS),
    ("temperature", "from", 3, "39.1", SIX_MONTHS, None),
    ("temperature", "from", 2, "38", THREE_MONTHS, None),  # own
    ("temperature", "below", 2, "36", 0, None),  # with illness it is of the same day
    ("temperature", "below", 3, "35", 0, None),  # own
    ("pulse", "below", 2, "60", GROWN, None),
    ("pulse", "from", 2, "131", GROWN, None),
    ("pulse", "below", 4, "50", GROWN, None),
    ("pulse", "from", 4, "151", GROWN, None),
)
LIMITS: tuple[Limit, ...] = tuple(
    Limit(measure, side, level, Decimal(at), since, until)
    for measure, side, level, at, since, until in _ROWS
)
# The mean of the last week is high from here on: a nurse looks at it. Without the first day.
MEAN_DAYS = 7
MEAN: dict[Measure, Decimal] = {"systolic": Decimal(135), "diastolic": Decimal(85)}
REPEATED_GLUCOSE = Decimal("250.1")  # twice on one day: today
RISE, RISE_DAYS = Decimal(2), 3  # kg more than so, within so many days

# Between what a clinic may set each, by its name in the settings. What is of today or of now can
# only be made stricter: no setting may have an emergency pass in silence. For a patient with a
# known baseline staff set the limit on the patient's page. All of these are "own".
BOUNDS: dict[str, tuple[Decimal, Decimal]] = {
    name: (Decimal(least), Decimal(most))
    for name, least, most in (
        ("systolic.from.3.0", "140", "180"),
        ("diastolic.from.3.0", "90", "120"),
        (f"systolic.below.2.{GROWN}", "70", "110"),
        ("glucose.below.2.0", "60", "100"),
        ("glucose.below.3.0", "54", "80"),
        ("glucose.from.2.0", "140", "300"),
        ("glucose.from.3.0", "180", "300.1"),
        ("spo2.below.3.0", "95", "98"),
        ("spo2.below.4.0", "93", "96"),
        ("temperature.from.4.0", "37.5", "38"),
        (f"temperature.from.3.{THREE_MONTHS}", "37.5", "39"),
        (f"temperature.from.3.{SIX_MONTHS}", "37.5", "39.1"),
        (f"temperature.from.2.{THREE_MONTHS}", "37", "39"),
        ("temperature.below.2.0", "34", "36.5"),
        ("temperature.below.3.0", "35", "36"),
        (f"pulse.below.2.{GROWN}", "50", "70"),
        (f"pulse.from.2.{GROWN}", "90", "150"),
        (f"pulse.below.4.{GROWN}", "50", "60"),
        (f"pulse.from.4.{GROWN}", "120", "151"),
        ("systolic.mean", "115", "150"),
        ("diastolic.mean", "70", "95"),
        ("glucose.repeated", "180", "250.1"),
        ("weight.rise", "0.5", "4"),
    )
}

# What no living body has, or what no meter shows: in the kept unit, both ends possible.
POSSIBLE: dict[Measure, tuple[Decimal, Decimal]] = {
    "systolic": (Decimal(50), Decimal(300)),
    "diastolic": (Decimal(20), Decimal(200)),
    "glucose": (Decimal(10), Decimal(1000)),
    "temperature": (Decimal(30), Decimal(45)),
    "pulse": (Decimal(20), Decimal(300)),
    "weight": (Decimal("0.3"), Decimal(400)),
    "spo2": (Decimal(50), Decimal(100)),
}
# What the triage asks about after a reading (clinic/triage/presentations), if anything.
PRESENTATIONS: dict[str, tuple[str, ...]] = {  # by the name of the rule
    "reading_blood_pressure": ("blood_pressure",),
    "reading_glucose": ("diabetes",),
    "reading_temperature": ("fever_adult", "fever_child"),
    "reading_pulse": ("palpitations",),
    "reading_spo2": ("breathlessness",),
}
