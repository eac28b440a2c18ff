// Small makers of elements and of figures.

const byId = (id) => document.getElementById(id);

// element("td", { class: "cell", title: "x" }, "1.5", child)
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

// Four significant figures, with the minus of typography.
const figure = (number, digits = 4) => {
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  if (number === 0) return "0";
  const size = Math.abs(number);
  const text = size >= 1e-3 && size < 1e5 ? String(Number(size.toPrecision(digits))) : size.toExponential(digits > 4 ? digits - 1 : 1);
  return (number < 0 ? "−" : "") + text;
};

// All that float32 holds.
const exact = (number) => (Number.isFinite(number) ? figure(Number(number.toPrecision(9)), 9) : figure(number));

// As few figures as a cell has room for.
const short = (number) => {
  if (!Number.isFinite(number) || number === 0) return figure(number);
  const size = Math.abs(number);
  if (size >= 1e4 || size < 0.005) return (number < 0 ? "−" : "") + size.toExponential(0).replace("e+", "e").replace("e-", "e−");
  return (number < 0 ? "−" : "") + size.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
};

const bracketed = (number) => (number < 0 ? `(${figure(number)})` : figure(number));

const percent = (share) => `${(100 * share).toFixed(1)} %`;

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

const layerName = (layer) => (layer.index === undefined ? "image" : `layer ${layer.index}`);
