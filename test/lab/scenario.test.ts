// Scenario files as text: what is read from them, and what is said of bad ones.

import { describe, expect, it } from "vitest";
import { loadScenario, readScenario, scenarioNames } from "../../scripts/labs/scenario.ts";
import { testTextCases } from "../scenarios/text-cases.ts";

describe("a scenario file", () => {
  testTextCases("lab-scenarios.txt", (input) => {
    try {
      const { title, about, lanes, owner, settings, steps } = readScenario(
        "test",
        input.join("\n"),
      );
      return [
        [title, ...about].join(" | "),
        `${owner} through ${lanes.join(" ")}, on ${settings.hosts.join(" ")}`,
        ...settings.livezone.config.split("\n").filter(Boolean),
        ...steps.flatMap(({ moment, action, expected }) => [
          `${JSON.stringify(moment)} ${JSON.stringify(action)}`,
          ...expected.map(({ source, phrases, fromMs, untilMs, isNever }) => {
            const window = `${isNever ? "not " : ""}from ${fromMs} until ${untilMs}`;
            return `  ${source} ${JSON.stringify(phrases)} ${window}`;
          }),
        ]),
      ];
    } catch (error) {
      return [(error as Error).message];
    }
  });

  it.each(scenarioNames())("%s is sound, and says what it is about", (name) => {
    const { title, about, steps } = loadScenario(name);
    expect(title).not.toBe("");
    expect(about.length).toBeGreaterThan(0);
    expect(steps.some(({ expected }) => expected.length > 0)).toBe(true);
  });
});
