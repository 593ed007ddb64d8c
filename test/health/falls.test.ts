import { describe, expect, it } from "vitest";
import { type FallEpisode, withFallen } from "../../src/health/falls.ts";

/** "web- ssh- web+": who falls and who is up again, in turn; "*" marks the falls that count. */
function play(story: string): string {
  const down = new Set<string>();
  let episode: FallEpisode = new Set();
  return story
    .split(" ")
    .map((word) => {
      const target = word.slice(0, -1);
      if (word.endsWith("+")) {
        down.delete(target);
        return word;
      }
      const outcome = withFallen(episode, target, (other) => down.has(other));
      down.add(target);
      episode = outcome.episode;
      return outcome.isCounted ? `${word}*` : word;
    })
    .join(" ");
}

describe("withFallen()", () => {
  it("counts each fall of a single target", () => {
    expect(play("web- web+ web- web+ web-")).toBe("web-* web+ web-* web+ web-*");
  });

  it("counts a host once, whichever of its targets is found down first", () => {
    const story = "web- ssh- web+ ssh+ ssh- web- ssh+ web+ web- ssh-";
    expect(play(story)).toBe("web-* ssh- web+ ssh+ ssh-* web- ssh+ web+ web-* ssh-");
  });

  it("counts a target that flaps beside one that stays down", () => {
    expect(play("web- ssh- ssh+ ssh- ssh+ ssh-")).toBe("web-* ssh- ssh+ ssh-* ssh+ ssh-*");
  });

  it("counts two targets that fail one after the other", () => {
    expect(play("web- web+ ssh- ssh+ web-")).toBe("web-* web+ ssh-* ssh+ web-*");
  });
});
