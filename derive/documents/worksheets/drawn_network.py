"""The network of a worksheet that names none: another one for each seed, of one difficulty."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

#: Activations of the hidden layer, and what they need besides.
_HIDDEN: tuple[Mapping[str, str], ...] = (
    {"activation": "relu"},
    {"activation": "leaky_relu", "slope": "1/10"},
    {"activation": "sigmoid"},
    {"activation": "tanh"},
)
#: The output with its cost, and how many units it has.
_OUTPUTS: tuple[tuple[Mapping[str, str], tuple[int, ...]], ...] = (
    ({"output_activation": "identity"}, (1, 2)),
    ({"output_activation": "sigmoid", "cost": "binary_cross_entropy"}, (1,)),
    ({"output_activation": "softmax", "cost": "cross_entropy"}, (2, 3)),
)


def drawn_network(seed: int) -> tuple[str, Mapping[str, str | bool]]:
    """A shorthand, such as 2-3-1, and the options that complete it."""
    draw = Random(seed)
    output, outputs = draw.choice(_OUTPUTS)
    widths = draw.choice((1, 2, 3)), draw.choice((2, 3)), draw.choice(outputs)
    options: dict[str, str | bool] = {**draw.choice(_HIDDEN), **output}
    if draw.choice((False, True)):
        options["bias"] = True
    return "-".join(map(str, widths)), options
