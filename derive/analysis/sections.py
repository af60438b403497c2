"""The analyses as blocks, for any document: passages with their tables."""

from __future__ import annotations

from derive.activations import Activation
from derive.analysis import counts, gradient_flow, initialisation, newton
from derive.analysis.blocks import Passage, Table
from derive.derivation import Equation
from derive.errors import DeriveError
from derive.network import Network
from derive.network_file import read_network
from derive.proving import prove

Blocks = tuple[Passage | Table, ...]

#: Shapes whose Hessians are counted.
_COUNTED = ("2-2-2-1", "2-3-2", "10-10-10", "784-300-10")


def gradient_flow_blocks() -> Blocks:
    """What one layer and what L layers do to a gradient."""
    sigmoid = gradient_flow.slope_range(Activation("sigmoid"))
    (same,) = _proved(read_network("1-1-1"), newton.conserved(read_network("1-1-1")))
    assert sigmoid.proved is not None
    return (
        Passage("gradient_flow", {"bound": sigmoid.proved}),
        gradient_flow.factor_table(),
        Passage("depth", {"same": same}),
        gradient_flow.depth_table(),
        gradient_flow.underflow_passage(),
    )


def initialisation_blocks() -> Blocks:
    """Expected squared gradients of random networks."""
    alive = initialisation.alive_probability(5)
    return (
        Passage("initialisation"),
        initialisation.initialisation_table(),
        Passage("expected_gradients", {"alive": alive}),
        initialisation.example_table(),
    )


def newton_blocks() -> Blocks:
    """Newton's method: where it works at once, and where it has no step."""
    neuron, stuck = newton.one_neuron(), newton.no_step()
    two = read_network("1-1-1")
    rows = _proved(two, newton.scale_symmetry(two, 0, 1))
    facts = {
        **{name: neuron.values[name] for name in ("w", "x", "y", "landed")},
        **{name: stuck.values[name] for name in ("H", "g", "rank", "augmented")},
        "determinant": newton.chain_determinant(),
        "first_row": rows[0],
        "second_row": rows[1],
    }
    return (Passage("newton", facts),)


def curvature_blocks() -> Blocks:
    """Second-order methods in practice: what a Hessian costs, and what is used in its place."""
    large, product = counts.storage(), counts.product_costs()
    squared, scaled = newton.rmsprop(), newton.rescaled_input()
    return (
        Passage("counts", {**large.values, **product.values}),
        counts.count_table([read_network(name) for name in _COUNTED]),
        Passage(
            "second_order_methods",
            {
                "squared": squared.values["squared"],
                "curvature": squared.values["curvature_at_fit"],
                "scaled_curvature": scaled.values["curvature"],
                "scaled_gradient": scaled.values["gradient"],
            },
        ),
    )


def _proved(network: Network, equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """The equations, every one of which the judge has proved.

    Raises:
        DeriveError: when one is not.
    """
    for equation in equations:
        if not prove(equation.lhs, equation.rhs, network).proved:
            raise DeriveError(f"{equation.lhs} = {equation.rhs} is not proved")
    return equations
