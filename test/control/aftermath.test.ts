// What follows from visible answers comes after all of them, in order.

import { describe, expect, it } from "vitest";
import { Aftermath } from "../../src/control/aftermath.ts";

describe("Aftermath", () => {
  it("does a task at once where nothing is done together", () => {
    const said: string[] = [];
    const aftermath = new Aftermath();
    aftermath.after(() => said.push("task"));
    said.push("end");
    expect(said).toEqual(["task", "end"]);
  });

  it("does what follows from work behind all of it, also from work within work", () => {
    const said: string[] = [];
    const aftermath = new Aftermath();
    aftermath.together(() => {
      for (const pool of ["a", "b"]) {
        said.push(`show ${pool}`);
        aftermath.after(() => said.push(`tell ${pool}`));
      }
      aftermath.together(() => {
        said.push("show c");
        aftermath.after(() => said.push("tell c"));
      });
    });
    expect(said).toEqual(["show a", "show b", "show c", "tell a", "tell b", "tell c"]);
  });

  it("does what follows from what is visible when work fails, and goes on as before it", () => {
    const said: string[] = [];
    const aftermath = new Aftermath();
    const failing = (): void => {
      aftermath.after(() => said.push("visible"));
      throw new Error("no");
    };
    expect(() => aftermath.together(failing)).toThrow("no");
    aftermath.after(() => said.push("next"));
    expect(said).toEqual(["visible", "next"]);
  });

  it("does the other tasks where one fails, and throws what came first", () => {
    const said: string[] = [];
    const aftermath = new Aftermath();
    const work = (): void => {
      aftermath.after(() => said.push("a"));
      for (const why of ["first", "second"]) {
        aftermath.after(() => {
          throw new Error(why);
        });
      }
      aftermath.after(() => said.push("b"));
    };
    expect(() => aftermath.together(work)).toThrow("first");
    expect(said).toEqual(["a", "b"]);
  });
});
