// The browser of every test. In the end nothing may have happened that no user would see: a request
// that the policy or the CSRF check refused, an error of a script, a request to somewhere else.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, type BrowserContext, expect, type Page } from "@playwright/test";
import { facts } from "./pod";

const axe = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");
const kPictures = `${__dirname}/../../.cache/ui-pictures`;

interface Seen {
  policy: string[];
  csrf: string[];
  errors: string[];
  elsewhere: string[];
}

async function watch(context: BrowserContext, seen: Seen) {
  await context.exposeBinding("__tell_violation", (_source, text: string) => seen.policy.push(text));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const tell = (window as unknown as { __tell_violation: (text: string) => void }).__tell_violation;
      tell(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  context.on("weberror", (error) => seen.errors.push(String(error.error())));
  context.on("console", (message) => {
    if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) {
      seen.policy.push(message.text());
    }
  });
  context.on("request", (request) => {
    if (!request.url().startsWith(facts.url) && !/^(data|blob|about):/.test(request.url())) {
      seen.elsewhere.push(request.url());
    }
  });
  context.on("response", async (response) => {
    if (response.status() === 403 && (await response.text().catch(() => "")).includes('"code":"csrf"')) {
      seen.csrf.push(`${response.request().method()} ${response.url()}`);
    }
  });
}

export const test = base.extend<{ seen: Seen }>({
  seen: [
    // biome-ignore lint/correctness/noEmptyPattern: this is how Playwright names no fixture
    async ({}, use) => {
      const seen: Seen = { policy: [], csrf: [], errors: [], elsewhere: [] };
      await use(seen);
      expect(seen.policy, "violations of the Content-Security-Policy").toEqual([]);
      expect(seen.csrf, "requests that the CSRF check refused").toEqual([]);
      expect(seen.errors, "errors of scripts").toEqual([]);
      expect(seen.elsewhere, "requests to other servers").toEqual([]);
    },
    { auto: true },
  ],
  context: async ({ context, seen }, use) => {
    await watch(context, seen);
    await use(context);
  },
});
export { expect };

// Another browser of the same person, or of somebody else, under the same watch.
export async function another(context: BrowserContext, seen: Seen): Promise<Page> {
  const other = await context.browser()?.newContext({ baseURL: facts.url, locale: "en-GB" });
  if (!other) {
    throw new Error("there is no browser");
  }
  await watch(other, seen);
  return other.newPage();
}

const kSizes = [
  { width: 390, height: 844 },
  { width: 1280, height: 860 },
];

// Takes pictures of the page on a phone and on a desk, and lets axe look at both: no violation of
// what it knows, and nothing that is wider than the screen.
export async function look(page: Page, name: string) {
  const before = page.viewportSize();
  for (const size of kSizes) {
    await page.setViewportSize(size);
    await page.evaluate(() => document.fonts.ready);
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      // biome-ignore lint/suspicious/noExplicitAny: axe is a script, not a module
      const results = await (window as any).axe.run();
      // biome-ignore lint/suspicious/noExplicitAny: as above
      return results.violations.map((one: any) => `${one.id}: ${one.nodes.map((node: any) => node.html).join(" ")}`);
    });
    expect(violations, `axe on ${name} at ${size.width}`).toEqual([]);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider, `${name} at ${size.width} is wider than the screen`).toBeLessThanOrEqual(0);
    const in_dialog = (await page.locator("dialog[open]").count()) > 0;
    await page.screenshot({ path: `${kPictures}/${name}-${size.width}.png`, fullPage: !in_dialog, animations: "disabled" });
  }
  if (before) {
    await page.setViewportSize(before);
  }
}

// Fills the form of the login, and waits for what follows.
export async function log_in(page: Page, email: string, password: string) {
  await page.goto("/login");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

export async function log_in_fully(page: Page, email: string, password: string) {
  await log_in(page, email, password);
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
}

export async function log_out(page: Page) {
  const menu = page.getByRole("button", { name: "Menu" });
  if (await menu.isVisible()) {
    await menu.click();
  }
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
}

// The field's label may have more words for screen readers, such as "Show Password".
export const field = (page: Page, name: string) => page.locator(`[name="${name}"]`).last();

// An authenticator of the browser's own: a finger is always on it.
export async function add_authenticator(page: Page) {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
