"""JMESPath text to a syntax tree: the library's grammar, with exact numbers and a bounded size.

Grammar: the JMESPath specification, as the `jmespath` library reads it. Two differences: a number in back
quotes is an exact `Decimal`, and what is not JSON between back quotes is refused (the library only warns).
"""

import json
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import prod
from typing import Any

from jmespath.exceptions import JMESPathError, LexerError
from jmespath.lexer import Lexer
from jmespath.parser import ParsedResult, Parser

from edi_app.mapping.findings import BAD_EXPRESSION, ValueRefused, shortened

Node = dict[str, Any]

MAX_CHARACTERS = 2000
MAX_TOKENS = 250
MAX_BRACKETS = 50
MAX_EXPONENT = 60
MAX_GROWTH = 500
"""How many times larger than the document the result of an expression may become, at most."""

_MULTIPLYING = frozenset({"subexpression", "pipe", "index_expression", "projection", "value_projection"})
_OVER_ELEMENTS = frozenset({"map", "sort_by", "min_by", "max_by", "join"})


class _ExactLexer(Lexer):
    def _consume_literal(self) -> dict[str, Any]:
        start = self._position  # type: ignore[attr-defined]
        lexeme = self._consume_until("`").replace("\\`", "`")  # type: ignore[attr-defined]
        try:
            value = _json(lexeme)
        except (ValueError, InvalidOperation):
            message = f"`{lexeme}` is neither a number nor JSON; text stands in single quotes"
            raise LexerError(start, lexeme, message) from None
        return {"type": "literal", "value": value, "start": start, "end": start + len(lexeme)}


def _json(text: str) -> Any:
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        raise ValueError(text)
    return json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_number)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(text)
    return number


class _ExactParser(Parser):
    def _parse(self, expression: str) -> ParsedResult:
        self._tokens = list(_ExactLexer().tokenize(expression))
        if len(self._tokens) > MAX_TOKENS:
            raise ValueRefused(f"The expression has more than {MAX_TOKENS} parts.", code=BAD_EXPRESSION)
        self._index = 0
        parsed = self._expression(binding_power=0)  # type: ignore[attr-defined]
        left_over = self._tokens[self._index]
        if left_over["type"] != "eof":
            raise LexerError(left_over["start"], left_over["value"], f"unexpected {left_over['value']}")
        return ParsedResult(expression, parsed)


@lru_cache(maxsize=2048)
def parse(text: str) -> Node:
    """Read an expression into the library's syntax tree. Treat the result as read-only.

    Raises ValueRefused with the reason in one line when it is not JMESPath, or too large to be safe.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueRefused(f"The expression is longer than {MAX_CHARACTERS} characters.", code=BAD_EXPRESSION)
    try:
        node: Node = _ExactParser()._do_parse(text).parsed  # type: ignore[attr-defined]
    except JMESPathError as error:
        raise ValueRefused(_reason(text, error), code=BAD_EXPRESSION) from None
    except (RecursionError, TypeError, KeyError, IndexError, AttributeError):
        raise ValueRefused(f"{shortened(text)} is not a JMESPath expression.", code=BAD_EXPRESSION) from None
    if _growth(node) > MAX_GROWTH:
        raise ValueRefused("The expression multiplies its input too often.", code=BAD_EXPRESSION)
    return node


def _reason(text: str, error: JMESPathError) -> str:
    message = getattr(error, "message", "") or getattr(error, "msg", "")
    if not text.strip():
        return "The expression is empty."
    return f"{shortened(text)} is not a JMESPath expression{f': {message}' if message else ''}."


def _growth(node: Node) -> int:
    """Bound how much larger than its input the value of a node can be.

    JMESPath has no loops and no variables, so pipes of multi-selects are the only way to multiply.
    """
    children = [_growth(child) for child in node["children"] if isinstance(child, dict)]
    kind = node["type"]
    if kind in _MULTIPLYING or (kind == "function_expression" and node["value"] in _OVER_ELEMENTS):
        return min(prod(children), MAX_GROWTH + 1)
    if kind == "filter_projection":
        base, right, condition = children
        return min(base * max(right, condition), MAX_GROWTH + 1)
    return max(sum(children), 1)
