"""What the items of a questionnaire depend on, so that no condition waits for itself."""

from collections.abc import Iterator

from clinic.questionnaire.fhirpath import Expression
from clinic.questionnaire.reasons import Reason
from clinic.questionnaire.types import Item, Problem, Questionnaire, Variable

# What every expression may look at.
GIVEN = frozenset({"resource", "context", "questionnaire", "qitem", "ucum", "sct", "loinc"})
MOST_EXPRESSIONS = 200


def check_dependencies(questionnaire: Questionnaire, problems: list[Problem]) -> bool:
    """Add problems for circles and unknown variables.

    True if some condition is an expression, or looks at a calculated value.
    """
    scopes = dict(_scopes(questionnaire))
    leads: dict[str, set[str]] = {}
    expressions = 0
    for link_id, (parents, variables) in scopes.items():
        item = questionnaire.every[link_id]
        leads[link_id] = {condition.question for condition in item.conditions} | set(parents[-1:])
        for expression in (item.enable_expression, item.calculated):
            if expression is None:
                continue
            expressions += 1
            strings, unknown = _looks_at(expression, variables)
            for name in sorted(unknown):
                problems.append(Problem(link_id, Reason.of("unknown_variable", name=name)))
            leads[link_id] |= {
                string
                for string in strings
                if string in scopes and questionnaire.every[string].asks
            }
    if expressions > MOST_EXPRESSIONS:
        problems.append(Problem("", Reason.of("many_expressions", most=MOST_EXPRESSIONS)))
    for link_id in _circular(leads):
        problems.append(Problem(link_id, Reason.of("circular")))
    calculated = {link_id for link_id in scopes if questionnaire.every[link_id].calculated}
    return any(
        item.enable_expression is not None
        or any(condition.question in calculated for condition in item.conditions)
        for item in questionnaire.every.values()
    )


Scope = tuple[tuple[str, ...], tuple[Variable, ...]]


def _scopes(questionnaire: Questionnaire) -> Iterator[tuple[str, Scope]]:
    """Each item that is played, with those above it and the variables that it sees."""

    def below(items: tuple[Item, ...], above: Scope) -> Iterator[tuple[str, Scope]]:
        parents, variables = above
        for item in items:
            seen = (*variables, *item.variables)
            yield item.link_id, (parents, seen)
            yield from below(item.items, ((*parents, item.link_id), seen))

    return below(questionnaire.items, ((), questionnaire.variables))


def _looks_at(expression: Expression, variables: tuple[Variable, ...]) -> tuple[set[str], set[str]]:
    """The strings in an expression and all variables that it uses, and the names unknown."""
    strings, wanted = set(expression.strings), expression.names - GIVEN
    for variable in reversed(variables):  # each may use only those before it
        if variable.name in wanted:
            strings |= variable.expression.strings
            wanted = wanted - {variable.name} | variable.expression.names - GIVEN
    return strings, set(wanted)


def _circular(leads: dict[str, set[str]]) -> list[str]:
    """Those from which a way leads back to them."""
    # What leads nowhere, or only to such, is taken away until nothing more can be.
    rest = {name: set(others) for name, others in leads.items()}
    wanted: dict[str, list[str]] = {}
    for name, others in rest.items():
        for other in others:
            wanted.setdefault(other, []).append(name)
    free = [name for name, others in rest.items() if not others]
    while free:
        name = free.pop()
        rest.pop(name)
        for other in wanted.get(name, ()):
            rest[other].discard(name)
            if not rest[other]:
                free.append(other)
    return [name for name in rest if _returns(name, rest)]


def _returns(name: str, leads: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(leads[name])
    while waiting:
        other = waiting.pop()
        if other == name:
            return True
        if other not in seen:
            seen.add(other)
            waiting.extend(leads[other])
    return False
