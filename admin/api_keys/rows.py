"""The rows of keys and calendar feeds in the table of routes."""

from admin.api_keys import views as keys
from admin.calendar_feeds import views as feeds
from admin.table import ADMIN, EXPERTS, Row

ROWS = (
    Row("GET", keys.PATH, keys.listing, ADMIN),
    Row("POST", keys.PATH, keys.add, ADMIN, fresh=True),
    Row("POST", rf"{keys.PATH}/{{key:\d{{1,18}}}}/revoke", keys.revoke, ADMIN),
    Row("GET", feeds.PATH, feeds.listing, EXPERTS),
    Row("POST", rf"{feeds.PATH}/{{feed:\d{{1,18}}}}/revoke", feeds.revoke, EXPERTS),
    Row(
        "POST",
        rf"{feeds.PATH}/practitioners/{{practitioner:\d{{1,18}}}}",
        feeds.add,
        EXPERTS,
        fresh=True,
    ),
)
