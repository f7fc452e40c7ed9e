"""Conditions and expressions that cannot be played are refused."""

import pytest

from tests.unit.clinic.questionnaire.making import (
    Json,
    expressed,
    expression,
    extension,
    item,
    measured,
    option,
    problems,
    variable,
    when,
)

Q = item("q", "boolean")
CHOICE = item("c", "choice", answerOption=[option("a"), option("b")])


def loop(*names: str) -> list[Json]:
    """Each is asked if the next is answered, and the last if the first is."""
    following = (*names[1:], names[0])
    return [
        item(name, "boolean", enableWhen=[when(other, "exists", answerBoolean=True)])
        for name, other in zip(names, following, strict=True)
    ]


REFUSED: dict[str, tuple[list[Json], str, str]] = {
    "a circle of one": (loop("a"), "a", "depends on it"),
    "a circle of three": (loop("a", "b", "c"), "b", "depends on it"),
    "a group that waits for what it holds": (
        [item("g", "group", Q, enableWhen=[when("q", "exists", answerBoolean=True)])],
        "g",
        "depends on it",
    ),
    "a question that waits for its child": (
        [item("p", "boolean", Q, enableWhen=[when("q", "exists", answerBoolean=True)])],
        "p",
        "depends on it",
    ),
    "a circle of expressions": (
        [
            expressed(
                name, "integer", "calculatedExpression", f"%resource.item.where(linkId='{other}')"
            )
            for name, other in (("a", "b"), ("b", "a"))
        ],
        "a",
        "depends on it",
    ),
    "a condition on nothing": (
        [item("q", "boolean", enableWhen=[when("x", answerBoolean=True)])],
        "q",
        "no question",
    ),
    "a condition on words": (
        [item("d", "display"), item("q", "boolean", enableWhen=[when("d", answerBoolean=True)])],
        "q",
        "no question",
    ),
    "an unknown operator": (
        [Q, item("r", "boolean", enableWhen=[when("q", "~", answerBoolean=True)])],
        "r",
        "operator",
    ),
    "exists with a number": (
        [Q, item("r", "boolean", enableWhen=[when("q", "exists", answerInteger=1)])],
        "r",
        "exists",
    ),
    "a comparison with another type": (
        [Q, item("r", "boolean", enableWhen=[when("q", answerString="yes")])],
        "r",
        "compared with String",
    ),
    "an order of yes and no": (
        [Q, item("r", "boolean", enableWhen=[when("q", ">", answerBoolean=True)])],
        "r",
        "> with Boolean",
    ),
    "a code that is no option": (
        [CHOICE, item("r", "boolean", enableWhen=[when("c", answerCoding={"code": "z"})])],
        "r",
        "'z' is not among the options",
    ),
    "no answer to compare with": (
        [Q, item("r", "boolean", enableWhen=[when("q")])],
        "r",
        "is missing",
    ),
    "two answers to compare with": (
        [Q, item("r", "boolean", enableWhen=[when("q", answerBoolean=True, answerInteger=1)])],
        "r",
        "several answer[x]",
    ),
    "several conditions that say not how": (
        [
            Q,
            CHOICE,
            item(
                "r",
                "boolean",
                enableWhen=[when("q", answerBoolean=True), when("c", "exists", answerBoolean=True)],
            ),
        ],
        "r",
        "without enableBehavior",
    ),
    "an unknown enableBehavior": (
        [
            Q,
            item("r", "boolean", enableBehavior="most", enableWhen=[when("q", answerBoolean=True)]),
        ],
        "r",
        "enableBehavior 'most'",
    ),
    "both kinds of condition": (
        [
            Q,
            item(
                "r",
                "boolean",
                enableWhen=[when("q", answerBoolean=True)],
                extension=[expression("enableWhenExpression", "true")],
            ),
        ],
        "r",
        "both enableWhen",
    ),
    "units that cannot be compared": (
        [
            measured("w", "quantity", "kg"),
            item(
                "r",
                "boolean",
                enableWhen=[when("w", ">", answerQuantity={"value": 3, "code": "cm"})],
            ),
        ],
        "r",
        "kg cannot be compared with cm",
    ),
    "a rule between answers": (
        [item("q", "boolean", extension=[extension("questionnaire-constraint")])],
        "q",
        "a rule between answers",
    ),
    "words by an expression": (
        [item("q", "boolean", _text={"extension": [extension("cqf-expression")]})],
        "q",
        "text by an expression",
    ),
    "another language": (
        [expressed("n", "integer", "calculatedExpression", "1", "text/cql")],
        "n",
        "language 'text/cql'",
    ),
    "an unknown function": (
        [expressed("n", "integer", "calculatedExpression", "resolve()")],
        "n",
        "resolve() is not supported",
    ),
    "what only records know": (
        [expressed("q", "boolean", "enableWhenExpression", "%patient.active")],
        "q",
        "%patient",
    ),
    "a variable that uses itself": (
        [item("g", "group", Q, extension=[variable("a", "%a + 1")])],
        "g",
        "uses itself",
    ),
    "a variable twice": (
        [item("g", "group", Q, extension=[variable("a", "1"), variable("a", "2")])],
        "g",
        "one that is taken",
    ),
    "too many expressions": (
        [expressed(f"n{n}", "integer", "calculatedExpression", "1") for n in range(201)],
        "",
        "more than 200 expressions",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_item_and_the_reason(name: str) -> None:
    items, where, reason = REFUSED[name]
    found = problems(*items)
    assert any(item == where and reason in why for item, why in found), found
