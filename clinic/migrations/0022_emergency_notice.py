"""Whose patient it is hears of it in the panel when a colleague opens a record in an emergency."""

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from clinic import migrating

KINDS = ("assigned", "mentioned", "emergency")
# By name: the constraint, and what stood there before.
CONSTRAINTS: dict[str, tuple[str, str | None]] = {
    "staff_notice_kind_known": (
        f"CHECK (kind IN ({', '.join(map(repr, KINDS))}))",
        f"CHECK (kind IN ({', '.join(map(repr, KINDS[:2]))}))",
    ),
    "staff_notice_about_one": (
        """CHECK (num_nonnulls(conversation_id, access_id) = 1
            AND (kind = 'emergency') = (access_id IS NOT NULL))""",
        None,
    ),
}


def _without(name: str) -> str:
    return f"ALTER TABLE staff_notice DROP CONSTRAINT {name}"


def _constrain(name: str, rule: str, before: str | None) -> ops.RunSQL:
    add = f"ALTER TABLE staff_notice ADD CONSTRAINT {name}"
    if before is None:
        return ops.RunSQL(f"{add} {rule}", _without(name))
    return ops.RunSQL([_without(name), f"{add} {rule}"], [_without(name), f"{add} {before}"])


class Migration(migrating.Migration):
    """A notice is about a conversation or about an access. Going back needs that none is of the
    new kind."""

    dependencies = [("clinic", "0021_patient_zone")]

    initial = False

    operations = [
        ops.AlterField(
            model_name="StaffNotice",
            name="conversation",
            field=fields.ForeignKeyField(
                "clinic.Conversation",
                source_field="conversation_id",
                null=True,
                db_index=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="StaffNotice",
            name="access",
            field=fields.ForeignKeyField(
                "clinic.EmergencyAccess",
                source_field="access_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        *(_constrain(name, rule, before) for name, (rule, before) in CONSTRAINTS.items()),
    ]
