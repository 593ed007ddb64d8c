// Colours, or none of them.

/** Wraps text for a terminal; every painter gives the text back as it is where colours are off. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  /** Chosen: without colours it stands in brackets, in the columns of its outer blanks. */
  inverse(text: string): string;
}

/** Painters for a terminal, or for a pipe. */
export function paintFor(hasColours: boolean): Paint {
  const wrap =
    (open: number, close: number) =>
    (text: string): string =>
      hasColours && text !== "" ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    inverse: hasColours ? wrap(7, 27) : (text) => text.replace(/^ (.*) $/, "[$1]"),
  };
}
