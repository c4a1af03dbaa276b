// Everything else about the own account: mail on a device, passwords, sessions, tokens, data.
import { another, expect, field, log_in_fully, look, test } from "./browser";
import { api, can_read, facts, fetch_page, kPassword, make_person } from "./pod";

test("set a device up: a code to scan, a profile, and a password that works at once", async ({ page }) => {
  const person = await make_person("device");
  await log_in_fully(page, person.email, kPassword);
  await look(page, "overview");
  await page.getByRole("link", { name: "Set up mail" }).click();
  await expect(page.getByText(`port ${facts.ports.IMAPS}, SSL/TLS`)).toBeVisible();
  await look(page, "mail");
  await field(page, "name").fill("My phone");
  await page.getByRole("button", { name: "Set up", exact: true }).click();
  await expect(page.getByRole("heading", { name: "My phone can be set up now" })).toBeVisible();
  await expect(page.getByRole("img", { name: /QR code for Thunderbird/ })).toBeVisible();
  await look(page, "device");
  const password = (await page.locator(".secret code").innerText()).trim();

  const profile = await fetch_page((await page.getByRole("link", { name: "get the profile here" }).getAttribute("href")) ?? "");
  expect(profile.headers["content-type"]).toBe("application/x-apple-aspen-config");
  expect(profile.text).toContain(`<string>${password}</string>`);
  expect(profile.text).toContain(person.email);
  await expect.poll(() => can_read(person.email, password), { timeout: 30_000 }).toBe(true);

  await page.getByRole("link", { name: "All app passwords" }).click();
  await expect(page.locator("strong", { hasText: "My phone" })).toBeVisible();
  await look(page, "app-passwords");
  await page.getByRole("button", { name: "Remove My phone" }).click();
  await look(page, "app-password-remove");
  await page.locator("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("There are none yet.")).toBeVisible();
  await expect.poll(() => can_read(person.email, password), { timeout: 30_000 }).toBe(false);
});

test("how full the mailbox is", async ({ page }) => {
  const person = await make_person("usage");
  await log_in_fully(page, person.email, kPassword);
  await expect(page.getByText(/of 500 MB used/)).toBeVisible();
  await expect(page.getByRole("meter", { name: "Mailbox" })).toBeVisible();
});

test("a new password ends the other logins, and this one goes on", async ({ page, context, seen }) => {
  const person = await make_person("words");
  await log_in_fully(page, person.email, kPassword);
  const other = await another(context, seen);
  await log_in_fully(other, person.email, kPassword);

  await page.getByRole("link", { name: "Password", exact: true }).click();
  await look(page, "password");
  await field(page, "current_password").fill("not this one");
  await field(page, "password").fill("a quiet garden in may");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByRole("alert").or(page.locator(".fault"))).toBeVisible();
  await look(page, "password-fault");
  await field(page, "current_password").fill(kPassword);
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("Your password is changed.")).toBeVisible();

  await page.getByRole("link", { name: "Sessions" }).click();
  await expect(page.getByText("this browser")).toBeVisible();
  await other.getByRole("link", { name: "Sessions" }).click();
  await expect(other.getByRole("heading", { name: "Log in" })).toBeVisible();
  await expect(other.getByText("Your session has ended")).toBeVisible();
  await look(other, "login-ended");
  await expect.poll(() => can_read(person.email, "a quiet garden in may"), { timeout: 30_000 }).toBe(true);
});

test("see and end sessions", async ({ page, context, seen }) => {
  const person = await make_person("places");
  await log_in_fully(page, person.email, kPassword);
  const other = await another(context, seen);
  await log_in_fully(other, person.email, kPassword);
  await page.getByRole("link", { name: "Sessions" }).click();
  await look(page, "sessions");
  await page.getByRole("button", { name: /^End Chrome/ }).click();
  await page.locator("dialog").getByRole("button", { name: "End", exact: true }).click();
  await expect(page.getByText("this browser")).toBeVisible();
  await expect(page.getByRole("button", { name: /^End Chrome/ })).toHaveCount(0);
  await other.reload();
  await expect(other.getByRole("heading", { name: "Log in" })).toBeVisible();
});

test("a token for a program, with no more than it needs", async ({ page }) => {
  const person = await make_person("program");
  await log_in_fully(page, person.email, kPassword);
  await page.getByRole("link", { name: "API tokens" }).click();
  await look(page, "tokens");
  await field(page, "name").fill("backup");
  await field(page, "scope_account").selectOption("read");
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(page.getByRole("heading", { name: "The token backup" })).toBeVisible();
  await look(page, "token-made");
  const token = (await page.locator(".secret code").innerText()).trim();
  expect((await api("GET", "/api/account", undefined, token)).status).toBe(200);
  expect((await api("PUT", "/api/account", { language: "de" }, token)).status).toBe(403);
  await page.getByRole("button", { name: "Remove backup" }).click();
  await page.locator("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("There are none.")).toBeVisible();
  expect((await api("GET", "/api/account", undefined, token)).status).toBe(401);
});

test("what only the owner may do asks again who it is", async ({ page }) => {
  const person = await make_person("owner");
  await log_in_fully(page, person.email, kPassword);
  await page.getByRole("link", { name: "Second factors" }).first().click();
  // As the server answers when the last proof is long ago.
  let asked = 0;
  await page.route("**/api/totp", async (route) => {
    asked += 1;
    if (asked > 1) {
      return route.continue();
    }
    return route.fulfill({
      status: 403,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "urn:podplay:problem:proof_needed", title: "Not allowed", status: 403, detail: "prove it", code: "proof_needed", remedy: "" }),
    });
  });
  await page.getByRole("button", { name: "Set up the app" }).click();
  await expect(page.getByRole("heading", { name: "Is it you?" })).toBeVisible();
  await look(page, "proof");
  await field(page, "password").fill("not this one");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.locator("dialog").getByRole("alert").or(page.locator("dialog .fault"))).toBeVisible();
  await field(page, "password").fill(kPassword);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { name: "Set up the app" })).toBeVisible();
  expect(asked).toBe(2);
});

test("take everything away", async ({ page }) => {
  const person = await make_person("export");
  await log_in_fully(page, person.email, kPassword);
  await page.getByRole("link", { name: "My data" }).click();
  await look(page, "data");
  await page.getByRole("button", { name: "Prepare the file" }).click();
  const download = page.getByRole("link", { name: "Download" });
  await expect(download).toBeVisible({ timeout: 90_000 });
  await look(page, "data-ready");
  const [file] = await Promise.all([page.waitForEvent("download"), download.click()]);
  expect(file.suggestedFilename()).toMatch(/\.tar$/);
  const stream = await file.createReadStream();
  let octets = 0;
  for await (const piece of stream) {
    octets += (piece as Buffer).length;
  }
  expect(octets).toBeGreaterThan(1024);
});

test("the language of the account follows the choice", async ({ page }) => {
  const person = await make_person("sprache");
  await log_in_fully(page, person.email, kPassword);
  await page.getByLabel("Language").selectOption("de");
  await expect(page.getByRole("heading", { name: "Übersicht" })).toBeVisible();
  await look(page, "overview-german");
  await page.getByRole("link", { name: "Zweiter Faktor" }).first().click();
  await look(page, "factors-german");
  await page.goto("/account/recovery");
  await look(page, "recovery-german");
});

test("on a phone, the navigation opens and closes", async ({ page }) => {
  const person = await make_person("phone");
  await page.setViewportSize({ width: 390, height: 844 });
  await log_in_fully(page, person.email, kPassword);
  await expect(page.getByRole("link", { name: "Sessions" })).toBeHidden();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.screenshot({ path: `${__dirname}/../../.cache/ui-pictures/menu-390.png` });
  await page.getByRole("link", { name: "Sessions" }).click();
  await expect(page.getByRole("heading", { name: "Sessions", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "API tokens" })).toBeHidden();
});
