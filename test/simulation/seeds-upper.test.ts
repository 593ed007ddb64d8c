import { describe } from "vitest";
import { testSeeds } from "./seed-batches.ts";

describe("the control plane in simulated time", () => testSeeds(501, 500));
