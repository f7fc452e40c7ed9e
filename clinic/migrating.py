"""What our migrations are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tortoise import migrations
from tortoise.migrations.operations import AddField, CreateModel, Operation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

ADDING = (CreateModel, AddField)  # of one another they need to know nothing


@dataclass
class _Noting(State):
    """The same models and apps; which of the models are to be made anew is only noted."""

    touched: set[tuple[str, str]] = field(default_factory=set)

    def reload_models(self, model_tuples: Iterable[tuple[str, str]]) -> None:
        """Have them made anew later, all at once."""
        self.touched.update(model_tuples)


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
        for kind, alike in groupby(self.operations, type):
            found = list(alike)
            for operations in [found] if kind in ADDING else [[one] for one in found]:
                self._look_forward(operations, state)
                for operation in operations:
                    await self._run_database_forward(operation, before, state, schema_editor, True)
        state.validate_relations_initialized()
        return state

    def _look_forward(self, operations: Sequence[Operation], state: State) -> None:
        """Have the state as it is after all of these; its models are made anew once."""
        noting = _Noting(state.models, state.apps)
        for operation in operations:
            operation.state_forward(self.app_label, noting)
        if noting.touched:
            state.reload_models(noting.touched)
