// Domains: a table, a page for each, and the form for a new one.
import { useState } from "preact/hooks";
import { create_domain, list_domains, read_domain, read_domain_registration, set_domain_registration } from "../../api/admin";
import type { Result } from "../../api/client";
import { date_time, t } from "../../i18n/words";
import { Badge, Card, Head, Notice, Time, Trouble, Waiting } from "../../parts/basics";
import { Dialog } from "../../parts/dialog";
import { Field, Form, Select } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { RevisionState } from "../../parts/revision";
import { Table } from "../../parts/table";
import { is_admin } from "../../state";

function NewDomain({ close }: { close: (made: boolean) => void }) {
  const [made, set_made] = useState<Result<typeof create_domain> | undefined>(undefined);
  if (made) {
    return (
      <Dialog title={t("domains.made", { name: made.name })} close={() => close(true)}>
        <RevisionState number={made.revision} />
        <div class="ends">
          <button type="button" class="main" onClick={() => close(true)}>
            {t("done")}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("domains.new")} close={() => close(false)}>
      <p class="soft">{t("domains.new.text")}</p>
      <Form
        button={t("create")}
        aside={
          <button type="button" onClick={() => close(false)}>
            {t("cancel")}
          </button>
        }
        send={async (values) => {
          set_made(await create_domain((values.name ?? "").trim()));
        }}
      >
        <Field name="name" label={t("domain")} hint={t("domains.name.hint")} required autocapitalize="none" spellcheck={false} />
      </Form>
    </Dialog>
  );
}

export function DomainsPage() {
  const [version, set_version] = useState(0);
  const [adding, set_adding] = useState(false);
  return (
    <>
      <Head
        title={t("nav.domains")}
        action={
          is_admin() && (
            <button type="button" class="main" onClick={() => set_adding(true)}>
              {t("domains.new")}
            </button>
          )
        }
      />
      <Table
        label={t("nav.domains")}
        search={t("domains.search")}
        empty={t("domains.none")}
        version={version}
        read={list_domains}
        key_of={(domain) => domain.name}
        columns={[
          { name: t("domain"), cell: (domain) => <a href={`/admin/domains/${domain.name}`}>{domain.name}</a> },
          { name: t("state"), cell: (domain) => (domain.enabled ? <Badge tone="ok">{t("enabled")}</Badge> : <Badge tone="warn">{t("disabled")}</Badge>) },
          { name: t("user.since"), kind: "short", cell: (domain) => <Time at={domain.created} /> },
        ]}
      />
      {adding && (
        <NewDomain
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

function Registration({ name }: { name: string }) {
  const { value, error, again } = useLoaded(() => read_domain_registration(name), [name]);
  const [saved, set_saved] = useState(false);
  return (
    <Card title={t("domain.registration")} help={t("domain.registration.text")}>
      <Trouble error={error} />
      {!value && !error && <Waiting />}
      {saved && <Notice tone="ok">{t("saved")}</Notice>}
      {value && (
        <Form
          button={t("save")}
          send={async (values) => {
            set_saved(false);
            const allowed_domains = (values.allowed_domains ?? "").split(/[\s,]+/).filter(Boolean);
            await set_domain_registration(name, { mode: values.mode ?? "", allowed_domains });
            await again();
            set_saved(true);
          }}
        >
          <Select name="mode" label={t("domain.registration.mode")} chosen={value.mode}>
            <option value="">{t("registration.default")}</option>
            <option value="off">{t("registration.off")}</option>
            <option value="open">{t("registration.open")}</option>
            <option value="approval">{t("registration.approval")}</option>
          </Select>
          <Field
            name="allowed_domains"
            label={t("domain.registration.allowed")}
            hint={t("domain.registration.allowed.hint")}
            defaultValue={value.allowed_domains.join(", ")}
          />
        </Form>
      )}
    </Card>
  );
}

export function DomainPage({ id }: { id: string }) {
  const { value: domain, error } = useLoaded(() => read_domain(id), [id]);
  if (error || !domain) {
    return (
      <>
        <Head title={t("nav.domains")} />
        {error ? <Trouble error={error} /> : <Waiting />}
      </>
    );
  }
  return (
    <>
      <Head title={domain.name}>
        <a href="/admin/domains">{t("domains.all")}</a>
      </Head>
      <Card title={t("domain")} action={domain.enabled ? <Badge tone="ok">{t("enabled")}</Badge> : <Badge tone="warn">{t("disabled")}</Badge>}>
        <dl class="facts">
          <dt>{t("user.since")}</dt>
          <dd>{date_time(domain.created)}</dd>
          <dt>{t("nav.users")}</dt>
          <dd>
            <a href={`/admin/users?search=${encodeURIComponent(`@${domain.name}`)}`}>{t("domain.users")}</a>
          </dd>
        </dl>
      </Card>
      <Registration name={domain.name} />
    </>
  );
}
