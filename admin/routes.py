"""The table of routes: every address of the panel, and who may use it."""

from admin import assets, house, live
from admin.account import rows as account
from admin.api_keys import rows as api_keys
from admin.campaigns import rows as campaigns
from admin.canned import views as canned
from admin.cohorts import views as cohorts
from admin.conversations import deeds as talk
from admin.conversations import media as talk_media
from admin.conversations import views as conversations
from admin.documents import rows as documents
from admin.escalations import views as escalations
from admin.faq import rows as faq
from admin.figures import rows as figure_rows
from admin.figures import surveys
from admin.figures import views as clinic_figures
from admin.help import views as manual
from admin.imports import upload as import_upload
from admin.imports import views as imports
from admin.installation import views as installation
from admin.lapse import views as lapse
from admin.lookup import views as lookup
from admin.on_call import views as on_call
from admin.palette import views as palette
from admin.patients import contact, erase, message, record, takeout, timeline, wishes
from admin.patients import views as patients
from admin.plans import calls as plan_calls
from admin.plans import patients as care_plans
from admin.plans import views as plans
from admin.quality import rows as quality
from admin.questionnaires import rows as questionnaires
from admin.readings import views as readings
from admin.reviews import views as reviews
from admin.schedule import blocks as schedule_blocks
from admin.schedule import book as schedule_book
from admin.schedule import views as schedule
from admin.schedule import visits as schedule_visits
from admin.segments import views as segments
from admin.settings import channels as settings_channels
from admin.settings import checklist
from admin.settings import health as settings_health
from admin.settings import holidays as settings_holidays
from admin.settings import hours as settings_hours
from admin.settings import practitioners as settings_practitioners
from admin.settings import readings as settings_readings
from admin.settings import sections as settings
from admin.settings import services as settings_services
from admin.settings import sites as settings_sites
from admin.settings import tags as settings_tags
from admin.settings import texts as settings_texts
from admin.table import ADMIN, ALL, DESK, DOCTORS, EXPERTS, PUBLIC, Row
from admin.tasks import views as tasks
from admin.today import boards, day_sheet, late, unconfirmed, walk_in
from admin.today import views as today
from admin.today import waits as today_waits
from admin.trends import views as trends
from admin.triage import rows as triage
from admin.waitlist import rows as waitlist
from admin.webhooks import views as webhooks

_WEBHOOK = r"/settings/webhooks/{endpoint:\d{1,18}}"
_CASE = r"/escalations/{escalation:\d{1,18}}"
_TALK = r"/conversations/{conversation:\d{1,18}}"
_RUN = r"{run:\d{1,18}}"
_COHORT = r"/cohorts/{cohort:\d{1,18}}"
_PATIENT = r"/patients/{patient:\d{1,18}}"
_GROUP = r"{group:\d{1,18}}"
_SEGMENT = r"{segment:\d{1,18}}"
_PLAN = r"/plans/{definition:\d{1,18}}"
_CARE = r"/care-plans/{plan:\d{1,18}}"
_ACTIVITY = r"/care-plans/activities/{activity:\d{1,18}}"
_VISIT = r"/calendar/visits/{visit:\d{1,18}}"
_SITE = r"/settings/sites/{site:\d{1,18}}"
_RESOURCE = r"{resource:\d{1,18}}"
_SERVICE = r"/settings/services/{service:\d{1,18}}"
_EXCEPTION = r"{exception:\d{1,18}}"
ROUTES = (
    Row("GET", "/healthz", house.health, PUBLIC),
    Row("GET", "/metrics", house.metrics, PUBLIC),
    Row("GET", "/static/{name:.+}", assets.serve, PUBLIC),
    Row("GET", "/favicon.ico", house.favicon, PUBLIC),
    *account.ROWS,
    Row("GET", "/live/menu", house.menu, ALL, by_person=False),
    Row("GET", "/", house.home, ALL),
    Row("POST", "/palette", palette.find, ALL),
    Row("GET", "/help", manual.listing, ALL),
    Row("GET", "/help/{topic}", manual.show, ALL),
    Row("GET", "/settings", settings.index, ALL),
    *(
        row
        for section in ("clinic", "policy", "waitlist", "groups", "texts", "day_sheet")
        for row in (
            Row("GET", f"/settings/{section}", settings.show, ADMIN),
            # The emergency number is there.
            Row("POST", f"/settings/{section}", settings.save, ADMIN, fresh=section == "clinic"),
        )
    ),
    Row("GET", "/settings/channels", settings_channels.show, ADMIN),
    Row("POST", "/settings/channels/test", settings_channels.send_test, ADMIN),
    Row(
        "GET",
        r"/settings/channels/test/{message:\d{1,18}}",
        settings_channels.test_state,
        ADMIN,
        by_person=False,
    ),
    Row("GET", "/settings/channels/{topic}/quota", settings_channels.quota, ADMIN, by_person=False),
    Row("POST", "/settings/channels/{topic}/probe", settings_channels.probe, ADMIN),
    Row("POST", "/settings/channels/{topic}/hook", settings_channels.hook, ADMIN),
    Row("GET", "/settings/readings", settings_readings.show, ALL),
    Row("POST", "/settings/readings", settings_readings.save, ADMIN),
    Row("POST", "/settings/readings/sign", settings_readings.sign, DOCTORS),
    Row("GET", "/settings/tags", settings_tags.show, DESK),
    Row("POST", "/settings/tags/rename", settings_tags.rename, DESK),
    Row("POST", "/settings/tags/retire", settings_tags.retire, DESK),
    Row("GET", "/checklist", checklist.show, ADMIN, by_person=False),
    Row("POST", "/checklist/dismiss", checklist.dismiss, ADMIN),
    Row("POST", "/settings/texts/confirm", checklist.confirm_notice, ADMIN),
    Row("POST", "/settings/texts/preview", settings_texts.preview, ADMIN),
    Row("GET", "/settings/health", settings_health.show, DESK),
    Row("POST", "/release", installation.let_go, ADMIN),
    Row("GET", "/settings/history", settings.history, ADMIN),
    Row("POST", "/settings/undo", settings.undo, ADMIN),
    Row("GET", "/today", today.show, ALL),
    Row("GET", "/live/today", today.live, ALL, by_person=False),
    Row("GET", "/live/waits", today_waits.live, ALL, by_person=False),
    Row("GET", "/today/sheet.pdf", day_sheet.as_pdf, ALL),
    Row("GET", r"/today/late/{practitioner:\d{1,18}}", late.show, ALL),
    Row("POST", r"/today/late/{practitioner:\d{1,18}}", late.set_minutes, ALL),
    Row("POST", r"/today/late/{practitioner:\d{1,18}}/tell", late.tell, ALL),
    Row("POST", r"/visits/{visit:\d{1,18}}/status", today.set_status, ALL),
    Row("POST", r"/visits/{visit:\d{1,18}}/undo", today.undo, ALL),
    Row("POST", r"/visits/{visit:\d{1,18}}/call", today.call, ALL),
    Row("POST", r"/queue/next/{practitioner:\d{1,18}}", today.call_next, ALL),
    Row("GET", "/queue/boards", boards.listing, DESK),
    Row("POST", r"/queue/boards/{site:\d{1,18}}/open", boards.open_anew, ADMIN),
    Row("POST", r"/queue/boards/{site:\d{1,18}}/close", boards.close, ADMIN),
    Row("GET", "/unconfirmed", unconfirmed.listing, ALL),
    Row("POST", r"/unconfirmed/{visit:\d{1,18}}/ask", unconfirmed.ask, ALL),
    Row("POST", r"/unconfirmed/{visit:\d{1,18}}/confirm", unconfirmed.confirm, ALL),
    Row("POST", r"/unconfirmed/{visit:\d{1,18}}/free", unconfirmed.free, DESK),
    Row("GET", "/walk-in", walk_in.who, DESK),
    Row("POST", "/walk-in", walk_in.register, DESK),
    Row("POST", "/walk-in/find", walk_in.who, DESK),
    Row("GET", r"/walk-in/{patient:\d{1,18}}", walk_in.choose, DESK),
    Row("POST", r"/walk-in/{patient:\d{1,18}}", walk_in.check_in, DESK),
    Row("GET", "/calendar", schedule.show, ALL),
    Row("GET", "/calendar/events.json", schedule.events, ALL, by_person=False),
    Row("GET", "/calendar/load", schedule.load, ALL),
    Row("GET", "/calendar/book", schedule_book.ask, ALL),
    Row("POST", "/calendar/book", schedule_book.book, ALL),
    Row("POST", "/calendar/book/find", schedule_book.ask, ALL),
    Row("GET", "/calendar/block", schedule_blocks.ask, ALL),
    Row("POST", "/calendar/block", schedule_blocks.block, ALL),
    Row("POST", f"/calendar/blocks/{_EXCEPTION}/remove", schedule_blocks.remove, ALL),
    Row("GET", _VISIT, schedule_visits.show, ALL),
    Row("POST", f"{_VISIT}/move", schedule_visits.move, ALL),
    Row("POST", f"{_VISIT}/cancel", schedule_visits.cancel, ALL),
    Row("POST", f"{_VISIT}/note", schedule_visits.note, ALL),
    Row("GET", "/settings/sites", settings_sites.listing, ADMIN),
    Row("POST", "/settings/sites", settings_sites.save, ADMIN),
    Row("GET", "/settings/sites/new", settings_sites.new, ADMIN),
    Row("GET", _SITE, settings_sites.show, ADMIN),
    Row("POST", _SITE, settings_sites.save, ADMIN),
    Row("GET", "/settings/practitioners", settings_practitioners.listing, ADMIN),
    Row("POST", "/settings/practitioners", settings_practitioners.save, ADMIN),
    Row("GET", "/settings/practitioners/new", settings_practitioners.new, ADMIN),
    Row("GET", f"/settings/practitioners/{_RESOURCE}", settings_practitioners.show, ADMIN),
    Row("POST", f"/settings/practitioners/{_RESOURCE}", settings_practitioners.save, ADMIN),
    Row("GET", "/settings/services", settings_services.listing, ADMIN),
    Row("POST", "/settings/services", settings_services.save, ADMIN),
    Row("GET", "/settings/services/new", settings_services.new, ADMIN),
    Row("GET", _SERVICE, settings_services.show, ADMIN),
    Row("POST", _SERVICE, settings_services.save, ADMIN),
    Row("GET", "/settings/hours", settings_hours.listing, ALL),
    Row("GET", f"/settings/hours/{_RESOURCE}", settings_hours.show, ALL),
    Row("POST", f"/settings/hours/{_RESOURCE}", settings_hours.save, ALL),
    Row("GET", "/settings/holidays", settings_holidays.show, ALL),
    Row("POST", "/settings/holidays", settings_holidays.add, ALL),
    Row("POST", "/settings/holidays/import", settings_holidays.bring, DESK),
    Row("POST", "/settings/holidays/call", settings_holidays.call, ALL),
    Row("POST", f"/settings/holidays/{_EXCEPTION}/remove", settings_holidays.remove, ALL),
    Row("GET", "/conversations", conversations.listing, ALL),
    Row("POST", "/conversations/find", conversations.find, ALL),
    Row("GET", "/live/conversations", conversations.live_listing, ALL, by_person=False),
    Row("GET", _TALK, conversations.show, ALL),
    Row(
        "GET",
        r"/live/conversations/{conversation:\d{1,18}}",
        conversations.live,
        ALL,
        by_person=False,
    ),
    Row("POST", f"{_TALK}/take-over", talk.take_over, ALL),
    Row("POST", f"{_TALK}/answer", talk.answer, ALL),
    Row("POST", f"{_TALK}/hand-back", talk.hand_back, ALL),
    Row("POST", f"{_TALK}/assign", talk.assign, ALL),
    Row("POST", f"{_TALK}/snooze", talk.snooze, ALL),
    Row("POST", f"{_TALK}/notes", talk.write_note, ALL),
    Row("POST", f"{_TALK}/here", talk.here, ALL, by_person=False),
    Row("POST", r"/messages/{message:\d{1,18}}/again", talk.send_again, ALL),
    Row("GET", r"/media/{inbound:\d{1,18}}", talk_media.show, ALL),
    Row("GET", "/live/events", live.events, ALL, by_person=False),
    Row("GET", "/live/notices", conversations.live_notices, ALL, by_person=False),
    Row("GET", "/lookup", lookup.show, ALL),
    Row("POST", "/lookup", lookup.add, DESK),
    Row("GET", "/settings/canned", canned.listing, DESK),
    Row("POST", "/settings/canned", canned.save, DESK),
    Row("POST", "/settings/canned/ready-made", canned.fill_up, DESK),
    Row("POST", r"/settings/canned/{answer:\d{1,18}}", canned.save, DESK),
    Row("POST", r"/settings/canned/{answer:\d{1,18}}/remove", canned.remove, DESK),
    Row("GET", "/escalations", escalations.listing, ALL),
    Row("GET", "/live/escalations", escalations.live_listing, ALL, by_person=False),
    Row("GET", _CASE, escalations.show, ALL),
    Row("GET", f"/live{_CASE}", escalations.live, ALL, by_person=False),
    Row("POST", f"{_CASE}/acknowledge", escalations.acknowledge, ALL),
    Row("POST", f"{_CASE}/phone", escalations.phone, ALL),
    Row("POST", f"{_CASE}/called", escalations.called, ALL),
    Row("POST", f"{_CASE}/take-over", escalations.take_over, ALL),
    Row("POST", f"{_CASE}/close", escalations.close, ALL),
    Row("GET", "/on-call", on_call.show, ALL),
    Row("POST", "/on-call", on_call.add, ADMIN),
    Row("POST", "/on-call/remove", on_call.remove, ADMIN),
    Row("POST", "/on-call/code", on_call.make_code, ALL, fresh=True),
    Row("POST", r"/on-call/accounts/{account:\d{1,18}}/unlink", on_call.unlink, ALL),
    Row("GET", "/tasks", tasks.listing, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/close", tasks.close, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/phone", tasks.phone, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/result", tasks.result, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/assign", tasks.assign, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/snooze", tasks.snooze, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/free", tasks.free, DESK),
    Row("GET", r"/tasks/{task:\d{1,18}}/link", tasks.choose, DESK),
    Row("POST", r"/tasks/{task:\d{1,18}}/link", tasks.approve, DESK),
    Row("POST", r"/tasks/{task:\d{1,18}}/link/find", tasks.choose, DESK),
    Row("GET", "/patients", patients.search, ALL),
    Row("POST", "/patients", patients.search, ALL),
    Row("POST", f"{_PATIENT}/code", patients.make_code, DESK),
    Row("POST", f"{_PATIENT}/code.pdf", takeout.code_sheet, DESK),
    Row("GET", _PATIENT, record.show, ALL),
    Row("GET", f"{_PATIENT}/timeline", timeline.show, ALL),
    Row("GET", f"{_PATIENT}/message", message.ask, ALL),
    Row("POST", f"{_PATIENT}/message", message.send, ALL),
    Row("POST", rf"{_PATIENT}/chats/{{conversation:\d{{1,18}}}}/last", timeline.last, ALL),
    Row("POST", rf"{_PATIENT}/chats/{{conversation:\d{{1,18}}}}/end", message.end_link, DESK),
    Row("GET", f"{_PATIENT}/trends", trends.show, ALL),
    Row("GET", f"{_PATIENT}/readings", readings.show, ALL),
    Row("POST", f"{_PATIENT}/readings", readings.add, ALL),
    Row("POST", rf"{_PATIENT}/readings/{{reading:\d{{1,18}}}}/strike", readings.strike, ALL),
    Row("POST", f"{_PATIENT}/readings/limits", readings.set_limits, ALL),
    *documents.ROWS,
    Row("GET", "/cohorts", cohorts.listing, DESK),
    Row("POST", "/cohorts", cohorts.create, DESK),
    Row("GET", _COHORT, cohorts.show, DESK),
    Row("GET", f"{_COHORT}/members.csv", cohorts.as_csv, DESK),
    Row("GET", f"{_COHORT}/members.json", cohorts.as_json, DESK),
    Row("POST", f"{_COHORT}/members", cohorts.enrol, DESK),
    Row("POST", rf"{_COHORT}/members/{{member:\d{{1,18}}}}", cohorts.set_member, DESK),
    Row("POST", f"{_COHORT}/close", cohorts.close, DESK),
    Row("POST", f"{_PATIENT}/reveal", record.reveal, ALL),
    Row("POST", f"{_PATIENT}/phone", record.phone, ALL),
    Row("GET", f"{_PATIENT}/edit", record.form, DESK),
    Row("POST", f"{_PATIENT}/edit", record.save, DESK),
    Row("POST", f"{_PATIENT}/flag", record.flag, DESK),
    Row("POST", f"{_PATIENT}/contact", contact.save, DESK),
    Row("POST", f"{_PATIENT}/wishes", wishes.prefer, DESK),
    Row("POST", f"{_PATIENT}/consents", wishes.consent, DESK),
    Row("POST", f"{_PATIENT}/tags", record.tag, ALL),
    Row("POST", f"{_PATIENT}/notes", record.note, ALL),
    Row("POST", rf"{_PATIENT}/notes/{{note:\d{{1,18}}}}/end", record.end_note, ALL),
    Row("GET", f"{_PATIENT}/export.json", takeout.as_json, DESK, fresh=True),
    Row("GET", f"{_PATIENT}/export.pdf", takeout.as_pdf, DESK, fresh=True),
    Row("GET", f"{_PATIENT}/erase", erase.ask, ADMIN, fresh=True),
    Row("POST", f"{_PATIENT}/erase", erase.erase, ADMIN, fresh=True),
    Row("POST", f"{_PATIENT}/let-in", erase.let_in, ADMIN),
    Row("GET", "/imports", imports.listing, DESK),
    Row("GET", "/imports/upload", import_upload.ask, DESK),
    Row("POST", "/imports/upload", import_upload.take, DESK, files=import_upload.LARGEST_UPLOAD),
    Row("GET", rf"/imports/{_RUN}", imports.show, DESK),
    Row("GET", rf"/live/imports/{_RUN}", imports.live, DESK, by_person=False),
    Row("GET", rf"/imports/{_RUN}/issues.csv", imports.issues_csv, DESK),
    Row("POST", rf"/imports/{_RUN}/commit", imports.commit, DESK),
    Row("POST", rf"/imports/{_RUN}/cancel", imports.cancel, DESK),
    Row("POST", rf"/imports/{_RUN}/undo", imports.undo, DESK),
    Row("GET", rf"/imports/{_RUN}/columns", imports.columns, DESK),
    Row("POST", rf"/imports/{_RUN}/columns", imports.remap, DESK),
    Row("GET", "/reviews", reviews.listing, DESK),
    Row("GET", r"/reviews/{doubt:\d{1,18}}", reviews.show, DESK),
    Row("POST", r"/reviews/{doubt:\d{1,18}}", reviews.decide, DESK),
    Row("GET", "/merges", reviews.merges, DESK),
    Row("POST", "/merges", reviews.merge, DESK),
    Row("POST", "/merges/find", reviews.find, DESK),
    Row("GET", "/merges/compare", reviews.compare, DESK),
    Row("POST", r"/merges/{merge:\d{1,18}}/part", reviews.parted, DESK),
    Row("GET", "/lapse", lapse.groups, DESK),
    Row("GET", rf"/lapse/{_GROUP}", lapse.listing, DESK),
    Row("POST", rf"/lapse/{_GROUP}", lapse.listing, DESK),
    Row("GET", rf"/lapse/{_GROUP}/calls", lapse.calls, DESK),
    Row("POST", rf"/lapse/{_GROUP}/calls", lapse.calls, DESK),
    Row("GET", rf"/lapse/{_GROUP}/calls.csv", lapse.calls_csv, DESK),
    Row("GET", rf"/lapse/{_GROUP}/list.csv", lapse.as_csv, DESK),
    Row("GET", rf"/lapse/{_GROUP}/windows", lapse.windows, DESK),
    Row("POST", rf"/lapse/{_GROUP}/windows", lapse.set_windows, DESK),
    Row("GET", "/segments", segments.listing, DESK),
    Row("POST", "/segments", segments.save, DESK),
    Row("GET", "/segments/new", segments.new, DESK),
    Row("POST", "/segments/count", segments.count, DESK),
    Row("POST", "/segments/build", segments.build, DESK),
    Row("GET", "/segments/words", segments.words, DESK),
    Row("GET", rf"/segments/{_SEGMENT}", segments.show, DESK),
    Row("POST", rf"/segments/{_SEGMENT}", segments.save, DESK),
    Row("POST", rf"/segments/{_SEGMENT}/retire", segments.retire, DESK),
    Row("GET", "/plans", plans.listing, ALL),
    Row("GET", "/plans/dropped", plans.dropped, ALL),
    Row("GET", _PLAN, plans.show, ALL),
    Row("GET", f"{_PLAN}/edit", plans.edit, ALL),
    Row("POST", f"{_PLAN}/edit", plans.save, ALL),
    Row("POST", f"{_PLAN}/copy", plans.copy, ALL),
    Row("POST", f"{_PLAN}/sign", plans.sign, EXPERTS),
    Row("POST", f"{_PLAN}/activate", plans.activate, DESK),
    Row("POST", f"{_PLAN}/retire", plans.retire, DESK),
    Row("GET", f"{_PATIENT}/plans", care_plans.of_patient, ALL),
    Row("POST", f"{_PATIENT}/plans", care_plans.begin, ALL),
    Row("GET", _CARE, care_plans.show, ALL),
    Row("POST", f"{_CARE}/stop", care_plans.stop, ALL),
    Row("POST", f"{_CARE}/anchor", care_plans.move_anchor, ALL),
    Row("POST", f"{_CARE}/steps", care_plans.add_step, ALL),
    Row("POST", f"{_CARE}/steps/move", care_plans.move_step, ALL),
    Row("POST", f"{_CARE}/steps/drop", care_plans.drop_step, ALL),
    Row("POST", f"{_ACTIVITY}/decide", care_plans.decide, ALL),
    Row("GET", f"{_ACTIVITY}/call", plan_calls.show, ALL),
    Row("POST", f"{_ACTIVITY}/call", plan_calls.play, ALL),
    Row("POST", f"{_ACTIVITY}/told", plan_calls.told, ALL),
    Row("POST", f"{_ACTIVITY}/phone", plan_calls.phone, ALL),
    *waitlist.ROWS,
    *campaigns.ROWS,
    *faq.ROWS,
    *questionnaires.ROWS,
    Row("GET", "/figures", clinic_figures.show, ALL),
    Row("GET", "/figures/visits", clinic_figures.show, ALL),
    Row("GET", "/figures/visits.csv", clinic_figures.as_csv, ALL),
    Row("GET", "/figures/patients", clinic_figures.show, ALL),
    Row("GET", "/figures/patients.csv", clinic_figures.as_csv, ALL),
    Row("GET", "/figures/services", clinic_figures.show, ALL),
    Row("GET", "/figures/services.csv", clinic_figures.as_csv, ALL),
    Row("GET", "/figures/chats", clinic_figures.show, DESK),
    Row("GET", "/figures/chats.csv", clinic_figures.as_csv, DESK),
    Row("GET", "/figures/money", clinic_figures.show, ADMIN),
    Row("GET", "/figures/money.csv", clinic_figures.as_csv, ADMIN),
    Row("GET", "/figures/survey", clinic_figures.show, ALL),
    Row("GET", "/figures/survey.csv", clinic_figures.as_csv, ALL),
    Row("GET", "/figures/survey/comments", surveys.comments, ADMIN),
    # What belongs to no doctor is not shown to doctors: the view knows which figures those are.
    Row("GET", "/figures/rows", figure_rows.listing, ALL),
    Row("POST", "/figures/rows", figure_rows.listing, ALL),
    Row("GET", "/figures/rows.csv", figure_rows.as_csv, ALL),
    Row("POST", "/figures/rows/write", figure_rows.write, DESK),
    *triage.ROWS,
    *quality.ROWS,
    *api_keys.ROWS,
    Row("GET", "/settings/webhooks", webhooks.listing, ADMIN),
    Row("POST", "/settings/webhooks", webhooks.add, ADMIN, fresh=True),
    Row("GET", _WEBHOOK, webhooks.show, ADMIN),
    Row("POST", _WEBHOOK, webhooks.save, ADMIN, fresh=True),
    Row("POST", f"{_WEBHOOK}/act", webhooks.act, ADMIN, fresh=True),
    Row("POST", rf"{_WEBHOOK}/deliveries/{{delivery:\d{{1,18}}}}", webhooks.redeliver, ADMIN),
)
