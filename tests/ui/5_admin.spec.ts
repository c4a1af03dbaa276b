// The administrator's shell: tables that the server pages and searches, forms with faults at their
// fields, and what becomes of a change.
import { expect, field, log_in_fully, look, test } from "./browser";
import { api, can_read, facts, fresh, kPassword, make_mailbox, make_person } from "./pod";

test.beforeEach(async ({ page }) => {
  await log_in_fully(page, facts.admin.email, facts.admin.password);
});

test("the state of the services", async ({ page }) => {
  await page.getByRole("link", { name: "Status" }).click();
  await expect(page.getByText("Everything works.")).toBeVisible();
  for (const service of ["apache", "bind", "mail"]) {
    await expect(page.getByRole("heading", { name: service, level: 2 })).toBeVisible();
  }
  await look(page, "admin-status");
});

test("users: pages, search, a new one with a fault and with its state live", async ({ page }) => {
  const lines = Array.from({ length: 60 }, (_, i) => `{"email":"crowd${String(i).padStart(3, "0")}@example.test","password":"${kPassword}"}`);
  const imported = await api("POST", "/api/users/import?wait=60", lines.join("\n"));
  expect(imported.status).toBe(201);

  await page.getByRole("link", { name: "Users" }).click();
  const rows = page.locator("tbody tr");
  await expect(rows).toHaveCount(25);
  await look(page, "admin-users");
  const first = (await rows.first().locator("a").textContent()) ?? "";
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByText("26 to 50")).toBeVisible();
  await expect(rows.first()).not.toContainText(first);
  await page.getByRole("button", { name: "Back" }).click();
  await expect(page.getByText("1 to 25")).toBeVisible();
  await expect(rows.first()).toContainText(first);

  await page.getByLabel("Search addresses").fill("crowd05");
  await expect(rows).toHaveCount(10);
  await expect(page).toHaveURL(/search=crowd05/);
  await page.reload();
  await expect(rows).toHaveCount(10);
  await page.getByLabel("Search addresses").fill("nobody has this");
  await expect(page.getByText("Nothing was found.")).toBeVisible();

  await page.getByRole("button", { name: "New user" }).click();
  await field(page, "email").fill("crowd001");
  await field(page, "email_domain").selectOption("example.test");
  await field(page, "password").fill(kPassword);
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.locator("dialog .fault").or(page.locator("dialog [role=alert]"))).toBeVisible();
  await look(page, "admin-user-fault");
  const name = fresh("made");
  await field(page, "email").fill(name);
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { name: `${name}@example.test is created` })).toBeVisible();
  await expect(page.getByText("Applied by mail.")).toBeVisible({ timeout: 60_000 });
  await look(page, "admin-user-made");
  expect(await can_read(`${name}@example.test`, kPassword)).toBe(true);

  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("heading", { name: `${name}@example.test`, level: 1 })).toBeVisible();
  await expect(page.getByText("No failed logins.")).toBeVisible();
  await look(page, "admin-user");
  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Applied by mail.")).toBeVisible({ timeout: 60_000 });
  expect(await can_read(`${name}@example.test`, kPassword)).toBe(false);
});

test("domains and their registration", async ({ page }) => {
  await page.getByRole("link", { name: "Domains" }).click();
  await look(page, "admin-domains");
  await page.getByRole("button", { name: "New domain" }).click();
  await field(page, "name").fill("not a domain");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.locator("dialog .fault")).toBeVisible();
  await look(page, "admin-domain-fault");
  const name = `${fresh("dom")}.test`;
  await field(page, "name").fill(name);
  await page.getByRole("button", { name: "Create" }).click();
  for (const service of ["apache", "bind", "mail"]) {
    await expect(page.getByText(`Applied by ${service}.`)).toBeVisible({ timeout: 60_000 });
  }
  await look(page, "admin-domain-made");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("link", { name, exact: true }).click();
  await field(page, "mode").selectOption("approval");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await look(page, "admin-domain");

  // Somebody asks, and the administrator agrees.
  const elsewhere = await make_mailbox(`${fresh("asks")}@elsewhere.test`);
  const email = `${fresh("asks")}@${name}`;
  const asked = await api("POST", "/api/register", { email, password: kPassword, recovery_address: elsewhere }, "");
  expect(asked.status).toBe(202);
  await page.getByRole("link", { name: "Registrations" }).click();
  await expect(page.locator("td.first", { hasText: email })).toBeVisible();
  await look(page, "admin-registrations");
});

test("changes and the audit", async ({ page }) => {
  await page.getByRole("link", { name: "Changes" }).click();
  await expect(page.locator("tbody tr").first()).toBeVisible();
  await look(page, "admin-revisions");
  await page.locator("tbody tr a").first().click();
  await expect(page.getByRole("heading", { name: /^Change \d+$/ })).toBeVisible();
  await look(page, "admin-revision");
  await page.getByRole("link", { name: "Audit" }).click();
  await expect(page.locator("tbody tr").first()).toBeVisible();
  await look(page, "admin-audit");
  await page.getByLabel("Search by person or object").fill("crowd001");
  await expect(page.locator("tbody tr").first()).toBeVisible();
});

test("what is not for a person is not there", async ({ page, browser }) => {
  const person = await make_person("plain");
  const context = await browser.newContext();
  const other = await context.newPage();
  await log_in_fully(other, person.email, kPassword);
  await expect(other.getByRole("link", { name: "Users" })).toHaveCount(0);
  for (const path of ["/admin", "/admin/users", "/admin/audit", "/account/nothing"]) {
    await other.goto(path);
    await expect(other.getByRole("heading", { name: "There is no such page" })).toBeVisible();
  }
  await look(other, "no-such-page");
  await context.close();
  await page.goto("/admin/users/999999");
  await expect(page.getByRole("alert")).toBeVisible();
});
