// Makes elements. Whatever is shown becomes text, and never markup.

/** Returns an element of these classes, with children or texts in it. */
export function element(tag, classes, ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** Shows these rows of a table: lists of cells, each of them a text, or a class and its children. */
export function fill(table, rows, nothing) {
  const body = table.tBodies[0];
  // On a phone each cell says by itself what it is.
  const columns = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
  if (rows.length === 0) {
    const cell = element("td", "empty", nothing);
    cell.colSpan = columns.length;
    body.replaceChildren(element("tr", "", cell));
    return;
  }
  body.replaceChildren(...rows.map(cells => element("tr", "", ...cells.map((cell, index) => {
    const made = Array.isArray(cell) ? element("td", ...cell) : element("td", "", cell);
    made.dataset.label = columns[index];
    return made;
  }))));
}
