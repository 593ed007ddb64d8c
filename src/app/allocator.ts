// The C library's allocator, told to give back what large zones have used.

/** `mallopt`: blocks of this size and above are mapped apart, and unmapped when they are freed. */
const M_MMAP_THRESHOLD = -3;
const THRESHOLD_OCTETS = 0x4_0000;

/**
 * Keeps large blocks apart from the heaps of threads. By itself glibc raises the threshold to the size
 * of any large block that was freed, and from then on keeps up to twice as much in each heap: a zone
 * file that was read once would stay resident for good. Without glibc or koffi nothing happens.
 */
export async function keepLargeBlocksApart(): Promise<void> {
  try {
    const { default: koffi } = await import("koffi");
    const mallopt = koffi.load(null).func("int mallopt(int, int)") as (
      option: number,
      value: number,
    ) => number;
    mallopt(M_MMAP_THRESHOLD, THRESHOLD_OCTETS);
  } catch {
    // Another C library: it costs memory, and nothing else.
  }
}
