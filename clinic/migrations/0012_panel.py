from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0011_segment_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EmergencyAccess",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.BinaryField(null=True)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("until_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("told_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "emergency_access",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A doctor looks after somebody else's patient for an hour, and said why.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("credential_id", fields.CharField(unique=True, max_length=1400)),
                ("public_key", fields.BinaryField()),
                ("sign_count", fields.BigIntField(default=0, db_default=0)),
                ("name", fields.CharField(max_length=60)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "passkey",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A key that a device or browser keeps (WebAuthn). Ids are base64url.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code_index", fields.CharField(unique=True, max_length=64)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "recovery_code",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Stands in for a code of the app, once. Only its keyed hash is stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInStep",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("wrong", fields.IntField(default=0, db_default=0)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sign_in_step",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Somebody proved one thing (a link, a password) and is asked for the second one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInTry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name_index", fields.CharField(max_length=64)),
                ("address", fields.CharField(max_length=45)),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sign_in_try",
                "app": "clinic",
                "indexes": [
                    Index(fields=["name_index", "at"], name="sign_in_try_name"),
                    Index(fields=["address", "at"], name="sign_in_try_address"),
                    Index(fields=["at"], name="sign_in_try_at"),
                ],
                "pk_attr": "id",
                "table_description": "One try to sign in that was not right, or is still looked at.",
            },
            bases=["Model"],
        ),
        ops.AddIndex(
            model_name="Audit",
            index=Index(fields=["at"], name="audit_at"),
        ),
        ops.AddIndex(
            model_name="Audit",
            index=PartialIndex(
                fields=["actor_id", "at"], name="audit_staff", condition={"actor_kind": "staff"}
            ),
        ),
        ops.AddField(
            model_name="Staff",
            name="password_hash",
            field=fields.CharField(null=True, max_length=255),
        ),
        ops.AddField(
            model_name="Staff",
            name="totp_pending",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Staff",
            name="totp_secret",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Staff",
            name="totp_step",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="StaffSession",
            name="address",
            field=fields.CharField(null=True, max_length=45),
        ),
        ops.AddField(
            model_name="StaffSession",
            name="browser",
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddField(
            model_name="StaffSession",
            name="challenge",
            field=fields.CharField(null=True, max_length=100),
        ),
        ops.AddField(
            model_name="StaffSession",
            name="proved_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
