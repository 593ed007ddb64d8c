// Where the lines of the processor's cache lie in shared memory. Whatever is read as one should not
// lie across two; what happens elsewhere costs time, never a wrong word.

/** Words of 32 bits in a line, on all processors that matter here. */
export const LINE_WORDS = 16;

/**
 * The first word of a large shared buffer that begins a line. The C library's allocators (glibc's and
 * musl's alike) map a large block for itself and put 16 octets of their own before it.
 */
export const FIRST_LINE_WORD = 12;
