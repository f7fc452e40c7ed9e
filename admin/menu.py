"""The menu: where everything stands. What a role may use is said by the table of routes alone, and
a page stands here as soon as the table has it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from admin.table import Row
from clinic.staff.types import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A page. Its words are `menu.{name}`; with `key` one goes there by `g` and that letter."""

    name: str
    path: str
    icon: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together, folded away under one heading."""

    name: str
    icon: str
    entries: tuple[Entry, ...]


SETTINGS = "/settings"
MENU: tuple[Entry | Group, ...] = (
    Entry("today", "/today", "home", "t"),
    Entry("schedule", "/calendar", "calendar-event", "c"),
    Entry("conversations", "/conversations", "inbox", "i"),
    Entry("escalations", "/escalations", "urgent", "e"),
    Entry("tasks", "/tasks", "checklist", "k"),
    Group(
        "group.patients",
        "users",
        (
            Entry("patients", "/patients", "search", "p"),
            Entry("lapse", "/lapse", "history", "l"),
            Entry("segments", "/segments", "tag"),
            Entry("cohorts", "/cohorts", "chart-bar"),
            Entry("imports", "/imports", "database", "d"),
            Entry("reviews", "/reviews", "user-check"),
            Entry("merges", "/merges", "link"),
            Entry("emergency", "/emergency", "key"),
        ),
    ),
    Group(
        "group.messages",
        "speakerphone",
        (
            Entry("campaigns", "/campaigns", "send", "m"),
            Entry("campaign_days", "/campaigns/calendar", "calendar"),
            Entry("plans", "/plans", "list-numbers"),
            Entry("waitlist", "/waitlist", "clock", "w"),
            Entry("freed", "/waitlist/freed", "clock-pause"),
        ),
    ),
    Group(
        "group.forms",
        "clipboard-list",
        (
            Entry("questionnaires", "/questionnaires", "clipboard-list", "q"),
            Entry("requests", "/questionnaires/requests", "send"),
            Entry("triage", "/triage", "stethoscope"),
            Entry("quality", "/quality", "clipboard-check"),
            Entry("quality_figures", "/quality/figures", "chart-bar"),
        ),
    ),
    Entry("documents", "/documents", "file-text"),
    Entry("figures", "/figures", "chart-bar", "f"),
    Entry("settings", SETTINGS, "settings", "s"),
    Entry("account", "/account", "user-circle", "a"),
)
# What the index of the settings shows, under its headings.
SETTINGS_MENU: tuple[Group, ...] = (
    Group(
        "settings.clinic",
        "building",
        (
            Entry("settings_clinic", "/settings/clinic", "building"),
            Entry("sites", "/settings/sites", "home"),
            Entry("practitioners", "/settings/practitioners", "stethoscope"),
            Entry("services", "/settings/services", "list-numbers"),
            Entry("hours", "/settings/hours", "clock"),
            Entry("holidays", "/settings/holidays", "calendar"),
            Entry("on_call", "/on-call", "headset", "o"),
        ),
    ),
    Group(
        "settings.messages",
        "message-circle",
        (
            Entry("settings_channels", "/settings/channels", "plug"),
            Entry("settings_policy", "/settings/policy", "adjustments"),
            Entry("settings_texts", "/settings/texts", "note"),
            Entry("canned", "/settings/canned", "message-plus"),
            Entry("faq", "/faq", "language"),
            Entry("settings_waitlist", "/settings/waitlist", "clock"),
            Entry("waitlist_groups", "/waitlist/groups", "link"),
        ),
    ),
    Group(
        "settings.care",
        "heart-rate-monitor",
        (
            Entry("settings_readings", "/settings/readings", "heart-rate-monitor"),
            Entry("settings_groups", "/settings/groups", "history"),
            Entry("settings_tags", "/settings/tags", "tag"),
            Entry("settings_masters", "/imports/upload", "database"),
        ),
    ),
    Group(
        "settings.access",
        "shield-lock",
        (
            Entry("staff", "/staff", "users", "u"),
            Entry("api_keys", "/settings/api-keys", "key"),
            Entry("webhooks", "/settings/webhooks", "webhook"),
            Entry("calendar_feeds", "/settings/calendar-feeds", "calendar"),
            Entry("audit", "/audit", "eye"),
        ),
    ),
    Group(
        "settings.house",
        "layout-dashboard",
        (
            Entry("settings_day_sheet", "/settings/day_sheet", "printer"),
            Entry("settings_health", "/settings/health", "heart-rate-monitor", "h"),
            Entry("settings_history", "/settings/history", "history"),
        ),
    ),
)
# What the palette offers beside pages.
ACTIONS = (
    Entry("do.walk_in", "/walk-in", "user-check"),
    Entry("do.book", "/calendar/book", "calendar-event"),
    Entry("do.block", "/calendar/block", "lock"),
    Entry("do.unconfirmed", "/unconfirmed", "phone"),
    Entry("do.board", "/queue/boards", "list-numbers"),
    Entry("do.sheet", "/today/sheet.pdf", "printer"),
    Entry("do.dropped", "/plans/dropped", "user-x"),
    Entry("do.campaign", "/campaigns/new", "send"),
    Entry("do.import", "/imports/upload", "upload"),
    Entry("do.waitlist", "/waitlist/add", "clock"),
    Entry("do.segment", "/segments/new", "tag"),
    Entry("do.form", "/questionnaires/upload", "clipboard-list"),
)

Table = Mapping[tuple[str, str], Row]


def menu_of(menu: tuple[Entry | Group, ...], role: Role, table: Table) -> list[Entry | Group]:
    """The part of a menu that a role may use; groups of which nothing is left are left out."""
    found: list[Entry | Group] = []
    for one in menu:
        if isinstance(one, Group):
            left = tuple(entry for entry in one.entries if _may_use(entry, role, table))
            if left:
                found.append(Group(one.name, one.icon, left))
        elif _may_use(one, role, table):
            found.append(one)
    return found


def pages_of(role: Role, table: Table) -> list[Entry]:
    """Every page of both menus that a role may use, in their order."""
    return allowed(_flat((*MENU, *SETTINGS_MENU)), role, table)


def allowed(entries: Iterable[Entry], role: Role, table: Table) -> list[Entry]:
    """Those of the pages that a role may use."""
    return [one for one in entries if _may_use(one, role, table)]


def place(path: str, otherwise: str) -> str:
    """The name of the entry that an address stands under; `otherwise` if it is under none.

    A page that both menus know stands where the daily work has it.
    """
    for menu in (MENU, SETTINGS_MENU):
        under = [one for one in _flat(menu) if f"{path}/".startswith(f"{one.path}/")]
        best = max(under, key=lambda one: len(one.path), default=None)
        if best is not None and (best.path != SETTINGS or path == SETTINGS):
            return best.name
    return otherwise


def in_settings(name: str) -> bool:
    """Whether an entry stands on the index of the settings."""
    return any(one.name == name for one in _flat(SETTINGS_MENU))


def _flat(menu: tuple[Entry | Group, ...]) -> Iterator[Entry]:
    for one in menu:
        yield from one.entries if isinstance(one, Group) else (one,)


def _may_use(entry: Entry, role: Role, table: Table) -> bool:
    row = table.get(("GET", entry.path))
    return row is not None and row.roles is not None and role in row.roles
