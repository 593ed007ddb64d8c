// Which programs may be started on an operator's behalf: only what nobody else can have rewritten.

/** What a look at the disk tells of a program and of the folder it stands in. */
export interface ProgramFacts {
  readonly isFile: boolean;
  /** Permission bits, as stat gives them. */
  readonly mode: number;
  readonly ownerId: number;
  readonly folderMode: number;
}

/**
 * Why a program must not be started, as `state; mend`, or `undefined` where it may.
 *
 * @param facts undefined where there is no such file.
 * @param ownId the user this process runs as.
 */
export function programRefusal(
  path: string,
  facts: ProgramFacts | undefined,
  ownId: number,
): string | undefined {
  if (facts === undefined) return `there is no file "${path}"; write the program's full path`;
  const { isFile, mode, ownerId, folderMode } = facts;
  if (!isFile) return `"${path}" is not a file; write the program's path`;
  if ((mode & 0o111) === 0) return `"${path}" cannot be executed; chmod +x it`;
  if ((mode & 0o022) !== 0) return `"${path}" can be rewritten by others; chmod go-w it`;
  if (ownerId !== 0 && ownerId !== ownId) {
    return `"${path}" belongs to another user; chown it to root or to the server's user`;
  }
  // In a folder that others may write, they may put another file in its place (unless sticky).
  const isOpenFolder = (folderMode & 0o022) !== 0 && (folderMode & 0o1000) === 0;
  return isOpenFolder
    ? `the folder of "${path}" can be written by others; chmod go-w it`
    : undefined;
}
