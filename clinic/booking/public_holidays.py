"""The public holidays of a country, from the package `holidays`."""

from datetime import date

import holidays


def public_holidays(country: str, since: date, until: date) -> dict[date, str] | None:
    """Their names by day, in order, both ends included; None if the country's are not known.

    `country` is an ISO 3166 code. Named in the country's own language: left alone, the package asks
    the machine's locale.
    """
    years = range(since.year, until.year + 1)
    try:
        own = holidays.country_holidays(country).default_language
        known = holidays.country_holidays(country, years=years, language=own)
    except NotImplementedError:
        return None
    return {on: name for on, name in sorted(known.items()) if since <= on <= until}
