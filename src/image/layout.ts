// The numbers of the image: where every word lies. README.md draws it. Offsets called "word" count
// 4-octet words from the start of their memory; the processor must be little-endian.

import { TYPE } from "../dns/types.ts";

/** First word of a base, so that a copy on disk is recognised; "LZIM". */
export const MAGIC = 0x4d495a4c;
/** Raised whenever a word changes its place or meaning: an older copy on disk is then rebuilt. */
export const LAYOUT_VERSION = 2;

// --- base and overlay heads ----------------------------------------------------------------------

export const BASE_MAGIC = 0;
export const BASE_VERSION = 1;
/** Index slots less one; their number is a power of two. */
export const BASE_INDEX_MASK = 2;
/** How many low bits of an index slot are the node's offset; the rest are the hash's top bits. */
export const BASE_OFFSET_BITS = 3;
/** Labels of the deepest name: no suffix with more labels can be found. */
export const BASE_LABELS_MAX = 4;
/** How many nodes there are. */
export const BASE_NODES = 5;
/** Where the index begins. */
export const BASE_INDEX = 16;

/** 0 while the overlay is empty; else generation << 1 | region. The one word that publishes. */
export const OVERLAY_ROOT = 0;
export const OVERLAY_INDEX_MASK = 1;
export const OVERLAY_OFFSET_BITS = 2;
/** Where the two index regions begin; each is a word with its labels' bound, then its slots. */
export const OVERLAY_REGIONS = 16;
/** Words of a region before its slots; the first one bounds the labels of its names. */
export const REGION_HEAD_WORDS = 4;

// Nodes begin at multiples of 8 octets: one bit less of offset, one more of tag, in each slot.

/** Offsets stay below 2^31 octets, so that the engine keeps every one as a small integer. */
export const MEMORY_OCTETS_MAX = 0x7fff_fff8;

// --- nodes: hash, flags and length, name (end-aligned), [children], entries ----------------------

/** Apex of a served zone. */
export const NODE_APEX = 1;
/** Holds NS and is no apex: a referral starts here. */
export const NODE_CUT = 2;
/** Lies below a cut or a DNAME: only ever used as glue. */
export const NODE_OCCLUDED = 4;
export const NODE_DNAME = 8;
export const NODE_CNAME = 16;
/** Has a child "*". */
export const NODE_WILDCARD_CHILD = 32;
/** Exists only because names below it do (RFC 4592 section 2.2.2), or holds nothing any more. */
export const NODE_EMPTY = 64;
/** In an overlay: the name is gone, whatever the base says. */
export const NODE_DELETED = 128;
/** Has children: a word with their number, the writer's own, stands before the entries. */
export const NODE_INNER = 256;
/** What a parent zone holds where a child is served too: DS records at the apex, and glue. */
export const NODE_PARENT_SIDE = 512;
const INNER_SHIFT = 8;

/** Flipped in the hash of a parent-side node, so that no ordinary search meets it. */
export const PARENT_SIDE_SALT = 0x5bd1_e995;

/**
 * The hash of a node that holds a zone's glue at or below the apex of a served child.
 *
 * @param apexLabels labels of the zone that holds it, which tell it from all others above the name.
 */
export function glueHash(hash: number, apexLabels: number): number {
  return hash ^ Math.imul(PARENT_SIDE_SALT, 2 * apexLabels + 3);
}

/** Words of a node before its name. */
export const NODE_HEAD_WORDS = 2;
export const NAME_LENGTH_SHIFT = 16;

/** The flags of a node's second word, out of it. */
export function nodeFlags(word: number): number {
  return word & 0xffff;
}

/** The octets of a node's name, out of its second word. */
export function nodeNameLength(word: number): number {
  return (word >>> NAME_LENGTH_SHIFT) & 0xff;
}

/** Words from a node's start to its entries, out of its second word. */
export function entriesOffset(word: number): number {
  const nameWords = (nodeNameLength(word) + 3) >> 2;
  return NODE_HEAD_WORDS + nameWords + ((word >>> INNER_SHIFT) & 1);
}

// --- entries: type and count, flags and size, records ready for the wire -------------------------

/** The node's last entry. */
export const ENTRY_LAST = 1;
/** No records here: the size field is the number of a live slot. */
export const ENTRY_LIVE = 2;
/** Its data holds names that answers compress (RFC 3597 section 4). */
const ENTRY_NAMES = 4;
/** Its answers bring addresses along (RFC 1034 section 4.3.2 step 6). */
export const ENTRY_EXTRA = 8;
/** An RRset without any of these is copied as it is. */
export const ENTRY_NOT_PLAIN = ENTRY_LIVE | ENTRY_NAMES | ENTRY_EXTRA;

export const ENTRY_HEAD_WORDS = 2;
export const ENTRY_FLAGS_SHIFT = 24;
export const ENTRY_SIZE_MASK = 0xff_ffff;
/** Octets of a record before its data: the owner's pointer, type, class, ttl, length. */
export const RECORD_HEAD_OCTETS = 12;
/** Where a record's TTL lies in it. */
export const RECORD_TTL_AT = 6;
export const RECORD_RDLENGTH_AT = 10;

// --- live slots ----------------------------------------------------------------------------------

export const SLOTS_MAGIC = 0;
export const SLOTS_COUNT = 1;
/** First word behind the directory: blocks of answers and keys begin here. */
export const SLOTS_HEAP = 2;
/** The last era that was given out; the first is 1. */
export const SLOTS_ERA = 3;
/** How many slots belong to somebody. */
export const SLOTS_USED = 4;
/** Where the directory begins. */
export const SLOTS_DIRECTORY = 16;
export const SLOT_WORDS = 8;
/** 0: never published; else generation << 1 | half. The one word that publishes. */
export const SLOT_STATE = 0;
/** Words where the halves' blocks begin: half 0, then half 1; 0 where there is none yet. */
export const SLOT_HALVES = 1;
/** Their sizes in words. */
export const SLOT_HALF_WORDS = 3;
/**
 * Word where the key begins: owner's length and type in one word, then the owner; 0 = free slot.
 */
export const SLOT_KEY = 5;
export const SLOT_KEY_WORDS = 6;

/** A half: picker and number of variants, TTL of a negative answer, table, era, then variants. */
export const HALF_HEAD = 0;
export const HALF_NEGATIVE_TTL = 1;
/**
 * Words from the half's start to the picker's table (alias table or seeds); 0 where it has none.
 */
export const HALF_TABLE = 2;
/**
 * Which answer this is: publishes that differ in their TTL alone are of one era. No other answer of
 * any slot has the same; later ones have greater numbers.
 */
export const HALF_ERA = 3;
/** One word for each variant: words from the half's start to its entry. */
export const HALF_VARIANTS = 4;
export const VARIANTS_MAX = 64;
/** Stands for "no limit of its own". */
export const NEGATIVE_TTL_NONE = 0x7fff_ffff;

/** How a half picks: its first variant, each in turn, by weight, or by who asks. */
export const PICK_FIRST = 0;
export const PICK_ROTATE = 1;
export const PICK_ALIAS = 2;
export const PICK_RENDEZVOUS = 3;
/** By the client's subnet, where the query names one. */
export const PICK_RENDEZVOUS_SUBNET = 4;

// --- types ---------------------------------------------------------------------------------------

const NAMES_OF_TYPE = new Uint8Array(64);
const EXTRA_OF_TYPE = new Uint8Array(128);

for (const type of [TYPE.NS, TYPE.MD, TYPE.MF, TYPE.CNAME, TYPE.MB, TYPE.MG, TYPE.MR, TYPE.PTR]) {
  NAMES_OF_TYPE[type] = 1;
}
NAMES_OF_TYPE[TYPE.SOA] = 2;
NAMES_OF_TYPE[TYPE.MINFO] = 2;
NAMES_OF_TYPE[TYPE.MX] = (2 << 4) | 1;
EXTRA_OF_TYPE[TYPE.NS] = 1;
EXTRA_OF_TYPE[TYPE.MX] = 1 + 2;
EXTRA_OF_TYPE[TYPE.SRV] = 1 + 6;
EXTRA_OF_TYPE[TYPE.SVCB] = 1 + 2;
EXTRA_OF_TYPE[TYPE.HTTPS] = 1 + 2;

/**
 * The names in a type's data that answers compress: octets before them << 4 | how many follow each
 * other; 0 where there is none. Only the types of RFC 1035 (RFC 3597 section 4).
 */
export function compressibleNames(type: number): number {
  return type < 64 ? (NAMES_OF_TYPE[type] as number) : 0;
}

/** Where the name lies in a type's data whose addresses are brought along, plus one; 0 for none. */
export function extraNameAt(type: number): number {
  return type < 128 ? (EXTRA_OF_TYPE[type] as number) : 0;
}

/** The entry flags that a type alone decides. */
export function entryFlagsOf(type: number): number {
  return (
    (compressibleNames(type) === 0 ? 0 : ENTRY_NAMES) | (extraNameAt(type) === 0 ? 0 : ENTRY_EXTRA)
  );
}
