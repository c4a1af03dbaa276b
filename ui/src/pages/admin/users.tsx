// Users: a table, a page for each, and the form for a new one.
import { useState } from "preact/hooks";
import {
  create_user,
  delete_user,
  list_domains,
  list_users,
  read_user,
  read_user_factors,
  reset_user_factors,
  unlock_user,
  update_user,
  why_locked,
} from "../../api/admin";
import { read_usage } from "../../api/account";
import type { Result } from "../../api/client";
import { date_time, size, t } from "../../i18n/words";
import { Address, Badge, Button, Card, Head, Meter, Notice, Time, Trouble, Waiting } from "../../parts/basics";
import { confirm_first, Dialog } from "../../parts/dialog";
import { AddressField, address_of, Field, Form, PasswordField, Select } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { RevisionState } from "../../parts/revision";
import { Table } from "../../parts/table";
import { go } from "../../router";
import { is_admin, session } from "../../state";

const kMegabyte = 1024 * 1024;
const role_name = (role: string) =>
  t(role === "admin" ? "role.admin" : role === "domain-admin" ? "role.domain-admin" : "role.user");

function NewUser({ close }: { close: (made: boolean) => void }) {
  const { value: domains, error } = useLoaded(() => list_domains({ limit: 500 }));
  const [made, set_made] = useState<Result<typeof create_user> | undefined>(undefined);
  if (made) {
    return (
      <Dialog title={t("users.made", { email: made.email })} close={() => close(true)}>
        <RevisionState number={made.revision} />
        <div class="ends">
          <button type="button" onClick={() => close(true)}>
            {t("done")}
          </button>
          <button
            type="button"
            class="main"
            onClick={() => {
              close(true);
              go(`/admin/users/${made.id}`);
            }}
          >
            {t("users.open")}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("users.new")} close={() => close(false)}>
      <Trouble error={error} />
      {!domains && !error && <Waiting />}
      {domains && (
        <Form
          button={t("create")}
          aside={
            <button type="button" onClick={() => close(false)}>
              {t("cancel")}
            </button>
          }
          send={async (values) => {
            set_made(
              await create_user({
                email: address_of(values, "email"),
                password: values.password ?? "",
                role: values.role ?? "user",
                quota: Math.round(Number(values.quota) * kMegabyte),
              }),
            );
          }}
        >
          <AddressField name="email" label={t("email")} domains={domains.items.map((domain) => domain.name)} />
          <PasswordField name="password" label={t("users.password")} hint={t("users.password.hint")} autocomplete="new-password" />
          {is_admin() ? (
            <Select name="role" label={t("user.role")}>
              <option value="user">{t("role.user")}</option>
              <option value="domain-admin">{t("role.domain-admin")}</option>
              <option value="admin">{t("role.admin")}</option>
            </Select>
          ) : (
            <input type="hidden" name="role" value="user" />
          )}
          <Field name="quota" type="number" label={t("users.quota")} hint={t("users.quota.hint")} min={0} defaultValue="500" required />
        </Form>
      )}
    </Dialog>
  );
}

export function UsersPage() {
  const [version, set_version] = useState(0);
  const [adding, set_adding] = useState(false);
  return (
    <>
      <Head
        title={t("nav.users")}
        action={
          <button type="button" class="main" onClick={() => set_adding(true)}>
            {t("users.new")}
          </button>
        }
      />
      <Table
        label={t("nav.users")}
        search={t("users.search")}
        empty={t("users.none")}
        version={version}
        read={list_users}
        key_of={(user) => user.id}
        columns={[
          { name: t("email"), cell: (user) => <a href={`/admin/users/${user.id}`}><Address of={user.email} /></a> },
          { name: t("user.role"), cell: (user) => role_name(user.role) },
          { name: t("users.quota.short"), kind: "number", cell: (user) => (user.quota === 0 ? t("unlimited") : size(user.quota)) },
          { name: t("state"), cell: (user) => (user.enabled ? <Badge tone="ok">{t("enabled")}</Badge> : <Badge tone="warn">{t("disabled")}</Badge>) },
          { name: t("user.since"), kind: "short", cell: (user) => <Time at={user.created} /> },
        ]}
      />
      {adding && (
        <NewUser
          close={(made) => {
            set_adding(false);
            if (made) {
              set_version(version + 1);
            }
          }}
        />
      )}
    </>
  );
}

function Lock({ id }: { id: string }) {
  const { value, error, again } = useLoaded(() => why_locked(id), [id]);
  const [failure, set_failure] = useState<unknown>(undefined);
  async function unlock() {
    set_failure(undefined);
    try {
      await unlock_user(id);
      await again();
    } catch (problem) {
      set_failure(problem);
    }
  }
  return (
    <Card title={t("lock.title")} action={value && <Badge tone={value.locked ? "danger" : "ok"}>{t(value.locked ? "lock.locked" : "lock.free")}</Badge>}>
      <Trouble error={failure ?? error} />
      {value?.locked && (
        <div class="row apart">
          <p>{t("lock.until", { when: date_time(value.until ?? "") })}</p>
          <Button work={unlock}>{t("lock.unlock")}</Button>
        </div>
      )}
      {value && value.tries.length === 0 && <p class="soft">{t("lock.no_tries")}</p>}
      {value && value.tries.length > 0 && (
        <ul class="things small">
          {value.tries.slice(0, 8).map((one) => (
            <li key={`${one.at} ${one.kind} ${one.address}`}>
              <span class="what">
                {one.kind} · {one.door} · {one.address || "—"}
                {one.count > 1 && ` · ${one.count}×`}
              </span>
              <span class="soft">
                <Time at={one.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function UserFactors({ id, changed }: { id: string; changed: () => Promise<void> }) {
  const { value, error, again } = useLoaded(() => read_user_factors(id), [id]);
  return (
    <Card title={t("nav.factors")} action={value && (value.second_factor ? <Badge tone="ok">{t("on")}</Badge> : <Badge>{t("off")}</Badge>)}>
      <Trouble error={error} />
      {value?.second_factor && (
        <>
          <p class="soft">{t("user.factors", { totp: value.totp ? t("on") : t("off"), passkeys: value.passkeys, codes: value.recovery_codes_left })}</p>
          <div class="row">
            <button
              type="button"
              class="danger"
              onClick={() =>
                confirm_first({
                  title: t("user.factors.reset.title"),
                  text: <p>{t("user.factors.reset.text")}</p>,
                  button: t("user.factors.reset"),
                  danger: true,
                  work: async () => {
                    await reset_user_factors(id);
                    await again();
                    await changed();
                  },
                })
              }
            >
              {t("user.factors.reset")}
            </button>
          </div>
        </>
      )}
    </Card>
  );
}

function Mailbox({ id }: { id: number }) {
  const { value, error } = useLoaded(() => read_usage(id), [id]);
  return (
    <Card title={t("overview.mailbox")}>
      <Trouble error={error} />
      {value && (
        <div class="stack tight">
          {value.quota > 0 && <Meter value={value.used / value.quota} label={t("overview.mailbox")} />}
          <p>
            {value.quota > 0
              ? t("overview.used_of", { used: size(value.used), quota: size(value.quota) })
              : t("overview.used", { used: size(value.used) })}
          </p>
        </div>
      )}
    </Card>
  );
}

export function UserPage({ id }: { id: string }) {
  const { value: user, error, again } = useLoaded(() => read_user(id), [id]);
  const [revision, set_revision] = useState(0);
  if (error || !user) {
    return (
      <>
        <Head title={t("nav.users")} />
        {error ? <Trouble error={error} /> : <Waiting />}
      </>
    );
  }
  const own = user.id === session.value?.id;
  async function set_enabled(enabled: boolean) {
    const changed = await update_user(id, { enabled });
    set_revision(changed.revision);
    await again();
  }
  return (
    <>
      <Head title={user.email}>
        <a href="/admin/users">{t("users.all")}</a>
      </Head>
      {revision > 0 && (
        <Notice>
          <RevisionState key={revision} number={revision} />
        </Notice>
      )}
      <div class="cards">
        <Card title={t("overview.account")} action={user.enabled ? <Badge tone="ok">{t("enabled")}</Badge> : <Badge tone="warn">{t("disabled")}</Badge>}>
          <dl class="facts">
            <dt>{t("user.username")}</dt>
            <dd>{user.username}</dd>
            <dt>{t("user.role")}</dt>
            <dd>{role_name(user.role)}</dd>
            <dt>{t("user.since")}</dt>
            <dd>{date_time(user.created)}</dd>
            <dt>{t("user.changed")}</dt>
            <dd>{is_admin() ? <a href={`/admin/revisions/${user.revision}`}>{date_time(user.updated)}</a> : date_time(user.updated)}</dd>
          </dl>
        </Card>
        <Mailbox id={user.id} />
        <Lock id={id} />
        <UserFactors id={id} changed={again} />
      </div>
      <Card title={t("user.quota")}>
        <Form
          button={t("save")}
          send={async (values) => {
            const changed = await update_user(id, { quota: Math.round(Number(values.quota) * kMegabyte) });
            set_revision(changed.revision);
            await again();
          }}
        >
          <Field name="quota" type="number" label={t("users.quota")} hint={t("users.quota.hint")} min={0} defaultValue={String(Math.round(user.quota / kMegabyte))} required />
        </Form>
      </Card>
      {!own && (
        <Card danger title={t("user.end")} help={t("user.end.text")}>
          <div class="row">
            <Button work={() => set_enabled(!user.enabled)}>{t(user.enabled ? "user.disable" : "user.enable")}</Button>
            <button
              type="button"
              class="danger"
              onClick={() =>
                confirm_first({
                  title: t("user.delete.title", { email: user.email }),
                  text: <p>{t("user.delete.text")}</p>,
                  button: t("user.delete"),
                  danger: true,
                  work: async () => {
                    await delete_user(id);
                    go("/admin/users");
                  },
                })
              }
            >
              {t("user.delete")}
            </button>
          </div>
        </Card>
      )}
    </>
  );
}
