// Who has asked for an account and waits: for their confirmation, or for an administrator.
import { useState } from "preact/hooks";
import { approve_registration, list_registrations, refuse_registration } from "../../api/admin";
import type { Item } from "../../api/client";
import { t } from "../../i18n/words";
import { Address, Badge, Button, Head, Time } from "../../parts/basics";
import { confirm_first } from "../../parts/dialog";
import { Table } from "../../parts/table";

type Registration = Item<typeof list_registrations>;

function Answers({ one, changed }: { one: Registration; changed: () => void }) {
  const ask = (kind: "approve" | "refuse") =>
    confirm_first({
      title: t(`registrations.${kind}.title`, { email: one.email }),
      text: <p>{t(`registrations.${kind}.text`)}</p>,
      button: t(`registrations.${kind}`),
      danger: kind === "refuse",
      work: async () => {
        await (kind === "approve" ? approve_registration : refuse_registration)(String(one.id));
        changed();
      },
    });
  return (
    <span class="row">
      {one.state === "waiting" && (
        <Button class="small" work={async () => ask("approve")}>
          {t("registrations.approve")}
          <span class="unseen"> {one.email}</span>
        </Button>
      )}
      <Button class="small quiet danger" work={async () => ask("refuse")}>
        {t("registrations.refuse")}
        <span class="unseen"> {one.email}</span>
      </Button>
    </span>
  );
}

export function RegistrationsPage() {
  const [version, set_version] = useState(0);
  return (
    <>
      <Head title={t("nav.registrations")}>{t("registrations.text")}</Head>
      <Table
        label={t("nav.registrations")}
        empty={t("registrations.none")}
        version={version}
        read={({ limit, cursor }) => list_registrations({ limit, cursor })}
        key_of={(one) => one.id}
        columns={[
          { name: t("email"), cell: (one) => <Address of={one.email} /> },
          { name: t("nav.recovery"), cell: (one) => <Address of={one.recovery_address} /> },
          {
            name: t("state"),
            cell: (one) =>
              one.state === "waiting" ? <Badge tone="warn">{t("registrations.waiting")}</Badge> : <Badge>{t("registrations.unconfirmed")}</Badge>,
          },
          { name: t("registrations.from"), kind: "short", cell: (one) => one.remote_address },
          { name: t("registrations.asked"), kind: "short", cell: (one) => <Time at={one.created} /> },
          { name: t("registrations.answer"), cell: (one) => <Answers one={one} changed={() => set_version(version + 1)} /> },
        ]}
      />
    </>
  );
}
