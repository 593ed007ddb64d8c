// Asks the server this page came from. The token lives in this tab alone and is sent to nobody else.

const TOKEN = "livezone-token";

/** The server said no, or nothing: the message is for whoever looks at the page. */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function token(): string {
  return sessionStorage.getItem(TOKEN) ?? "";
}

export function setToken(value: string): void {
  if (value === "") sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, value);
}

/** A request with the token, if there is one. @throws ApiProblem */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const bearer = token();
  if (bearer !== "") headers.set("authorization", `Bearer ${bearer}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: "no-store", credentials: "omit" });
  } catch {
    throw new ApiProblem(0, "The server does not answer");
  }
  if (response.ok) return response;
  throw new ApiProblem(response.status, await sentenceOf(response));
}

/** A change, as JSON, done once however often the network makes it be sent. @throws ApiProblem */
export async function order(
  method: "PUT" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<void> {
  const content: Record<string, string> =
    body === undefined ? {} : { "content-type": "application/json" };
  const headers = { ...content, "idempotency-key": key() };
  await ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

function key(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** Problem documents (RFC 9457) carry a sentence for people. */
async function sentenceOf(response: Response): Promise<string> {
  try {
    const problem: unknown = await response.json();
    if (typeof problem === "object" && problem !== null && "detail" in problem) {
      return String(problem.detail);
    }
  } catch {
    // No JSON: the status says what there is to say.
  }
  return `The server answers with status ${response.status}`;
}
