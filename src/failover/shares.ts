// What part of a pool's answers each member gets, for arithmetic and for words.

import type { Pool } from "./pool.ts";

/** What a member counts for: its weight with policy "weighted", 1 with all others. */
export function weightOf(pool: Pick<Pool, "policy" | "members">, id: string): number {
  if (pool.policy !== "weighted") return 1;
  return pool.members.find((member) => member.id === id)?.weight ?? 1;
}

/** What several members count for together. */
export function totalWeight(
  pool: Pick<Pool, "policy" | "members">,
  members: readonly { readonly id: string }[],
): number {
  return members.reduce((sum, { id }) => sum + weightOf(pool, id), 0);
}

/**
 * The members that are served, as a decision's sentence names them: "a, b", with policy "weighted"
 * their shares ("a (75 %), b (25 %)"), with "sticky" that each client has one ("one of a, b").
 */
export function servingWords(
  pool: Pick<Pool, "policy" | "members">,
  serve: readonly string[],
): string {
  if (serve.length < 2) return serve.join(", ");
  if (pool.policy === "sticky") return `one of ${serve.join(", ")}`;
  if (pool.policy !== "weighted") return serve.join(", ");
  const total = serve.reduce((sum, id) => sum + weightOf(pool, id), 0);
  return serve.map((id) => `${id} (${percent(weightOf(pool, id) / total)})`).join(", ");
}

/** A share to a tenth of a percent, where that says more. */
function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 || share > 0.9 ? 1 : 0))} %`;
}
