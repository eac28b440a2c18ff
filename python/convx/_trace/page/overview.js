// Part 1: all maps of all layers, in columns, and the lines that lead to one of them.

const MOST_LINES = 700;
const MOST_ROWS = 10;

const overview = { stages: [], buttons: [] };

const stageTitle = (maps) => (maps === NETWORK.image ? "image" : `${maps.index} · ${maps.name}`);

const shapeText = ({ rank, shape }) => `${plural(shape[0], "map")}, ${sizeText(rank, shape)}`;

const stageFacts = (maps) => (maps === NETWORK.image ? [] : maps.facts);

const mapLabel = (maps, map) => {
  if (maps === NETWORK.last && hasScores) return `score of ${className(map)}: ${figure(at(maps, map, 0, 0))}`;
  const values = mapOf(maps, map);
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  return `${layerName(maps)}, map ${map}, values from ${figure(low)} to ${figure(high)}`;
};

const mapButton = (maps, map, choose) => {
  const [, height, width] = maps.shape;
  const canvas = element("canvas", { "aria-hidden": "true",
    style: `--wide: ${Math.min(1, width / height)}; --tall: ${Math.min(1, height / width)}` });
  const frame = element("span", { class: "field", hidden: "" });
  const button = element("button", { type: "button", class: "thumb", "aria-label": mapLabel(maps, map),
    title: mapLabel(maps, map), tabindex: "-1", "data-layer": maps.index ?? "image", "data-map": map }, canvas, frame);
  if (maps === NETWORK.last && hasScores && NETWORK.classes) button.append(element("span", { class: "name" }, className(map)));
  if (maps !== NETWORK.image) {
    button.addEventListener("click", () => choose(maps, map));
    button.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") hover(maps, map); });
    button.addEventListener("pointerleave", () => hover(null));
  } else button.disabled = true;
  return { maps, map, button, canvas, frame };
};

// Maps of one group stand together, with a gap to the next group.
const groupsOf = (maps) => {
  const count = maps.shape[0];
  const groups = maps === NETWORK.image ? 1 : maps.groups;
  const each = count / groups;
  return groups > 1 && each > 1 && groups <= 16
    ? Array.from({ length: groups }, (_, group) => [group * each, (group + 1) * each])
    : [[0, count]];
};

const stageOf = (maps, choose) => {
  const count = maps.shape[0];
  const across = Math.min(Math.ceil(count / MOST_ROWS), 8);
  const buttons = Array.from({ length: count }, (_, map) => mapButton(maps, map, choose));
  const groups = groupsOf(maps).map(([from, to]) => element("div", { class: "thumbs", style: `--across: ${across}` },
    ...buttons.slice(from, to).map(({ button }) => button)));
  const node = element("div", { class: "stage", role: "group", "aria-label": `${stageTitle(maps)}, ${shapeText(maps)}` },
    element("h3", {}, ...stageTitle(maps).split(/(?<=_)/).flatMap((part, index) => (index ? [element("wbr"), part] : [part]))), element("p", { class: "shape" }, shapeText(maps)),
    element("p", { class: "facts" }, stageFacts(maps).join(", ")), element("div", { class: "groups" }, ...groups));
  node.style.setProperty("--thumb", `${count > 160 ? 16 : count > 80 ? 22 : count > 40 ? 28 : 40}px`);
  node.classList.toggle("many", groups.length > 1);
  return { maps, node, buttons };
};

const classStage = () => {
  const chances = softmax(NETWORK.last.values);
  const order = chances.map((_, index) => index);
  if (order.length > MOST_ROWS) order.sort((a, b) => chances[b] - chances[a]).splice(MOST_ROWS);
  const best = likeliest(chances);
  const rows = order.map((index) => element("tr", { class: index === best ? "best" : undefined },
    element("th", { scope: "row" }, className(index)),
    element("td", { class: "bar" }, element("span", { style: `--share: ${chances[index]}` })),
    element("td", { class: "percent" }, percent(chances[index]))));
  return element("div", { class: "stage classes" }, element("h3", {}, "softmax"),
    element("p", { class: "shape" }, order.length < chances.length ? `the first ${order.length} classes` : "of the scores"),
    element("p", { class: "facts" }),
    element("table", {}, element("caption", { class: "unseen" }, "Probability of each class"),
      element("tbody", {}, ...rows)));
};

const buildOverview = (choose) => {
  overview.stages = [NETWORK.image, ...NETWORK.layers].map((maps) => stageOf(maps, choose));
  overview.buttons = overview.stages.flatMap(({ buttons }) => buttons);
  byId("columns").append(...overview.stages.map(({ node }) => node), ...(hasScores ? [classStage()] : []));
  byId("overview").addEventListener("keydown", (event) => moveAmongMaps(event, choose));
  overviewLegend();
};

const overviewLegend = () => {
  byId("overview-legend").replaceChildren(legend(scaleOf(NETWORK.image), "image"),
    legend(diverging(1), "maps, each layer from minus to plus its largest value"));
  byId("overview-legend").querySelectorAll(".legend:last-child .scale").forEach((scale) => {
    scale.firstChild.textContent = "−";
    scale.lastChild.textContent = "+";
  });
};

const buttonOf = (maps, map) => overview.stages.find((stage) => stage.maps === maps).buttons[map].button;

const moveAmongMaps = (event, choose) => {
  const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const step = steps[event.key];
  if (!step || !event.target.matches(".thumb")) return;
  event.preventDefault();
  const { layer, map } = state;
  const next = NETWORK.layers[clamped(layer.index + step[0], NETWORK.layers.length)];
  const nextMap = next === layer ? map + step[1] : Math.round(map * (next.shape[0] - 1) / Math.max(layer.shape[0] - 1, 1));
  choose(next, nextMap);
  buttonOf(state.layer, state.map).focus();
};

// Lines lead from the side of one map to that of the next, or where layers lie below each other, from bottom to top.
const lineBetween = (from, to, origin, upright) => {
  const [a, b] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
  if (upright) {
    const [x, y, u, v] = [a.left + a.width / 2, a.bottom, b.left + b.width / 2, b.top];
    const bend = (v - y) / 2;
    return [x - origin.left, y - origin.top, 0, bend, u - origin.left, v - origin.top];
  }
  const [x, y, u, v] = [a.right, a.top + a.height / 2, b.left, b.top + b.height / 2];
  return [x - origin.left, y - origin.top, (u - x) / 2, 0, u - origin.left, v - origin.top];
};

const pathOf = ([x, y, right, down, u, v]) => `M${x} ${y} C${x + right} ${y + down} ${u - right} ${v - down} ${u} ${v}`;

const svgElement = (name, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

const drawLines = (layer, map, row, column) => {
  const svg = byId("lines");
  const origin = byId("columns").getBoundingClientRect();
  const upright = getComputedStyle(byId("columns")).flexDirection === "column";
  svg.setAttribute("width", origin.width);
  svg.setAttribute("height", origin.height);
  const stages = overview.stages.slice(1);
  const count = stages.reduce((sum, { maps }) => sum + maps.reads.reduce((all, reads) => all + reads.length, 0), 0);
  const lines = [];
  const line = (stage, to, from, attributes) => {
    const [a, b] = [overview.stages[stage].buttons[from].button, overview.stages[stage + 1].buttons[to].button];
    lines.push(svgElement("path", { d: pathOf(lineBetween(a, b, origin, upright)), ...attributes }));
  };
  if (count <= MOST_LINES) {
    stages.forEach(({ maps }, stage) => maps.reads.forEach((reads, to) =>
      reads.forEach((from) => line(stage, to, from, { class: "faint" }))));
  }
  const { windows } = explain(layer, map, row, column);
  const most = Math.max(...windows.map(({ share }) => Math.abs(share))) || 1;
  windows.forEach(({ input, share }) => {
    const strength = layer.rule === "sum" ? Math.abs(share) / most : 0.4;
    const sign = layer.rule !== "sum" || share === 0 ? "even" : share < 0 ? "minus" : "plus";
    line(layer.index, map, input, { class: `strong ${sign}`, "stroke-width": (1 + 4 * strength).toFixed(2), "data-from": input });
  });
  svg.replaceChildren(...lines);
};

const frameField = ({ frame, maps }, field) => {
  frame.hidden = false;
  const [, height, width] = maps.shape;
  const part = ([first, last], size) => [100 * first / size, 100 * (last + 1 - first) / size];
  const [top, tall] = part(field.rows, height);
  const [left, wide] = part(field.columns, width);
  Object.assign(frame.style, { top: `${top}%`, height: `${tall}%`, left: `${left}%`, width: `${wide}%` });
};

const showInOverview = (layer, map, row, column) => {
  const fields = receptiveFields(layer, map, row, column);
  const first = layer.index + 1 - (fields.length - 1);
  overview.stages.forEach(({ buttons }, stage) => buttons.forEach((one) => {
    const field = fields[stage - first];
    const seen = stage >= first && stage <= layer.index + 1 && field.maps.has(one.map);
    one.button.classList.toggle("unread", stage === layer.index && !seen);
    one.frame.hidden = true;
    if (seen) frameField(one, field);
  }));
  drawLines(layer, map, row, column);
};

const hover = (maps, map) => {
  const { layer, map: chosen, row, column } = state;
  if (!maps || (maps === layer && map === chosen)) showInOverview(layer, chosen, row, column);
  else showInOverview(maps, map, Math.min(row, maps.shape[1] - 1), Math.min(column, maps.shape[2] - 1));
};

const updateOverview = () => {
  const { layer, map, row, column } = state;
  for (const one of overview.buttons) {
    const chosen = one.maps === layer && one.map === map;
    one.button.setAttribute("aria-pressed", chosen);
    one.button.tabIndex = chosen ? 0 : -1;
  }
  showInOverview(layer, map, row, column);
};

const repaintOverview = () => overview.buttons.forEach(({ canvas, maps, map }) => paint(canvas, maps, map));
