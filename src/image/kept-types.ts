// Which RRsets a node keeps, by their types, and which of its flags they set.

import { TYPE } from "../dns/types.ts";
import { NODE_CNAME, NODE_CUT, NODE_DNAME } from "./layout.ts";

/** The type's mark in the flags of the node that holds it. */
export function typeFlag(type: number): number {
  if (type === TYPE.NS) return NODE_CUT;
  if (type === TYPE.CNAME) return NODE_CNAME;
  return type === TYPE.DNAME ? NODE_DNAME : 0;
}

/**
 * Whether a parent zone's RRset at the apex of a served child is kept: what questions for DS need.
 * Of the others only the name stays; they are the child's to answer.
 */
export function isParentSideType(type: number): boolean {
  return type === TYPE.DS || type === TYPE.NS || type === TYPE.CNAME;
}

/** Whether a parent zone's RRset at or below the apex of a served child is kept: as its glue. */
export function isGlueType(type: number): boolean {
  return type === TYPE.A || type === TYPE.AAAA;
}
