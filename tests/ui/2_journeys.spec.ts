// What people do by mail: register, set a new password, change the recovery address, leave and come
// back. Every mail goes through Postfix and is read by IMAP.
import { another, expect, field, log_in, log_in_fully, look, test } from "./browser";
import { can_read, fetch_page, fresh, kPassword, link_for, make_mailbox, make_person } from "./pod";

test("register, confirm, log in, read mail", async ({ page }) => {
  const elsewhere = await make_mailbox(`${fresh("new")}@elsewhere.test`);
  const name = fresh("ann");
  const email = `${name}@example.test`;
  await page.goto("/login");
  await page.getByRole("link", { name: "Register" }).click();
  await look(page, "register");

  // Faults stand at their fields.
  await field(page, "email").fill(name);
  await field(page, "email_domain").selectOption("example.test");
  await field(page, "password").fill("password123");
  await field(page, "recovery_address").fill(elsewhere);
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.locator(".field", { has: field(page, "password") }).locator(".fault")).toBeVisible();
  await expect(field(page, "password")).toHaveAttribute("aria-invalid", "true");
  await look(page, "register-faults");

  await field(page, "password").fill(kPassword);
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();
  await look(page, "register-sent");
  expect(await can_read(email, kPassword), "not before the confirmation").toBe(false);

  const link = await link_for(elsewhere, "/confirm");
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Confirm your address" })).toBeVisible();
  expect(page.url(), "the token has left the address bar").not.toContain("token");
  await look(page, "confirm");
  await page.getByRole("button", { name: `Confirm ${email}` }).click();
  await expect(page.getByText(`${email} is yours`)).toBeVisible();
  await look(page, "confirm-done");
  await page.getByRole("link", { name: "Back to the login" }).click();
  await log_in_fully(page, email, kPassword);
  await expect(page.getByText(elsewhere)).toBeVisible();
  await expect.poll(() => can_read(email, kPassword), { timeout: 30_000 }).toBe(true);

  // A link works once.
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await look(page, "link-used");
});

test("opening a link changes nothing; mail scanners do so", async ({ page }) => {
  const elsewhere = await make_mailbox(`${fresh("scan")}@elsewhere.test`);
  const name = fresh("scan");
  await page.goto("/register");
  await field(page, "email").fill(name);
  await field(page, "email_domain").selectOption("example.test");
  await field(page, "password").fill(kPassword);
  await field(page, "recovery_address").fill(elsewhere);
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();
  const link = await link_for(elsewhere, "/confirm");
  for (let i = 0; i < 3; ++i) {
    expect((await fetch_page(link)).status).toBe(200);
  }
  await page.goto(link);
  await expect(page.getByRole("button", { name: "Confirm" })).toBeVisible();
});

test("a lost password: a link to the other mailbox sets a new one and ends all logins", async ({ page, context, seen }) => {
  const person = await make_person("lost");
  await log_in_fully(page, person.email, kPassword);
  await give_recovery_address(page, person);

  const stranger = await another(context, seen);
  await stranger.goto("/login");
  await stranger.getByRole("link", { name: "Forgotten your password?" }).click();
  await look(stranger, "reset");
  await field(stranger, "email").fill(person.email);
  await stranger.getByRole("button", { name: "Send the link" }).click();
  await expect(stranger.getByRole("heading", { name: "Look into your other mailbox" })).toBeVisible();
  await look(stranger, "reset-sent");

  await stranger.goto(await link_for(person.elsewhere, "/reset"));
  await expect(stranger.getByRole("heading", { name: "Choose a new password" })).toBeVisible();
  await look(stranger, "reset-set");
  await field(stranger, "password").fill("another lamp and wall");
  await stranger.getByRole("button", { name: "Set the password" }).click();
  await expect(stranger.getByText("has its new password")).toBeVisible();
  await log_in_fully(stranger, person.email, "another lamp and wall");
  await expect.poll(() => can_read(person.email, "another lamp and wall"), { timeout: 30_000 }).toBe(true);
  expect(await can_read(person.email, kPassword)).toBe(false);

  // The browser that was logged in is not any more.
  await page.goto("/account/sessions");
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
});

test("nobody learns whether an account exists", async ({ page }) => {
  const person = await make_person("there");
  const texts: string[] = [];
  for (const email of [person.email, `${fresh("nobody")}@example.test`]) {
    await page.goto("/reset");
    await field(page, "email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(page.getByRole("heading", { name: "Look into your other mailbox" })).toBeVisible();
    texts.push((await page.getByRole("main").innerText()).replaceAll(email, "EMAIL"));
  }
  expect(texts[0]).toBe(texts[1]);
});

test("the recovery address changes when both have confirmed", async ({ page, context, seen }) => {
  const person = await make_person("move");
  const next = await make_mailbox(`${fresh("next")}@elsewhere.test`);
  await log_in_fully(page, person.email, kPassword);
  await give_recovery_address(page, person);
  await page.getByLabel("New recovery address").fill(next);
  await field(page, "current_password").fill(kPassword);
  await page.getByRole("button", { name: "Send the confirmation" }).click();
  await expect(page.getByText(`Will become ${next}`)).toBeVisible();
  await look(page, "recovery-changing");
  const other = await another(context, seen);
  await other.goto(await link_for(next, "/recovery-address"));
  await other.getByRole("button", { name: "Confirm" }).click();
  await expect(other.getByText("The other address must still confirm")).toBeVisible();
  await other.goto("about:blank");
  await other.goto(await link_for(person.elsewhere, "/recovery-address"));
  await look(other, "recovery-agree");
  await other.getByRole("button", { name: "Agree to the change" }).click();
  await expect(other.getByText("is changed")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Will become")).toHaveCount(0);
  await expect(page.getByRole("main").getByText(next)).toBeVisible();
});

test("delete the account, and come back by the link", async ({ page, context, seen }) => {
  const person = await make_person("gone");
  await log_in_fully(page, person.email, kPassword);
  await give_recovery_address(page, person);
  await page.getByRole("link", { name: "My data" }).click();
  await page.getByRole("button", { name: "Delete my account …" }).click();
  await look(page, "delete");
  await field(page, "current_password").fill(kPassword);
  await page.getByRole("button", { name: "Delete my account", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Your account is closed" })).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  await expect.poll(() => can_read(person.email, kPassword), { timeout: 30_000 }).toBe(false);
  await log_in(page, person.email, kPassword);
  await expect(page.getByRole("alert")).toBeVisible();

  const other = await another(context, seen);
  await other.goto(await link_for(person.elsewhere, "/keep-account"));
  await look(other, "keep-account");
  await other.getByRole("button", { name: "Keep my account" }).click();
  await expect(other.getByText(`${person.email} stays`)).toBeVisible();
  await log_in_fully(other, person.email, kPassword);
  await expect.poll(() => can_read(person.email, kPassword), { timeout: 30_000 }).toBe(true);
});

// Adds the person's mailbox elsewhere as recovery address, and confirms it.
async function give_recovery_address(page: Parameters<typeof look>[0], person: { elsewhere: string }) {
  await page.goto("/account/recovery");
  await page.getByLabel("New recovery address").fill(person.elsewhere);
  await field(page, "current_password").fill(kPassword);
  await page.getByRole("button", { name: "Send the confirmation" }).click();
  await expect(page.getByText(`${person.elsewhere} must still confirm`)).toBeVisible();
  await page.goto(await link_for(person.elsewhere, "/recovery-address"));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("is changed")).toBeVisible();
  await page.goto("/account/recovery");
  await expect(page.getByRole("main").getByText(person.elsewhere)).toBeVisible();
}
