import { describe } from "vitest";
import { chooseSerial } from "../../src/zone/serial.ts";
import { testTextCases } from "../scenarios/text-cases.ts";

describe("chooseSerial()", () => {
  testTextCases("zone-serial.txt", (input) =>
    input.map((line) => {
      const [published, fileBefore, fileNow, others] = line.split(" ");
      const serial = chooseSerial({
        published: Number(published),
        fileBefore: Number(fileBefore),
        fileNow: Number(fileNow),
        hasChanges: others === "changes",
      });
      return String(serial);
    }),
  );
});
