// Aligned columns.

import { stripVTControlCharacters } from "node:util";

const GAP = "  ";

/**
 * Rows as lines with aligned columns, two blanks between them and none at the end. Painted cells
 * count by what is seen of them.
 *
 * @param options.right indexes of columns that are aligned at their right edge: numbers.
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  options: { readonly indent?: string; readonly right?: readonly number[] } = {},
): readonly string[] {
  const { indent = "", right = [] } = options;
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  }
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const blanks = " ".repeat((widths[i] ?? 0) - width(cell));
      return right.includes(i) ? blanks + cell : cell + blanks;
    });
    return (indent + cells.join(GAP)).trimEnd();
  });
}

function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
