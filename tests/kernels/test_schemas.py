"""What the commands print is what the schemas in docs/schemas say; docs/code.md is executed."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from derive.cli import main

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "code.md").read_text(encoding="utf-8")
#: JSON Schema's names of types; a bool is no number here.
TYPES = {
    "object": dict, "array": list, "string": str, "number": (int, float), "integer": int,
    "null": type(None), "boolean": bool,
}  # fmt: skip


def fits(value, schema, root):
    """Whether a value is what a schema says, for the keywords that ours use."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return any(fits(value, one, root) for one in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if not isinstance(value, TYPES[schema["type"]]):
        return False
    if isinstance(value, list):
        return all(fits(one, schema["items"], root) for one in value if "items" in schema)
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        if not {*schema.get("required", ())} <= {*value}:
            return False
        rest = [one for key, one in value.items() if key not in known]
        fit = all(fits(one, known[key], root) for key, one in value.items() if key in known)
        return fit and (not rest or (others and all(fits(one, others, root) for one in rest)))
    return True


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ("evaluate", ["evaluate", "two-layer-chain", "--order", "2", "--json"]),
        ("evaluate", ["evaluate", "sigmoid-chain", "--order", "0", "--json"]),
        ("vectors", ["vectors", "2-2-1", "--kinks", "--dead", "--huge", "--tiny"]),
        ("vectors", ["vectors", "rms-norm"]),
    ],
)
def test_output_fits_its_schema(schema, arguments):
    root = json.loads((DOCS / "schemas" / f"{schema}.json").read_text(encoding="utf-8"))
    printed = CliRunner().invoke(main, arguments)
    assert printed.exit_code == 0
    found = json.loads(printed.stdout)
    assert fits(found, root, root)
    assert not fits(found | {"other": 1}, root, root)
    assert not fits(
        {key: of for key, of in found.items() if key != "kinks"} | {"C": 1.5}, root, root
    )


SOUND = "$z^{(1)} = W^{(0)} x$\n"
NOTES = (
    SOUND,
    "$\\frac{\\partial C}{\\partial r^{(1)}} = y - r^{(1)}$\n",
    "Assume $z^{(1)} > 0$.\n\n$r^{(1)} = z^{(1)}$ and $r^{(1)} = x$, $q = 3 foo$\n",
    "",
)


@pytest.mark.parametrize("text", NOTES)
def test_checked_documents_fit_their_schema(text, tmp_path):
    root = json.loads((DOCS / "schemas" / "check.json").read_text(encoding="utf-8"))
    notes, others = tmp_path / "notes.md", tmp_path / "others.md"
    notes.write_text(text, encoding="utf-8")
    others.write_text(SOUND, encoding="utf-8")
    for files in ((notes,), (notes, others)):
        arguments = ["check", *map(str, files), "-n", "one-layer-chain", "--allow-empty", "--json"]
        found = json.loads(CliRunner().invoke(main, arguments).stdout)
        assert fits(found, root, root)
        assert not fits(found | {"other": 1}, root, root)
        assert not fits(found | {"schema": "derive-check/0"}, root, root)


def test_a_document_that_defines_its_model_fits_the_schema(tmp_path):
    root = json.loads((DOCS / "schemas" / "check.json").read_text(encoding="utf-8"))
    notes = tmp_path / "notes.md"
    notes.write_text("$z = w x$, $C = (y - z)^2$, $\\frac{dC}{dw} = (y - z) x$\n", encoding="utf-8")
    found = json.loads(CliRunner().invoke(main, ["check", str(notes), "--json"]).stdout)
    assert fits(found, root, root)
    assert found["summary"]["definitions"] and found["equations"][-1]["verdict"] == "wrong"


@pytest.mark.parametrize("program", re.findall(r"^```python\n(.*?)^```$", PAGE, re.S | re.M))
def test_the_page_prints_what_its_comments_say(program, capsys):
    exec(compile(program, "code.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed == re.findall(r"^ *print\(.*  # (.+)$", program, re.M)


@pytest.mark.parametrize("command", re.findall(r"^derive (code .*?)  +#", PAGE, re.M))
def test_the_commands_of_the_page_run(command):
    assert CliRunner().invoke(main, command.split()).exit_code == 0
