// Who did what.
import { list_audit } from "../../api/admin";
import { t } from "../../i18n/words";
import { Address, Head, Time } from "../../parts/basics";
import { Table } from "../../parts/table";

export function AuditPage() {
  return (
    <>
      <Head title={t("nav.audit")}>{t("audit.text")}</Head>
      <Table
        label={t("nav.audit")}
        search={t("audit.search")}
        empty={t("audit.none")}
        read={list_audit}
        key_of={(event) => event.id}
        columns={[
          { name: t("audit.event"), cell: (event) => <code>{event.event}</code> },
          { name: t("audit.subject"), cell: (event) => <Address of={`${event.subject}${event.count > 1 ? ` (${event.count}×)` : ""}`} /> },
          { name: t("audit.actor"), cell: (event) => <Address of={event.actor} /> },
          { name: t("audit.from"), kind: "short", cell: (event) => [event.remote_address, event.door].filter(Boolean).join(" · ") },
          { name: t("audit.at"), kind: "short", cell: (event) => <Time at={event.at} /> },
        ]}
      />
    </>
  );
}
