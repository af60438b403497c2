"""The analyses as blocks, for any document: passages with their tables."""

from __future__ import annotations

from derive.claims.analysis import counts, gradient_flow, initialisation, newton, undamped
from derive.claims.analysis.blocks import Passage, Table
from derive.errors import DeriveError
from derive.files.network_file import read_network
from derive.meaning.derivation import Equation
from derive.model.activations import Activation
from derive.model.network import Network
from derive.proving.prove import prove

Blocks = tuple[Passage | Table, ...]


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
    moving, unit = initialisation.moving_error(), initialisation.per_unit()
    return (
        Passage("initialisation", unit.values, ("he2015", "glorot2010", "lecun1998")),
        initialisation.initialisation_table(),
        Passage("layer_by_layer", moving.values),
        initialisation.layer_table(),
        Passage("expected_gradients", {"alive": alive}, ("hanin2018",)),
        initialisation.example_table(),
    )


def newton_blocks() -> Blocks:
    """Newton's method: where it works at once, and where it has no step."""
    neuron, stuck, free = newton.one_neuron(), newton.no_step(), undamped.on_the_chain()
    if not free.holds:
        raise DeriveError("the formula for the undamped Newton step is not that of the step")
    two = read_network("1-1-1")
    rows = _proved(two, newton.scale_symmetry(two, 0, 1))
    facts = {
        **{name: neuron.values[name] for name in ("w", "x", "y", "landed")},
        **{name: stuck.values[name] for name in ("H", "g", "rank", "augmented")},
        "determinant": newton.chain_determinant(),
        "first_row": rows[0],
        "second_row": rows[1],
        **free.values,
    }
    return (Passage("newton", facts, ("dinh2017",)),)


def curvature_blocks() -> Blocks:
    """Second-order methods in practice: what a Hessian costs, and what is used in its place."""
    large, product = counts.storage(), counts.product_costs()
    squared, scaled = newton.rmsprop(), newton.rescaled_input()
    layers = read_network("n_0-n_1-n_2")
    (kronecker,) = _proved(layers, (newton.layer_block(layers),))
    return (
        Passage("counts", {**large.values, **product.values}),
        counts.count_table([read_network(name) for name in counts.COUNTED]),
        Passage(
            "second_order_methods",
            {
                "squared": squared.values["squared"],
                "curvature": squared.values["curvature_at_fit"],
                "scaled_curvature": scaled.values["curvature"],
                "scaled_gradient": scaled.values["gradient"],
                "kronecker": kronecker,
            },
            ("martens2010", "martens2015"),
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
