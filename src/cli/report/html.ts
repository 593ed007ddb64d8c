// HTML that cannot be broken by what is put into it: everything is text until `html` has made it
// HTML, and text is escaped.

/** Markup that was made by `html`. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = Html | string | number | undefined | false | readonly Part[];

/** Markup with escaped text in it; lists are joined, `undefined` and `false` are nothing. */
export function html(words: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    words.map((word, i) => (i === 0 ? word : markupOf(parts[i - 1]) + word)).join(""),
  );
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.markup;
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return part.map(markupOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** No document may hold them, or they turn the direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e]/g;

/** Fit for text and for quoted attributes; forbidden characters become dots. */
function escaped(text: string): string {
  const clean = text.replace(FORBIDDEN, "·");
  return clean.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
