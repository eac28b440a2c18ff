// What a value was made of, computed once more in float64.

// The elements of one window along one axis: position (in the padding below 0 or beyond the last), the element of the
// input there (-1 for none), and the tap of the kernel that meets it.
const taps = (axis, output) =>
  axis.positions[output].map((position, index) => ({
    position,
    source: axis.source[position + axis.lo],
    tap: axis.taps[output][index],
  }));

const weightAt = (layer, map, slice, row, column) => {
  const [, maps, height, width] = layer.weight.shape;
  return layer.weight.values[((map * maps + slice) * height + row) * width + column];
};

// One cell for each tap: what the input holds there, what it is multiplied with, and what comes of it.
const cellsOf = (layer, map, slice, rows, columns) =>
  rows.map((row) =>
    columns.map((column) => {
      const inside = row.source >= 0 && column.source >= 0;
      const value = inside ? at(layer.input, layer.reads[map][slice], row.source, column.source) : 0;
      const weight = layer.weight ? weightAt(layer, map, slice, row.tap, column.tap) : 1;
      const padded = !inside || row.position !== row.source || column.position !== column.source;
      return { row, column, inside, padded, value, weight, product: value * weight };
    }));

const activated = (layer, sum) => {
  const activation = layer.activation;
  if (!activation || Number.isNaN(sum)) return sum;
  if (activation.slope !== 1) return sum > 0 ? sum : sum * activation.slope;
  return Math.min(Math.max(sum, activation.low ?? -Infinity), activation.high ?? Infinity);
};

const COMBINED = {
  sum: (cells, layer, map) => cells.reduce((sum, cell) => sum + cell.product, 0) + (layer.bias ? layer.bias[map] : 0),
  max: (cells) => cells.reduce((most, { inside, value }) => (inside ? Math.max(most, value) : most), -Infinity),
  mean: (cells, layer, map, row, column) => cells.reduce((sum, cell) => sum + cell.value, 0) / layer.divisor[row][column],
  norm: (cells, layer) => (layer.norm === null
    ? cells.reduce((most, cell) => Math.max(most, Math.abs(cell.value)), 0)
    : cells.reduce((sum, cell) => sum + Math.abs(cell.value) ** layer.norm, 0) ** (1 / layer.norm)),
};

// All of one value: the window in each input map, the share of each, the sum before the activation and the value after
// it; beside them what convx computed, and whether only rounding parts the two.
const explain = (layer, map, row, column) => {
  const rows = taps(layer.rows, row);
  const columns = taps(layer.columns, column);
  const windows = layer.reads[map].map((input, slice) => {
    const cells = cellsOf(layer, map, slice, rows, columns);
    return { input, slice, cells, share: cells.flat().reduce((sum, cell) => sum + cell.product, 0) };
  });
  const all = windows.flatMap((window) => window.cells.flat());
  const total = COMBINED[layer.rule](all, layer, map, row, column);
  const computed = activated(layer, total);
  const output = at(layer, map, row, column);
  const difference = Math.abs(computed - output);
  const agrees = Object.is(computed, output) || computed === output || difference <= layer.bound;
  const bias = layer.bias ? layer.bias[map] : 0;
  const winner = layer.rule === "max" ? all.find((cell) => cell.inside && cell.value === total) : undefined;
  return { layer, map, row, column, rows, columns, windows, bias, total, computed, output, difference, agrees, winner };
};

// Of each layer up to `layer` the maps, rows and columns on which one value depends, the image at index 0.
const receptiveFields = (layer, map, row, column) => {
  let field = { maps: new Set([map]), rows: [row, row], columns: [column, column] };
  const fields = [field];
  const spread = (axis, [first, last]) => {
    const sources = [];
    for (let output = first; output <= last; output += 1) {
      for (const position of axis.positions[output]) sources.push(axis.source[position + axis.lo]);
    }
    const inside = sources.filter((source) => source >= 0);
    return inside.length ? [Math.min(...inside), Math.max(...inside)] : null;
  };
  for (let index = layer.index; index >= 0; index -= 1) {
    const { reads, rows, columns } = NETWORK.layers[index];
    const maps = new Set([...field.maps].flatMap((one) => reads[one]));
    const next = { maps, rows: spread(rows, field.rows), columns: spread(columns, field.columns) };
    if (!next.rows || !next.columns) break;
    field = next;
    fields.unshift(field);
  }
  return fields;
};

// Whether the whole network can be computed here in a matter of a second.
const isSmall = NETWORK.layers.reduce((sum, layer) => {
  const window = layer.weight ? layer.weight.shape.slice(1).reduce((a, b) => a * b) : 16;
  return sum + layer.values.length * window;
}, 0) <= 2e6;

// Every value of a layer, explained, in the order of its array.
const explainAll = (layer) => {
  const [maps, height, width] = layer.shape;
  return Array.from({ length: maps * height * width }, (_, index) =>
    explain(layer, Math.floor(index / (height * width)), Math.floor(index / width) % height, index % width));
};

// Recompute every value of the network.
const checkAll = () => {
  const found = { count: 0, wrong: 0, most: 0 };
  for (const layer of NETWORK.layers) {
    for (const { agrees, difference } of explainAll(layer)) {
      found.count += 1;
      if (!agrees) found.wrong += 1;
      if (difference > found.most) found.most = difference;
    }
  }
  return found;
};

// The scores of the network if each layer applied its activation to the share of each input map, before adding them.
const misread = () => {
  let maps = NETWORK.image;
  for (const layer of NETWORK.layers) {
    const values = explainAll({ ...layer, input: maps }).map(({ windows, bias, computed }) =>
      (layer.activation ? windows.reduce((sum, { share }) => sum + activated(layer, share), bias) : computed));
    maps = { shape: layer.shape, values };
  }
  return maps.values;
};
