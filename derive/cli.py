"""The command line.  Heavy imports wait until a command runs, so that --help is quick."""

from __future__ import annotations

import atexit
import gc
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from derive.budget import SECONDS, BudgetReached, limited
from derive.errors import DeriveError
from derive.lazy import late
from derive.streams import CLOSED, lenient
from derive.version import __version__

if TYPE_CHECKING:
    from derive.documents.reporting import Report

#: What shells offer, worked out when one asks.
_networks = late("derive.completion", "networks")
_models = late("derive.completion", "models")
_activations = late("derive.completion", "activations")
_costs = late("derive.completion", "costs")
_quantities = late("derive.completion", "quantities")

FORMATS = (
    "latex", "latex-body", "markdown", "html", "pdf", "typst", "slides", "slides-pdf", "json",
)  # fmt: skip
_LONGEST_SHOWN = 300
_MADE_BETWEEN_COLLECTIONS = 500_000
_WITHOUT_FIGURES = (
    "note: figures are left out: they need matplotlib; install it with "
    "pip install 'derive-backprop[figures]'"
)


class _InputError(click.ClickException):
    """Bad input, as bad usage, ends with exit code 2."""

    exit_code = 2


def _reporting_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """A user's mistake becomes one sentence on stderr and exit code 2."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (DeriveError, BudgetReached) as error:
            raise _InputError(str(error)) from error
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(0) from None
        except RecursionError:
            raise _InputError("what was given is nested too deeply") from None
        except MemoryError:
            raise _InputError("what was given needs more memory than there is") from None

    return run


def _budgeted(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option for the time that a command may take, and its limit on time and memory."""

    @_budget_option
    @wraps(command)
    def run(*arguments: Any, budget: int, **options: Any) -> Any:
        with limited(budget):
            return command(*arguments, **options)

    return run


_budget_option = click.option(
    "--budget", type=click.IntRange(1, 10_000_000), default=SECONDS, show_default=True,
    envvar="DERIVE_BUDGET", metavar="SECONDS", help="Give up after so long, with exit code 2.",
)  # fmt: skip


def _templates_folder(_context: Any, _option: Any, folder: Path | None) -> Path | None:
    if folder is not None and not folder.is_dir():
        raise _InputError(f"--templates: there is no folder {str(folder)!r}")
    return folder


_templates_option = click.option(
    "--templates", type=click.Path(path_type=Path), callback=_templates_folder, metavar="DIR",
    help="Folder with templates of your own.",
)  # fmt: skip


def _formats_option(*usual: str, known: str) -> Any:
    """--format, once with commas or several times."""
    return click.option(
        "--format", "formats", multiple=True, default=(",".join(usual),), show_default=True,
        callback=lambda _context, _option, given: ",".join(given),
        help=f"Comma-separated, or given several times: {known}.",
    )  # fmt: skip


def _output_folder(_context: click.Context, _option: click.Parameter, given: Path) -> Path:
    """A folder to write to; - is none, since what is written are several files."""
    if str(given) == "-":
        raise click.BadParameter("- is no folder; documents are files, such as those in -o notes")
    return given


_output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("output"),
    callback=_output_folder, show_default=True, metavar="DIR", help="Folder for what is written.",
)  # fmt: skip


_language_option = click.option(
    "--language", type=click.Choice(["english", "german"]), default="english", show_default=True,
    help="The words; in English where there are none.",
)  # fmt: skip


_notation_option = click.option(
    "--notation", type=click.Choice(["derive", "nielsen", "ng", "ufldl", "bishop", "goodfellow"]),
    help="Letters and numbers of this book or course [those of NETWORK].",
)  # fmt: skip


class _Commands(click.Group):
    """The commands, and the help, on a standard output that may be a full disk."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        lenient()
        # Most of what a command makes stays until it ends: looking for rubbish is mostly in vain.
        gc.set_threshold(_MADE_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
        # ... and goes with the process: without this, Python looks through all of it once more.
        atexit.register(gc.freeze)
        try:
            if sys.stdout is None:
                raise OSError(CLOSED)
            return super().main(*arguments, **options)
        except OSError as error:  # files are guarded where they are read and written
            reason = (error.strerror or str(error)).lower()
            click.echo(f"Error: cannot write to standard output: {reason}", err=True)
            # So that Python does not try again as it ends.
            with suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # pyright: ignore[reportOptionalMemberAccess]
            raise SystemExit(2) from None


def _network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that complete a shorthand such as 2-3-1."""
    for option in reversed(
        (
            click.option(
                "--activation",
                shell_complete=_activations,
                help="Activation of all layers, or a formula in z [relu].",
            ),
            click.option(
                "--output-activation",
                shell_complete=_activations,
                help="Activation of the last layer instead.",
            ),
            click.option("--slope", help="Slope of leaky ReLU, a number or a symbol."),
            click.option(
                "--cost",
                shell_complete=_costs,
                help="Cost, or a formula in r and y [half_squared_error].",
            ),
            click.option("--threshold", help="Threshold of the Huber cost [1]."),
            click.option("--bias/--no-bias", default=None, help="Give every layer biases."),
            click.option("--at-zero", help="The value of Step(0): 0, 1/2, 1 or h0."),
            click.option(
                "--batch", is_flag=True, default=None, help="Over samples, with an index for them."
            ),
        )
    ):
        command = option(command)
    return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="derive")
def main() -> None:
    """Derive backpropagation step by step, prove every step, print LaTeX and Markdown."""


@main.command()
@click.argument("network", default="three-layer-chain", shell_complete=_models)
@_output_option
@_formats_option(
    "latex",
    "markdown",
    "json",
    known="latex, latex-body (for \\input), markdown, html, pdf, typst (its source where no TeX "
    "is installed), slides (LaTeX, one step a frame), slides-pdf, json (the certificate)",
)
@click.option(
    "--dialect", type=click.Choice(["github", "plain"]), default="github", show_default=True,
    help="Markdown for GitHub, or with plain $ and $$.",
)  # fmt: skip
@click.option("--entries", is_flag=True, help="Write every entry out instead of indices.")
@_templates_option
@_language_option
@click.option(
    "--order", type=click.Choice(["1", "2"]), default="1", show_default=True,
    help="1: the gradient; 2: every block of the Hessian.",
)  # fmt: skip
@click.option("--dirac", is_flag=True, help="With --order 2: also the Dirac terms at the kinks.")
@click.option("--thorough", is_flag=True, help="Also confirm the derivatives by power series.")
@click.option("--figures", is_flag=True, help="Also draw network, activations and cost.")
@_notation_option
@_network_options
@_reporting_errors
@_budgeted
def report(
    network: str,
    output: Path,
    formats: str,
    dialect: str,
    entries: bool,
    templates: Path | None,
    language: str,
    order: str,
    dirac: bool,
    thorough: bool,
    figures: bool,
    notation: str | None,
    **options: Any,
) -> None:
    """Derive the gradient or the Hessian of NETWORK and write it as documents.

    NETWORK is a TOML file, a built-in name (see `derive examples`) or a shorthand such
    as 2-3-1; `claims` writes what is true of the claims of three well-known questions.
    Documents are about one sample, and with --batch about samples as an axis, whose costs are
    added or averaged as `reduction` in a network file says.
    """
    chosen = [dialect if name == "markdown" else name for name in _formats(formats)]
    if network == "claims":
        flags = {"entries": entries, "order": order != "1", "dirac": dirac}
        flags |= {"thorough": thorough, "notation": notation is not None}
        flags |= {name: value is not None for name, value in options.items()}
        _check_claims(chosen, flags)
        return _report_claims(output, chosen, templates, figures, language)
    from derive.documents.reporting import report_on
    from derive.files.document_setting import setting_of
    from derive.processes import processes

    read = _read_any(network, options)
    _note_a_reduction(read)
    result = report_on(
        read,
        dialects=chosen,
        entries=entries,
        templates=templates,
        progress=_progress(),
        thorough=thorough,
        order=int(order),
        dirac=dirac,
        notation=notation,
        language=language,
        figures=figures,
        called=setting_of(network, options),
        processes=processes(),
    )
    _write_report(result, output, order)


def _note_a_reduction(read: Any) -> None:
    if getattr(read, "reduction", "sum") != "sum":
        click.echo(
            f'note: reduction = "{read.reduction}" is for several samples; the document is about '
            "one sample, and with --batch about several",
            err=True,
        )


def _check_claims(chosen: Sequence[str], flags: Mapping[str, bool]) -> None:
    """Refuse what is for reports on a network only."""
    if slides := [name for name in chosen if name.startswith("slides")]:
        raise DeriveError(f"claims: --format {slides[0]} is for reports on a network")
    if given := [name for name, is_given in flags.items() if is_given]:
        raise DeriveError(f"claims: --{given[0].replace('_', '-')} is for reports on a network")


def _write_report(result: Report, output: Path, order: str) -> None:
    """Write the files of a report and say what was proved; exit code 1 where not all was."""
    if result.figures_left_out:
        click.echo(_WITHOUT_FIGURES, err=True)
    from derive.documents.writing import write_all

    for path in write_all(output, result.files):
        click.echo(path)
    click.echo(f"{result.proved} of {result.equations} equations proved")
    for number, remark in result.unproved:
        click.echo(f"not proved: equation ({number}): {remark}", err=True)
    if confirmation := result.confirmation:
        what = "gradient" if order == "1" else "gradient and Hessian"
        if confirmation.mismatch is None:
            click.echo(f"{what} confirmed by power series at {confirmation.points} points")
        else:
            click.echo(f"refuted by power series: {confirmation.mismatch}", err=True)
    if result.unproved or (confirmation and confirmation.mismatch):
        raise SystemExit(1)


@main.command()
@click.argument("network", required=False, shell_complete=_networks)
@_output_option
@_formats_option("latex", "markdown", known="latex, markdown, html, pdf, slides, slides-pdf")
@click.option(
    "--seed", default=0, show_default=True,
    help="Another seed has other numbers, and another network where none is named.",
)  # fmt: skip
@_templates_option
@_language_option
@_network_options
@_reporting_errors
@_budgeted
def worksheet(
    network: str | None,
    output: Path,
    formats: str,
    seed: int,
    templates: Path | None,
    language: str,
    **options: Any,
) -> None:
    """Write exercises on NETWORK, or on one that is drawn, and their solutions beside them.

    Put what is missing in place of the dots, and `derive check` marks it.
    """
    from derive.documents.rendering import rendered
    from derive.documents.worksheets.drawn_network import drawn_network
    from derive.documents.worksheets.worksheet import worksheet as exercises
    from derive.documents.writing import write_all
    from derive.files.document_setting import setting_of
    from derive.model.network import needed_network

    chosen = ["github" if name == "markdown" else name for name in _formats(formats)]
    if "json" in chosen:
        raise DeriveError("--format: json is the certificate of a report, and a worksheet has none")
    if network is None:
        network, drawn = drawn_network(seed)
        given = {name: value for name, value in options.items() if value is not None}
        options |= {**drawn, **given}
    of = needed_network(_read_any(network, options))
    sheets = exercises(of, seed, setting_of(network, options))
    files = [file for sheet in sheets for file in rendered(sheet, chosen, templates, language)]
    for path in write_all(output, files):
        click.echo(path)


@main.command()
@click.argument("quantity", shell_complete=_quantities)
@click.argument("network", default="three-layer-chain", shell_complete=_models)
@click.option(
    "--as", "language", type=click.Choice(["text", "latex", "python"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
@_notation_option
@_network_options
@_reporting_errors
@_budgeted
def show(quantity: str, network: str, language: str, notation: str | None, **options: Any) -> None:
    """Show how one QUANTITY of NETWORK is derived, such as dC/dW0, z2 or d2C/dW0dW1.

    Parts of the Hessian have names: hessian, block-diagonal, diagonal, gauss-newton,
    gauss-newton-diagonal, residual, pre-activation-hessian and kfac.
    """
    from derive.documents.reporting import shown

    click.echo(shown(_read_any(network, options), quantity, language, notation))


@main.command()
@click.argument("network", default="three-layer-chain", shell_complete=_models)
@click.option(
    "--point", type=click.Path(), metavar="POINT",
    help="TOML or JSON file with x, y, W0, … [the point of NETWORK].",
)  # fmt: skip
@click.option(
    "--order", type=click.Choice(["0", "1", "2"]), default="1", show_default=True,
    help="0: C and all z and r; 1: the gradient too; 2: the Hessian and its two parts too.",
)  # fmt: skip
@click.option(
    "--vector", type=click.Path(), metavar="VECTOR",
    help="TOML or JSON file with W0, b0, …: the Hessian times this direction too.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_network_options
@_reporting_errors
@_budgeted
def evaluate(
    network: str,
    point: str | None,
    order: str,
    vector: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Work out the cost, gradient and Hessian of NETWORK at a POINT, exactly.

    POINT has the keys of [point] in a network file: x and y (or samples), W0, b0, W1, ...;
    for a model from definitions, the names of the tensors that are given.
    """
    from derive.evaluating.evaluate import evaluate as evaluated
    from derive.evaluating.evaluation import SCHEMA
    from derive.files.network_file import read_point_file, read_table_file

    chosen = _read_any(network, options)
    numbers = None if point is None else read_point_file(point, chosen)
    along = None if vector is None else read_table_file(vector)
    found = evaluated(chosen, numbers, int(order), along)
    if as_json:
        import json

        click.echo(json.dumps({"schema": SCHEMA, **found.to_json()}, indent=2))
        return
    from derive.evaluating.evaluation import Evaluation
    from derive.evaluating.evaluation_table import evaluation_table, model_table

    click.echo(evaluation_table(found) if isinstance(found, Evaluation) else model_table(found))


@main.command()
@click.argument("model", default="two-layer-general", shell_complete=_models)
@click.option(
    "--target", type=click.Choice(["numpy", "jax", "torch", "c"]), default="numpy",
    show_default=True, help="A library of arrays, or C.",
)  # fmt: skip
@click.option(
    "--order", type=click.Choice(["0", "1", "2"]), default="1", show_default=True,
    help="0: the cost; 1: the gradient too; 2: the Hessian and products with it too.",
)  # fmt: skip
@click.option("--product", is_flag=True, help="With --order 2: no matrix, only products with it.")
@click.option(
    "--dtype", type=click.Choice(["float32", "float64"]), default=None,
    help="What is computed in [the type of the arrays; in C float64].",
)  # fmt: skip
@_templates_option
@_network_options
@_reporting_errors
@_budgeted
def code(
    model: str,
    target: str,
    order: str,
    product: bool,
    dtype: str | None,
    templates: Path | None,
    **options: Any,
) -> None:
    """Print a program that computes the cost and derivatives of MODEL, on arrays.

    Each line has its equation, and the number of it in the document of `derive report MODEL`.
    """
    from derive.kernels.modules import code as written

    chosen = _read_any(model, options)
    click.echo(written(chosen, target, int(order), product, templates, dtype), nl=False)


@main.command()
@click.argument("model", default="two-layer-general", shell_complete=_models)
@click.option("--count", default=1, show_default=True, help="How many of each kind.")
@click.option("--seed", default=0, show_default=True, help="Another seed has other numbers.")
@click.option("--kinks", is_flag=True, help="Also with a unit or gate on its kink, and beside it.")
@click.option("--dead", is_flag=True, help="Also with every ReLU or gate off.")
@click.option("--huge", is_flag=True, help="Also with inputs 4096 times as large.")
@click.option("--tiny", is_flag=True, help="Also with inputs a 4096th.")
@click.option(
    "--format", "form", type=click.Choice(["json", "npz"]), default="json", show_default=True,
    help="json has exact numbers too; npz has arrays of float64 for NumPy.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.File("wb", lazy=True), default="-", metavar="FILE",
    help="Where to write [standard output].",
)  # fmt: skip
@_network_options
@_reporting_errors
@_budgeted
def vectors(
    model: str,
    count: int,
    seed: int,
    kinks: bool,
    dead: bool,
    huge: bool,
    tiny: bool,
    form: str,
    output: Any,
    **options: Any,
) -> None:
    """Print exact test vectors for programs that compute MODEL.

    Each has inputs and parameters, every quantity and the derivative of the cost by it, a
    direction with the Hessian times it, and the Hessian where it is small.
    """
    from derive.kernels.vectors import as_json, as_npz
    from derive.kernels.vectors import vectors as drawn

    chosen = _read_any(model, options)
    found = drawn(chosen, count, seed, kinks, dead, huge, tiny)
    if form == "npz":
        output.write(as_npz(found))
        return
    import json

    output.write((json.dumps(as_json(chosen, found, seed), indent=1) + "\n").encode())


@main.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(readable=False)
)
@click.option(
    "--network", "-n", shell_complete=_models,
    help="The network that FILE is about [named in its head, or defined by it].",
)  # fmt: skip
@click.option("--assume", multiple=True, metavar="CONDITION", help='Such as "x > 0"; may repeat.')
@click.option(
    "--layout", type=click.Choice(["z=W^Tr", "z=Wr", "z=rW", "z=rW^T"]),
    help="Which way weights point [found out from the document].",
)  # fmt: skip
@click.option(
    "--kind", type=click.Choice(["markdown", "latex", "text", "notebook", "python"]),
    help="What FILE is written in [by its name and content].",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0, for editors.")
@click.option(
    "--annotate", type=click.Path(path_type=Path), metavar="DIR",
    help="Write a copy of each FILE with a note at each equation.",
)  # fmt: skip
@click.option(
    "--annotate-as", type=click.Choice(["same", "html"]), default="same", show_default=True,
    help="The format of these copies.",
)  # fmt: skip
@_templates_option
@_language_option
@click.option("--explain", is_flag=True, help="Also print how each formula was read.")
@click.option("--quiet", "-q", is_flag=True, help="Leave out what is right.")
@click.option("--watch", is_flag=True, help="Judge again whenever a FILE changes.")
@_budget_option
@click.option(
    "--allow-empty", is_flag=True, help="Let files without a formula pass, as hooks need it."
)
@_network_options
@_reporting_errors
def check(files: tuple[str, ...], **options: Any) -> None:
    """Judge every equation of FILE: right, right if, wrong (and why), or not understood.

    FILE is Markdown, LaTeX, a notebook, or plain text with one equation a line; - is
    standard input.  Ends with 0 if all is right, with 1 if something is not or if a FILE
    has no formula.
    """
    from derive.checking.telling.check_command import CheckOptions, run

    ours = {name: options.pop(name) for name in _OPTIONS_OF_CHECK}
    asked = CheckOptions(
        lambda name, own: _read_any(name, {**options, **own}), **ours, width=_columns()
    )
    raise SystemExit(run(files, asked, lambda line, err: click.echo(line, err=err), _coloured))


_OPTIONS_OF_CHECK = ("network", "assume", "layout", "kind", "as_json", "as_sarif", "annotate",
                     "annotate_as", "templates", "language", "explain", "quiet", "watch", "budget",
                     "allow_empty")  # fmt: skip


def _columns() -> int | None:
    """How wide the terminal is that is printed to, if one is."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()  # None when it is closed
    return get_terminal_size().columns if is_terminal else None


def _coloured(word: str, verdict: Any) -> str:
    """A verdict in its colour, on a terminal; click takes colours out of what goes to a file."""
    if os.environ.get("NO_COLOR") or verdict is None:
        return word
    colours = {"right": "green", "right_if": "yellow", "wrong": "red"}
    return click.style(word, fg=colours.get(verdict.value, "magenta"), bold=True)


@main.command()
@click.argument("certificate", type=click.Path(readable=False))
@_reporting_errors
@_budgeted
def verify(certificate: str) -> None:
    """Prove every equation of a CERTIFICATE again, from its text alone (- for stdin)."""
    from derive.documents.certificate_check import verify_certificate
    from derive.processes import processes
    from derive.streams import text_of

    total, failures = verify_certificate(text_of(certificate), _progress(), processes())
    for failure in failures:
        equation, reason = map(_shortened, (failure.equation, failure.reason))
        click.echo(f"equation ({failure.number}): {equation}\n  {reason}")
    click.echo(f"{total - len(failures)} of {total} equations proved again")
    if failures:
        raise SystemExit(1)


def _shortened(text: str) -> str:
    """A formula or a reason that may be as long as a file is, cut to a few lines."""
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


@main.command()
@_reporting_errors
def examples() -> None:
    """List the built-in networks, and the models that are written as definitions."""
    from derive.files.built_in import builtin_models, builtin_networks

    networks = {**builtin_networks(), **builtin_models()}
    room = max(map(len, networks))
    for name, description in networks.items():
        click.echo(f"{name:<{room}}  {description}")


@main.command()
@click.option(
    "--copy", "folder", type=click.Path(path_type=Path), metavar="DIR",
    help="Write them to DIR, to be changed and given to --templates.",
)  # fmt: skip
@_reporting_errors
def templates(folder: Path | None) -> None:
    """List the templates of documents: their words and their layout."""
    from derive.documents.templating.environment import template_names, templates_folder

    names = template_names()
    if folder is None:
        for name in names:
            click.echo(name)
        return
    if there := next((name for name in names if os.path.lexists(folder / name)), None):
        raise DeriveError(f"{folder / there} exists already; choose another folder")
    from derive.documents.writing import write_all

    write_all(folder, [(name, (templates_folder() / name).read_bytes()) for name in names])
    click.echo(f"{len(names)} templates written to {folder}; delete what you do not change")


@main.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("network.toml"))
@_reporting_errors
def init(file: Path) -> None:
    """Write a starter network file to FILE (- for stdout)."""
    from derive.files.starter import starter_file

    if str(file) == "-":
        click.echo(starter_file(), nl=False)
        return
    if file.exists():
        raise DeriveError(f"{file} exists already; choose another name")
    from derive.documents.writing import write_all

    write_all(file.parent, [(file.name, starter_file())])
    click.echo(f"{file} written; now: derive report {shlex.quote(str(file))}")


def _report_claims(
    output: Path, dialects: Sequence[str], templates: Path | None, figures: bool, language: str
) -> None:
    from derive.claims.report import report_on_claims
    from derive.documents.writing import write_all

    result = report_on_claims(dialects, templates, _progress(), figures, language)
    if result.figures_left_out:
        click.echo(_WITHOUT_FIGURES, err=True)
    for path in write_all(output, result.files):
        click.echo(path)
    counts = ", ".join(f"{number} {word.value}" for word, number in result.counts)
    click.echo(f"{result.total} claims: {counts}")
    if result.undecided:
        raise SystemExit(1)


def _read_any(source: str, options: dict[str, Any]) -> Any:
    """A network, or a model from definitions, which takes only the value of Step(0)."""
    from derive.files.network_file import read_completed

    return read_completed(source, options)


def _formats(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in FORMATS:
            raise DeriveError(f"--format: {name!r} is not one of {', '.join(FORMATS)}")
    if not names:
        raise DeriveError(f"--format: name at least one of {', '.join(FORMATS)}")
    return list(dict.fromkeys(names))


def _progress() -> Callable[[int, int], None]:
    """A line on stderr that counts, if a person is watching and it takes long."""
    from time import monotonic

    if sys.stderr is None or not sys.stderr.isatty():  # None when it is closed
        return lambda done, total: None
    due = monotonic() + 1.0
    shown = False

    def show_progress(done: int, total: int) -> None:
        nonlocal due, shown
        if done == total and shown:
            click.echo("\r\033[K", nl=False, err=True)
        elif monotonic() > due:
            due, shown = monotonic() + 0.2, True
            click.echo(f"\rproving {done} of {total}", nl=False, err=True)

    return show_progress
