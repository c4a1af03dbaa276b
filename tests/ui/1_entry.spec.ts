// The pages before a login: what they weigh, what they are served with, and who can use them.
import { expect, log_in, log_out, look, test } from "./browser";
import { facts, fetch_page, kPassword, make_person } from "./pod";

// Octets over the wire.
const kMostScript = 60_000;

test("the login page is small, cached by name, and compressed", async ({ page }) => {
  let script = 0;
  const answers: string[] = [];
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  const scripts = new Set<string>();
  client.on("Network.responseReceived", ({ requestId, type, response }) => {
    answers.push(`${response.status} ${response.url}`);
    if (type === "Script") {
      scripts.add(requestId);
      expect(response.headers["content-encoding"], response.url).toBe("br");
      expect(response.headers["cache-control"]).toContain("immutable");
    }
  });
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    script += scripts.has(requestId) ? encodedDataLength : 0;
  });
  await page.goto("/login", { waitUntil: "networkidle" });
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  expect(scripts.size).toBeGreaterThan(0);
  expect(script, "octets of script").toBeGreaterThan(5_000);
  expect(script, "octets of script").toBeLessThanOrEqual(kMostScript);
  expect(answers.filter((answer) => !answer.startsWith("200 "))).toEqual([]);
});

test("every page comes with the strict policy, and only pages are there", async () => {
  for (const path of ["/", "/login", "/account/mail", "/admin/users/7"]) {
    const { status, headers } = await fetch_page(path);
    expect(status, path).toBe(200);
    const policy = headers["content-security-policy"] ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'",
                        "require-trusted-types-for 'script'", "trusted-types 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain("unsafe");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
  }
  for (const path of ["/nothing", "/loginx", "/assets/nothing.js", "/src/main.tsx"]) {
    expect((await fetch_page(path)).status, path).toBe(404);
  }
  expect((await fetch_page("/.npmrc")).status).toBe(403);
});

test("documents of the server have a policy of their own, and need nothing from elsewhere", async ({ page }) => {
  for (const [path, heading] of [["/trust", /Trust/], ["/api/docs", /API/]] as const) {
    const answer = await page.goto(path);
    expect(answer?.headers()["content-security-policy"], path).toContain("default-src 'none'; style-src 'sha256-");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  }
});

test("without script, the page says what it needs", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/login");
  await expect(page.getByRole("heading", { name: "This page needs JavaScript" })).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `${__dirname}/../../.cache/ui-pictures/no-script-390.png`, fullPage: true });
  await context.close();
});

test("German, dark, and both remembered", async ({ page }) => {
  await page.goto("/login");
  await page.getByLabel("Language").selectOption("de");
  await expect(page.getByRole("heading", { name: "Anmelden" })).toBeVisible();
  await page.getByLabel("Farben").selectOption("dark");
  await look(page, "login-german-dark");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Anmelden" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("de");
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe("rgb(19, 23, 25)");
  await page.getByLabel("E-Mail-Adresse").fill("nobody@example.test");
  await page.getByLabel("Passwort", { exact: true }).fill("wrong wrong");
  await page.getByRole("button", { name: "Anmelden", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Adresse oder Passwort ist falsch");
});

test("a wrong login says so, at the place and to screen readers", async ({ page }) => {
  await log_in(page, "nobody@example.test", "wrong wrong");
  await expect(page.getByRole("alert")).toBeVisible();
  await look(page, "login-wrong");
  await page.getByLabel("Password", { exact: true }).fill("");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByText("Please fill this in.")).toBeVisible();
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
});

test("log in and out with the keyboard alone", async ({ page }) => {
  const person = await make_person("keys");
  await page.goto("/login");
  await expect(page.getByLabel("E-mail address")).toBeFocused();
  await page.keyboard.type(person.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(kPassword);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  for (let i = 0; i < 40 && !(await page.getByRole("button", { name: "Log out" }).evaluate((one) => one === document.activeElement)); ++i) {
    await page.keyboard.press("Shift+Tab");
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
});

test("what needs a login leads there and back, and never elsewhere", async ({ page }) => {
  const person = await make_person("back");
  await page.goto("/account/sessions");
  await expect(page).toHaveURL(/\/login\?to=%2Faccount%2Fsessions$/);
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(kPassword);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page).toHaveURL(/\/account\/sessions$/);
  await log_out(page);
  for (const to of ["https://evil.test/", "//evil.test/account", "/\\evil.test", "javascript:alert(1)"]) {
    await page.goto(`/login?to=${encodeURIComponent(to)}`);
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(kPassword);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await expect(page).toHaveURL(/\/account$/);
    await log_out(page);
  }
});

test("a write without the page's token is refused, and changes nothing", async ({ page, seen }) => {
  const person = await make_person("csrf");
  await log_in(page, person.email, kPassword);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  const answers = await page.evaluate(async () => {
    const send = async (token?: string) => {
      const answer = await fetch("/api/logout", { method: "POST", headers: token ? { "X-CSRF-Token": token } : {} });
      return [answer.status, (await answer.json()).code];
    };
    return [await send(), await send("wrong")];
  });
  expect(answers).toEqual([
    [403, "csrf"],
    [403, "csrf"],
  ]);
  // These two were the test's own.
  await expect.poll(() => seen.csrf.length).toBe(2);
  seen.csrf.length = 0;
  await page.reload();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});

// A real provider is a matter of tests/contract. Here the browser is sent straight to where a provider sends it back to.
test("a login by an outside provider: there and back, and in words what went wrong", async ({ page }) => {
  const answer = (path: string) => page.waitForResponse((response) => response.url().endsWith(path) && response.request().method() === "POST");
  await page.route("**/api/login/outside", (route) =>
    route.request().method() === "GET" ? route.fulfill({ json: { available: true, name: "Example" } }) : route.continue(),
  );
  await page.route("**/api/login/outside/begin", (route) => route.fulfill({ json: { redirect: `${facts.url}/login/outside?code=c&state=s&iss=i` } }));
  await page.goto("/login?to=/account/sessions");
  await look(page, "login-outside");
  const refused = answer("/api/login/outside");
  await page.getByRole("button", { name: "Log in with Example" }).click();
  expect((await refused).request().postDataJSON()).toEqual({ code: "c", state: "s", iss: "i" });
  // This pod knows no provider.
  await expect(page.getByRole("heading", { name: "You are not logged in" })).toBeVisible();
  await expect(page.getByText("lets nobody log in by an outside provider")).toBeVisible();
  expect(new URL(page.url()).search, "the code has left the address bar").toBe("");
  await look(page, "login-outside-failed");

  await page.goto("/login/outside?error=access_denied&error_description=Call+this+number&state=s");
  await expect(page.getByText("was not finished")).toBeVisible();
  await expect(page.getByText("Call this number"), "anybody can write such a link").toHaveCount(0);

  await page.route("**/api/login/outside", (route) =>
    route.fulfill({ json: { expires: "2026-01-01T00:00:00Z", second_factor_required: true, ticket: "t", factors: ["totp", "recovery_code"] } }),
  );
  await page.goto("/login/outside?code=c&state=s");
  await expect(page.getByLabel("Six digits")).toBeVisible();
});
