// A real OpenID provider (oidc-provider) for tests of logins by one: node openid_provider.mjs PACKAGES CONFIGURATION.
// The configuration is a JSON file: port, certificate, key (files), clients, algorithm, accounts by name with their
// claims, claims_in_token. Prints "ready" when it listens on 127.0.0.1.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { pathToFileURL } from "node:url";

const [packages, file] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${packages}/node_modules/oidc-provider/lib/index.js`));
const given = JSON.parse(readFileSync(file, "utf8"));

const made = [
  { ...generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }), alg: "ES256" },
  { ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), alg: "RS256" },
];

const provider = new Provider(`https://127.0.0.1:${given.port}`, {
  clients: given.clients,
  jwks: { keys: made.map((key, number) => ({ ...key, use: "sig", kid: `key-${number}` })) },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  // By the standard, the address is only in the answer of the userinfo endpoint.
  conformIdTokenClaims: !given.claims_in_token,
  cookies: { keys: ["a key of the test"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...given.accounts[id] }) }),
});
provider.on("server_error", (_, error) => console.error(error));

createServer(
  { cert: readFileSync(given.certificate), key: readFileSync(given.key) },
  provider.callback(),
).listen(given.port, "127.0.0.1", () => console.log("ready"));
