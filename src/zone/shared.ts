// Memory that several threads may read at once: large zones lie in it from the start, so that they
// pass from thread to thread without a copy.

/** Small buffers stay the thread's own: shared ones cost the system more to make and to let go. */
const SHARED_OCTETS_MIN = 0x1_0000;

/** Octets, all zero; in shared memory where they are many. What is not written takes no memory. */
export function newOctets(length: number): Uint8Array {
  return length < SHARED_OCTETS_MIN ? new Uint8Array(length) : inSharedMemory(length);
}

/** Whether other threads can be handed these octets without a copy. */
export function isShared(octets: Uint8Array): boolean {
  return octets.buffer instanceof SharedArrayBuffer;
}

/** The same octets in shared memory; copied only where they are not. */
export function sharedOctets(octets: Uint8Array): Uint8Array {
  if (isShared(octets)) return octets;
  const shared = inSharedMemory(octets.length);
  shared.set(octets);
  return shared;
}

function inSharedMemory(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}
