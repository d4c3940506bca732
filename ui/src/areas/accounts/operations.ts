import { api, unwrap } from "../../api/client";
import { toApiError } from "../../api/error";
import { signedIn, signedOut } from "../../api/session";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];

export interface Credentials {
  email: string;
  password: string;
}

/** An attempt to sign in by a code: what goes back with it. */
export interface Attempt {
  email: string;
  isSignup: boolean;
  session: string;
  challengeName: string;
}

export async function signIn(credentials: Credentials): Promise<void> {
  signedIn(await unwrap(api.POST("/api/auth/login", { body: credentials })));
}

export async function register(account: Credentials & { name: string }): Promise<void> {
  signedIn(await unwrap(api.POST("/api/auth/register", { body: account })));
}

/** Makes the first administrator, with the one-time token that the server printed. */
export async function setUp(account: Credentials & { name: string; token: string }): Promise<void> {
  signedIn(await unwrap(api.POST("/api/auth/setup", { body: account })));
}

/** Has a code sent. The server answers alike whether the address has an account or not. */
export async function requestCode(body: { email: string; isSignup: boolean; name?: string }): Promise<Attempt> {
  const { session, challengeName } = await unwrap(api.POST("/api/auth/initiate", { body }));
  return { email: body.email, isSignup: body.isSignup, session, challengeName };
}

/** Has another code sent; the one before it ends. */
export async function resendCode({ email, session }: Attempt): Promise<void> {
  await unwrap(api.POST("/api/auth/resend-code", { body: { email, session } }));
}

export async function verifyCode({ email, isSignup, session, challengeName }: Attempt, otp: string): Promise<void> {
  const body = { email, isSignup, session, challengeName, otp };
  // The refresh token among them is in the cookie as well, where scripts cannot reach it: it is dropped here.
  const tokens = await unwrap(api.POST("/api/auth/verify-otp", { body }));
  signedIn({ access_token: tokens.accessToken, token_type: "Bearer", expires_in: tokens.expiresIn, user: tokens.user });
}

/** Has a link sent, if the address has an account. */
export async function forgotPassword(email: string): Promise<void> {
  await done(api.POST("/api/auth/password/forgot", { body: { email } }));
}

/** Sets a password by the token of a link. Everybody is signed out of that account, also here. */
export async function resetPassword(body: Schemas["ResetPassword"]): Promise<void> {
  await done(api.POST("/api/auth/password/reset", { body }));
}

/** Changes the password; every other session ends, this one goes on as a new one. */
export async function changePassword(body: Schemas["ChangePassword"]): Promise<void> {
  signedIn(await unwrap(api.POST("/api/auth/password/change", { body })));
}

export async function signOut(): Promise<void> {
  await api.POST("/api/auth/logout").catch(() => undefined);
  signedOut();
}

/** Ends every session of the account, this one last. */
export async function signOutEverywhere(): Promise<void> {
  await done(api.POST("/api/auth/sessions/revoke-others"));
  await signOut();
}

/** Resolves when a call without an answer worked, or throws the server's error. */
export async function done(call: Promise<{ error?: unknown; response: Response }>): Promise<void> {
  const { error, response } = await call;
  if (!response.ok) throw toApiError(response, error);
}
