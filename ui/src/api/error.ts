/** One field the server refused, with its sentence. */
export interface FieldError {
  field: string;
  message: string;
}

/** What the server answered instead of success; `message` is its own sentence, `body` everything it said. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: readonly FieldError[] = [],
    readonly retryAfterS?: number,
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** Turns any failure into one sentence for the reader. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.status === 429 && error.retryAfterS !== undefined) {
      return `${error.message}. Try again in ${error.retryAfterS} s.`;
    }
    if (error.details.length > 0 && error.details.every(({ field }) => field)) return "Please look at the marked fields.";
    const causes = error.details.filter((detail) => !detail.field).map((detail) => detail.message);
    return causes.length > 0 ? `${error.message}: ${causes.join("; ")}` : error.message;
  }
  if (error instanceof TypeError) return "The server cannot be reached.";
  return error instanceof Error ? error.message : "Something went wrong.";
}

/** The fields that the server refused, as a form wants them: the last part of each name, and a sentence to stand below it. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const named = error.details.filter(({ field }) => field);
  return Object.fromEntries(named.map(({ field, message }) => [field.split(".").at(-1) ?? field, asSentence(field, message)]));
}

/** `starting_bid must be more than 0` stands below a field with a label already: `Must be more than 0`. */
function asSentence(field: string, message: string): string {
  const rest = message.startsWith(`${field} `) ? message.slice(field.length + 1) : message;
  return rest.charAt(0).toLocaleUpperCase() + rest.slice(1);
}

/** Reads the error document of an answer; an answer that is not ours (a proxy's page) still gets a sentence. */
export function toApiError(response: Response, body: unknown): ApiError {
  const retryAfter = Number(response.headers.get("retry-after"));
  return new ApiError(
    response.status,
    messageOf(body) ?? `The server answered ${response.status}`,
    detailsOf(body),
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
    isRecord(body) ? body : {},
  );
}

function messageOf(body: unknown): string | undefined {
  return isRecord(body) && typeof body["error"] === "string" ? body["error"] : undefined;
}

function detailsOf(body: unknown): FieldError[] {
  if (!isRecord(body) || !Array.isArray(body["details"])) return [];
  return body["details"].flatMap((detail: unknown) => {
    if (!isRecord(detail)) return [];
    const message = detail["message"] ?? detail["cause"];
    if (typeof message !== "string") return [];
    return [{ field: typeof detail["field"] === "string" ? detail["field"] : "", message }];
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
