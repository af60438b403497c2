"""Matrix forms of models, or einsums: as people write them, equal to index forms, as arrays."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sympy import KroneckerDelta, Symbol, lambdify

from derive.algebra.indices import with_canonical_bounds
from derive.algebra.quantities import Partial
from derive.deriving import laws
from derive.deriving.laws.einsum_forms import array_view
from derive.deriving.laws.matrix_forms import NoMatrixFormError, matrix_view
from derive.deriving.model_gradient import model_gradient
from derive.deriving.verifying import verify
from derive.files.definitions_file import model_of, read_definitions
from derive.files.network_file import read_model
from derive.files.toml_tables import parse_toml
from derive.model.matrices import (
    Einsum,
    Elementwise,
    Entries,
    Hadamard,
    Product,
    Repeated,
    RowMean,
    RowSum,
    Scaled,
    Total,
    Transposed,
)
from derive.notation.ascii.given import formula
from derive.notation.naming import TensorNaming
from derive.notation.tex import tex
from derive.proving.prove import prove
from tests.jax_arrays import RUN_IN_JAX, Arrays
from tests.jax_models import forward
from tests.sweeps import sweep

D = r"\frac{\partial C}{\partial %s}"

FORMS = [
    ("attention-head", "dC/dP", D % "O" + r"\,V^\top"),
    ("attention-head", "dC/dV", r"P^\top\," + D % "O"),
    ("attention-head", "dC/dS",
     rf"P \odot \left({D % 'P'} - \mathrm{{rowsum}}\left({D % 'P'} \odot P\right)\right)"),
    ("attention-head", "P", r"\frac{e^{S}}{\mathrm{rowsum}(e^{S})}"),
    ("rms-norm", "n", r"\frac{x}{s}"),
    ("info-nce", "dC/dS", r"\frac{1}{N}\,(e^{S - l\,\mathbf{1}^\top} - I)"),
    ("huber", "dC/du",
     r"\frac{1}{N}\,(\mathrm{ReLU}(\mathrm{abs}(u) - 1) \odot (1 - 2\,\mathrm{Step}(u)) + u)"),
    ("attention-head", "dC/dK", rf"\frac{{1}}{{\sqrt{{k}}}}\,\left({D % 'S'}\right)^\top\,Q"),
    ("attention-head", "dC/dx",
     rf"{D % 'K'}\,(W^K)^\top + {D % 'Q'}\,(W^Q)^\top + {D % 'V'}\,(W^V)^\top"),
    ("softmax-cross-entropy", "dC/dz", r"\frac{1}{N}\,(p - y)"),
    ("softmax-cross-entropy", "dC/db", rf"\mathrm{{colsum}}\left({D % 'z'}\right)"),
    ("layer-norm", "dC/dn", D % "o" + r" \odot g^\top"),
    ("layer-norm", "dC/dx",
     rf"\frac{{1}}{{s}} \odot \left({D % 'n'} - \mathrm{{rowmean}}\left({D % 'n'}\right)"
     rf" - n \odot \mathrm{{rowmean}}\left({D % 'n'} \odot n\right)\right)"),
    ("swiglu", "dC/du",
     D % "h" + r" \odot \sigma(u) \odot v \odot (1 + u \odot (1 - \sigma(u)))"),
    ("swiglu", "dC/dU", rf"x\,\left({D % 'u'}\right)^\top"),
    ("residual", "dC/dW", rf"x\,\left({D % 'h'}\right)^\top + \lambda\,W"),
]  # fmt: skip

RESOLVED = [
    ("softmax-cross-entropy", "dC/dW", r"\frac{1}{N}\,x^\top\,(p - y)"),
    ("softmax-cross-entropy", "dC/db", r"\mathrm{colmean}(p - y)"),
    ("attention-head", "dC/dWV", r"x^\top\,P^\top\,(O - y)"),
    ("layer-norm", "dC/dg", r"\mathrm{colsum}((o - y) \odot n)"),
    ("swiglu", "dC/dW", r"h\,(o - y)^\top"),
]


def short_forms(one):
    """What each gradient is in the end, in indices."""
    groups = (g for g in model_gradient(one).groups if g.title == "quantity")
    for group in groups:
        chain = next(iter(group.chains))
        yield chain[0].lhs, chain[-1].rhs


@pytest.mark.parametrize(("name", "quantity", "text"), FORMS)
def test_matrix_forms_are_written_as_people_do(name, quantity, text):
    one = read_model(name)
    lines = [line for group in model_gradient(one).groups for line in group.steps]
    line = next(n for n in lines if n.matrices and str(n.lhs).startswith(quantity + "["))
    assert tex(line.printed_right, TensorNaming(latex=one.latex)) == text


@pytest.mark.parametrize(("name", "quantity", "text"), RESOLVED)
def test_gradients_resolved_are_those_of_textbooks(name, quantity, text):
    one = read_model(name)
    (group,) = (g for g in model_gradient(one).groups if g.title == "resolved")
    line = next(n for n in group.steps if n.matrices and str(n.lhs).startswith(quantity + "["))
    assert tex(line.printed_right, TensorNaming(latex=one.latex)) == text
    assert prove(line.lhs, line.rhs, network=one).scope.widths.every


#: Models with arrays of three axes, or a vector beside a square matrix.
IN_EINSUMS = ("multi-head-attention", "info-nce")


@pytest.mark.parametrize("name", (*RUN_IN_JAX, *IN_EINSUMS))
def test_written_back_in_indices_it_is_the_same(name):
    one = read_model(name)
    for left, right in short_forms(one):
        first, second = array_view(one, left, right).entries(one)
        assert first == left
        same = with_canonical_bounds(second.doit(deep=False)) == with_canonical_bounds(right)
        assert same or prove(second, right, network=one).proved


@pytest.mark.parametrize("name", sweep((*RUN_IN_JAX, *IN_EINSUMS), IN_EINSUMS))
def test_as_arrays_that_broadcast_it_has_the_values_of_jax(name):
    one = read_model(name)
    arrays = Arrays(one, forward(name), 5)
    for left, right in short_forms(one):
        found = value(array_view(one, left, right).right, arrays)
        wanted = np.array(arrays.slopes[str(left.wrt.args[0])])
        shape = wanted.shape if wanted.ndim > 1 else (*wanted.shape, 1)
        found = np.broadcast_to(found, shape)
        np.testing.assert_allclose(found, wanted.reshape(shape), rtol=1e-9, atol=1e-12)


def value(matrix, arrays):
    """A matrix as an array, by what its sign means in NumPy: * for entries, @ for products."""
    at = lambda part: value(part, arrays)  # noqa: E731
    match matrix:
        case Entries() if not (matrix.rows or matrix.columns):
            return np.full((1, 1), float(number(matrix.body, arrays)))
        case Entries() if isinstance(matrix.body, KroneckerDelta):
            return np.eye(int(arrays.sizes[matrix.rows[0]]))
        case Entries() if matrix.body == 1:
            return np.ones((int(arrays.sizes[matrix.rows[0]]), 1))
        case Einsum():
            # What stands in the document is what NumPy is given.
            text = tex(matrix, TensorNaming())
            signs = re.match(r"\\mathrm\{einsum\}(\\left)?\(\\texttt\{([^}]*)\}", text)[2]
            shapes = [
                [int(arrays.sizes[axis]) for axis in (*part.rows, *part.columns)]
                for part in matrix.operands
            ]
            parts = [
                at(part).reshape(shape) for part, shape in zip(matrix.operands, shapes, strict=True)
            ]
            found = np.einsum(signs, *parts)
            return found if found.ndim > 1 else found[:, None]
        case Entries():
            known = arrays.slopes if isinstance(matrix.body, Partial) else arrays.values
            head = matrix.body.wrt if isinstance(matrix.body, Partial) else matrix.body
            found = np.array(known[str(head.args[0])])
            return found if found.ndim > 1 else found[:, None]
        case Transposed():
            return at(matrix.of).T
        case Total():
            return sum(map(at, matrix.terms))
        case Hadamard():
            return at(matrix.left) * at(matrix.right)
        case Product():
            return at(matrix.left) @ at(matrix.right)
        case Scaled():
            return float(number(matrix.factor, arrays)) * at(matrix.of)
        case RowSum():
            return at(matrix.of).sum(axis=1, keepdims=True)
        case RowMean():
            return at(matrix.of).mean(axis=1, keepdims=True)
        case Repeated():
            return at(matrix.of)
        case Elementwise():
            known = {"sigmoid": lambda a: 1 / (1 + np.exp(-a)), "Step": lambda a, _: a > 0}
            return lambdify(matrix.variable, matrix.body, [known, "numpy"])(at(matrix.of))


def number(expression, arrays):
    return (
        arrays(expression, {}) if not isinstance(expression, Symbol) else arrays.sizes[expression]
    )


TENSORS = '''
definitions = """
o[t,j] := sum(h, sum(i, x[t,i]*W[h,i,j]*a[h]))
r[t] := sum(i, sum(l, sum(k, x[t,i]*p[t,l]*q[t,k]*A[i,l]*B[i,k]*E[l,k])))
v[t] := sum(i, sum(l, sum(k, x[t,i]*A[i,l]*B[i,k]*E[l,k])))
C := sum(t, sum(j, o[t,j]^2)) + sum(t, r[t]*v[t])
"""
[tensors]
x = { axes = ["T", "d"], role = "input" }
p = { axes = ["T", "e"], role = "input" }
q = { axes = ["T", "f"], role = "input" }
W = { axes = ["H", "d", "m"], role = "parameter" }
a = { axes = ["H"], role = "parameter" }
A = { axes = ["d", "e"], role = "parameter" }
B = { axes = ["d", "f"], role = "parameter" }
E = { axes = ["e", "f"], role = "parameter" }
'''


def test_three_axes_or_an_index_with_three_neighbours_are_written_as_einsum():
    one = model_of(parse_toml(TENSORS, "m.toml"), "m")
    for left in ("o[t,j]", "r[t]"):
        entry = formula(left, "a side", one)
        with pytest.raises(NoMatrixFormError):
            matrix_view(one, entry, one.definition(entry))
    triangle = formula("v[t]", "a side", one)
    text = tex(matrix_view(one, triangle, one.definition(triangle)).right, TensorNaming())
    assert text == r"x\,\mathrm{rowsum}(B \odot (A\,E))"
    groups = {group.title: group for group in model_gradient(one).groups}
    forward, backward = (
        {str(line.lhs).split("[")[0]: line for line in groups[title].steps}
        for title in ("kernel", "kernel_backward")
    )
    shown = {name: tex(line.printed_right, TensorNaming()) for name, line in forward.items()}
    assert shown["v"] == text
    assert shown["o"] == r"\mathrm{einsum}(\texttt{hij,h,ti->tj}, W, a, x)"
    assert shown["r"].startswith(r"\mathrm{einsum}(\texttt{")
    gradient = tex(backward["dC/dW"].printed_right, TensorNaming())
    assert gradient == r"2\,\mathrm{einsum}(\texttt{h,tj,ti->hij}, a, o, x)"
    assert all(laws.confirm(one, line) for group in groups.values() for line in group.steps)
    assert all(mark.proved for mark in verify(model_gradient(one)))


def test_the_law_refuses_another_equation():
    one = read_model("attention-head")
    lines = [line for group in model_gradient(one).groups for line in group.steps]
    line = next(n for n in lines if n.matrices and str(n.lhs).startswith("dC/dP"))
    other = next(n for n in lines if n.matrices and str(n.lhs).startswith("dC/dV"))
    assert laws.confirm(one, line)
    assert not laws.confirm(one, replace(line, matrices=other.matrices))
    assert not laws.confirm(one, replace(line, rhs=2 * line.rhs))


EXPERTS = """
input x[d]
parameter G[K,d], U[K,m,d]
target y[m]
g[k] := sum(i, G[k,i]*x[i])
p[k] := exp(g[k])/sum(j, exp(g[j]))
o[a] := sum(k, i, p[k]*U[k,a,i]*x[i])
C := sum(a, (o[a] - y[a])^2)/2
"""
LIKELIHOOD = """
input x[n], z[n]
r[i] := sigmoid(z[i])
C := -sum(i, x[i]*log(r[i]) + (1 - x[i])*log(1 - r[i]))
"""

NORM = """
input x[d]
target y[d]
constant eps
m := sum(i, x[i])/d
v := sum(i, (x[i] - m)^2)/d
h[i] := (x[i] - m)/sqrt(v + eps)
C := sum(i, y[i]*h[i])^2/2
"""


@pytest.mark.parametrize(
    ("model", "quantity", "text"),
    [
        # A softmax of one vector: a row times a column is a number.
        (EXPERTS, "dC/dg", rf"p \odot \left({D % 'p'} - p^\top\,{D % 'p'}\right)"),
        (EXPERTS, "dC/dx", rf"G^\top\,{D % 'g'} + "
         rf"\mathrm{{einsum}}\left(\texttt{{a,jai,j->i}}, {D % 'o'}, U, p\right)"),
        (NORM, "dC/dx",
         rf"\frac{{1}}{{\sqrt{{\mathrm{{eps}} + v}}}}\,\left({D % 'h'}"
         rf" - \frac{{1}}{{d}}\,\mathbf{{1}}^\top\,{D % 'h'}"
         rf" - \frac{{1}}{{d}}\,h\,h^\top\,{D % 'h'}\right)"),
        (LIKELIHOOD, "dC/dr", r"\frac{1 - x}{1 - r} - \frac{x}{r}"),
    ],
)  # fmt: skip
def test_forms_of_vectors_are_written_as_people_do(model, quantity, text):
    one = read_definitions(model)
    left, right = next(form for form in short_forms(one) if str(form[0]).startswith(quantity + "["))
    view = array_view(one, left, right)
    assert tex(view.right, TensorNaming(latex=one.latex)) == text
    again = view.entries(one)[1]
    proof = prove(again, right, network=one)
    assert proof.proved and proof.scope.widths.every
    assert not prove(again, 2 * right, network=one).proved
