import createClient from "openapi-fetch";
import { serverClock } from "./clock";
import { toApiError } from "./error";
import { accessToken, refresh } from "./session";
import type { paths } from "./schema";

/** The typed client of our API; every call goes through the same authorisation. */
export const api = createClient<paths>({ baseUrl: "/", fetch: authorisedFetch });

/** Resolves to the answer's body or throws the server's error. */
export async function unwrap<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<NonNullable<T>> {
  const { data, error, response } = await call;
  if (!response.ok || data === undefined || data === null) throw toApiError(response, error);
  return data;
}

/** Sends a request with the caller's token and, when the token was refused, once more with a renewed one. */
export async function authorisedFetch(request: Request): Promise<Response> {
  const retry = request.clone();
  const token = await accessToken();
  if (token === undefined) return send(request);
  const response = await send(withToken(request, token));
  if (response.status !== 401 || !(await refresh())) return response;
  const renewed = await accessToken();
  return renewed === undefined ? response : send(withToken(retry, renewed));
}

function withToken(request: Request, token: string): Request {
  request.headers.set("authorization", `Bearer ${token}`);
  return request;
}

// Every answer says what time it is on the server, if only to the second.
async function send(request: Request): Promise<Response> {
  const sentAt = performance.now();
  const response = await fetch(request);
  const date = response.headers.get("date");
  if (date !== null) serverClock.sampleDateHeader(date, sentAt, performance.now());
  return response;
}
