"""Who may use which page of the documents."""

from admin.documents import papers, views
from admin.table import ALL, EXPERTS, Row

_TEMPLATE = r"/documents/templates/{template:\d{1,18}}"
_DOCUMENT = r"/documents/{document:\d{1,18}}"
_PATIENT = r"/patients/{patient:\d{1,18}}/documents"
ROWS = (
    Row("GET", "/documents", views.listing, ALL),
    Row("POST", "/documents/ready-made", views.fill_up, EXPERTS),
    Row("GET", "/documents/templates/new", views.new, EXPERTS),
    Row("POST", "/documents/templates/new", views.save, EXPERTS),
    Row("GET", _TEMPLATE, views.show, ALL),
    Row("POST", _TEMPLATE, views.save, EXPERTS),
    Row("POST", f"{_TEMPLATE}/activate", views.activate, EXPERTS),
    Row("POST", f"{_TEMPLATE}/retire", views.retire, EXPERTS),
    Row("GET", _PATIENT, papers.of_patient, ALL),
    Row("GET", rf"{_PATIENT}/new/{{template:\d{{1,18}}}}", papers.form, ALL),
    Row("POST", rf"{_PATIENT}/new/{{template:\d{{1,18}}}}", papers.fill, ALL),
    Row("GET", _DOCUMENT, papers.show, ALL),
    Row("GET", f"{_DOCUMENT}/document.pdf", papers.as_pdf, ALL),
    Row("GET", rf"{_DOCUMENT}/answers/{{reply:\d{{1,18}}}}", papers.answer_as_pdf, ALL),
    Row("POST", f"{_DOCUMENT}/send", papers.send, ALL),
    Row("POST", f"{_DOCUMENT}/void", papers.void, ALL),
)
