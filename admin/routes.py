"""The table of routes: every address of the panel, and who may use it."""

from admin import assets, house
from admin.conversations import views as conversations
from admin.escalations import views as escalations
from admin.faq import views as faq
from admin.on_call import views as on_call
from admin.patients import views as patients
from admin.quality import figures
from admin.quality import views as quality
from admin.questionnaires import results, upload
from admin.questionnaires import views as questionnaires
from admin.signin import views as signin
from admin.staff import views as staff
from admin.table import ADMIN, ALL, DESK, EXPERTS, PUBLIC, Row
from admin.tasks import views as tasks
from admin.today import views as today

_CASE = r"/escalations/{escalation:\d{1,18}}"
_FORM = r"{questionnaire:\d{1,18}}"
_REVIEW = r"{review:\d{1,18}}"
ROUTES = (
    Row("GET", "/healthz", house.health, PUBLIC),
    Row("GET", "/metrics", house.metrics, PUBLIC),
    Row("GET", "/static/{name:.+}", assets.serve, PUBLIC),
    Row("GET", "/favicon.ico", house.favicon, PUBLIC),
    Row("GET", "/sign-in", signin.ask, PUBLIC),
    Row("POST", "/sign-in", signin.begin, PUBLIC),
    Row("POST", "/sign-out", signin.end, ALL),
    Row("POST", "/touch", signin.touch, ALL),
    Row("POST", "/language", signin.language, ALL),
    Row("GET", "/live/menu", house.menu, ALL, by_person=False),
    Row("GET", "/", house.home, ALL),
    Row("GET", "/today", today.show, ALL),
    Row("POST", r"/visits/{visit:\d{1,18}}/status", today.set_status, ALL),
    Row("GET", "/conversations", conversations.listing, ALL),
    Row("GET", "/live/conversations", conversations.live_listing, ALL, by_person=False),
    Row("GET", r"/conversations/{conversation:\d{1,18}}", conversations.show, ALL),
    Row(
        "GET",
        r"/live/conversations/{conversation:\d{1,18}}",
        conversations.live,
        ALL,
        by_person=False,
    ),
    Row("POST", r"/conversations/{conversation:\d{1,18}}/take-over", conversations.take_over, ALL),
    Row("POST", r"/conversations/{conversation:\d{1,18}}/answer", conversations.answer, ALL),
    Row("POST", r"/conversations/{conversation:\d{1,18}}/hand-back", conversations.hand_back, ALL),
    Row("POST", r"/conversations/{conversation:\d{1,18}}/notes", conversations.write_note, ALL),
    Row("GET", "/escalations", escalations.listing, ALL),
    Row("GET", "/live/escalations", escalations.live_listing, ALL, by_person=False),
    Row("GET", _CASE, escalations.show, ALL),
    Row("GET", f"/live{_CASE}", escalations.live, ALL, by_person=False),
    Row("POST", f"{_CASE}/acknowledge", escalations.acknowledge, ALL),
    Row("POST", f"{_CASE}/called", escalations.called, ALL),
    Row("POST", f"{_CASE}/take-over", escalations.take_over, ALL),
    Row("POST", f"{_CASE}/close", escalations.close, ALL),
    Row("GET", "/on-call", on_call.show, ALL),
    Row("POST", "/on-call", on_call.add, ADMIN),
    Row("POST", "/on-call/remove", on_call.remove, ADMIN),
    Row("POST", "/on-call/code", on_call.make_code, ALL),
    Row("POST", r"/on-call/accounts/{account:\d{1,18}}/unlink", on_call.unlink, ALL),
    Row("GET", "/tasks", tasks.listing, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/close", tasks.close, ALL),
    Row("GET", r"/tasks/{task:\d{1,18}}/link", tasks.choose, DESK),
    Row("POST", r"/tasks/{task:\d{1,18}}/link", tasks.approve, DESK),
    Row("GET", "/patients", patients.search, DESK),
    Row("POST", r"/patients/{patient:\d{1,18}}/code", patients.make_code, DESK),
    Row("GET", "/faq", faq.show, DESK),
    Row("POST", "/faq/{topic}", faq.save, DESK),
    Row("GET", "/questionnaires", questionnaires.listing, ALL),
    Row("GET", "/questionnaires/upload", upload.ask, DESK),
    Row("POST", "/questionnaires/upload", upload.take, DESK, files=upload.LARGEST_UPLOAD),
    Row("GET", "/questionnaires/requests", questionnaires.requests, ALL),
    Row("POST", r"/questionnaires/requests/{asked:\d{1,18}}/cancel", questionnaires.cancel, DESK),
    Row("POST", r"/questionnaires/rules/{rule:\d{1,18}}", questionnaires.switch_rule, DESK),
    Row("GET", r"/questionnaires/responses/{response:\d{1,18}}", results.one, ALL),
    Row("GET", rf"/questionnaires/{_FORM}", questionnaires.show, ALL),
    Row("POST", rf"/questionnaires/{_FORM}/preview", questionnaires.play, ALL),
    Row("POST", rf"/questionnaires/{_FORM}/activate", questionnaires.activate, DESK),
    Row("POST", rf"/questionnaires/{_FORM}/retire", questionnaires.retire, DESK),
    Row("POST", rf"/questionnaires/{_FORM}/rules", questionnaires.add_rule, DESK),
    Row("GET", rf"/questionnaires/{_FORM}/ask", questionnaires.choose, DESK),
    Row("POST", rf"/questionnaires/{_FORM}/ask", questionnaires.ask, DESK),
    Row("GET", rf"/questionnaires/{_FORM}/results", results.table, ALL),
    Row("GET", rf"/questionnaires/{_FORM}/results.csv", results.as_csv, ALL),
    Row("GET", rf"/questionnaires/{_FORM}/results.json", results.as_fhir, ALL),
    Row("GET", "/quality", quality.sample, EXPERTS),
    Row("POST", "/quality/draw", quality.draw, EXPERTS),
    Row("GET", "/quality/figures", figures.figures, EXPERTS),
    Row("GET", "/quality/findings", figures.findings, EXPERTS),
    Row("POST", r"/quality/findings/{finding:\d{1,18}}/close", figures.close, EXPERTS),
    Row("GET", rf"/quality/reviews/{_REVIEW}", quality.review, EXPERTS),
    Row("POST", rf"/quality/reviews/{_REVIEW}", quality.save, EXPERTS),
    Row("POST", rf"/quality/reviews/{_REVIEW}/findings", quality.add_finding, EXPERTS),
    Row("GET", "/staff", staff.listing, ADMIN),
    Row("POST", "/staff", staff.add, ADMIN),
    Row("POST", r"/staff/{staff:\d{1,18}}/link", staff.link, ADMIN),
    Row("POST", r"/staff/{staff:\d{1,18}}/disable", staff.disable, ADMIN),
)
