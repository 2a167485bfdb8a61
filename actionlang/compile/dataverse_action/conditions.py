"""Comparisons, by the operators of Microsoft.Xrm.Sdk.Query.ConditionOperator, as conditions of a script.

In Dataverse a comparison with nothing does not hold. Where an expression may be empty, the script says so:
`(x is not empty and x > 5)`.
"""

from __future__ import annotations

from actionlang.compile.dataverse_action import values as v
from actionlang.compile.dataverse_action.expressions import Expressions
from actionlang.compile.dataverse_action.kinds import kind_of
from actionlang.compile.dataverse_action.written import (
    AND,
    ATOM,
    COMPARISON,
    NOT,
    OR,
    CanNotSay,
    Written,
    bracketed,
)
from actionlang.metadata import types as t

ORDERED = {"GreaterThan": ">", "GreaterEqual": ">=", "LessThan": "<", "LessEqual": "<="}
BY_DAY = {"On": "=", "OnOrAfter": ">=", "OnOrBefore": "<="}
IN_TEXT = {"Contains": "contains", "Like": "contains", "BeginsWith": "starts_with", "EndsWith": "ends_with"}
OPPOSITE = {
    "DoesNotContain": "Contains",
    "NotLike": "Like",
    "DoesNotBeginWith": "BeginsWith",
    "DoesNotEndWith": "EndsWith",
    "NotOn": "On",
    "NotIn": "In",
    "NotBetween": "Between",
    "NotUnder": "Under",
}
RELATIVE = {
    "Today": "{day} = today()",
    "Yesterday": "{day} = today() - 1 day",
    "Tomorrow": "{day} = today() + 1 day",
    "Last7Days": "{day} >= today() - 7 days and {day} <= today()",
    "Next7Days": "{day} >= today() and {day} <= today() + 7 days",
    "ThisMonth": "start_of_month({day}) = start_of_month(today())",
    "LastMonth": "start_of_month({day}) = add_months(start_of_month(today()), -1)",
    "NextMonth": "start_of_month({day}) = add_months(start_of_month(today()), 1)",
    "ThisYear": "year({day}) = year(today())",
    "LastYear": "year({day}) = year(today()) - 1",
    "NextYear": "year({day}) = year(today()) + 1",
}
WITH_NUMBER = {
    "LastXDays": "{day} >= today() - {number} days and {day} <= today()",
    "NextXDays": "{day} >= today() and {day} <= today() + {number} days",
    "LastXMonths": "{day} >= add_months(today(), -{number}) and {day} <= today()",
    "NextXMonths": "{day} >= today() and {day} <= add_months(today(), {number})",
    "OlderThanXDays": "{day} < today() - {number} days",
    "OlderThanXMonths": "{day} < add_months(today(), -{number})",
    "OlderThanXYears": "{day} < add_months(today(), -{number} * 12)",
}


class Conditions:
    """Writes conditions with the expressions of one action."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions

    def write(self, value: v.Value) -> Written:
        """A condition. Raises CanNotSay."""
        if isinstance(value, v.Both):
            return self._both(value)
        if isinstance(value, v.Comparison):
            return self._comparison(value)
        if isinstance(value, v.Nothing):
            raise CanNotSay("nothing says when it holds")
        return self.expressions.write(value, t.Boolean())

    def _both(self, value: v.Both) -> Written:
        left = self.write(value.left)
        if value.operator == "And":
            known = self.expressions.known
            self.expressions.known = known | left.shows
            right = self.write(value.right)
            self.expressions.known = known
            text = f"{bracketed(left, AND)} and {bracketed(right, AND)}"
            return Written(text, AND, t.Boolean(), False, left.shows | right.shows)
        right = self.write(value.right)
        return Written(
            f"{bracketed(left, OR)} or {bracketed(right, OR)}", OR, t.Boolean(), False, left.shows & right.shows
        )

    def _comparison(self, value: v.Comparison) -> Written:
        if value.operator in OPPOSITE:
            found = self._comparison(v.Comparison(OPPOSITE[value.operator], value.operand, value.parameters))
            return _condition(f"not {bracketed(found, COMPARISON + 1)}", NOT)
        if value.operator in ("Null", "NotNull"):
            return self._emptiness(value)
        if value.operator in ("EqualUserId", "NotEqualUserId"):
            return self._caller(value)
        if value.operator in ("Equal", "NotEqual"):
            return self._equality(value)
        if value.operator == "In":
            return self._membership(value)
        if value.operator in ("Under", "UnderOrEqual"):
            return self._tree(value)
        if value.operator in RELATIVE or value.operator in WITH_NUMBER:
            return self._relative(value)
        return self._ordered(value)

    def _emptiness(self, value: v.Comparison) -> Written:
        found = self.expressions.write(value.operand)
        sign = "is not empty" if value.operator == "NotNull" else "is empty"
        shows = frozenset({found.text}) if value.operator == "NotNull" else frozenset[str]()
        return _condition(f"{bracketed(found, COMPARISON + 1)} {sign}", COMPARISON, shows)

    def _caller(self, value: v.Comparison) -> Written:
        """Whether somebody is the user who calls. Users of the language are not those of a table systemuser."""
        found = self.expressions.write(value.operand)
        if found.type not in (None, t.OWNER):
            raise CanNotSay(f"the comparison {value.operator} of {found.text}, which is no owner")
        sign = "=" if value.operator == "EqualUserId" else "!="
        return _condition(f"{bracketed(found, COMPARISON + 1)} {sign} caller", COMPARISON)

    def _equality(self, value: v.Comparison) -> Written:
        parameter = self._parameter(value)
        left = self.expressions.write(value.operand, _row_wanted(parameter))
        right = self.expressions.write(parameter, self._wanted(left))
        sign = "=" if value.operator == "Equal" else "!="
        if right.text in ("true", "false") and not left.optional and left.type == t.Boolean():
            holds = (right.text == "true") == (sign == "=")
            return _condition(left.text, left.level) if holds else _condition(f"not {bracketed(left, NOT + 1)}", NOT)
        return _condition(f"{bracketed(left, COMPARISON + 1)} {sign} {bracketed(right, COMPARISON + 1)}", COMPARISON)

    def _membership(self, value: v.Comparison) -> Written:
        if len(value.parameters) == 1:
            return self._equality(v.Comparison("Equal", value.operand, value.parameters))
        if not value.parameters:
            raise CanNotSay("a set of no values")
        left = self.expressions.write(value.operand, _row_wanted(value.parameters[0]))
        wanted = self._wanted(left)
        items = ", ".join(self.expressions.write(part, wanted).text for part in value.parameters)
        return _condition(f"{bracketed(left, COMPARISON + 1)} in ({items})", COMPARISON)

    def _tree(self, value: v.Comparison) -> Written:
        left = self.expressions.write(value.operand, t.Row(()))
        right = self.expressions.write(self._parameter(value), t.Row(()))
        under = _condition(f"{left.text} under {right.text}", COMPARISON)
        if value.operator == "Under":
            under = _condition(f"{under.text} and {left.text} != {right.text}", AND)
        return self._guarded([left, right], under)

    def _ordered(self, value: v.Comparison) -> Written:
        """Comparisons that need both sides: order, parts of texts, days."""
        if value.operator in IN_TEXT:
            left = self.expressions.write(value.operand, t.Text())
            right = self.expressions.write(self._parameter(value), t.Text())
            return self._guarded(
                [left, right], _condition(f"{IN_TEXT[value.operator]}({left.text}, {right.text})", ATOM)
            )
        left = self.expressions.write(value.operand)
        if value.operator in BY_DAY:
            right = self.expressions.write(self._parameter(value), left.type if left.type == t.Date() else None)
            return self._guarded([left, right], _days(left, BY_DAY[value.operator], right))
        if value.operator == "Between" and len(value.parameters) == 2:
            low, high = (self.expressions.write(part, self._wanted(left)) for part in value.parameters)
            own = bracketed(left, COMPARISON + 1)
            both = f"{own} >= {bracketed(low, COMPARISON + 1)} and {own} <= {bracketed(high, COMPARISON + 1)}"
            return self._guarded([left, low, high], _condition(both, AND))
        if value.operator not in ORDERED:
            raise CanNotSay(f"the comparison {value.operator}")
        right = self.expressions.write(self._parameter(value), self._wanted(left))
        text = f"{bracketed(left, COMPARISON + 1)} {ORDERED[value.operator]} {bracketed(right, COMPARISON + 1)}"
        return self._guarded([left, right], _condition(text, COMPARISON))

    def _relative(self, value: v.Comparison) -> Written:
        left = self.expressions.write(value.operand)
        text = RELATIVE.get(value.operator, "")
        number = ""
        if not text:
            text = WITH_NUMBER[value.operator]
            number = self.expressions.write(self._parameter(value), t.Integer()).text
            if not number.isdigit():
                raise CanNotSay(f"the comparison {value.operator} with {number}")
        written = text.format(day=_day(left), number=number)
        return self._guarded([left], _condition(written, AND if " and " in written else COMPARISON))

    @staticmethod
    def _guarded(sides: list[Written], condition: Written) -> Written:
        """The condition, where none of these is empty. Raises CanNotSay where one always is."""
        if any(side.text == "empty" for side in sides):
            raise CanNotSay("a comparison with nothing")
        tested = dict.fromkeys(bracketed(side, COMPARISON + 1) for side in sides if side.optional)
        if not tested:
            return condition
        text = " and ".join([*(f"{side} is not empty" for side in tested), bracketed(condition, AND)])
        shows = frozenset(side.text for side in sides if side.optional)
        return _condition(text, AND, shows)

    @staticmethod
    def _parameter(value: v.Comparison) -> v.Value:
        if not value.parameters:
            raise CanNotSay(f"the comparison {value.operator} with nothing")
        return value.parameters[0]

    def _wanted(self, left: Written) -> t.Type | None:
        """What the other side has to be; a number is compared with any number."""
        if left.type is None or isinstance(left.type, t.Decimal | t.Money | t.Integer | t.Text):
            return t.Decimal() if isinstance(left.type, t.Decimal | t.Money) else left.type
        return None if isinstance(left.type, t.Row) else left.type


def _condition(text: str, level: int, shows: frozenset[str] = frozenset()) -> Written:
    return Written(text, level, t.Boolean(), False, shows)


def _row_wanted(parameter: v.Value) -> t.Type | None:
    """A column that is compared with a row is one, also if it is the primary key."""
    first = parameter.parts[0] if isinstance(parameter, v.FirstOf) and parameter.parts else parameter
    if isinstance(first, v.Reference):
        return t.Row(())
    return kind_of(first.type) if isinstance(first, v.ColumnOf) and isinstance(kind_of(first.type), t.Row) else None


def _day(side: Written) -> str:
    return side.text if isinstance(side.type, t.Date) else f"date_of({side.text})"


def _days(left: Written, sign: str, right: Written) -> Written:
    return _condition(f"{_day(left)} {sign} {_day(right)}", COMPARISON)
