"""The rows of accounts: signing in, one's own, those of staff, emergency access, the trail."""

from admin.account import views as account
from admin.audit import views as audit
from admin.emergency import views as emergency
from admin.signin import passkey
from admin.signin import views as signin
from admin.staff import views as staff
from admin.table import ADMIN, ALL, DOCTORS, PUBLIC, Row

_PASSKEY = r"/account/passkeys/{passkey:\d{1,18}}"
_STAFF = r"/staff/{staff:\d{1,18}}"
ROWS = (
    Row("GET", "/sign-in", signin.ask, PUBLIC),
    Row("POST", "/sign-in", signin.begin, PUBLIC),
    Row("POST", "/sign-in/password", signin.password, PUBLIC),
    Row("POST", "/sign-in/code", signin.code, PUBLIC),
    Row("POST", "/sign-in/passkey/ask", passkey.ask, PUBLIC),
    Row("POST", "/sign-in/passkey", passkey.begin, PUBLIC),
    Row("POST", "/sign-out", signin.end, ALL, unfinished=True),
    Row("POST", "/touch", signin.touch, ALL, unfinished=True),
    Row("POST", "/language", account.language, ALL, unfinished=True),
    Row("GET", "/prove", signin.ask_proof, ALL),
    Row("POST", "/prove", signin.prove, ALL),
    Row("GET", "/account", account.show, ALL, unfinished=True),
    Row("GET", "/account/second-step", account.set_up, ALL, unfinished=True),
    Row("GET", "/account/password", account.ask_password, ALL, fresh=True, unfinished=True),
    Row("POST", "/account/password", account.set_password, ALL, fresh=True, unfinished=True),
    Row("GET", "/account/app", account.ask_app, ALL, fresh=True, unfinished=True),
    Row("POST", "/account/app", account.begin_app, ALL, fresh=True, unfinished=True),
    Row("POST", "/account/app/confirm", account.confirm_app, ALL, fresh=True, unfinished=True),
    Row("POST", "/account/recovery-codes", account.new_codes, ALL, fresh=True),
    Row("POST", r"/account/sessions/{session:\d{1,18}}/end", account.end_session, ALL),
    Row("POST", "/account/sessions/end", account.end_everywhere, ALL, unfinished=True),
    Row("POST", "/account/passkeys/ask", passkey.ask_new, ALL, fresh=True),
    Row("POST", "/account/passkeys", passkey.add, ALL, fresh=True),
    Row("POST", rf"{_PASSKEY}/remove", passkey.remove, ALL, fresh=True),
    Row("GET", "/emergency", emergency.ask, DOCTORS),
    Row("POST", "/emergency", emergency.begin, DOCTORS),
    Row("POST", r"/emergency/{emergency:\d{1,18}}/end", emergency.end, DOCTORS),
    Row("POST", r"/notices/{notice:\d{1,18}}", emergency.seen, ALL),
    Row("GET", "/audit", audit.show, ADMIN),
    Row("GET", "/audit/seen", audit.seen, ADMIN),
    Row("GET", "/audit/list.csv", audit.as_csv, ADMIN, fresh=True),
    Row("POST", "/audit/check", audit.check, ADMIN),
    Row("GET", "/staff", staff.listing, ADMIN),
    Row("POST", "/staff", staff.add, ADMIN, fresh=True),
    Row("POST", f"{_STAFF}/link", staff.link, ADMIN, fresh=True),
    Row("POST", f"{_STAFF}/disable", staff.disable, ADMIN, fresh=True),
    Row("POST", f"{_STAFF}/role", staff.role, ADMIN, fresh=True),
    Row("POST", f"{_STAFF}/reset", staff.reset, ADMIN, fresh=True),
)
