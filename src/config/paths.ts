// Paths as text: this room is pure and touches no disk.

/**
 * `path` as it is meant in `file`: relative to the folder that `file` stands in, `.` and `..` folded
 * as `path.join` would; an absolute path stays as it is.
 */
export function pathBeside(file: string, path: string): string {
  const folder = file.includes("/") ? file.slice(0, file.lastIndexOf("/") + 1) : "";
  const full = path.startsWith("/") ? path : folder + path;
  const kept: string[] = [];
  for (const step of full.split("/")) {
    if (step === "." || step === "") continue;
    if (step === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (step !== ".." || !full.startsWith("/")) kept.push(step);
  }
  return (full.startsWith("/") ? "/" : "") + kept.join("/") || ".";
}

/** Where a zone's pools are looked for when nothing else is said: beside it, as `X.pools.yaml`. */
export function poolsFileOf(zoneFile: string): string {
  return `${zoneFile.replace(/\.zone$/, "")}.pools.yaml`;
}

/** Whether `path` lies in the folder of `file` or below it: where a zone file may include from. */
export function isBeside(file: string, path: string): boolean {
  const folder = pathBeside(file, ".");
  if (folder === ".") return !path.startsWith("/") && !path.startsWith("..");
  return path.startsWith(folder === "/" ? "/" : `${folder}/`);
}
