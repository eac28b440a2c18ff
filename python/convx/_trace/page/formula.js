// Part 3: the formula of one value, first with letters, then with its numbers.

const INDEX = (slide, letter, output) => {
  const [stride, dilation, padding] = slide;
  const tap = dilation === 1 ? letter : `${dilation}·${letter}`;
  const start = output * stride - padding;
  return start === 0 ? tap : `${tap} ${start < 0 ? "−" : "+"} ${Math.abs(start)}`;
};

const line = (...parts) => element("p", { class: "line" }, ...parts);

const result = (explained) => element("output", { id: "result", "data-value": explained.output,
  "data-computed": explained.computed }, figure(explained.output));

const nameOf = ({ layer, map, row, column }) => `outputs[${layer.index}][${map}, ${placeIndex(layer, row, column)}]`;

const added = (number, first) => (first ? figure(number) : `${number < 0 ? " − " : " + "}${figure(Math.abs(number))}`);

const wrapped = (layer, ...inside) =>
  (layer.activation ? [element("b", {}, layer.activation.name), "(", ...inside, ")"] : inside);

// Where a sliding window reads, with stride, dilation and padding put in.
const letters = (explained) => {
  const { layer, map, row, column } = explained;
  if (!layer.slide) return "Σ over maps and taps of weight · input";
  const input = layer.index ? `outputs[${layer.index - 1}]` : "image";
  const several = layer.reads[map].length > 1;
  const c = several ? "c" : layer.reads[map][0];
  const slice = several ? (layer.reads[map][0] ? `c − ${layer.reads[map][0]}` : "c") : "0";
  const along = INDEX(layer.slide[1], "s", column);
  return layer.rank === 1 ? `Σ weight[${map}, ${slice}, s] · ${input}[${c}, ${along}]`
    : `Σ weight[${map}, ${slice}, r, s] · ${input}[${c}, ${INDEX(layer.slide[0], "r", row)}, ${along}]`;
};

const sumLines = (explained, look) => {
  const { layer, windows, bias, total } = explained;
  const chips = windows.map(({ input, share, slice }, index) => {
    const chip = element("button", { type: "button", class: `chip ${share < 0 ? "minus" : share > 0 ? "plus" : ""}`,
      "aria-pressed": state.slice === slice, title: `share of map ${input}` }, added(share, index === 0 && !layer.bias));
    chip.addEventListener("click", () => look(slice));
    return chip;
  });
  const biased = layer.bias ? [element("span", { title: "bias" }, figure(bias))] : [];
  return [
    line(nameOf(explained), " = ", ...wrapped(layer, ...(layer.bias ? [`bias[${explained.map}] + `] : []), letters(explained))),
    line("= ", ...wrapped(layer, ...biased, ...chips)),
    ...(layer.activation ? [line("= ", ...wrapped(layer, figure(total)))] : []),
    line("= ", result(explained)),
  ];
};

const products = ({ layer, windows }) => {
  const window = windows[state.slice] ?? windows[0];
  const cells = window.cells.flat();
  const terms = cells.map(({ value, weight, padded }, index) => element("span", { class: padded ? "term padded" : "term" },
    `${index ? " + " : ""}${bracketed(value)} · ${bracketed(weight)}`));
  const choose = windows.length > 1 ? " Choose a share above to see that of another map." : "";
  return [element("h3", {}, `The share of map ${window.input}`),
    element("p", { class: "hint" }, `Each value of the window times the weight that meets it, added up.${choose}`),
    line(...(terms.length ? terms : ["nothing"]), " = ", element("strong", {}, figure(window.share)))];
};

// What the question was about: the activation comes after the sum. This is what the other order would give.
const contrast = ({ layer, windows, bias, computed }) => {
  if (!layer.activation || windows.length < 2) return [];
  const { name } = layer.activation;
  const wrong = windows.reduce((sum, { share }) => sum + activated(layer, share), bias);
  return [element("p", { class: "contrast" }, element("strong", {}, "Not so: "),
    `${name} of each map’s share, added up after it, would give ${figure(wrong)} instead of ${figure(computed)}. `
    + `The layer adds first, over all maps, and applies ${name} once.${misreading()}`)];
};

// What the network would make of the image with the activation in the wrong place.
let misreadAs = null;
const misreading = () => {
  if (!isSmall || !hasScores) return "";
  if (misreadAs === null) {
    const chances = softmax(misread());
    const best = likeliest(chances);
    misreadAs = ` With the activation in that place in every layer, the largest score of the network would be that of `
      + `${className(best)} (${percent(chances[best])}).`;
  }
  return misreadAs;
};

const poolLines = (explained) => {
  const { layer, windows, row, column } = explained;
  const cells = windows.flatMap((window) => window.cells.flat());
  const values = cells.filter(({ inside }) => inside || layer.rule !== "max").map((cell) =>
    element("span", { class: cell === explained.winner ? "winner" : "" }, figure(cell.value)));
  const joined = (sign) => values.flatMap((value, index) => (index ? [sign, value] : [value]));
  const filled = {
    max: () => ["max(", ...joined(", "), ")"],
    mean: () => ["(", ...joined(" + "), `) / ${layer.divisor[row][column]}`],
    norm: () => (layer.norm === null ? ["max |", ...joined("|, |"), "|"]
      : ["(|", ...joined(`|^${layer.norm} + |`), `|^${layer.norm})^(1/${layer.norm})`]),
  };
  return [line(nameOf(explained), " = ", ...filled[layer.rule]()), line("= ", result(explained))];
};

const softmaxLine = ({ layer, map }) => {
  if (layer !== NETWORK.last || !hasScores) return [];
  const chance = softmax(layer.values)[map];
  const score = figure(layer.values[map]);
  return [element("h3", {}, "From scores to classes"),
    element("p", { class: "hint" }, "Softmax makes probabilities of the scores, which add up to 1. The class of the largest score is the prediction."),
    line(`p(${className(map)}) = exp(${score}) / Σ exp(score) = `, element("strong", {}, figure(chance)))];
};

const verdict = ({ layer, computed, output: value, difference, agrees }) => element("p", {
  class: agrees ? "verdict" : "verdict wrong", "data-agrees": agrees },
  agrees
    ? (difference === 0 || computed === value ? `convx computed ${exact(value)}, this page the same.`
      : `convx computed ${exact(value)}; this page, in float64, ${exact(computed)}: the same but for rounding, which may add up to ${layer.bound.toExponential(0)} here.`)
    : `convx computed ${exact(value)}, but this page ${exact(computed)}: they differ by ${difference.toExponential(2)}, more than rounding explains.`);

const updateFormula = (explained, look) => {
  const { layer, map, row, column } = explained;
  byId("formula-title").textContent = `The value at ${placeText(layer, row, column)} of map ${map}`;
  const lines = layer.rule === "sum"
    ? [...sumLines(explained, look), ...contrast(explained), ...products(explained)] : poolLines(explained);
  byId("formula").replaceChildren(...lines, ...softmaxLine(explained), verdict(explained));
};
