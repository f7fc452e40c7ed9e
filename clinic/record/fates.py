"""What becomes of each row that refers to an erased patient, or to what was theirs alone.

The catalogue of the database names the references; one that is not declared here fails a test, so
that no new table can go on telling of somebody whose data were erased.
"""

from typing import Literal

# gone: the row is deleted. blank: it stays, for counts or for what it is part of, and says nothing
# of a person. bare: it holds numbers and codes only, and stays. other: see the word beside it.
Fate = Literal["gone", "blank", "bare"]

OF_PATIENT: dict[str, Fate] = {
    "appointment.patient_id": "blank",  # how full a day was
    "care_plan.patient_id": "gone",
    "cohort_member.patient_id": "gone",
    "condition.patient_id": "gone",
    "contact_preference.patient_id": "gone",
    "document.patient_id": "gone",
    "emergency_access.patient_id": "blank",  # that somebody looked, and for how long
    "encounter.patient_id": "gone",
    "erasure.patient_id": "bare",  # keyed marks
    "escalation.patient_id": "blank",  # how soon somebody was helped, for the quality figures
    "lapse.patient_id": "gone",
    "link.patient_id": "gone",
    "link_code.patient_id": "gone",
    "match_review.patient_id": "gone",
    "observation.patient_id": "gone",
    "observation_limit.patient_id": "gone",
    "outbox.patient_id": "blank",
    "outreach_member.patient_id": "bare",  # how many came back
    "outside_appointment.patient_id": "gone",
    "patient.merged_into_id": "blank",  # the other records of the same person
    "patient_change.patient_id": "gone",
    "patient_merge.kept_id": "bare",  # names of columns and numbers of rows
    "patient_merge.lost_id": "bare",
    "patient_note.patient_id": "gone",
    "patient_summary.patient_id": "gone",
    "patient_tag.patient_id": "gone",
    "plan_date.patient_id": "gone",
    "procedure.patient_id": "gone",
    "questionnaire_request.patient_id": "blank",  # messages refer to it
    "questionnaire_response.patient_id": "gone",
    "recipient.patient_id": "bare",  # how many got a message, and how that ended
    "slot_offer.patient_id": "bare",  # how many were asked, and what they answered
    "source_record.patient_id": "gone",
    "supply.patient_id": "gone",
    "task.patient_id": "blank",
    "triage_run.patient_id": "gone",
    "waitlist_entry.patient_id": "bare",  # ended; offers refer to it
}
# Of chat accounts that spoke for nobody else, with their conversations.
OF_CHAT: dict[str, Fate] = {
    "appointment.account_id": "blank",
    "chat_media.account_id": "gone",
    "consent.account_id": "bare",  # that somebody agreed, to what and when
    "conversation.account_id": "blank",
    "conversation_event.conversation_id": "bare",  # what staff did, and when
    "conversation_reader.conversation_id": "bare",
    "document_answer.account_id": "gone",
    "document_link.account_id": "gone",
    "escalation.conversation_id": "blank",
    "faq_question.conversation_id": "bare",  # that something was asked; its words go with inbound
    "inbound.account_id": "blank",
    "internal_note.conversation_id": "gone",
    "link.account_id": "gone",
    "link_attempt.account_id": "bare",
    "observation.account_id": "gone",
    "outbox.account_id": "blank",
    "quality_review.conversation_id": "blank",
    "questionnaire_response.account_id": "gone",
    "recipient.account_id": "bare",
    "slot_offer.account_id": "bare",
    "staff_account.account_id": "bare",  # a staff member's own account is nobody's alone
    "staff_notice.conversation_id": "bare",
    "task.conversation_id": "blank",
    "timer.conversation_id": "bare",  # numbers; those that wait are skipped
    "triage_run.conversation_id": "gone",
    "waitlist_entry.account_id": "bare",
    "web_link.account_id": "gone",
}
# What hangs on those rows in its turn.
OF_ROWS: dict[str, Fate] = {
    "allocation.appointment_id": "bare",  # released
    "care_plan_activity.outbox_id": "gone",
    "care_plan_activity.request_id": "gone",
    "cohort_round.member_id": "gone",
    "cohort_round.request_id": "gone",
    "condition.record_id": "gone",
    "document_answer.document_id": "gone",
    "document_link.document_id": "gone",
    "encounter.record_id": "gone",
    "outbox.appointment_id": "blank",
    "outbox.carrier_id": "blank",
    "outbox.escalation_id": "blank",
    "outbox.request_id": "blank",
    "outreach_member.outbox_id": "bare",
    "outside_appointment.record_id": "gone",
    "procedure.record_id": "gone",
    "quality_finding.review_id": "blank",
    "queue_ticket.appointment_id": "bare",  # how long people waited
    "questionnaire_request.appointment_id": "blank",
    "questionnaire_response.request_id": "gone",
    "recipient.booked_id": "bare",
    "recipient.outbox_id": "bare",
    "slot_offer.moving_id": "bare",
    "slot_offer.outbox_id": "bare",
    "slot_rescue.appointment_id": "bare",  # how full a day was
    "slot_rescue.booked_id": "bare",
    "slot_rescue.hold_id": "bare",
    "staff_notice.access_id": "bare",
    "supply.record_id": "gone",
    "task.appointment_id": "blank",
    "timer.appointment_id": "bare",
    "web_link.outbox_id": "gone",
    "triage_run.before_id": "bare",  # of somebody else's run: forgets the one before
    "visit_step.appointment_id": "bare",
    "waitlist_entry.appointment_id": "bare",
}
PERSONAL = ("patient", "chat_account", "conversation")
CARRIERS = (
    *("appointment", "escalation", "questionnaire_request", "source_record", "outbox"),
    *("quality_review", "triage_run", "cohort_member", "document", "emergency_access"),
)
# Every column of a patient, and what is left of it.
COLUMNS_KEPT = ("id", "key", "merged_into_id", "created_at", "provisional", "moved_on")
