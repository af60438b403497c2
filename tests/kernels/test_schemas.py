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
    "null": type(None),
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


@pytest.mark.parametrize("program", re.findall(r"^```python\n(.*?)^```$", PAGE, re.S | re.M))
def test_the_page_prints_what_its_comments_say(program, capsys):
    exec(compile(program, "code.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed == re.findall(r"^ *print\(.*  # (.+)$", program, re.M)


@pytest.mark.parametrize("command", re.findall(r"^derive (code .*?)  +#", PAGE, re.M))
def test_the_commands_of_the_page_run(command):
    assert CliRunner().invoke(main, command.split()).exit_code == 0
