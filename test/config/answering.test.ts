import { describe, expect, it } from "vitest";
import { readCookieSecrets } from "../../src/config/answering.ts";

const ONE = "00112233445566778899aabbccddeeff";
const TWO = "ffeeddccbbaa99887766554433221100";

describe("readCookieSecrets()", () => {
  it("takes the first as the one in use, and a second beside it", () => {
    const reading = readCookieSecrets(`# since May\n${ONE}\n\n${TWO} # before\n`);
    expect(reading).toMatchObject({ kind: "ok" });
    if (reading.kind !== "ok") return;
    expect(Buffer.from(reading.value.active).toString("hex")).toBe(ONE);
    expect(Buffer.from(reading.value.other ?? []).toString("hex")).toBe(TWO);
  });

  it.each([
    ["nothing", "# none yet\n", "it holds no secret; make one by openssl rand -hex 16"],
    ["too short a line", `${ONE}\nabc\n`, "line 2 is not 32 hexadecimal digits"],
    ["three secrets", `${ONE}\n${TWO}\n${ONE}\n`, "it holds more than two secrets"],
  ])("refuses %s", (_case, content, sentence) => {
    const reading = readCookieSecrets(content);
    expect(reading.kind === "bad" && reading.sentence).toContain(sentence);
  });
});
