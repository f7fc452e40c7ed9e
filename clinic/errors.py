"""Exceptions that more than one feature raises. Expected refusals are values, not these."""


class KayoiError(Exception):
    """Something a person can mend, said in one line: configuration, arguments, a missing store."""


class DatabaseDown(Exception):
    """PostgreSQL cannot be reached or went away; the work was not done and may be tried again."""
