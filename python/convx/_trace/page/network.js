// The network as Python wrote it, with its numbers unpacked.

const NETWORK = (() => {
  const unpack = (text) => {
    const bytes = Uint8Array.from(atob(text.slice(3)), (letter) => letter.charCodeAt(0));
    return text.startsWith("f8") ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
  };
  const network = JSON.parse(document.getElementById("network").textContent);
  const image = { ...network.image, values: unpack(network.image.values) };
  const layers = network.layers.map((layer, index) => ({
    ...layer,
    index,
    values: unpack(layer.values),
    weight: layer.weight && { ...layer.weight, values: unpack(layer.weight.values) },
    bias: layer.bias && unpack(layer.bias),
  }));
  layers.forEach((layer, index) => { layer.input = index ? layers[index - 1] : image; });
  image.rank = layers[0].rank;
  return { ...network, image, layers, last: layers[layers.length - 1] };
})();

const at = (maps, map, row, column) => maps.values[(map * maps.shape[1] + row) * maps.shape[2] + column];

const mapOf = (maps, map) => {
  const size = maps.shape[1] * maps.shape[2];
  return maps.values.subarray(map * size, (map + 1) * size);
};

const largest = (values) => {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
};

// Where a value stands: of layers with one axis only the place along it.
const placeText = (layer, row, column) => (layer.rank === 1 ? `position ${column}` : `row ${row}, column ${column}`);

const placeIndex = (layer, row, column) => (layer.rank === 1 ? `${column}` : `${row}, ${column}`);

const sizeText = (rank, [, height, width], sign = "×") => (rank === 1 ? `${width}` : `${height}${sign}${width}`);

const hasScores = NETWORK.last.shape[1] === 1 && NETWORK.last.shape[2] === 1 && NETWORK.last.shape[0] > 1;

const className = (map) => (NETWORK.classes ? NETWORK.classes[map] : `class ${map}`);

// exp(s_k) / sum of exp(s_j), shifted by the largest score, so that nothing overflows.
const softmax = (scores) => {
  const most = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};

const likeliest = (chances) => chances.indexOf(Math.max(...chances));
