// What a pool's answers are made of: addresses of a family, or the names of hosts.

import type { Family } from "../base/ip.ts";
import type { Member } from "./pool.ts";

/** A pool decides each of its families apart; host names are a family of their own. */
export type AnswerFamily = Family | "host";

/** The record types that answer a family: A, AAAA or CNAME. */
export type AnswerType = 1 | 28 | 5;

/** The record type that answers a family. */
export function answerType(family: AnswerFamily): AnswerType {
  if (family === "host") return 5;
  return family === 4 ? 1 : 28;
}

/** One of these types in letters. */
export function answerTypeText(type: number): "A" | "AAAA" | "CNAME" {
  if (type === 5) return "CNAME";
  return type === 1 ? "A" : "AAAA";
}

/** What a member answers in a family, as text: its address or its host name. */
export function placeIn(member: Member | undefined, family: AnswerFamily): string | undefined {
  if (family === "host") return member?.host;
  return family === 4 ? member?.v4 : member?.v6;
}

/** The ids of the targets whose beliefs make up a member's in a family. */
export function targetsIn(member: Member | undefined, family: AnswerFamily): readonly string[] {
  if (family === "host") return member?.targetsHost ?? [];
  return (family === 4 ? member?.targetsV4 : member?.targetsV6) ?? [];
}
