// Maps on canvases: cells, padding, the window over them, the chosen value.

const cssColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A plain map, one pixel for each value; the style sheet makes it larger.
const paint = (canvas, maps, map) => {
  const [, height, width] = maps.shape;
  const { colour } = scaleOf(maps);
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  mapOf(maps, map).forEach((value, index) => pixels.data.set([...colour(value), 255], 4 * index));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
};

const NO_BORDER = (size) => ({ size, lo: 0, hi: 0, source: Array.from({ length: size }, (_, index) => index) });

// Room for a map: the longer side is `side`, the shorter one in proportion, but never a hairline, and no cell a wall.
const roomFor = (rows, columns, side) => {
  const cell = Math.min(side / Math.max(rows, columns), 88);
  return { width: Math.max(columns * cell, 20), height: Math.max(rows * cell, 20) };
};

const prepared = (canvas, room) => {
  const density = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.round(room.width * density);
  canvas.height = Math.round(room.height * density);
  canvas.style.aspectRatio = `${room.width} / ${room.height}`;
  canvas.style.width = `${room.width}px`;
  const context = canvas.getContext("2d");
  context.scale(density, density);
  return context;
};

// Slanted lines, 4 pixels apart over the whole canvas, within one cell.
const hatch = (context, x, y, width, height) => {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = cssColour("--hatch");
  context.lineWidth = 1;
  context.beginPath();
  for (let from = Math.floor((x + y) / 4) * 4; from <= x + y + width + height; from += 4) {
    context.moveTo(from - y, y);
    context.lineTo(from - y - height, y + height);
  }
  context.stroke();
  context.restore();
};

const outlined = (context, x, y, width, height, colour, line) => {
  context.lineWidth = line + 2;
  context.strokeStyle = cssColour("--ground");
  context.strokeRect(x, y, width, height);
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
};

// Draw a map with its padding. Returns its axes and how many cells they have, for whoever asks what was clicked.
const drawMap = (canvas, { maps, map, side, rows, columns, window, chosen, figures }) => {
  rows = rows ?? NO_BORDER(maps.shape[1]);
  columns = columns ?? NO_BORDER(maps.shape[2]);
  const count = { rows: rows.size + rows.lo + rows.hi, columns: columns.size + columns.lo + columns.hi };
  const room = roomFor(count.rows, count.columns, side);
  const context = prepared(canvas, room);
  const cell = { width: room.width / count.columns, height: room.height / count.rows };
  const { colour } = scaleOf(maps);
  const place = (row, column) => [(column + columns.lo) * cell.width, (row + rows.lo) * cell.height];
  context.font = `${Math.min(cell.width / 3.4, 12)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = -rows.lo; row < rows.size + rows.hi; row += 1) {
    for (let column = -columns.lo; column < columns.size + columns.hi; column += 1) {
      const [x, y] = place(row, column);
      const source = [rows.source[row + rows.lo], columns.source[column + columns.lo]];
      const value = Math.min(...source) < 0 ? 0 : at(maps, map, ...source);
      const fill = colour(value);
      const padded = Math.min(...source) < 0 || source[0] !== row || source[1] !== column;
      context.globalAlpha = padded ? 0.45 : 1;
      context.fillStyle = css(fill);
      context.fillRect(x, y, cell.width + 0.5, cell.height + 0.5);
      context.globalAlpha = 1;
      if (padded) hatch(context, x, y, cell.width, cell.height);
      if (figures && cell.width >= 30 && cell.height >= 14) {
        context.fillStyle = inkOn(fill);
        context.fillText(short(value), x + cell.width / 2, y + cell.height / 2 + 0.5);
      }
    }
  }
  if (rows.lo + rows.hi + columns.lo + columns.hi > 0) {
    const [x, y] = place(0, 0);
    context.strokeStyle = cssColour("--edge");
    context.lineWidth = 1;
    context.strokeRect(x, y, columns.size * cell.width, rows.size * cell.height);
  }
  if (window) drawWindow(context, cell, place, room, window);
  if (chosen) outlined(context, ...inset(...place(...chosen), cell.width, cell.height, room), cssColour("--accent"), 2);
  return { rows, columns, count };
};

const inset = (x, y, width, height, room) => {
  const left = Math.max(x, 1.5);
  const top = Math.max(y, 1.5);
  return [left, top, Math.min(x + width, room.width - 1.5) - left, Math.min(y + height, room.height - 1.5) - top];
};

// The window: a frame around it, and where taps lie apart, each of them too.
const drawWindow = (context, cell, place, room, { rows, columns }) => {
  if (!rows.length || !columns.length) return;
  const [top, left] = [rows[0].position, columns[0].position];
  const [bottom, right] = [rows[rows.length - 1].position, columns[columns.length - 1].position];
  const apart = bottom - top >= rows.length || right - left >= columns.length;
  const accent = cssColour("--accent");
  if (apart) {
    for (const row of rows) {
      for (const column of columns) {
        outlined(context, ...inset(...place(row.position, column.position), cell.width, cell.height, room), accent, 1);
      }
    }
    context.setLineDash([3, 3]);
  }
  const frame = inset(...place(top, left), (right - left + 1) * cell.width, (bottom - top + 1) * cell.height, room);
  outlined(context, ...frame, accent, 2);
  context.setLineDash([]);
};

// Which value of a drawn map a pointer is at: row and column, in the padding below 0 or beyond the last.
const pointedAt = (canvas, { rows, columns, count }, event) => {
  const box = canvas.getBoundingClientRect();
  const share = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  return [Math.floor(share.y * count.rows) - rows.lo, Math.floor(share.x * count.columns) - columns.lo];
};
