"""What staff may see and do: every function takes the acting staff member and writes the audit row.

A doctor sees own patients, the desk and admins see all. Own are those with a visit to this doctor,
whose escalation this doctor took, whose plan this doctor began, who were asked to answer a
questionnaire by this doctor, and for an hour those whom the doctor opened in an emergency, with the
conversations that the doctor took over in that hour. What is escalated every doctor sees, and what
one owned that one goes on seeing.
"""

# In every query here $1 is the acting staff member's id and $2 whether the role sees all patients.
LASTING_PATIENTS = """select own.patient_id from appointment own
    join resource doctor on doctor.id = own.practitioner_id
    where doctor.staff_id = $1 and own.status in ('booked', 'arrived', 'fulfilled', 'noshow')
    union all select taken.patient_id from escalation taken
    where taken.owner_id = $1 and taken.patient_id is not null
    union all select begun.patient_id from care_plan begun where begun.started_by_id = $1
    union all select asked.patient_id from questionnaire_request asked
    where asked.requested_by_id = $1"""
# What makes a patient one's own for good asks for these: an hour in an emergency is an hour.
OWN_PATIENTS = f"""{LASTING_PATIENTS}
    union all select urgent.patient_id from emergency_access urgent
    where urgent.staff_id = $1 and urgent.until_at > now() and urgent.ended_at is null"""  # noqa: S608  # constants
# What one answers is one's own, but not beyond the emergency's hour in which one took it.
_ANSWERED = """(c.owner_staff_id = $1 and not exists (
    select from emergency_access gone
    join link held on held.patient_id = gone.patient_id and held.account_id = c.account_id
    cross join lateral (
      select e.kind, e.at from conversation_event e
      where e.conversation_id = c.id
        and (e.kind = 'taken' and e.staff_id = $1 or e.kind = 'assigned' and e.colleague_id = $1)
      order by e.id desc limit 1) became
    where gone.staff_id = $1 and least(gone.until_at, gone.ended_at) <= now()
      and became.kind = 'taken'
      and became.at between gone.created_at and least(gone.until_at, gone.ended_at)))"""
VISIBLE_CONVERSATION = f"""($2 or {_ANSWERED} or exists (
    select 1 from link seen where seen.account_id = c.account_id and seen.ended_at is null
      and seen.patient_id in ({OWN_PATIENTS}))
    or exists (select 1 from escalation grave where grave.conversation_id = c.id
               and (grave.state <> 'closed' or grave.owner_id = $1)))"""  # noqa: S608  # constants
