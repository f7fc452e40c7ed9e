"""What our migrations are made of."""

from tortoise import migrations
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class Migration(migrations.Migration):
    """As Tortoise's, with one copy of the state for the whole migration instead of one for each
    operation: a new installation would take ten seconds for copying alone.

    To be used where no operation looks at the state before it, which only renaming and altering do.
    """

    async def apply(
        self,
        state: State,
        *,
        dry_run: bool = False,
        schema_editor: BaseSchemaEditor | None = None,
        collect_sql: bool = False,
    ) -> State:
        """Carry the operations out, in their order; the state after them."""
        if schema_editor is None or dry_run or collect_sql:
            return await super().apply(
                state, dry_run=dry_run, schema_editor=schema_editor, collect_sql=collect_sql
            )
        before = state.clone()
        for operation in self.operations:
            operation.state_forward(self.app_label, state)
            await self._run_database_forward(operation, before, state, schema_editor, True)
        state.validate_relations_initialized()
        return state
