"""Column types that Tortoise does not have."""

from typing import Any

from tortoise import fields
from tortoise.fields.base import Field
from tortoise.fields.db_defaults import Now


class TstzRangeField(Field[str]):
    """PostgreSQL's tstzrange, written and read in SQL only."""

    SQL_TYPE = "TSTZRANGE"


def id_field() -> fields.BigIntField:
    """The primary key of every table."""
    return fields.BigIntField(primary_key=True)


def reference(to: str, *, null: bool = False, index: bool = True) -> Any:
    """A foreign key that keeps what it points to from being deleted.

    Tortoise makes no index for one unless told to.
    """
    options: dict[str, Any] = {"null": null, "db_index": index}
    return fields.ForeignKeyField(
        f"clinic.{to}", related_name=False, on_delete=fields.RESTRICT, **options
    )


def written_field() -> fields.DatetimeField[Any]:
    """When a row was written, by PostgreSQL's clock."""
    return fields.DatetimeField(db_default=Now())
