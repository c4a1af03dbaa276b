// Second factors, from setting them up to logging in with each.
import { add_authenticator, expect, field, log_in, log_in_fully, log_out, look, test } from "./browser";
import { can_read, kPassword, make_person } from "./pod";
import { next_code } from "./totp";

test("an authenticator app, recovery codes, and an app password for mail", async ({ page }) => {
  test.setTimeout(360_000);
  const person = await make_person("totp");
  await log_in_fully(page, person.email, kPassword);
  await page.getByRole("link", { name: "Second factors" }).first().click();
  await look(page, "factors-none");
  await page.getByRole("button", { name: "Set up the app" }).click();
  await expect(page.getByRole("img", { name: "QR code for the authenticator app" })).toBeVisible();
  await look(page, "totp-setup");
  const secret = (await page.locator("dialog .secret code").innerText()).trim();

  await field(page, "code").fill("000000");
  await page.getByRole("button", { name: "Switch on" }).click();
  await expect(page.locator("dialog").getByRole("alert").or(page.locator("dialog .fault"))).toBeVisible();
  await field(page, "code").fill(await next_code(secret));
  await page.getByRole("button", { name: "Switch on" }).click();
  await expect(page.getByRole("heading", { name: "Keep these codes" })).toBeVisible();
  await look(page, "recovery-codes");
  const codes = await page.locator("dialog .codes li").allInnerTexts();
  expect(codes).toHaveLength(10);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await look(page, "factors-app");

  // Mail programs need an app password now.
  await expect.poll(() => can_read(person.email, kPassword), { timeout: 30_000 }).toBe(false);
  await page.getByRole("link", { name: "App passwords" }).click();
  await field(page, "name").fill("My laptop");
  await page.getByRole("button", { name: "Make the password" }).click();
  await expect(page.getByRole("heading", { name: "The password of My laptop" })).toBeVisible();
  await look(page, "app-password-made");
  const app_password = (await page.locator(".secret code").innerText()).trim();
  await expect.poll(() => can_read(person.email, app_password), { timeout: 30_000 }).toBe(true);
  await log_out(page);

  // With a code of the app.
  await log_in(page, person.email, kPassword);
  await expect(page.getByRole("heading", { name: "Enter your code" })).toBeVisible();
  await look(page, "login-totp");
  await field(page, "code").fill("000000");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await field(page, "code").fill(await next_code(secret));
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await log_out(page);

  // With a recovery code, which works once.
  for (const works of [true, false]) {
    await log_in(page, person.email, kPassword);
    await page.getByRole("button", { name: "Use a recovery code" }).click();
    await field(page, "code").fill(codes[0] ?? "");
    if (works) {
      await look(page, "login-recovery-code");
    }
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    if (works) {
      await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
      await expect(page.getByText("9 left")).toBeVisible();
      await look(page, "overview-safe");
      await log_out(page);
    } else {
      await expect(page.getByRole("alert")).toBeVisible();
    }
  }
});

test("a passkey: alone, and as a second factor", async ({ page }) => {
  const person = await make_person("passkey");
  await page.goto("/login");
  await add_authenticator(page);
  await log_in_fully(page, person.email, kPassword);
  await page.getByRole("link", { name: "Second factors" }).first().click();
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await look(page, "passkey-add");
  await field(page, "name").fill("Laptop");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Keep these codes" })).toBeVisible();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.locator("strong", { hasText: "Laptop" })).toBeVisible();
  await page.getByRole("button", { name: "Rename Laptop" }).click();
  await field(page, "name").fill("Blue key");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("strong", { hasText: "Blue key" })).toBeVisible();
  await look(page, "factors-passkey");

  await page.getByRole("button", { name: "Add a passkey" }).click();
  await field(page, "name").fill("Again");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("This device has a passkey of this account already")).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await log_out(page);

  await page.getByRole("button", { name: "Log in with a passkey" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await page.getByRole("link", { name: "Sessions" }).click();
  await expect(page.getByText("two factors").first()).toBeVisible();
  await log_out(page);

  await log_in(page, person.email, kPassword);
  await expect(page.getByRole("heading", { name: "Use your passkey" })).toBeVisible();
  await look(page, "login-passkey");
  await page.getByRole("button", { name: "Use the passkey" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();

  await page.getByRole("link", { name: "Second factors" }).first().click();
  await page.getByRole("button", { name: "Remove Blue key" }).click();
  await look(page, "passkey-remove");
  await page.locator("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.locator("strong", { hasText: "Blue key" })).toHaveCount(0);
  await log_out(page);
  await log_in_fully(page, person.email, kPassword);
});
