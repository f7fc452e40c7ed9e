from orjson import loads
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0013_panel_constraints")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CampaignPicture",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(unique=True, max_length=64)),
                ("content", fields.BinaryField()),
                ("preview", fields.BinaryField()),
                ("width", fields.IntField()),
                ("height", fields.IntField()),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="created_by_id",
                        null=True,
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
            ],
            options={
                "table": "campaign_picture",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A picture of campaigns. Seen by whoever knows its name, and cached by everybody: nothing of a",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignTyping",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "clinic.Campaign",
                        source_field="campaign_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("typed", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField()),
                (
                    "typed_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "campaign_typing",
                "app": "clinic",
                "unique_together": (("campaign", "staff"),),
                "pk_attr": "id",
                "table_description": "What somebody has typed into the form of a campaign and not saved yet.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ChatMedia",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("event_id", fields.CharField(unique=True, max_length=96)),
                ("content_type", fields.CharField(max_length=32)),
                ("content", fields.BinaryField()),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "chat_media",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What came with one event of the web chat. Other platforms keep such things themselves.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FaqQuestion",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "inbound",
                    fields.ForeignKeyField(
                        "clinic.Inbound",
                        source_field="inbound_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("topic", fields.CharField(null=True, max_length=24)),
                ("why", fields.CharField(max_length=16)),
                ("language", fields.CharField(max_length=8)),
                (
                    "asked_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "faq_question",
                "app": "clinic",
                "unique_together": (("inbound",),),
                "pk_attr": "id",
                "table_description": "Something that a patient asked and got no answer to.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FaqTopic",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("names", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("answers", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("examples", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("helped", fields.IntField(default=0, db_default=0)),
                ("not_helped", fields.IntField(default=0, db_default=0)),
                ("retired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "updated_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "faq_topic",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A topic that the clinic wrote itself: names, answers and lists of examples by language.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TriageRule",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("rule", fields.CharField(max_length=64)),
                ("version", fields.IntField()),
                ("digest", fields.CharField(max_length=64)),
                ("content", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "triage_rule",
                "app": "clinic",
                "unique_together": (("rule", "digest"),),
                "pk_attr": "id",
                "table_description": "The text of a presentation, or of what everybody is asked, as runs or signatures went by it.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="QualityReview",
            name="assigned_to",
            field=fields.ForeignKeyField(
                "clinic.Staff",
                source_field="assigned_to_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="QuestionnaireRequest",
            name="last_item",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Recipient",
            name="attempt",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AlterModelOptions(
            name="RuleSignature",
            options={
                "table": "rule_signature",
                "app": "clinic",
                "unique_together": (("rule", "version"),),
                "pk_attr": "id",
                "table_description": "A doctor read one version of a rule and stands for it: for the text with this digest.",
            },
        ),
        ops.AddField(
            model_name="RuleSignature",
            name="digest",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddIndex(
            model_name="TriageRun",
            index=Index(fields=["created_at"], name="triage_run_created"),
        ),
    ]
