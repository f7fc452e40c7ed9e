"""The rows of the answers that the clinic writes for patients."""

from admin.faq import asked, own
from admin.faq import views as faq
from admin.table import DESK, Row

_OWN = r"/faq/own/{own:\d{1,18}}"

ROWS = (
    Row("GET", "/faq", faq.show, DESK),
    Row("GET", "/faq/own", own.begin, DESK),
    Row("POST", "/faq/own", own.save, DESK),
    Row("POST", "/faq/own/try", own.weigh, DESK),
    Row("GET", _OWN, own.edit, DESK),
    Row("POST", _OWN, own.save, DESK),
    Row("POST", f"{_OWN}/try", own.weigh, DESK),
    Row("POST", f"{_OWN}/retire", own.retire, DESK),
    Row("POST", f"{_OWN}/restore", own.restore, DESK),
    Row("GET", "/faq/asked", asked.show, DESK),
    Row("POST", r"/faq/asked/{question:\d{1,18}}/close", asked.close, DESK),
    Row("POST", "/faq/{topic}", faq.save, DESK),
)
