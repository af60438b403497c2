"""Models from definitions: each built-in one, and how time grows with the definitions.

`python -m benchmarks.models` prints this part alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import process_time

from derive import verify
from derive.deriving.model_curvature import model_curvature
from derive.deriving.model_gradient import model_gradient
from derive.files.built_in import builtin_model, builtin_model_names
from derive.meaning.derivation import Derivation
from derive.model.model import Model
from derive.proving import Proof

COUNTS = (4, 8, 16, 32)


def built_in() -> Iterator[str]:
    models = [builtin_model(name) for name in builtin_model_names()]
    verify(model_gradient(models[0]))  # SymPy loads parts of itself
    yield "\n## Built-in models from definitions: every equation derived and proved\n"
    yield "Processor time in one process with SymPy loaded, each model for the first time; imports"
    yield "are left out."
    yield "Second order is R{q}, R{dC/dq}, Jacobians and blocks of the Hessian.\n"
    yield "| model | equations | proved | at | deriving | proving | both, s | second order | s |"
    yield "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |"
    both: list[float] = []
    for model in models:
        count, proved, sizes, deriving, proving = _timed(model_gradient, model)
        second, proved_second, _, *times = _timed(model_curvature, model)
        both.append(deriving + proving)
        yield (
            f"| {model.name} | {count} | {proved} | {sizes} | {deriving:.2f} | {proving:.2f} "
            f"| {both[-1]:.2f} | {proved_second} of {second} | {sum(times):.2f} |"
        )
    mean = sum(both) / len(both)
    yield f"\nThe median of both is {median(both):.2f} seconds, the mean {mean:.2f}."


def growth_with_definitions() -> Iterator[str]:
    for title, model_of in (("residual blocks", _residual_blocks), ("steps of an RNN", _recurrent)):
        yield f"\n## Time grows linearly with the definitions: {title}, all sizes symbols\n"
        yield "| blocks | definitions | equations | deriving, s | proving, s | ms per equation |"
        yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
        for count in COUNTS:
            model = model_of(count)
            equations, _, _, deriving, proving = _timed(model_gradient, model)
            each = 1000 * (deriving + proving) / equations
            yield (
                f"| {count} | {len(model.defined)} | {equations} | {deriving:.2f} | {proving:.2f} "
                f"| {each:.1f} |"
            )


def _timed(
    derive: Callable[[Model], Derivation], model: Model
) -> tuple[int, int, str, float, float]:
    """Equations, how many are proved, at which sizes, and the seconds of both parts."""
    start = process_time()
    derivation = derive(model)
    middle = process_time()
    marks = verify(derivation)
    end = process_time()
    sizes = " and ".join(dict.fromkeys(_sizes(mark.proof) for mark in marks if mark.proved))
    proved = sum(mark.proved for mark in marks)
    return len(marks), proved, sizes, middle - start, end - middle


def _sizes(proof: Proof) -> str:
    widths = proof.scope.widths
    return "every size" if widths.every else "its own sizes"


def _residual_blocks(count: int) -> Model:
    """h_k = h_{k-1} + V_k ReLU(W_k h_{k-1}), one block on another."""
    lines = ["input h0[d]", "target y[d]"]
    for k in range(1, count + 1):
        lines += [
            f"parameter V{k}[m,d], W{k}[d,m]",
            f"a{k}[j] := sum(i, W{k}[i,j]*h{k - 1}[i])",
            f"h{k}[i] := h{k - 1}[i] + sum(j, V{k}[j,i]*ReLU(a{k}[j]))",
        ]
    return _with_cost(lines, f"1/2*sum(i, (h{count}[i] - y[i])^2)")


def _recurrent(count: int) -> Model:
    """h_t = tanh(U x_t + W h_{t-1} + b), with the same weights in each step."""
    lines = ["input h0[m]", "target y[m]", "parameter U[d,m], W[m,m], b[m]"]
    for t in range(1, count + 1):
        before = f"sum(i, x{t}[i]*U[i,j]) + sum(l, h{t - 1}[l]*W[l,j]) + b[j]"
        lines += [f"input x{t}[d]", f"a{t}[j] := {before}", f"h{t}[j] := tanh(a{t}[j])"]
    return _with_cost(lines, f"1/2*sum(j, (h{count}[j] - y[j])^2)")


def _with_cost(lines: list[str], cost: str) -> Model:
    return Model.from_definitions("\n".join([*lines, f"C := {cost}"]))


if __name__ == "__main__":
    for line in (*built_in(), *growth_with_definitions()):
        print(line)
