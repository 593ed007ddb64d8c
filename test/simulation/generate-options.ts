// The settings that a seed's script begins with: of its check, and of its pools.

import { below, type Random } from "../../src/base/random.ts";

/** Thresholds and pace of the check. */
export function checkOptions(random: Random): string {
  const options = [
    draw(random, ["", "interval=1s timeout=1s", "interval=2s", "interval=10s timeout=4s"]),
    draw(random, ["", "", "fall=1", "fall=2", "fall=5"]),
    draw(random, ["", "", "rise=1", "rise=2"]),
    draw(random, ["", "", "", "restartGrace=2s"]),
    draw(random, ["", "", "", "tripwire=false"]),
    draw(random, ["", "", "", "kind=tcp"]),
  ];
  return options.filter((option) => option !== "").join(" ");
}

/** Policy, guards and programs of a pool. */
export function poolOptions(random: Random): string {
  const options = [
    draw(random, ["", "hold=0s", "hold=5s", "hold=20s"]),
    draw(random, ["", "", "", "failback=manual"]),
    draw(random, ["", "", "allDown=all", "allDown=empty"]),
    draw(random, ["", "", "ttl=1s..5s", "ttl=30s..300s"]),
    draw(random, ["", "", "", "policy=all", "policy=weighted weights=3/2/1", "policy=sticky"]),
  ];
  // Families that go together, gates and hooks are for one member at a time.
  const isSingle = !options.some((option) => /^policy=|^allDown=all$/.test(option));
  if (isSingle && random.fraction() < 0.4) {
    const hook = `"command":["/hooks/one"],"timeout":"20s"`;
    const fence = `fence={${hook}}`;
    const both = `${fence} promote={${hook}}`;
    const onward = `promote={${hook},"onFailure":"continue"}`;
    options.push(draw(random, ["families=together", fence, both, both, onward]));
    if (random.fraction() < 0.3) options.push('gate={"check":"web"}');
  }
  const hasHooks = options.some((option) => /^(fence|promote)=/.test(option));
  return options
    .filter((option) => option !== "" && !(hasHooks && option === "allDown=empty"))
    .join(" ");
}

/** A name has one alias: what would answer several is refused. */
export function aliasOptions(random: Random): string {
  let options = poolOptions(random);
  while (/policy=|allDown=all/.test(options)) options = poolOptions(random);
  return options;
}

/** Whether one member serves both families. */
export function isTogether(options: string | undefined): boolean {
  return /families=together|fence=|promote=|gate=/.test(options ?? "");
}

/** One of these. */
export function draw<T>(random: Random, values: readonly T[]): T {
  const value = values[below(random, values.length)];
  if (value === undefined) throw new Error("Cannot draw: there is nothing to draw from");
  return value;
}
