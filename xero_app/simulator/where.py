"""Xero's `where` and `order`: parsed into functions over rows, refused with QueryParse when not understood.

Known: == != >= <= > <, && || AND OR, parentheses, "text", numbers, true, false, null, DateTime(y,m,d[,h,m,s]),
Guid("..."), and .Contains("x") .StartsWith("x") .EndsWith("x") on text.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from xero_app.simulator.documents import Row

Getter = Callable[[Row, str], Any]
Test = Callable[[Row], bool]


class QueryParse(Exception):
    """The filter or order cannot be used; the text goes into the 400's Message."""


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<call>DateTime|Guid)\s*\((?P<args>[^)]*)\)"""
    r"""|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z][\w.]*)|(?P<op>==|!=|>=|<=|&&|\|\||[<>()=]))"""
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "=": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le,
    ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "Contains": operator.contains, "StartsWith": str.startswith, "EndsWith": str.endswith,
}  # fmt: skip
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Where:
    """A filter: its test, and the fields it reads (which decide whether it is quick in a large organisation)."""

    test: Test
    names: frozenset[str]


def parse_where(text: str, *, get: Getter) -> Where:
    """The filter as a function; `get(row, name)` reads a field and raises QueryParse for one that is unknown."""
    tokens = _tokens(text)
    parser = _Parser(tokens, get)
    test = parser.alternatives()
    parser.end()
    return Where(test, frozenset(token.value for token in tokens if token.kind == "name"))


def parse_order(text: str) -> list[tuple[str, bool]]:
    """Field names with whether they descend: `InvoiceID ASC, Date DESC`."""
    found = []
    for part in text.split(","):
        words = part.split()
        if not words or len(words) > 2 or (len(words) == 2 and words[1].upper() not in ("ASC", "DESC")):
            msg = f"Invalid order expression '{text}'"
            raise QueryParse(msg)
        found.append((words[0], len(words) == 2 and words[1].upper() == "DESC"))
    return found


def _tokens(text: str) -> list[_Token]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            msg = f"Syntax error at index {position} in '{text}'"
            raise QueryParse(msg)
        found.append(_token(match))
        position = match.end()
    return found


def _token(match: re.Match[str]) -> _Token:
    kind = match.lastgroup or ""
    if match["call"]:
        return _Token("value", _call(match["call"], match["args"]))
    if kind == "text":
        return _Token("value", re.sub(r"\\(.)", r"\1", match["text"][1:-1]))
    if kind == "number":
        return _Token("value", Decimal(match["number"]))
    word = match[kind]
    if kind == "name" and word.lower() in _WORDS:
        return _Token("value", _WORDS[word.lower()])
    if kind == "name" and word.upper() in ("AND", "OR"):
        return _Token("op", "&&" if word.upper() == "AND" else "||")
    return _Token(kind, word)


def _call(name: str, args: str) -> Any:
    try:
        if name == "Guid":
            return args.strip().strip('"').lower()
        return datetime(*(int(part) for part in args.split(",")), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except (ValueError, TypeError) as error:
        msg = f"Invalid argument '{args}' for {name}"
        raise QueryParse(msg) from error


class _Parser:
    """Recursive descent over the tokens: alternatives, conjunctions, one comparison."""

    def __init__(self, tokens: list[_Token], get: Getter) -> None:
        self._tokens = tokens
        self._at = 0
        self._get = get

    def alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._take("||"):
            tests.append(self._conjunction())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def end(self) -> None:
        if self._at < len(self._tokens):
            self._fail()

    def _conjunction(self) -> Test:
        tests = [self._comparison()]
        while self._take("&&"):
            tests.append(self._comparison())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _comparison(self) -> Test:
        if self._take("("):
            test = self.alternatives()
            if not self._take(")"):
                self._fail()
            return test
        name = self._next("name")
        head, _, method = name.rpartition(".")
        if method in _METHODS and self._take("("):
            return self._method(head, method)
        if self._at >= len(self._tokens) or self._tokens[self._at].value not in _COMPARE:
            return self._truth(name)
        compare = _COMPARE[self._next("op")]
        return self._compared(name, compare, self._next("value"))

    def _method(self, name: str, method: str) -> Test:
        wanted, get, test = self._next("value"), self._get, _METHODS[method]
        if not self._take(")"):
            self._fail()
        return lambda row: test(str(get(row, name) or ""), str(wanted))

    def _truth(self, name: str) -> Test:
        get = self._get
        return lambda row: get(row, name) is True

    def _compared(self, name: str, compare: Callable[[Any, Any], bool], wanted: Any) -> Test:
        get = self._get

        def test(row: Row) -> bool:
            value = get(row, name)
            if value is None or wanted is None:
                return compare is not operator.eq if value is not wanted else compare is operator.eq
            try:
                return compare(_comparable(value), wanted)
            except TypeError as error:
                msg = f"Operator cannot be applied to '{name}' and {wanted!r}"
                raise QueryParse(msg) from error

        return test

    def _take(self, op: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == _Token("op", op)
        self._at += found
        return found

    def _next(self, kind: str) -> Any:
        if self._at >= len(self._tokens) or self._tokens[self._at].kind != kind:
            self._fail()
        self._at += 1
        return self._tokens[self._at - 1].value

    def _fail(self) -> None:
        found = repr(self._tokens[self._at].value) if self._at < len(self._tokens) else "the end"
        msg = f"Expression expected, found {found}"
        raise QueryParse(msg)


def _comparable(value: Any) -> Any:
    """Calendar dates compare with DateTime() as their midnight in UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value
