// Types that mostly lead to other names: redirection, mail of old, services.

import { TYPE } from "../types.ts";
import type { RdataDescription } from "./description.ts";
import { mnemonic, NAME, U16 } from "./fields.ts";
import { STRING } from "./text-fields.ts";
import { TYPE_NAME } from "./type-fields.ts";

/** RFC 9859 section 2.1. */
const DSYNC_SCHEME = mnemonic({
  width: 1,
  table: { NOTIFY: 1 },
  expected: "a scheme: NOTIFY or a number from 0 to 255",
});

/** DNAME, RP, AFSDB, RT, PX, KX, NAPTR, NSAP-PTR, LP, TALINK, DSYNC, and RFC 1035's mail types. */
export const NAMES: readonly RdataDescription[] = [
  { type: TYPE.MD, fields: [NAME], names: "well-known" },
  { type: TYPE.MF, fields: [NAME], names: "well-known" },
  { type: TYPE.MB, fields: [NAME], names: "well-known" },
  { type: TYPE.MG, fields: [NAME], names: "well-known" },
  { type: TYPE.MR, fields: [NAME], names: "well-known" },
  { type: TYPE.MINFO, fields: [NAME, NAME], names: "well-known" },
  { type: TYPE.DNAME, fields: [NAME], names: "lowered" },
  { type: TYPE.RP, fields: [NAME, NAME], names: "early" },
  { type: TYPE.AFSDB, fields: [U16, NAME], names: "early" },
  { type: TYPE.RT, fields: [U16, NAME], names: "early" },
  { type: TYPE.PX, fields: [U16, NAME, NAME], names: "early" },
  { type: TYPE.KX, fields: [U16, NAME], names: "lowered" },
  // order preference flags services regexp replacement (RFC 3403 section 4.1)
  { type: TYPE.NAPTR, fields: [U16, U16, STRING, STRING, STRING, NAME], names: "early" },
  { type: TYPE["NSAP-PTR"], fields: [NAME] },
  { type: TYPE.LP, fields: [U16, NAME] },
  { type: TYPE.TALINK, fields: [NAME, NAME] },
  { type: TYPE.DSYNC, fields: [TYPE_NAME, DSYNC_SCHEME, U16, NAME] },
];
