"""The rows of the waiting list."""

from admin.table import DESK, Row
from admin.waitlist import views as waitlist

ROWS = (
    Row("GET", "/waitlist", waitlist.listing, DESK),
    Row("POST", r"/waitlist/{entry:\d{1,18}}/remove", waitlist.remove, DESK),
    Row("GET", "/waitlist/add", waitlist.choose, DESK),
    Row("POST", "/waitlist/add/find", waitlist.choose, DESK),
    Row("GET", r"/waitlist/add/{patient:\d{1,18}}", waitlist.ask, DESK),
    Row("POST", r"/waitlist/add/{patient:\d{1,18}}", waitlist.add, DESK),
    Row("GET", "/waitlist/freed", waitlist.freed, DESK),
    Row("GET", "/waitlist/groups", waitlist.mapping, DESK),
    Row("POST", r"/waitlist/groups/{service:\d{1,18}}", waitlist.set_mapping, DESK),
)
