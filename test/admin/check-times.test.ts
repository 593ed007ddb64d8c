// How long checks took, beside a histogram of prom-client that was told the same.

import { Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { CheckTimes } from "../../src/admin/check-times.ts";
import { seededRandom } from "../../src/base/random.ts";

const BUCKETS = [0.001, 0.01, 0.1, 1];

async function textOf(metric: Histogram): Promise<string> {
  const registry = new Registry();
  registry.registerMetric(metric);
  return await registry.metrics();
}

function told(name: string): { readonly own: CheckTimes; readonly other: Histogram } {
  const own = new CheckTimes(BUCKETS);
  const help = "How long checks of a target took";
  const shape = { name, help, labelNames: ["target"], buckets: BUCKETS, registers: [] };
  return { own, other: new Histogram(shape) };
}

describe("CheckTimes", () => {
  const { own, other } = told("livezone_target_check_duration_seconds");
  const random = seededRandom(7);

  it("shows what a histogram shows", async () => {
    expect(await textOf(own)).toBe(await textOf(other));
    const bounds = [0, ...BUCKETS];
    const drawn = Array.from({ length: 200 }, () => random.fraction() ** 4 * 3);
    for (const [i, seconds] of [...bounds, ...drawn].entries()) {
      const target = `web@192.0.2.${i % 3}`;
      own.note(target, seconds);
      other.observe({ target }, seconds);
    }
    expect(await textOf(own)).toBe(await textOf(other));
  });

  it("forgets targets that are gone", async () => {
    own.keep(new Set(["web@192.0.2.1"]));
    for (const host of [0, 2]) other.remove({ target: `web@192.0.2.${host}` });
    expect(await textOf(own)).toBe(await textOf(other));
  });
});
