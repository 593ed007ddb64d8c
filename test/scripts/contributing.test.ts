import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const PAGES = [
  ...["README.md", "CONTRIBUTING.md"],
  ...readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

describe.each(PAGES)("%s", (page) => {
  const text = readFileSync(page, "utf8");

  it("names files that are there", () => {
    const named = [...text.matchAll(/`((?:src|test|scripts|docs)\/[\w./-]+)`/g)].map(
      ([, file]) => file,
    );
    expect(named.filter((file) => !existsSync(file ?? ""))).toEqual([]);
  });

  it("links to pages that are there", () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, to]) =>
      join(dirname(page), to ?? ""),
    );
    expect(links.filter((file) => !existsSync(file))).toEqual([]);
  });

  it("names no event that there is not", () => {
    const catalog = readFileSync("docs/events.md", "utf8");
    const topics = "(?:server|secondary|brake|target|pool|zone|store|session)";
    const named = [...text.matchAll(new RegExp(`\`(${topics}\\.[a-z-]+)\``, "g"))].map(
      ([, event]) => event,
    );
    expect(
      named.filter((event) => !catalog.includes(`\`${event}\``) && !/\.(ts|md)$/.test(event ?? "")),
    ).toEqual([]);
  });
});
