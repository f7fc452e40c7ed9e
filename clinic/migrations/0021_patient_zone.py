"""Quiet hours by the patient's own clock, and messages to one chat that go out in one call."""

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from clinic import migrating

# Whoever looks for company of a message, and what is in the call of another, reads nothing else.
WAITING = """CREATE INDEX outbox_company ON outbox (account_id)
    WHERE state = 'pending' AND lane IS NOT NULL"""
CARRIED = """CREATE INDEX outbox_carried ON outbox (carrier_id)
    WHERE state = 'inflight' AND carrier_id IS NOT NULL"""


class Migration(migrating.Migration):
    """Adds the columns. Whoever is there already lives by the clinic's clock."""

    dependencies = [("clinic", "0020_phone_end")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Patient",
            name="zone",
            field=fields.CharField(null=True, max_length=48),
        ),
        ops.AddField(
            model_name="Outbox",
            name="carrier",
            field=fields.ForeignKeyField(
                "clinic.Outbox",
                source_field="carrier_id",
                null=True,
                db_constraint=True,
                to_field="id",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.RunSQL(WAITING, "DROP INDEX outbox_company"),
        ops.RunSQL(CARRIED, "DROP INDEX outbox_carried"),
    ]
