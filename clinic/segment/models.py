"""Saved segments: a filter with a name. A version never changes."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Segment(Model):
    """One version of a saved filter; `key` stays the same over its versions."""

    id = id_field()
    key = fields.UUIDField()
    version = fields.IntField()
    name = fields.CharField(max_length=80)
    tree = fields.JSONField[dict[str, Any]]()  # clinic.segment.types
    retired = fields.BooleanField(default=False, db_default=False)
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "segment"
        unique_together = (("key", "version"),)
