"""The file that `derive init` writes: a network, with every key explained."""

from __future__ import annotations

_STARTER = """\
# A network for `derive`; for example: derive report THIS-FILE

inputs = 2                      # a whole number, or a symbol such as "n_0" for any number
cost = "half_squared_error"     # or mean_squared_error; cross_entropy after softmax;
                                # binary_cross_entropy after sigmoid; or a formula in an
                                # output r and its target y, such as "(y-r)^4"
step_at_zero = "0"              # the slope of ReLU at 0: "0", "1/2", "1", or "h0" for any
# reduction = "sum"             # or "mean": how `derive evaluate` combines several samples
# name = "my network"           # what documents call it
# notation = "nielsen"          # or ng, bishop, goodfellow: letters and numbers of documents,
                                # those that derive writes and those that it checks

# One [[layers]] for each layer after the inputs; the last is the output.

[[layers]]
units = 3
activation = "relu"             # relu, leaky_relu, identity, sigmoid, tanh, softplus,
                                # silu, gelu, elu; softmax in the last layer
# slope = "1/10"                # for leaky_relu and elu only: a number, or a symbol such as "alpha"
bias = true                     # without this line there are no biases

[[layers]]
units = 1
activation = "identity"
bias = true

# Optional: numbers for `derive evaluate`. They are exact: "3/2" is 3/2, "0.15" is 3/20.
# Row i of W0 holds the weights from input i to each unit of the first layer.

[point]
x = ["1", "2"]
y = ["1"]
W0 = [["1", "-1", "1/2"], ["0", "2", "1"]]
b0 = ["-2", "0", "1"]
W1 = [["1"], ["1/2"], ["-1"]]
b1 = ["1"]

# Several samples go in place of x and y:
# samples = [{x = ["1", "2"], y = ["1"]}, {x = ["0", "1"], y = ["2"]}]

# Optional: names of your own, in which documents are written and checked.

# [symbols]
# "w_1" = "W0"
# "a" = "r1"
"""


def starter_file() -> str:
    """A network file to start from, every key explained."""
    return _STARTER
