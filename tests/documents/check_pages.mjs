// Are these pages sound HTML?
//
// stdin:  {"name.html": "<!DOCTYPE html>…", ...}
// stdout: ["name.html:3:5: what is wrong (rule)", ...]

import { readFileSync } from "node:fs";

import { HtmlValidate, StaticConfigLoader } from "html-validate";

const validator = new HtmlValidate(
  new StaticConfigLoader({
    extends: ["html-validate:recommended"],
    rules: {
      // Formulas and the marks of proofs are named for those who listen, which ARIA allows.
      "aria-label-misuse": ["error", { allowAnyNamable: true }],
      // Tables in MathML are laid out by styles of their cells.
      "no-inline-style": "off",
      // An id may have a dot, as S1.2 has.
      "valid-id": ["error", { relaxed: true }],
    },
  }),
);

const pages = JSON.parse(readFileSync(0, "utf8"));
const found = [];
for (const [name, text] of Object.entries(pages)) {
  const { results } = await validator.validateString(text, name);
  for (const { messages } of results) {
    for (const { line, column, message, ruleId } of messages) {
      found.push(`${name}:${line}:${column}: ${message} (${ruleId})`);
    }
  }
}
console.log(JSON.stringify(found));
