"""What staff may see and do: every function takes the acting staff member and writes the audit row.

A doctor sees own patients (those with a visit to this doctor), the desk and admins see all. What is
escalated every doctor sees, and what one owned that one goes on seeing.
"""

# In every query here $1 is the acting staff member's id and $2 whether the role sees all patients.
OWN_PATIENTS = """select own.patient_id from appointment own
    join resource doctor on doctor.id = own.practitioner_id
    where doctor.staff_id = $1 and own.status in ('booked', 'arrived', 'fulfilled', 'noshow')"""
VISIBLE_CONVERSATION = f"""($2 or c.owner_staff_id = $1 or exists (
    select 1 from link seen where seen.account_id = c.account_id and seen.ended_at is null
      and seen.patient_id in ({OWN_PATIENTS}))
    or exists (select 1 from escalation grave where grave.conversation_id = c.id
               and (grave.state <> 'closed' or grave.owner_id = $1)))"""  # noqa: S608  # constants
