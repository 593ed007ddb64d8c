import { describe, expect, it } from "vitest";
import { parseDurationMs } from "../../src/base/duration.ts";
import {
  type Book,
  type BookNews,
  type Held,
  NOTHING_SEEN,
  openBook,
  type Sight,
  stepBook,
  widenBook,
} from "../../src/propagation/book.ts";
import { figuresOf } from "../../src/propagation/figures.ts";
import { keepsMs } from "../../src/propagation/habit.ts";
import { testTextCases } from "../scenarios/text-cases.ts";

// open at T last T [at-least]: RESOLVER QUERIES until T [keeps T] ... | at T | confirmed RESOLVER at T
// old|new RESOLVER at T left T | last T at T | lost until T | figures
describe("propagation-books.txt", () => {
  testTextCases("propagation-books.txt", (input) => new Story().play(input));
});

describe("keepsMs()", () => {
  const even = { least: 300_000, greatest: 302_000 };

  it("is known of a resolver that asks evenly and slower than the TTL", () => {
    expect(keepsMs({ questions: 5, ttlMs: 15_000, paceMs: even })).toBe(302_000);
  });

  it.each([
    ["few questions", { questions: 3, ttlMs: 15_000, paceMs: even }],
    [
      "an uneven pace",
      { questions: 9, ttlMs: 15_000, paceMs: { least: 40_000, greatest: 300_000 } },
    ],
    ["a pace that is the TTL's", { questions: 9, ttlMs: 299_000, paceMs: even }],
    ["nothing known", { questions: 9, ttlMs: 15_000, paceMs: undefined }],
  ])("is unknown with %s", (_, habit) => {
    expect(keepsMs(habit)).toBeUndefined();
  });
});

class Story {
  #book: Book | undefined;

  play(lines: readonly string[]): string[] {
    return lines.flatMap((line) => {
      const told = this.#step(line.split(" "));
      return told.length === 0 ? [] : [`${line}`, ...told.map((one) => `  ${one}`)];
    });
  }

  #step([verb = "", ...words]: readonly string[]): string[] {
    if (verb === "open") return this.#open(words);
    const book = this.#book;
    if (book === undefined) throw new Error("no book is open");
    const [one = "", , moment = "", , left = ""] = words;
    if (verb === "figures") return figureLines(book);
    if (verb === "lost") {
      this.#book = widenBook(book, ms(words[1]));
      return [];
    }
    const at = verb === "at" ? ms(one) : ms(moment);
    const seen =
      verb === "confirmed"
        ? { confirmedMs: new Map([[one, at]]), asked: [] }
        : verb === "old" || verb === "new"
          ? { ...NOTHING_SEEN, asked: [sight(one, verb, at, ms(left))] }
          : verb === "last"
            ? { ...NOTHING_SEEN, lastEndMs: ms(one) }
            : NOTHING_SEEN;
    const stepped = stepBook(book, seen, at);
    this.#book = stepped.book;
    return stepped.news.map(newsLine);
  }

  #open(words: readonly string[]): string[] {
    const [, at = "", , last = "", ...rest] = words.join(" ").replace(":", "").split(" ");
    const isAtLeast = rest[0] === "at-least";
    const held: Held[] = [];
    for (const entry of rest
      .slice(isAtLeast ? 1 : 0)
      .join(" ")
      .split(", ")) {
      const [resolver = "", queries = "", , until = "", , keeps] = entry.split(" ");
      if (resolver === "") continue;
      const base = { resolver, queries: Number(queries), endMs: ms(until), isProven: false };
      held.push({ ...base, askedMs: ms(at), ...(keeps !== undefined && { keepsMs: ms(keeps) }) });
    }
    const lastEndMs = last === "none" ? undefined : ms(last);
    const opened = openBook({ swap: 1, openedMs: ms(at), lastEndMs, isAtLeast, held });
    this.#book = opened.book;
    return opened.news.map(newsLine);
  }
}

function sight(resolver: string, answer: Sight["answer"], atMs: number, leftMs: number): Sight {
  return { resolver, name: resolver, atMs, answer, leftMs };
}

function newsLine(news: BookNews): string {
  if (news.kind === "progress") return `progress ${news.percent}`;
  if (news.kind === "recovered") return `recovered ${news.resolver} ${news.lateMs / 1000}`;
  if (news.kind === "overdue")
    return `overdue ${news.resolver} ${news.lateMs / 1000} ${news.evidence}`;
  return news.kind;
}

function figureLines(book: Book): string[] {
  const { resolvers, queries, counts, movedPercent, t50Ms, t90Ms, t99Ms, lastMs } = figuresOf(book);
  const { holding, confirmed, expired, overdue } = counts;
  const last = lastMs === undefined ? "none" : lastMs / 1000;
  return [
    `${book.isAtLeast ? "at least " : ""}${resolvers} resolvers, ${queries} queries, ${Math.round(movedPercent)} % moved`,
    `holding ${holding}, confirmed ${confirmed}, expired ${expired}, overdue ${overdue}`,
    `t50 ${t50Ms / 1000}, t90 ${t90Ms / 1000}, t99 ${t99Ms / 1000}, last ${last}`,
    book.drainedMs === undefined ? "not drained" : `drained at ${book.drainedMs / 1000}`,
  ];
}

function ms(text: string | undefined): number {
  return parseDurationMs(text ?? "") ?? Number.NaN;
}
