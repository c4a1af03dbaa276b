// Passkeys: the server's options go to the browser, and what the browser made goes back, both in
// the JSON of WebAuthn level 3 (sections 5.1.8 to 5.1.10). Octets travel as base64url.
import { Problem } from "./client";

function octets(text: string): ArrayBuffer {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0)).buffer;
}

function base64url(buffer: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

interface Descriptor {
  id: string;
  type: "public-key";
  transports?: AuthenticatorTransport[];
}
const descriptors = (list: Descriptor[] | undefined) =>
  list?.map((one) => ({ ...one, id: octets(one.id) })) ?? [];

// Browsers offer passkeys only to a server with a name whose certificate they trust.
export const has_passkeys = () => window.isSecureContext && "PublicKeyCredential" in window;

// Why there is no credential, as a problem. The reasons that browsers give are mostly the same
// NotAllowedError, on purpose.
function refusal(error: unknown): Problem {
  const name = error instanceof DOMException ? error.name : "";
  const code = name === "InvalidStateError" ? "passkey_known" : "passkey_refused";
  return new Problem(0, { code, detail: error instanceof Error ? error.message : String(error) });
}

// biome-ignore lint/suspicious/noExplicitAny: the server's options, as WebAuthn defines them
export async function create_credential(options: any): Promise<object> {
  try {
    const credential = (await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: octets(options.challenge),
        user: { ...options.user, id: octets(options.user.id) },
        excludeCredentials: descriptors(options.excludeCredentials),
      },
    })) as PublicKeyCredential;
    const response = credential.response as AuthenticatorAttestationResponse;
    return {
      id: credential.id,
      rawId: base64url(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(response.clientDataJSON),
        attestationObject: base64url(response.attestationObject),
        transports: response.getTransports?.() ?? [],
      },
    };
  } catch (error) {
    throw refusal(error);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the server's options, as WebAuthn defines them
export async function get_credential(options: any): Promise<object> {
  try {
    const credential = (await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: octets(options.challenge),
        allowCredentials: descriptors(options.allowCredentials),
      },
    })) as PublicKeyCredential;
    const response = credential.response as AuthenticatorAssertionResponse;
    return {
      id: credential.id,
      rawId: base64url(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(response.clientDataJSON),
        authenticatorData: base64url(response.authenticatorData),
        signature: base64url(response.signature),
        userHandle: response.userHandle ? base64url(response.userHandle) : undefined,
      },
    };
  } catch (error) {
    throw refusal(error);
  }
}
