"""What documents say of their model is read back as that very model."""

import pytest

from derive import over_samples, read_model, read_network
from derive.files.built_in import builtin_model_names, builtin_names
from derive.files.document_setting import document_setting, model_setting
from derive.files.network_file import read_completed
from derive.reading.network_parts import network_parts

SHORTHANDS = [
    ("2-3-1", {}),
    ("n_0-n_1-n_2", {"bias": True}),
    ("2-3-1", {"activation": "tanh", "output_activation": "identity", "at_zero": "1/2"}),
    ("2-2", {"activation": "leaky_relu", "slope": "alpha", "at_zero": "h0"}),
    ("2-2-1", {"output_activation": "leaky_relu", "slope": "1/10"}),
    ("3-2", {"activation": "softmax", "cost": "cross_entropy"}),
    ("2-1", {"activation": "z*sigmoid(z)", "cost": "(y-r)^4"}),
    ("2-1", {"activation": "identity", "cost": "huber", "threshold": "2"}),
]


def read_back(setting, kind="markdown"):
    (part,) = network_parts(f"<!-- derive: {setting} -->", kind)
    return read_completed(part.network, part.options)


@pytest.mark.parametrize("name", (*builtin_names(), *builtin_model_names()))
def test_a_built_in_model_is_named(name):
    assert document_setting(read_model(name)) == f"network = {name}"


@pytest.mark.parametrize(("source", "options"), SHORTHANDS)
def test_a_shorthand_is_named_with_what_completes_it(source, options):
    network = read_network(source, **options)
    assert read_back(document_setting(network)) == network


def test_another_step_and_a_batch_are_told():
    network = read_network("two-layer-chain", at_zero="1/2")
    assert document_setting(network) == "network = two-layer-chain at-zero=1/2"
    batch = over_samples(read_network("regression-2-3-1"))
    assert document_setting(batch) == "network = regression-2-3-1 batch=yes"
    assert read_back(document_setting(batch)) == batch


def test_a_network_file_is_named_by_its_shape_where_that_says_all(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'inputs = 2\n[[layers]]\nunits = 3\n[[layers]]\nunits = 1\n[symbols]\n"w_1" = "W0"\n'
    )
    network = read_network(file)
    assert document_setting(network, notation="ng") == ("network = 2-3-1, notation = ng, w_1 = W0")


def test_what_no_shorthand_says_is_called_by_its_file_or_not_at_all(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("inputs = 2\n[[layers]]\nunits = 3\nbias = true\n[[layers]]\nunits = 1\n")
    network = read_network(file)
    assert model_setting(network) == document_setting(network) == ""
    assert document_setting(network, called="mine.toml") == "network = mine.toml"


def test_nothing_ends_the_comment_early():
    network = read_network("1-1").with_symbols({"a --> b": "W0", "w": "W0", "v, w": "z1"})
    assert document_setting(network) == "network = 1-1, w = W0"
