// Part 2, left: every input map that the chosen map reads, with its window and its slice of the filter.

const inputs = { layer: null, map: null, cards: [] };

const MOST_FIGURES = 7; // taps a row: wider kernels show colours, and their figures on hovering

const table = (caption) => element("table", { class: "cells" }, element("caption", {}, caption), element("tbody"));

const fillTable = (node, cells, text, scale, mark) => {
  const columns = cells.length ? cells[0].length : 0;
  node.classList.toggle("small", columns > MOST_FIGURES);
  node.tBodies[0].replaceChildren(...cells.map((row) => element("tr", {}, ...row.map((cell) => {
    const value = text(cell);
    const colour = scale.colour(value ?? 0);
    const shown = value === null ? "–" : columns > MOST_FIGURES ? element("span", { class: "unseen" }, figure(value)) : short(value);
    const made = element("td", { style: `background-color: ${css(colour)}; color: ${inkOn(colour)}`,
      title: value === null ? "padding, left out" : figure(value, 8) }, shown);
    mark?.(made, cell);
    return made;
  }))));
};

const cardOf = (layer, window, follow, look) => {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const source = layer.input === NETWORK.image ? "of the image" : `of layer ${layer.input.index}`;
  const canFollow = layer.input !== NETWORK.image;
  const button = element(canFollow ? "button" : "div", { class: "source", type: canFollow ? "button" : undefined,
    "aria-label": canFollow ? `Map ${window.input} ${source}: show how its values were made` : undefined }, canvas);
  const card = { window, canvas, button, values: table("window"), drawn: null,
    weights: layer.weight ? table("weight") : null, share: element("output", { class: "share" }) };
  if (canFollow) button.addEventListener("click", (event) => follow(card, event));
  const times = (sign) => element("span", { class: "sign", "aria-hidden": "true" }, sign);
  card.node = element("section", { class: "card", "aria-label": `Map ${window.input} ${source}` },
    element("div", { class: "head" }, element("h3", {}, `map ${window.input}`, element("small", {}, ` ${source}`)),
      ...(layer.rule === "sum" ? [element("span", { class: "share-of" }, "share ", card.share)] : [])),
    element("div", { class: "row" }, button, card.values,
      ...(card.weights ? [element("span", { class: "factor" }, times("×"), card.weights)] : [])));
  card.node.addEventListener("click", (event) => { if (!event.target.closest("button")) look(window.slice); });
  return card;
};

const buildInputs = (explained, follow, look) => {
  const { layer, map } = explained;
  inputs.layer = layer;
  inputs.map = map;
  inputs.cards = explained.windows.map((window) => cardOf(layer, window, follow, look));
  byId("inputs").replaceChildren(...inputs.cards.map(({ node }) => node));
  byId("inputs").classList.toggle("few", explained.windows.length <= 2);
};

const narrow = window.matchMedia("(max-width: 640px)");

const sideOfInput = (windows) => (windows.length <= 2 ? 264 : narrow.matches ? 76 : 86);

const updateInputs = (explained, follow, look) => {
  const { layer, map } = explained;
  if (inputs.layer !== layer || inputs.map !== map) buildInputs(explained, follow, look);
  explained.windows.forEach((window, index) => {
    const card = inputs.cards[index];
    card.window = window;
    card.drawn = drawMap(card.canvas, { maps: layer.input, map: window.input, side: sideOfInput(explained.windows),
      rows: layer.rows, columns: layer.columns, window: explained });
    fillTable(card.values, window.cells, (cell) => (cell.inside || layer.rule !== "max" ? cell.value : null),
      scaleOf(layer.input), (node, cell) => {
        if (cell.padded) node.classList.add("padded");
        if (cell === explained.winner) {
          node.classList.add("winner");
          node.append(element("span", { class: "unseen" }, ", the largest"));
        }
      });
    if (card.weights) fillTable(card.weights, window.cells, (cell) => cell.weight, weightScale(layer));
    card.share.textContent = figure(window.share);
    card.share.dataset.value = window.share;
    card.share.classList.toggle("minus", window.share < 0);
    card.share.classList.toggle("plus", window.share > 0);
    card.node.classList.toggle("looked-at", layer.rule === "sum" && state.slice === index);
  });
};
