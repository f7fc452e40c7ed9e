"""The table of routes: every address of the panel, and who may use it."""

from admin import assets, house
from admin.conversations import views as conversations
from admin.faq import views as faq
from admin.patients import views as patients
from admin.signin import views as signin
from admin.staff import views as staff
from admin.table import ADMIN, ALL, DESK, PUBLIC, Row
from admin.tasks import views as tasks
from admin.today import views as today

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
    Row("GET", "/tasks", tasks.listing, ALL),
    Row("POST", r"/tasks/{task:\d{1,18}}/close", tasks.close, ALL),
    Row("GET", r"/tasks/{task:\d{1,18}}/link", tasks.choose, DESK),
    Row("POST", r"/tasks/{task:\d{1,18}}/link", tasks.approve, DESK),
    Row("GET", "/patients", patients.search, DESK),
    Row("POST", r"/patients/{patient:\d{1,18}}/code", patients.make_code, DESK),
    Row("GET", "/faq", faq.show, DESK),
    Row("POST", "/faq/{topic}", faq.save, DESK),
    Row("GET", "/staff", staff.listing, ADMIN),
    Row("POST", "/staff", staff.add, ADMIN),
    Row("POST", r"/staff/{staff:\d{1,18}}/link", staff.link, ADMIN),
    Row("POST", r"/staff/{staff:\d{1,18}}/disable", staff.disable, ADMIN),
)
