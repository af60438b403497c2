"""The activations in programs: what SymPy's code printers, and so `lambdify`, write for them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from sympy import Float, Piecewise, log
from sympy.printing.pycode import SymPyPrinter

#: A call of an array library's function by name: call("maximum", "x", "0").
Call = Callable[..., str]


class InCode:
    """A function that every printer of SymPy can write, in terms that each language has.

    No form overflows where the function has a value, and what is not a number stays so.
    """

    @property
    @abstractmethod
    def elementary(self) -> Piecewise:
        """The function by cases, with no other functions than exp, log1p and Abs."""

    @abstractmethod
    def on_arrays(self, call: Call, write: Callable[[Any], str]) -> str:
        """The function entry by entry, in NumPy and what is called like it."""

    def _code(self, printer: Any, **_: Any) -> str:
        return f"({printer._print(self.elementary)})"

    def _typed_code(self, printer: Any, **_: Any) -> str:
        from sympy.codegen.cfunctions import log1p  # loads all that programs are made of

        # Without log1p, and no integer where the other cases are real numbers.
        rows = (
            (Float(value) if value.is_Integer else value, condition)
            for value, condition in self.elementary.args
        )
        cases = Piecewise(*rows, evaluate=False)
        return f"({printer._print(cases.replace(log1p, lambda u: log(1 + u)))})"

    _ccode = _cxxcode = _mpmathcode = _lambdacode = _code
    _cmathcode = _fcode = _glsl = _javascript = _julia = _maple = _typed_code
    _mcode = _numexprcode = _octave = _rcode = _rust_code = _typed_code

    def _pythoncode(self, printer: Any, **_: Any) -> str:
        # SymPy's own backend has the class itself, which needs no number for its argument.
        if isinstance(printer, SymPyPrinter):
            return printer._print_Function(self)
        return self._code(printer)

    def _arrays(self, printer: Any, **_: Any) -> str:
        def call(name: str, *arguments: str) -> str:
            home = printer._module_format(f"{printer._module}.{name}")
            return f"{home}({', '.join(arguments)})"

        return self.on_arrays(call, printer._print)

    _numpycode = _cupycode = _jaxcode = _arrays
