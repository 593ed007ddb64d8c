// Whether structures and constants of an operating system are those that this code writes by hand.

/** Little-endian processors with 64-bit pointers and Linux's generic socket constants. */
const KNOWN_PROCESSORS: readonly string[] = ["x64", "arm64", "riscv64", "loong64"];

/**
 * "win32 on x64", for a sentence, where they are not known; `undefined` where they are.
 *
 * @param system node's `process`, or what it would say.
 */
export function unknownSystem(system: {
  readonly platform: string;
  readonly arch: string;
}): string | undefined {
  const { platform, arch } = system;
  const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const isKnown = platform === "linux" && KNOWN_PROCESSORS.includes(arch) && isLittleEndian;
  return isKnown ? undefined : `${platform} on ${arch}`;
}
