// Part 2, right: the shares of all input maps, the bias, the activation, and the map that all this makes.

const output = { drawn: null };

const shareRow = (name, value, most, attributes = {}) => {
  const size = most ? Math.abs(value) / most : 0;
  const kind = value < 0 ? "minus" : value > 0 ? "plus" : "even";
  return element("tr", attributes, element("th", { scope: "row" }, name),
    element("td", { class: "bar" }, element("span", { class: kind, style: `--size: ${size}` })),
    element("td", { class: "amount" }, figure(value)));
};

// The activation as a curve, and the sum on it.
const activationPlot = ({ layer, total, computed }) => {
  const reach = Math.max(Math.abs(total), Math.abs(computed), layer.activation.high ?? 0, 1e-9) * 1.25;
  const [width, height] = [120, 72];
  const x = (value) => width / 2 + value / reach * (width / 2 - 4);
  const y = (value) => height / 2 - value / reach * (height / 2 - 4);
  const steps = Array.from({ length: 97 }, (_, index) => (index / 48 - 1) * reach);
  const path = steps.map((value, index) => `${index ? "L" : "M"}${x(value).toFixed(1)} ${y(activated(layer, value)).toFixed(1)}`);
  const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, class: "activation", "aria-hidden": "true" });
  svg.append(svgElement("path", { class: "axis", d: `M0 ${height / 2} H${width} M${width / 2} 0 V${height}` }),
    svgElement("path", { class: "curve", d: path.join(" ") }),
    svgElement("path", { class: "drop", d: `M${x(total)} ${height / 2} V${y(computed)}` }),
    svgElement("circle", { cx: x(total), cy: y(computed), r: 4 }));
  return svg;
};

const sharesOf = (explained, look) => {
  const { layer, windows, bias, total } = explained;
  const sum = total - bias;
  const most = Math.max(...windows.map(({ share }) => Math.abs(share)), Math.abs(bias), Math.abs(total), Math.abs(sum));
  const rows = windows.map(({ input, share, slice }) => {
    const row = shareRow(`map ${input}`, share, most, { class: state.slice === slice ? "looked-at" : undefined });
    row.addEventListener("click", () => look(slice));
    return row;
  });
  const parts = element("table", { class: "shares" },
    element("caption", {}, "Share of each map in the sum"), element("tbody", {}, ...rows),
    element("tbody", { class: "total" }, ...(layer.bias ? [shareRow("bias, once", bias, most)] : []),
      shareRow(layer.bias ? "sum + bias" : "sum", total, most, { class: "whole" })));
  return [element("div", { class: "scroll", tabindex: windows.length > 16 ? "0" : undefined,
    role: windows.length > 16 ? "region" : undefined, "aria-label": windows.length > 16 ? "Shares" : undefined }, parts)];
};

const activationOf = (explained) => {
  const { layer, total, computed } = explained;
  if (!layer.activation) return [];
  return [element("div", { class: "applied" }, activationPlot(explained),
    element("p", {}, element("strong", {}, layer.activation.name), " once, on the whole sum: ",
      element("span", { class: "nowrap" }, `${figure(total)} → ${figure(computed)}`)))];
};

const RULES = {
  max: ({ layer, total, winner }) => (winner
    ? `The largest of the window is ${figure(total)}, at ${placeText(layer.input, winner.row.position, winner.column.position)}. `
      + "The others have no part in the result."
    : "The window lies in the padding alone: there is no largest value."),
  mean: ({ layer, windows, total, row, column }) => {
    const sum = windows.flatMap(({ cells }) => cells.flat()).reduce((all, { value }) => all + value, 0);
    return `The sum of the window, ${figure(sum)}, divided by ${layer.divisor[row][column]}, is ${figure(total)}.`;
  },
  norm: ({ layer, total }) => `The ${layer.norm ?? "∞"}-norm of the window is ${figure(total)}.`,
};

const updateSum = (explained, look) => {
  const { layer, map, row, column } = explained;
  byId("shares").replaceChildren(...(layer.rule === "sum"
    ? [...sharesOf(explained, look), ...activationOf(explained)]
    : [element("p", { class: "rule" }, RULES[layer.rule](explained))]));
  byId("output-title").textContent = `map ${map} of layer ${layer.index}`;
  const canvas = byId("output-map");
  output.drawn = drawMap(canvas, { maps: layer, map, side: 264, chosen: [row, column], figures: true });
  canvas.setAttribute("aria-label",
    `Map ${map} of layer ${layer.index}, size ${sizeText(layer.rank, layer.shape)}. At ${placeText(layer, row, column)}: `
    + figure(explained.output));
};
