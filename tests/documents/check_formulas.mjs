// Does every formula mean something to the two TeX engines that browsers use?
//
// stdin:  [{"source": "\\frac12", "display": true}, ...]
// stdout: [{"katex": null | "what is wrong", "mathjax": null | "what is wrong"}, ...]
//
// Engines like to print a fault in red and carry on. Here every such leniency is an error.

import { readFileSync } from "node:fs";

import katex from "katex";
import { SerializedMmlVisitor } from "mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js";
import { STATE } from "mathjax-full/js/core/MathItem.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import { AllPackages } from "mathjax-full/js/input/tex/AllPackages.js";
import { mathjax } from "mathjax-full/js/mathjax.js";

// GitHub's MathJax goes without these, so \def, \newcommand and \href are unknown there.
const ABSENT_ON_GITHUB = [
  "noerrors", "bbox", "html", "require", "newcommand", "action", "colortbl",
];
// GitHub has these two. The first prints unknown macros in red instead of refusing them;
// the second draws proof trees, needs to measure glyphs, and is nothing we use.
const NOT_WANTED_HERE = ["noundefined", "bussproofs"];

const PACKAGES = AllPackages.filter(
  (name) => !ABSENT_ON_GITHUB.includes(name) && !NOT_WANTED_HERE.includes(name),
);

function refuse(message) {
  throw new Error(message);
}

function katexFault({ source, display }) {
  const warn = console.warn;
  // A glyph without metrics is only a warning to KaTeX, and a wrong width to the reader.
  console.warn = (...words) => refuse(words.join(" "));
  try {
    katex.renderToString(source, {
      displayMode: display,
      strict: "error",
      throwOnError: true,
      // `trust: false` prints \href and its like in red; a function may refuse aloud.
      trust: ({ command }) => refuse(`${command} is not trusted`),
    });
    return null;
  } catch (error) {
    return error.message;
  } finally {
    console.warn = warn;
  }
}

RegisterHTMLHandler(liteAdaptor());
const serializer = new SerializedMmlVisitor();

function mathjaxFault({ source, display }) {
  try {
    // A document of its own for each formula: no label or macro outlives the formula that made it.
    const tex = new TeX({ packages: PACKAGES, formatError: (_, error) => { throw error; } });
    const page = mathjax.document("", { InputJax: tex });
    const tree = serializer.visitTree(page.convert(source, { display, end: STATE.CONVERT }));
    const fault = tree.match(/<merror[^>]*>/);
    return fault && `MathJax prints an error: ${fault[0]}`;
  } catch (error) {
    return error.message;
  }
}

const formulas = JSON.parse(readFileSync(0, "utf8"));
const faults = formulas.map((formula) => ({
  katex: katexFault(formula),
  mathjax: mathjaxFault(formula),
}));
process.stdout.write(JSON.stringify(faults));
