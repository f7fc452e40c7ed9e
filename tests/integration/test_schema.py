"""What migrations make is what the models declare."""

import asyncpg
import pytest
from tortoise import Tortoise

from clinic.db import connect_arguments, migrate, tortoise_config

pytestmark = pytest.mark.server

COLUMNS = """
  select table_name || '.' || column_name as name, data_type, is_nullable, column_default,
         character_maximum_length
  from information_schema.columns
  where table_schema = 'public' and table_name <> 'tortoise_migrations'
"""
INDEXES = """
  select tablename as name, indexdef from pg_indexes
  where schemaname = 'public' and tablename <> 'tortoise_migrations'
"""
FOREIGN = """
  select conrelid::regclass::text as name, pg_get_constraintdef(oid) from pg_constraint
  where contype = 'f' and connamespace = 'public'::regnamespace
"""


async def read(url: str, query: str) -> set[tuple[object, ...]]:
    connection = await asyncpg.connect(**connect_arguments(url))
    try:
        return {tuple(row.values()) for row in await connection.fetch(query)}
    finally:
        await connection.close()


@pytest.fixture
async def declared_url(empty_database_url: str) -> str:
    """A database made from the models alone."""
    await Tortoise.init(config=tortoise_config(empty_database_url))
    await Tortoise.generate_schemas(safe=False)
    await Tortoise.close_connections()
    return empty_database_url


@pytest.mark.parametrize("query", [COLUMNS, FOREIGN], ids=["columns", "foreign keys"])
async def test_migrations_make_what_the_models_declare(
    database_url: str, declared_url: str, query: str
) -> None:
    assert await read(database_url, query) == await read(declared_url, query)


async def test_migrations_make_every_declared_index(database_url: str, declared_url: str) -> None:
    """AddField(db_index=True) makes none, and makemigrations does not notice."""
    made = await read(database_url, INDEXES)
    declared = await read(declared_url, INDEXES)
    assert declared - made == set()
    ours = {definition for _, definition in made - declared}
    assert {str(definition).split(" INDEX ")[1].split()[0] for definition in ours} == {
        "allocation_no_overlap",
        "appointment_created",
        "appointment_one_at_a_time",
        "appointment_own",
        "care_plan_started",
        "condition_icd10",
        "conversation_newest",
        "conversation_snoozed",
        "document_template_one_active",
        "encounter_day",
        "encounter_inpatient",
        "faq_question_open",
        "lapse_entered",
        "outbox_carried",
        "outbox_company",
        "outbox_lane",
        "outbox_next",
        "outbox_request",
        "outbox_unasked",
        "patient_birth",
        "patient_birthday",
        "patient_kana",
        "patient_pairs",
        "patient_phone_unmarked",
        "patient_supply_until",
        "plan_date_day",
        "plan_definition_one_active",
        "questionnaire_one_active",
        "questionnaire_request_asked",
        "recipient_booked",
        "recipient_chunk",
        "recipient_outbox",
        "recipient_settled",
        "response_authored",
        "slot_offer_one_accepted",
        "source_record_current",
        "source_record_replaced",
        "staff_notice_new",
        "installation_one",
        "waitlist_one_open",
        "webhook_delivery_due",
    }


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    before = await read(database_url, COLUMNS)
    await migrate(database_url)
    assert await read(database_url, COLUMNS) == before


async def test_the_database_itself_forbids_an_overlap(database_url: str) -> None:
    connection = await asyncpg.connect(**connect_arguments(database_url))
    names = await connection.fetch("select conname from pg_constraint where contype = 'x'")
    await connection.close()
    assert {row["conname"] for row in names} == {
        "allocation_no_overlap",
        "appointment_one_at_a_time",
    }
