"""The Jinja environment of all templates: what a template of a user's may do, and how much.

Jinja's sandbox keeps templates away from the inside of Python.  Here they may besides call
only macros, the functions that documents offer, and a few methods of texts and tables; SymPy's
own methods are out, since some of them evaluate text.  Steps and characters are counted, so
that no template fills memory or runs for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from math import prod
from typing import Any

from jinja2 import pass_context
from jinja2.environment import Template
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.filters import FILTERS, make_attrgetter
from jinja2.nodes import Concat, Dict, Expr, Filter, For, Getitem, List, Node, Slice, Tuple
from jinja2.runtime import BlockReference, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from jinja2.visitor import NodeTransformer
from sympy import Basic, Integer

from derive.model.network import Network

#: Passes of loops, calls and members of lists; and characters: in all of one document.
MOST_STEPS = 2_000_000
MOST_CHARACTERS = 100_000_000
MOST_RANGE = 100_000
#: Binary digits of the numbers that a template may multiply out.
MOST_BITS = 10_000

#: Jinja's filters without those that look inside of objects, or whose work nothing bounds.
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float"),
    *("forceescape", "groupby", "indent", "int", "items", "last", "length", "list", "lower"),
    *("map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round", "safe"),
    *("select", "selectattr", "sort", "string", "title", "trim", "truncate", "unique", "upper"),
)
#: The methods of built-in types that may be called.
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(
        {
            *("capitalize", "count", "endswith", "find", "isalpha", "isdecimal", "isupper"),
            *("lower", "lstrip", "partition", "removeprefix", "removesuffix", "rpartition"),
            *("rstrip", "split", "splitlines", "startswith", "strip", "title", "upper"),
        }
    ),
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    LoopContext: frozenset({"changed", "cycle"}),
    Cycler: frozenset({"next", "reset"}),
    Network: frozenset(
        {"has_index", "is_straight_from", "layer", "position", "quantity", "slots", "width"}
    ),
}
#: What is undefined says so itself when it is called.
_CALLABLE = (Macro, LoopContext, BlockReference, Joiner, Undefined)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for one document, whose templates share what it may still do."""

    intercepted_binops = frozenset(("+", "*", "/", "//", "%", "**"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.renew()
        self.globals: dict[str, Any] = {
            "range": _short_range,
            "dict": dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
            "unknown": _unknown,
        }
        self.filters = {name: self._bounded(FILTERS[name]) for name in _FILTERS}
        self.filters |= {
            "join": self._join,
            "passes": pass_context(lambda _, members: self._passes(members)),
            "together": pass_context(lambda _, parts: self.concat(map(str, parts))),
            "made": pass_context(lambda _, value: self._made(value)),
        }

    def _parse(self, source: str, name: str | None, filename: str | None) -> Any:
        """The tree of a template, with what loops, ~ and slices do counted."""
        return _Counting(self).visit(super()._parse(source, name, filename))

    # -- what is allowed ---------------------------------------------------------------

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether templates may call this."""
        if isinstance(obj, _CALLABLE) or any(obj is known for known in self.globals.values()):
            return True
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        return any(isinstance(owner, kind) and name in names for kind, names in _METHODS.items())

    def call(__self, __context: Any, __obj: Any, *arguments: Any, **named: Any) -> Any:
        """Call what templates may call."""
        __self.step()
        if not __self.is_safe_callable(__obj):
            name = getattr(__obj, "__name__", type(__obj).__name__)
            raise SecurityError(f"templates may not call {name}")
        return __self._made(__context.call(__obj, *arguments, **named))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """An operation whose result is of a size that is known beforehand."""
        self._check_operation(operator, left, right)
        return self._made(super().call_binop(context, operator, left, right))

    def _check_operation(self, operator: str, left: Any, right: Any) -> None:
        sides = (left, right)
        sequences = [side for side in sides if isinstance(side, str | Sequence)]
        if operator == "%" and isinstance(left, str):
            raise SecurityError("templates may not format text with %; ~ joins texts")
        if operator == "+" and sequences:
            self._room(sequences, sum(map(len, sequences)))
        elif operator == "*" and sequences:
            times = [side for side in sides if isinstance(side, int)]
            self._room(sequences, max(0, *times, 0) * len(sequences[0]))
        elif operator == "**":
            if isinstance(left, Basic | int) and not isinstance(right, int | float | Integer):
                raise SecurityError("templates may only raise to a power that is a number")
            if isinstance(right, int | Integer) and abs(right) * _bits(left) > MOST_BITS:
                raise SecurityError("this power is a number of too many digits")
        elif operator in "*/" and _bits(left) + _bits(right) > MOST_BITS:
            raise SecurityError("this product is a number of too many digits")

    # -- what is counted ---------------------------------------------------------------

    def renew(self) -> None:
        """Count from 0 again, for the next document or answer."""
        self._steps, self._characters = MOST_STEPS, MOST_CHARACTERS

    def step(self, count: int = 1) -> None:
        """One call, template, pass of a loop or member of a list."""
        self._steps -= count
        if self._steps < 0:
            raise SecurityError(f"the templates take more than {MOST_STEPS:,} steps")

    def spend(self, size: int) -> None:
        """So many characters or members are about to be made."""
        self._characters -= size
        if self._characters < 0:
            raise SecurityError(f"the templates make more than {MOST_CHARACTERS:,} characters")

    def _room(self, sequences: list[Any], size: int) -> None:
        """So long a text, or list, is about to be made of these."""
        (self.spend if isinstance(sequences[0], str) else self.step)(size)

    def concat(self, parts: Iterable[str]) -> str:
        """The parts as one text; Jinja joins what it has written with this."""
        found: list[str] = []
        for part in parts:
            self.spend(len(part) + 1)
            found.append(part)
        return "".join(found)

    def get_template(self, *arguments: Any, **named: Any) -> Template:
        """A template that is asked for, included or imported."""
        self.step()
        return super().get_template(*arguments, **named)

    def _passes(self, members: Iterable[Any]) -> Iterator[Any]:
        for member in members:
            self.step()
            yield member

    def _made(self, value: Any) -> Any:
        """A value that was just made, counted with what is inside of it, as str() goes through."""
        waiting = [value]
        while waiting:
            match waiting.pop():
                case str() as text:
                    self.spend(len(text))
                case dict() as table:
                    self.step(len(table))
                    waiting += [*table, *table.values()]
                case list() | tuple() as members:
                    self.step(len(members))
                    waiting += members
                case _:
                    pass
        return value

    def _bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that is refused where its result could be too large."""

        @wraps(function)
        def bounded(*arguments: Any, **named: Any) -> Any:
            self.step()
            sizes = sorted(map(_size, (*arguments, *named.values())))
            if prod(max(size, 1) for size in sizes[-2:]) > self._characters:
                self.spend(MOST_CHARACTERS + 1)
            return self._made(function(*arguments, **named))

        return bounded

    def _join(self, members: Iterable[Any], between: str = "", attribute: Any = None) -> str:
        """The members, or an attribute of each, with a text between them."""
        of = (lambda member: member) if attribute is None else make_attrgetter(self, attribute)
        texts = [str(of(member)) for member in self._passes(members)]
        separator = str(between)
        self.spend(sum(map(len, texts)) + len(separator) * len(texts))
        return separator.join(texts)


class _Counting(NodeTransformer):
    """Counts, by filters, what loops go through, ~ joins, slices cut and lists hold."""

    def __init__(self, environment: Sandbox) -> None:
        self._environment = environment

    def visit_For(self, node: For) -> Node:
        self.generic_visit(node)
        node.iter = self._through("passes", node.iter)  # pyright: ignore[reportArgumentType]
        return node

    def visit_Concat(self, node: Concat) -> Node:
        self.generic_visit(node)
        parts = List(node.nodes, lineno=node.lineno)
        return self._through("together", parts)

    def visit_List(self, node: List | Tuple | Dict) -> Node:
        self.generic_visit(node)
        loaded = not isinstance(node, Tuple) or node.ctx == "load"
        return self._through("made", node) if loaded else node  # pyright: ignore[reportArgumentType]

    visit_Tuple = visit_Dict = visit_List

    def visit_Getitem(self, node: Getitem) -> Node:
        self.generic_visit(node)
        return self._through("made", node) if isinstance(node.arg, Slice) else node

    def _through(self, name: str, node: Expr) -> Filter:
        through = Filter(node, name, [], [], None, None, lineno=node.lineno)
        through.set_environment(self._environment)
        return through


def _unknown(key: object) -> str:
    """Called by templates for what they have no words for, so that nothing is left out unseen."""
    raise TemplateRuntimeError(f"there are no words for {str(key)!r}")


def _short_range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > MOST_RANGE:
        raise SecurityError(f"a range has up to {MOST_RANGE:,} numbers")
    return found


def _size(value: Any) -> int:
    """How many members a value has, or how many times it can have something repeated."""
    if isinstance(value, int):
        return abs(value)
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


def _bits(value: Any) -> int:
    return int(value).bit_length() if isinstance(value, int | Integer) else 1
