"""The networks that the claims are about."""

from __future__ import annotations

from derive.files.network_file import read_network

#: Chains of one-unit ReLU layers: one neuron, two layers, three layers.
NEURON = read_network("1-1")
TWO = read_network("1-1-1")
THREE = read_network("1-1-1-1")

#: Layers k and k+1 of any widths, whatever follows.
GENERAL = read_network("general-layer")

#: One and two layers of any widths.
ONE_LAYER = read_network("n_0-n_1")
LAYERS = read_network("n_0-n_1-n_2")

#: The same layers with other activations.
SIGMOID_THREE = read_network("1-1-1-1", activation="sigmoid")
TANH_THREE = read_network("1-1-1-1", activation="tanh")
SIGMOID_LAYERS = read_network("n_0-n_1-n_2", activation="sigmoid")
TANH_LAYERS = read_network("n_0-n_1-n_2", activation="tanh")
SOFTPLUS_LAYERS = read_network("n_0-n_1-n_2", activation="softplus")
LEAKY_LAYERS = read_network("n_0-n_1-n_2", activation="leaky_relu", slope="alpha")
SIGMOID_NEURON = read_network("1-1", activation="sigmoid")
LINEAR_OUTPUT = read_network("n_0-n_1-n_2", output_activation="identity")

#: One neuron with a bias, and two, with Step(0) left open.
BIASED = read_network("1-1", bias=True)
BIASED_TWO = read_network("1-1-1", bias=True, at_zero="h0")

#: Networks that differ in the hidden activation alone.
ACTIVATIONS = (LAYERS, SIGMOID_LAYERS, TANH_LAYERS, SOFTPLUS_LAYERS, LEAKY_LAYERS)

#: Outputs and costs that fit each other.
SOFTMAX = read_network("softmax-classifier")
BINARY = read_network("binary-classifier")
