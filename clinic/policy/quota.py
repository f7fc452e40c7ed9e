"""How much of a channel's month is left for what is not urgent. Pure."""


def quota_left(limit: int | None, used: int, reserve: int, planned: int = 0) -> int | None:
    """How many messages campaigns may still send this month; None: as many as they like.

    `limit`: of the month, None without one; `used`: messages sent so far; `reserve`: per cent of
    the limit that stay for what must arrive; `planned`: are to go this month and not counted yet.
    """
    if limit is None:
        return None
    return max(0, limit - -(-limit * reserve // 100) - used - planned)
