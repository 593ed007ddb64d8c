// Passwords of checks: written in the configuration, or in a file of their own.

import type { Login } from "../../config/ask.ts";
import { FileTexts } from "../file-text.ts";

const files = new FileTexts();

/** The password of a login, if it has one. A file's last line break is no part of it. @throws as `FileTexts`. */
export function passwordOf({ password, passwordFile }: Login): string | undefined {
  return passwordFile === undefined ? password : files.read(passwordFile).replace(/\r?\n$/, "");
}
