import { describe } from "vitest";
import { testTextCases } from "../scenarios/text-cases.ts";
import { outcomeOf } from "./parsing.ts";

describe("parseZoneFile() reads", () => testTextCases("zonefile-good.txt", outcomeOf));
describe("parseZoneFile() refuses", () => testTextCases("zonefile-bad.txt", outcomeOf));
describe("parseZoneFile() generates", () => testTextCases("zonefile-generate.txt", outcomeOf));
describe("parseZoneFile() includes", () => testTextCases("zonefile-include.txt", outcomeOf));
