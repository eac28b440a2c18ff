// What is chosen, and what happens when it changes.

const state = { layer: NETWORK.last, map: 0, row: 0, column: 0, slice: 0 };

const clamped = (value, size) => Math.min(Math.max(value, 0), size - 1);

const show = (said = true) => {
  const { layer, map, row, column } = state;
  const explained = explain(layer, map, row, column);
  updateTitle(explained);
  updateOverview();
  updateInputs(explained, follow, look);
  updateSum(explained, look);
  updateFormula(explained, look);
  if (said) byId("live").textContent = sentence(explained);
  remember();
};

const select = (changed) => {
  Object.assign(state, changed);
  const [maps, height, width] = state.layer.shape;
  state.map = clamped(state.map, maps);
  state.row = clamped(state.row, height);
  state.column = clamped(state.column, width);
  state.slice = clamped(state.slice, state.layer.reads[state.map].length);
  show();
};

const choose = (layer, map) => select({ layer, map });

// Show the products of another input map.
const look = (slice) => {
  if (state.slice === slice || state.layer.rule !== "sum") return;
  state.slice = slice;
  const kept = document.activeElement?.classList.contains("chip");
  show(false);
  if (kept) document.querySelectorAll(".chip")[slice]?.focus();
};

// From a value of an input map to how that value was made: that under the pointer, or the middle of the window.
const follow = (card, event) => {
  const { input } = state.layer;
  const { rows, columns } = explain(state.layer, state.map, state.row, state.column);
  const middle = (taps) => taps[Math.floor(taps.length / 2)]?.position ?? 0;
  const [row, column] = event.detail ? pointedAt(card.canvas, card.drawn, event) : [middle(rows), middle(columns)];
  select({ layer: input, map: card.window.input, row, column });
  byId("output-map").focus({ preventScroll: true });
  byId("map-heading").scrollIntoView({ block: "start", behavior: "auto" });
};

const sentence = (explained) => {
  const { layer, map, row, column, windows, bias, total, output: value } = explained;
  const where = `Layer ${layer.index}, map ${map}, ${placeText(layer, row, column)}: ${figure(value)}. `;
  if (layer.rule !== "sum") return where + RULES[layer.rule](explained);
  const shares = windows.slice(0, 8).map(({ input, share }) => `map ${input} ${figure(share)}`).join(", ");
  const more = windows.length > 8 ? ` and ${windows.length - 8} more` : "";
  const end = layer.activation ? `${layer.activation.name} of ${figure(total)}` : `sum ${figure(total)}`;
  return `${where}Shares: ${shares}${more}; ${layer.bias ? `bias ${figure(bias)}; ` : ""}${end}.`;
};

const updateTitle = ({ layer, map, windows }) => {
  byId("map-title").textContent = `Layer ${layer.index}, ${layer.name}: map ${map}`;
  const [maps] = layer.shape;
  const [before] = layer.input.shape;
  byId("map-facts").textContent = [`${shapeText(layer.input)} → ${shapeText(layer)}`, ...layer.facts].join(" · ");
  const reads = windows.map(({ input }) => input);
  const group = Math.floor(map * layer.groups / maps);
  const which = windows.length === before ? (before > 1 ? `all ${before} input maps` : "the one input map")
    : `${windows.length} of ${before} input maps, ${reads.length > 6 ? `${reads[0]} to ${reads[reads.length - 1]}` : `${reads.length > 1 ? "maps" : "map"} ${reads.join(", ")}`}`;
  const grouped = layer.groups > 1 ? ` It belongs to group ${group} of ${layer.groups}.` : "";
  byId("map-hint").textContent = `This map reads ${which}.${grouped} `
    + (layer.input === NETWORK.image ? "" : "Choose a value in an input map to follow it back to the layer before.");
  const kinds = [legend(scaleOf(layer.input), layer.input === NETWORK.image ? "image" : `maps of layer ${layer.input.index}`),
    ...(layer.weight ? [legend(weightScale(layer), "weights")] : []), legend(scaleOf(layer), `maps of layer ${layer.index}`)];
  const padded = [layer.rows, layer.columns].some(({ lo, hi }) => lo + hi > 0);
  const key = element("div", { class: "legend" }, element("span", { class: "hatched" }), `padding${layer.border === "zeros" ? "" : ` (${layer.border})`}`);
  byId("map-legend").replaceChildren(...kinds, ...(padded ? [key] : []));
};

const updateSummary = () => {
  const { shape, rank } = NETWORK.image;
  const what = rank === 1 ? `A signal of ${shape[2]} values` : `An image of ${sizeText(rank, shape, " × ")} pixels`;
  const parts = [`${what} goes through ${plural(NETWORK.layers.length, "layer")}`];
  if (!hasScores) { byId("summary").textContent = `${parts[0]}.`; return; }
  const chances = softmax(NETWORK.last.values);
  const best = likeliest(chances);
  byId("summary").replaceChildren(`${parts[0]} and comes out as ${plural(chances.length, "score")}. The largest is that of `,
    element("strong", {}, className(best)), `: ${percent(chances[best])}.`);
};

const moveByKey = (event) => {
  const { row, column, map, layer } = state;
  const moves = {
    ArrowUp: { row: row - 1 }, ArrowDown: { row: row + 1 }, ArrowLeft: { column: column - 1 }, ArrowRight: { column: column + 1 },
    Home: { column: 0 }, End: { column: layer.shape[2] - 1 }, PageUp: { map: map - 1 }, PageDown: { map: map + 1 },
  };
  if (event.key === " ") { event.preventDefault(); toggleSlide(); return; }
  if (!moves[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  stopSlide();
  select(moves[event.key]);
};

let sliding = null;

const stopSlide = () => {
  clearInterval(sliding);
  sliding = null;
  byId("slide").setAttribute("aria-pressed", "false");
  byId("slide").textContent = "Slide";
};

// Let the window slide over the input, row by row, once.
const toggleSlide = () => {
  if (sliding) { stopSlide(); return; }
  const [, height, width] = state.layer.shape;
  if (state.row === height - 1 && state.column === width - 1) Object.assign(state, { row: 0, column: -1 });
  byId("slide").setAttribute("aria-pressed", "true");
  byId("slide").textContent = "Stop";
  sliding = setInterval(() => {
    const next = state.row * width + state.column + 1;
    if (next >= height * width) { stopSlide(); return; }
    Object.assign(state, { row: Math.floor(next / width), column: next % width });
    show(false);
  }, 450);
};

const dragOnOutput = () => {
  const canvas = byId("output-map");
  const pick = (event) => {
    const [row, column] = pointedAt(canvas, output.drawn, event);
    if (row !== state.row || column !== state.column) select({ row, column });
  };
  canvas.addEventListener("pointerdown", (event) => { stopSlide(); canvas.setPointerCapture(event.pointerId); pick(event); });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) pick(event); });
  canvas.addEventListener("keydown", moveByKey);
};

// The address names what is chosen, as #2,5,1,2, so that it can be sent to somebody.
const remember = () => {
  const { layer, map, row, column } = state;
  try { history.replaceState(null, "", `#${[layer.index, map, row, column]}`); } catch { /* in a notebook's frame there is no address */ }
};

const recalled = () => {
  const numbers = location.hash.slice(1).split(",").map(Number);
  if (numbers.length !== 4 || !numbers.every(Number.isInteger) || !NETWORK.layers[numbers[0]]) return null;
  const [layer, map, row, column] = numbers;
  return { layer: NETWORK.layers[layer], map, row, column };
};

// At first the largest value of the first layer that reads several maps and sums them: where there is most to see.
const beginning = () => {
  const layer = NETWORK.layers.find(({ rule, reads }) => rule === "sum" && reads[0].length > 1) ?? NETWORK.layers[0];
  const place = layer.values.indexOf(layer.values.reduce((a, b) => Math.max(a, b)));
  const [, height, width] = layer.shape;
  return { layer, map: Math.max(Math.floor(place / (height * width)), 0), row: Math.floor(place / width) % height, column: place % width };
};

const redraw = () => { overviewLegend(); repaintOverview(); show(false); };

updateSummary();
buildOverview(choose);
repaintOverview();
dragOnOutput();
byId("slide").addEventListener("click", toggleSlide);
Object.assign(state, recalled() ?? beginning());
select({});
dark.addEventListener("change", redraw);
new ResizeObserver(() => updateOverview()).observe(byId("columns"));
window.addEventListener("hashchange", () => { const found = recalled(); if (found) select(found); });
setTimeout(() => {
  const found = isSmall ? checkAll() : null;
  byId("check").textContent = !found ? "Each value shown is computed once more by this page and compared with convx’s."
    : `All ${found.count} values computed once more by this page: ${found.wrong ? `${found.wrong} differ from convx’s by more than rounding` : `they are convx’s but for rounding (largest difference ${found.most.toExponential(1)})`}.`;
});
