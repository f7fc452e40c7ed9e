"""The presentations by where the trouble is, for patients who would rather choose than write."""

from flows.effects import Choice

# Some stand in two places: patients look where they feel it.
REGIONS: dict[str, tuple[str, ...]] = {
    "chest": ("chest_pain", "breathlessness", "wheeze", "palpitations", "cough", "choking"),
    "head": (
        "headache",
        "dizziness",
        "faint",
        "head_injury",
        "stroke_signs",
        "confusion",
        "seizure",
        "collapse",
    ),
    "fever": ("fever_adult", "fever_child", "cold", "sore_throat", "cough", "tired"),
    "face": (
        "red_eye",
        "vision",
        "earache",
        "nosebleed",
        "sore_throat",
        "tooth",
    ),
    "belly": (
        "abdominal_pain",
        "vomiting",
        "diarrhoea",
        "constipation",
        "heartburn",
        "rectal_bleeding",
        "poisoning",
    ),
    "urine": (
        "painful_urination",
        "urine_retention",
        "pregnancy",
        "vaginal_bleeding",
        "testicle_pain",
    ),
    "limbs": (
        "back_pain",
        "hot_joint",
        "leg_swelling",
        "limb_injury",
        "wound",
    ),
    "skin": ("rash", "hives", "skin_infection", "burn", "wound"),
    "other": ("low_mood", "self_harm", "tired", "diabetes", "blood_pressure", "unclear"),
}
LABELS: dict[str, str] = {
    "chest": "triage.region_chest",
    "head": "triage.region_head",
    "fever": "triage.region_fever",
    "face": "triage.region_face",
    "belly": "triage.region_belly",
    "urine": "triage.region_urine",
    "limbs": "triage.region_limbs",
    "skin": "triage.region_skin",
    "other": "triage.region_other",
}
CHOICES = tuple(Choice(region, label) for region, label in LABELS.items())
