"""Who may use which page of the questionnaires."""

from admin.questionnaires import figures, results, upload
from admin.questionnaires import views as questionnaires
from admin.table import ALL, DESK, Row

_FORM = r"{questionnaire:\d{1,18}}"
ROWS = (
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
    Row("POST", rf"/questionnaires/{_FORM}/ask/find", questionnaires.choose, DESK),
    Row("GET", rf"/questionnaires/{_FORM}/figures", figures.show, ALL),
    Row("GET", rf"/questionnaires/{_FORM}/figures.csv", figures.as_csv, ALL),
    Row("GET", rf"/questionnaires/{_FORM}/results", results.table, ALL),
    Row("GET", rf"/questionnaires/{_FORM}/results.csv", results.as_csv, ALL),
    Row("GET", rf"/questionnaires/{_FORM}/results.json", results.as_fhir, ALL),
)
