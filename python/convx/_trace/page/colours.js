// Numbers to colours: blue below 0, orange above it, the ground between; grey for the image. Readable to all who see
// one of the two, and in print by the figures beside.

const dark = window.matchMedia("(prefers-color-scheme: dark)");

const RAMPS = {
  light: ["#173f77", "#5d91c9", "#c4d9ec", "#f7f7f4", "#f6d3ab", "#d98b3f", "#8a3c06"],
  dark: ["#a9d2ff", "#4f8ccb", "#24456b", "#1d2128", "#5f3b1b", "#c77a33", "#ffcf9c"],
};

const parsed = (hex) => [1, 3, 5].map((from) => parseInt(hex.slice(from, from + 2), 16));

const STOPS = { light: RAMPS.light.map(parsed), dark: RAMPS.dark.map(parsed) };

const ramp = (share) => {
  const stops = dark.matches ? STOPS.dark : STOPS.light;
  const place = (Math.min(Math.max(share, -1), 1) + 1) / 2 * (stops.length - 1);
  const index = Math.min(Math.floor(place), stops.length - 2);
  return stops[index].map((low, channel) => Math.round(low + (stops[index + 1][channel] - low) * (place - index)));
};

// A scale for numbers of one kind: most is what has the strongest colour. Small numbers get more colour than in
// proportion (the power 0.7), or one large value would leave the others pale.
const diverging = (most) => ({
  low: -most,
  high: most,
  colour: (value) => (Number.isFinite(value) ? ramp(most ? Math.sign(value) * Math.abs(value / most) ** 0.7 : 0) : [128, 128, 128]),
});

const grey = (most) => ({
  low: 0,
  high: most,
  colour: (value) => {
    const level = Math.round(Math.min(Math.max(most ? value / most : 0, 0), 1) * 255);
    return [level, level, level];
  },
});

const css = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

// Black or white, whichever has the higher contrast by WCAG's relative luminance.
const inkOn = (colour) => {
  const [red, green, blue] = colour.map((level) => ((level / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#101317" : "#ffffff";
};

// One scale for all maps of a layer, so that they can be compared.
const scales = new Map();
const scaleOf = (maps) => {
  if (!scales.has(maps)) {
    const most = largest(maps.values);
    const picture = maps === NETWORK.image && maps.values.every((value) => value >= 0);
    scales.set(maps, picture ? grey(most) : diverging(most));
  }
  return scales.get(maps);
};

const weightScales = new Map();
const weightScale = (layer) => {
  if (!weightScales.has(layer)) weightScales.set(layer, diverging(largest(layer.weight.values)));
  return weightScales.get(layer);
};

const legend = (scale, text) => {
  const steps = Array.from({ length: 13 }, (_, index) => scale.low + (scale.high - scale.low) * index / 12);
  const colours = steps.map((value) => css(scale.colour(value))).join(", ");
  const middle = scale.low < 0 ? [element("span", { class: "zero" }, "0")] : [];
  return element("div", { class: "legend" }, element("span", {}, text),
    element("span", { class: "scale" }, figure(scale.low, 3),
      element("span", { class: "ramp", style: `background: linear-gradient(to right, ${colours})` }, ...middle),
      figure(scale.high, 3)));
};
