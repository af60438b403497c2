"""Write the gallery again, byte for byte: the documents of every built-in network."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from derive import over_samples, read_model, read_network, report_on
from derive.claims.report import report_on_claims
from derive.documents.rendering import rendered
from derive.documents.worksheets.worksheet import worksheet
from derive.documents.writing import write_all
from derive.files.built_in import builtin_names

GALLERY = Path(__file__).parent

#: A chain, symbolic widths with Kronecker forms, and numeric widths with biases.
SECOND_ORDER = ("two-layer-chain", "two-layer-general", "regression-2-3-1")
#: Models from definitions: a layer, a norm, and what follows from a first gradient.
MODELS = (
    ("attention-head", 1),
    ("attention-head", 2),
    ("rms-norm", 1),
    ("softmax-cross-entropy", 2),
)
#: Second derivatives at kinks, with Heaviside's function and Dirac's delta.
AT_KINKS = ("one-layer-chain", "two-layer-chain", "leaky-chain", "two-layer-general")
BATCH = "regression-2-3-1"
#: With figures; as pages for a browser.
ILLUSTRATED = (
    ("three-layer-chain", 1),
    ("regression-2-3-1", 1),
    ("two-layer-chain", 2),
    ("attention-head", 1),
)
PAGES = ("three-layer-chain", "softmax-classifier", "attention-head")
WORKSHEET = "regression-2-3-1"
#: A chain without a kink: its stationary points, and a saddle.
SMOOTH = replace(
    read_network("1-1-1", activation="tanh", output_activation="identity"), name="tanh-chain"
)
#: To be printed, with figures.
PRINTED = (("three-layer-chain", 1), ("two-layer-chain", 2))

#: As text for Typst, which is compared byte for byte, and is the same where no TeX is installed.
TYPESET = ("three-layer-chain",)


def main() -> None:
    """Regenerate all documents in this folder."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1700000000")  # which PDFs are dated with
    for name in builtin_names():
        result = report_on(read_network(name))
        write_all(GALLERY, result.files)
        print(f"{name}: {result.proved} of {result.equations} equations proved")
    for name in SECOND_ORDER:
        second = report_on(read_network(name), order=2)
        write_all(GALLERY, second.files)
        print(f"{name}, second order: {second.proved} of {second.equations} proved")
    smooth = report_on(SMOOTH, order=2)
    write_all(GALLERY, smooth.files)
    print(f"{SMOOTH.name}, second order: {smooth.proved} of {smooth.equations} proved")
    for name, order in MODELS:
        model = report_on(read_model(name), order=order)
        write_all(GALLERY / "models", model.files)
        print(f"{name}, order {order}: {model.proved} of {model.equations} equations proved")
    for name in AT_KINKS:
        kinks = report_on(read_network(name), ["github"], order=2, dirac=True)
        write_all(GALLERY / "kinks", kinks.files)
        print(f"{name}, at its kinks: {kinks.proved} of {kinks.equations} proved")
    batch = report_on(over_samples(read_network(BATCH)))
    write_all(GALLERY / "models", batch.files)
    print(f"{BATCH} over a batch: {batch.proved} of {batch.equations} equations proved")
    claims = report_on_claims()
    write_all(GALLERY / "claims", claims.files)
    write_all(GALLERY / "figures", report_on_claims(["github"], figures=True).files)
    entries = report_on(read_network("regression-2-3-1"), entries=True)
    write_all(GALLERY / "entries", entries.files)
    print(f"regression-2-3-1, entry by entry: {entries.proved} of {entries.equations} proved")
    for name, order in ILLUSTRATED:
        drawn = report_on(read_model(name), ["github"], order=order, figures=True)
        write_all(GALLERY / "figures", drawn.files)
    for name in PAGES:
        page = report_on(read_model(name), ["html"])
        write_all(GALLERY / "pages", page.files)
    for name, order in PRINTED:
        printed = report_on(read_network(name), ["pdf"], order=order, figures=True)
        write_all(GALLERY / "printed", [one for one in printed.files if one[0].endswith(".pdf")])
    for name in TYPESET:
        set_page = report_on(read_network(name), ["typst"])
        write_all(GALLERY / "printed", set_page.files)
    for document in worksheet(read_network(WORKSHEET)):
        write_all(GALLERY / "worksheets", rendered(document, ["github", "latex"]))
        write_all(GALLERY / "printed", rendered(document, ["pdf"]))
    print("figures, pages for a browser, pages to print, a worksheet with its solutions")


if __name__ == "__main__":
    main()
