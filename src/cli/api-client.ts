// Asks a running server through its API; the command line uses nothing else.

import { type ApiAddress, openRequest, placeOf } from "./api-address.ts";
import { type ApiAnswer, ApiError, refusal, strangeAnswer, unreachable } from "./api-errors.ts";

const TIMEOUT_MS = 10_000;
/** A report of 10,000 pools takes about ten mebibytes. */
const RESPONSE_OCTETS_MAX = 256 * 1024 * 1024;

/**
 * GETs a JSON document.
 *
 * @throws ApiError
 */
export function getJson(server: ApiAddress, path: string): Promise<unknown> {
  return askJson(server, { method: "GET", path });
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
export async function askJson(server: ApiAddress, request: ApiRequest): Promise<unknown> {
  const answer = await exchange(server, request).catch((error: unknown) => {
    throw unreachable(server, error);
  });
  let document: unknown;
  try {
    document = JSON.parse(answer.body);
  } catch (error) {
    throw strangeAnswer(server, "its answer is no JSON", error);
  }
  if (answer.status >= 200 && answer.status <= 299) return document;
  throw refusal(server, answer, document);
}

function exchange(server: ApiAddress, { method, path, body }: ApiRequest): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? {} : { "content-type": "application/json" };
    const headers = { accept: "application/json", ...content };
    const sent = openRequest(server, { method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      let octets = 0;
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > RESPONSE_OCTETS_MAX) sent.destroy(new Error("its answer is too long"));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        const [mediaType = ""] = (response.headers["content-type"] ?? "").split(";");
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, mediaType, body: text });
      });
    });
    sent.setTimeout(TIMEOUT_MS, () => {
      const place = placeOf(server);
      const message = `Cannot ask the server at "${place}": no answer in ${TIMEOUT_MS / 1000} s`;
      sent.destroy(new ApiError("API_SILENT", message));
    });
    sent.once("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
