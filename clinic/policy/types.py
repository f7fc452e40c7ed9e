"""What a message to a patient is for, and what decides whether, how and when it may go out."""

from typing import Literal

# What a patient can agree to or refuse (FHIR Consent.provision.purpose, in our words).
# care: what treatment needs, such as recalls and follow-ups. reminders: of visits that are booked.
# education: health education, seasonal warnings, greetings. marketing: news and offers of the
# clinic. research: rounds of a study.
Purpose = Literal["care", "reminders", "education", "marketing", "research"]
PURPOSES: tuple[Purpose, ...] = ("care", "reminders", "education", "marketing", "research")
