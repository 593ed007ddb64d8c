// What somebody looks at: which page, which row, which filter; and what keys change of it. Pure.

export const PAGES = ["pools", "targets", "swaps", "zones", "log", "changes"] as const;
export type Page = (typeof PAGES)[number];

/** Where somebody looks. */
export interface Screen {
  readonly page: Page;
  /** The chosen row of the page, from 0; the frame keeps it within what is there. */
  readonly row: number;
  readonly filter: string;
  /** Keys go into the filter. */
  readonly isTyping: boolean;
  readonly isHelpShown: boolean;
  /** Only what is not well. */
  readonly isTroubleOnly: boolean;
}

/** What a replay is told. */
export type Order = "quit" | "pause" | "faster" | "slower" | "next";

export const FIRST_SCREEN: Screen = {
  page: "pools",
  row: 0,
  filter: "",
  isTyping: false,
  isHelpShown: false,
  isTroubleOnly: false,
};

const FILTER_MAX = 60;
const ORDERS: Readonly<Record<string, Order>> = {
  q: "quit",
  "\u0003": "quit",
  " ": "pause",
  "+": "faster",
  "-": "slower",
  n: "next",
};
const LEFT = ["\u001b[D", "\u001bOD", "h", "\u001b[Z"];
const RIGHT = ["\u001b[C", "\u001bOC", "l", "\t"];
const UP = ["\u001b[A", "\u001bOA", "k"];
const DOWN = ["\u001b[B", "\u001bOB", "j"];
const PAGE_UP = ["\u001b[5~"];
const PAGE_DOWN = ["\u001b[6~"];
const HOME = ["\u001b[H", "\u001b[1~", "\u001bOH", "g"];
const END = ["\u001b[F", "\u001b[4~", "\u001bOF", "G"];

/** What a key does; `order` is for whoever runs the dashboard. */
export function pressed(
  screen: Screen,
  key: string,
): { readonly screen: Screen; readonly order?: Order } {
  if (key === "\u0003") return { screen, order: "quit" };
  if (screen.isTyping) return { screen: typed(screen, key) };
  if (screen.isHelpShown) return { screen: { ...screen, isHelpShown: false } };
  const order = ORDERS[key];
  if (order !== undefined) return { screen, order };
  return { screen: moved(screen, key) };
}

/** Cuts what a terminal sends at once into keys: escape sequences, and single characters. */
export function keysOf(input: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys begin with it
  return input.match(/\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])|[\s\S]/gu) ?? [];
}

function typed(screen: Screen, key: string): Screen {
  if (key === "\r" || key === "\n") return { ...screen, isTyping: false };
  if (key === "\u001b") return { ...screen, isTyping: false, filter: "" };
  if (key === "\u007f" || key === "\b") {
    return { ...screen, filter: screen.filter.slice(0, -1), row: 0 };
  }
  if (key.length !== 1 || key < " ") return screen;
  return { ...screen, filter: (screen.filter + key).slice(0, FILTER_MAX), row: 0 };
}

function moved(screen: Screen, key: string): Screen {
  const { row } = screen;
  if (LEFT.includes(key)) return turned(screen, -1);
  if (RIGHT.includes(key)) return turned(screen, 1);
  if (UP.includes(key)) return { ...screen, row: Math.max(0, row - 1) };
  if (DOWN.includes(key)) return { ...screen, row: row + 1 };
  if (PAGE_UP.includes(key)) return { ...screen, row: Math.max(0, row - 10) };
  if (PAGE_DOWN.includes(key)) return { ...screen, row: row + 10 };
  if (HOME.includes(key)) return { ...screen, row: 0 };
  if (END.includes(key)) return { ...screen, row: Number.MAX_SAFE_INTEGER };
  if (key === "/") return { ...screen, isTyping: true };
  if (key === "\u001b") return { ...screen, filter: "", row: 0 };
  if (key === "?") return { ...screen, isHelpShown: true };
  if (key === "t") return { ...screen, isTroubleOnly: !screen.isTroubleOnly, row: 0 };
  const page = PAGES[Number(key) - 1];
  return page === undefined ? screen : { ...screen, page, row: 0 };
}

function turned(screen: Screen, by: 1 | -1): Screen {
  const at = PAGES.indexOf(screen.page) + by;
  const page = PAGES[(at + PAGES.length) % PAGES.length] ?? "pools";
  return { ...screen, page, row: 0 };
}
