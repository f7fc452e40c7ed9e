"""The routes of campaigns."""

from admin.campaigns import edit, look, pictures, recipients, unsaved, views
from admin.table import DESK, Row
from clinic.picture.making import LARGEST

CAMPAIGN = r"/campaigns/{campaign:\d{1,18}}"
LARGEST_FORM = 2 * LARGEST  # bytes: a picture that is a little too large is told in the page

ROWS = (
    Row("GET", "/campaigns", views.listing, DESK),
    Row("POST", "/campaigns", views.create, DESK),
    Row("GET", "/campaigns/new", views.templates, DESK),
    Row("GET", "/campaigns/calendar", views.calendar, DESK),
    Row("GET", r"/campaigns/pictures/{name:[\w.]+}", pictures.show, DESK),
    Row("GET", CAMPAIGN, views.show, DESK),
    Row("POST", f"{CAMPAIGN}/act", views.act, DESK),
    Row("GET", f"{CAMPAIGN}/edit", edit.edit, DESK),
    Row("POST", f"{CAMPAIGN}/edit", edit.save, DESK, files=LARGEST_FORM),
    Row("POST", f"{CAMPAIGN}/typing", unsaved.keep, DESK),
    Row("POST", f"{CAMPAIGN}/look", look.look, DESK),
    Row("GET", f"{CAMPAIGN}/preview", views.preview, DESK),
    Row("GET", f"{CAMPAIGN}/recipients", recipients.listing, DESK),
    Row("POST", f"{CAMPAIGN}/recipients", recipients.again, DESK),
    Row("GET", f"{CAMPAIGN}/recipients.csv", recipients.export, DESK),
    Row("GET", f"/live{CAMPAIGN}", recipients.live, DESK, by_person=False),
)
