import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const HOUR_S = 3600;

/**
 * An OpenID Connect issuer on this machine, which shows a page of its own to sign in on: discovery, key set, authorize
 * and token endpoints, PKCE checked. `person()` says who signs in, as claims.
 */
export function startIssuer(port, person) {
  const url = `http://127.0.0.1:${port}/pool`;
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const grants = new Map();

  const token = (claims) => {
    const now = Math.floor(Date.now() / 1000);
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const message = `${encode({ alg: "RS256", kid: "one" })}.${encode({ iss: url, iat: now, exp: now + HOUR_S, ...claims })}`;
    return `${message}.${createSign("RSA-SHA256").update(message).sign(privateKey, "base64url")}`;
  };

  const routes = {
    "/pool/.well-known/openid-configuration": () => ({
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
    }),
    "/pool/jwks": () => ({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }] }),
    "/pool/authorize": (query) => {
      const code = randomBytes(16).toString("hex");
      grants.set(code, Object.fromEntries(query));
      const back = (answer) => {
        const target = new URL(query.get("redirect_uri"));
        for (const [name, value] of Object.entries({ ...answer, state: query.get("state") })) target.searchParams.set(name, value);
        return target.href.replaceAll("&", "&amp;");
      };
      return `<!doctype html><title>Issuer</title><link rel="icon" href="data:,"><h1>Issuer</h1>
        <a href="${back({ code })}">Agree</a> <a href="${back({ error: "access_denied" })}">Decline</a>`;
    },
    "/pool/token": (query, form) => {
      const grant = grants.get(form.get("code"));
      grants.delete(form.get("code"));
      const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
      if (grant?.code_challenge !== challenge || grant.redirect_uri !== form.get("redirect_uri")) return undefined;
      const { client_id, nonce } = grant;
      return {
        token_type: "Bearer",
        access_token: token({ ...person(), token_use: "access", client_id }),
        id_token: token({ ...person(), token_use: "id", aud: client_id, nonce }),
      };
    },
  };

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, url);
    let body = "";
    for await (const chunk of request) body += chunk;
    const answer = routes[pathname]?.(searchParams, new URLSearchParams(body));
    const isPage = typeof answer === "string";
    response.writeHead(answer ? 200 : 400, { "content-type": isPage ? "text/html" : "application/json" });
    response.end(isPage ? answer : JSON.stringify(answer ?? { error: "invalid_grant" }));
  });
  const stop = () => {
    server.close();
    // The server under test keeps its connections for the next question.
    server.closeAllConnections();
  };
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve({ url, token, stop }));
  });
}
