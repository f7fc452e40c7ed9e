"""The machine's clock. What is due is decided by PostgreSQL's `now()`, not by this."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the one place
