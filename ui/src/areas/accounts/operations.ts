import { api, unwrap } from "../../api/client";
import { signedIn, signedOut } from "../../api/session";

export interface Credentials {
  email: string;
  password: string;
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

export async function signOut(): Promise<void> {
  await api.POST("/api/auth/logout").catch(() => undefined);
  signedOut();
}
