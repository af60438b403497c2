"""What stands in the drawing of a network."""

from derive import read_network
from derive.figures.network_graph import network_graph
from derive.notation.ascii.printing import ascii_text


def units(layer):
    return [unit and ascii_text(unit.r) for unit in layer.units]


def test_each_unit_has_its_symbols():
    graph = network_graph(read_network("2-3-1", bias=True))
    inputs, hidden, output = graph.layers
    assert units(inputs) == ["x[0]", "x[1]"] and inputs.units[0].z is None
    assert units(hidden) == ["r1[0]", "r1[1]", "r1[2]"]
    assert ascii_text(hidden.units[1].z) == "z1[1]"
    assert units(output) == ["r2"]
    assert [[str(one) for one in layer.parameters] for layer in graph.layers] == [
        [],
        ["W0", "b0"],
        ["W1", "b1"],
    ]
    assert [layer.activation and layer.activation.name for layer in graph.layers] == [
        None,
        "relu",
        "relu",
    ]


def test_many_units_and_layers_leave_a_gap():
    graph = network_graph(read_network("9-6-n_2-1-1-1-1"))
    assert len(graph.layers) == 5 and graph.layers[2] is None
    assert units(graph.layers[0]) == ["x[0]", "x[1]", "x[2]", None, "x[8]"]
    assert len(units(graph.layers[1])) == 6
    assert [int(layer.number) for layer in graph.layers if layer] == [0, 1, 5, 6]


def test_a_width_that_is_a_symbol_is_the_last_unit():
    (layer, _) = network_graph(read_network("n_0-1")).layers
    first, second, gap, last = layer.units
    assert gap is None and str(last.r.indices[0]) == "n_0"
    assert [unit.r.indices[0] for unit in (first, second)] == [1, 2]


def test_a_network_without_a_cost_ends_in_its_outputs():
    assert network_graph(read_network("general-layer")).cost is None
