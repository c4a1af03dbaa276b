// Every change with its number, and what became of it at the services.
import { list_revisions, read_revision } from "../../api/admin";
import { date_time, t } from "../../i18n/words";
import { Address, Badge, Card, Head, Time, type Tone, Trouble, Waiting } from "../../parts/basics";
import { useLoaded } from "../../parts/loaded";
import { RevisionState } from "../../parts/revision";
import { Table } from "../../parts/table";

const kTones: Record<string, Tone> = { applied: "ok", refused: "danger", pending: "warn" };

export function RevisionsPage() {
  return (
    <>
      <Head title={t("nav.revisions")}>{t("revisions.text")}</Head>
      <Table
        label={t("nav.revisions")}
        empty={t("revisions.none")}
        read={({ limit, cursor }) => list_revisions({ limit, cursor })}
        key_of={(revision) => revision.revision}
        columns={[
          { name: t("revisions.what"), cell: (revision) => <a href={`/admin/revisions/${revision.revision}`}>{revision.summary}</a> },
          { name: t("revisions.number"), kind: "number", cell: (revision) => revision.revision },
          { name: t("state"), cell: (revision) => <Badge tone={kTones[revision.state] ?? ""}>{revision.state}</Badge> },
          { name: t("audit.actor"), cell: (revision) => <Address of={revision.actor} /> },
          { name: t("audit.at"), kind: "short", cell: (revision) => <Time at={revision.at} /> },
        ]}
      />
    </>
  );
}

export function RevisionPage({ id }: { id: string }) {
  const number = Number(id);
  const { value, error } = useLoaded(() => read_revision(number, 0), [number]);
  return (
    <>
      <Head title={t("revisions.title", { n: id })}>
        <a href="/admin/revisions">{t("revisions.all")}</a>
      </Head>
      <Trouble error={error} />
      {!value && !error && <Waiting />}
      {value && (
        <Card title={value.summary}>
          <dl class="facts">
            <dt>{t("audit.actor")}</dt>
            <dd>{value.actor}</dd>
            <dt>{t("audit.at")}</dt>
            <dd>{date_time(value.at)}</dd>
            <dt>{t("audit.request")}</dt>
            <dd class="mono">{value.request_id}</dd>
          </dl>
          <hr />
          <RevisionState number={number} />
        </Card>
      )}
    </>
  );
}
