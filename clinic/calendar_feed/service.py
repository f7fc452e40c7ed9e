"""Calendar feeds: made and revoked by the practitioner or an admin, read by calendar programs.

What a locked screen may show: when, what for and where, not who. Initials only if wanted.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from clinic.api_key.rules import secret_hash
from clinic.audit.service import record
from clinic.booking.calendar_file import calendar_of, event_of
from clinic.booking.search import in_language
from clinic.calendar_feed.rules import AHEAD_DAYS, BEFORE_DAYS, MOST, initials, is_token
from clinic.calendar_feed.types import Calendar, Feed
from clinic.db import Tx
from clinic.ids import new_secret
from clinic.staff.types import Role, Staff

_MINE = "r.kind = 'practitioner' and ($2 or r.staff_id = $1)"


async def access_calendars(tx: Tx, staff: Staff) -> list[Calendar]:
    """The practitioners whose feeds this staff member may make: the own one, an admin's all."""
    rows = await tx.fetch(
        f"""select r.id, r.name, coalesce(r.staff_id = $1, false) as own
            from resource r where r.active and {_MINE}
            order by own desc, r.id limit 200""",  # noqa: S608  # a constant
        staff.id,
        staff.role is Role.ADMIN,
    )
    made = await tx.fetch(
        """select id, practitioner_id, initials, created_at, used_at from calendar_feed
           where revoked_at is null and practitioner_id = any($1::bigint[]) order by id""",
        [row["id"] for row in rows],
    )
    return [
        Calendar(
            row["id"],
            row["name"],
            row["own"],
            tuple(
                Feed(one["id"], one["initials"], one["created_at"], one["used_at"])
                for one in made
                if one["practitioner_id"] == row["id"]
            ),
        )
        for row in rows
    ]


async def access_add_feed(
    tx: Tx, staff: Staff, practitioner_id: int, *, initials: bool, language: str
) -> str | None:
    """Make a feed of a practitioner's visits; its token, which is shown once. None: may not."""
    token = new_secret()
    made = await tx.fetchval(
        f"""insert into calendar_feed (token_hash, practitioner_id, initials, language,
                                       created_by_id)
            select $4, r.id, $5, $6, $1 from resource r where r.id = $3 and r.active and {_MINE}
            returning id""",  # noqa: S608  # a constant
        staff.id,
        staff.role is Role.ADMIN,
        practitioner_id,
        secret_hash(token),
        initials,
        language,
    )
    if made is None:
        return None
    detail = {"practitioner": practitioner_id, "initials": initials}
    await record(tx, "staff", staff.id, "staff:calendar_feed:add", made, detail)
    return token


async def access_revoke_feed(tx: Tx, staff: Staff, feed_id: int) -> bool:
    """End a feed for good. False if there is none that this staff member may end."""
    ended = await tx.fetchval(
        f"""update calendar_feed f set revoked_at = now() from resource r
            where f.id = $3 and f.revoked_at is null and r.id = f.practitioner_id and {_MINE}
            returning f.id""",  # noqa: S608  # a constant
        staff.id,
        staff.role is Role.ADMIN,
        feed_id,
    )
    if ended is not None:
        await record(tx, "staff", staff.id, "staff:calendar_feed:revoke", feed_id)
    return ended is not None


async def feed_file(tx: Tx, token: str) -> bytes | None:
    """The visits of the feed's practitioner, from a month ago on; None for no token of ours.

    Cancelled visits are not in it: a calendar program drops what is gone. It is the same, byte for
    byte, until something changes.
    """
    if not is_token(token):
        return None
    feed = await tx.fetchrow(
        """select f.id, f.practitioner_id, f.initials, f.language, r.name,
                  coalesce(f.used_at < now() - interval '1 hour', true) as stale
           from calendar_feed f join resource r on r.id = f.practitioner_id
           left join staff s on s.id = r.staff_id
           where f.token_hash = $1 and f.revoked_at is null and r.active
             and s.disabled_at is null""",
        secret_hash(token),
    )
    if feed is None:
        return None
    if feed["stale"]:
        await tx.execute("update calendar_feed set used_at = now() where id = $1", feed["id"])
        await record(tx, "system", None, "system:calendar_feed:read", feed["id"])
    rows = await tx.fetch(
        """select a.key, a.version, a.status, a.starts_at, a.ends_at, a.updated_at, p.name, p.kana,
                  s.name as service, i.name as site, i.time_zone
           from appointment a join patient p on p.id = a.patient_id
           join service s on s.id = a.service_id join site i on i.id = a.site_id
           where a.practitioner_id = $1 and a.status in ('booked', 'arrived', 'fulfilled', 'noshow')
             and a.starts_at > now() - $2::interval and a.starts_at < now() + $3::interval
           order by a.starts_at, a.id limit $4""",
        feed["practitioner_id"],
        timedelta(days=BEFORE_DAYS),
        timedelta(days=AHEAD_DAYS),
        MOST,
    )
    language = feed["language"]
    return calendar_of(
        [
            event_of(
                row,
                ZoneInfo(row["time_zone"]),
                in_language(row["service"], language)
                + (f" {initials(row['name'], row['kana'])}" if feed["initials"] else ""),
                in_language(row["site"], language),
            )
            for row in rows
        ],
        in_language(feed["name"], language),
    )
