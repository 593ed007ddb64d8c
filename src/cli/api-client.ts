// Asks a running server through its unix socket; the command line uses nothing else.

import { request } from "node:http";
import { AppError, codeOf, messageOf } from "../base/errors.ts";

/** The server cannot be asked, or refuses: the message is what the operator is told. */
export class ApiError extends AppError {
  override readonly code: "API_ABSENT" | "API_REFUSED" | "API_SILENT" | "API_GARBLED";

  constructor(code: ApiError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const TIMEOUT_MS = 10_000;
/** A report of 10,000 pools takes about ten mebibytes. */
const RESPONSE_OCTETS_MAX = 256 * 1024 * 1024;

/**
 * GETs a JSON document.
 *
 * @throws ApiError
 */
export function getJson(socket: string, path: string): Promise<unknown> {
  return askJson(socket, { method: "GET", path });
}

/** A request, its body as it is to be sent as JSON. */
export interface ApiRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Asks for something and reads the JSON document that comes back.
 *
 * @throws ApiError
 */
export async function askJson(socket: string, request: ApiRequest): Promise<unknown> {
  const { status, body } = await exchange(socket, request).catch((error: unknown) => {
    throw error instanceof ApiError ? error : unreachableServer(socket, error);
  });
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch (error) {
    const message = `Cannot understand the server at "${socket}": its answer is no JSON`;
    throw new ApiError("API_GARBLED", message, error);
  }
  if (status >= 200 && status <= 299) return document;
  const detail =
    typeof document === "object" && document !== null && "detail" in document
      ? String(document.detail)
      : `Cannot ask the server at "${socket}": it answers with status ${status}`;
  throw new ApiError("API_REFUSED", detail);
}

function exchange(
  socket: string,
  { method, path, body }: ApiRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? {} : { "content-type": "application/json" };
    const headers = { accept: "application/json", ...content };
    const options = { socketPath: socket, method, path, headers, agent: false };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      let octets = 0;
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > RESPONSE_OCTETS_MAX) sent.destroy(new Error("its answer is too long"));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    sent.setTimeout(TIMEOUT_MS, () => {
      const message = `Cannot ask the server at "${socket}": no answer in ${TIMEOUT_MS / 1000} s`;
      sent.destroy(new ApiError("API_SILENT", message));
    });
    sent.once("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function unreachableServer(socket: string, error: unknown): ApiError {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ECONNREFUSED") {
    const mend = 'start one with "livezone serve", or name its socket with --socket PATH';
    return new ApiError("API_ABSENT", `No server answers at "${socket}": ${mend}`, error);
  }
  const state = code === "EACCES" ? "permission denied" : messageOf(error);
  return new ApiError("API_ABSENT", `Cannot ask the server at "${socket}": ${state}`, error);
}
