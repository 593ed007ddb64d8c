// Which page is shown: the part of the address behind the #, so that pages can be linked to.

export const PAGES = ["pools", "targets", "swaps", "zones", "log", "changes"] as const;
export type PageName = (typeof PAGES)[number];

/** A page, and the one thing on it that is looked at closely. */
export interface Place {
  readonly page: PageName;
  readonly id: string;
}

export function placeOf(hash: string): Place {
  const [, name = "", id = ""] = /^#\/([a-z]+)\/?(.*)$/.exec(hash) ?? [];
  const page = PAGES.find((each) => each === name) ?? "pools";
  try {
    return { page, id: decodeURIComponent(id) };
  } catch {
    return { page, id: "" };
  }
}

export function linkTo(page: PageName, id: string | number = ""): string {
  return id === "" ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
}
