"""Who may use which page of the triage."""

from admin.table import ALL, DOCTORS, Row
from admin.triage import runs, views

ROWS = (
    Row("GET", "/triage", views.listing, ALL),
    Row("GET", "/triage/rules/{topic}", views.show, ALL),
    Row("POST", "/triage/rules/{topic}/sign", views.sign, DOCTORS, fresh=True),
    Row("GET", "/triage/runs", runs.listing, ALL),
    Row("GET", r"/triage/runs/{triage:\d{1,18}}", runs.one, ALL),
)
