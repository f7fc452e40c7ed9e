"""What staff changed of the settings, and which processes run, as stored."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class SettingChange(Model):
    """One change of one setting; the newest of a key is in force. A ledger: no row changes.

    `value` is a list of one, or null: as the configuration has it. The largest id is the version of
    all settings.
    """

    id = id_field()
    key = fields.CharField(max_length=64)  # clinic.setting.types.KEYS
    value = fields.JSONField[Any](null=True)
    staff = reference("Staff", null=True)
    changed_at = written_field()

    class Meta:
        table = "setting_change"
        indexes = (("key", "id"),)


class Heartbeat(Model):
    """A process that runs: written every few seconds, forgotten after a day."""

    id = id_field()
    name = fields.CharField(max_length=96, unique=True)  # kind:host:process id
    kind = fields.CharField(max_length=8)  # web, admin, worker
    release = fields.CharField(max_length=32)
    settings_version = fields.BigIntField(default=0, db_default=0)  # that it works by
    detail = fields.JSONField[dict[str, Any]](default=dict, db_default={})  # by sweep: s behind
    started_at = written_field()
    seen_at = written_field()

    class Meta:
        table = "heartbeat"
