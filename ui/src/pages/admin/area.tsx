// The administrator's shell: state of the services, and what may be many in tables that the server
// pages and searches. A domain administrator sees the pages of users and domains.
import type { ComponentType } from "preact";
import { t } from "../../i18n/words";
import { Head } from "../../parts/basics";
import { Frame } from "../../parts/frame";
import { parts } from "../../router";
import { administers, is_admin } from "../../state";
import { AuditPage } from "./audit";
import { DomainPage, DomainsPage } from "./domains";
import { RegistrationsPage } from "./registrations";
import { RevisionPage, RevisionsPage } from "./revisions";
import { StatusPage } from "./status";
import { UserPage, UsersPage } from "./users";

interface Area {
  list: ComponentType;
  // The page of one thing.
  one?: ComponentType<{ id: string }>;
  // Only for administrators of everything.
  admin?: boolean;
}
const kAreas: Record<string, Area> = {
  "": { list: StatusPage, admin: true },
  users: { list: UsersPage, one: UserPage },
  registrations: { list: RegistrationsPage },
  domains: { list: DomainsPage, one: DomainPage },
  revisions: { list: RevisionsPage, one: RevisionPage, admin: true },
  audit: { list: AuditPage, admin: true },
};

function Found() {
  const [, name = "", id] = parts.value;
  const area = kAreas[name];
  const allowed = area?.admin ? is_admin() : administers();
  if (!area || !allowed || (id !== undefined && !area.one) || parts.value.length > 3) {
    return <Head title={t("unknown.title")}>{t("unknown.text")}</Head>;
  }
  if (id !== undefined && area.one) {
    const One = area.one;
    return <One id={id} />;
  }
  const List = area.list;
  return <List />;
}

export function AdminArea() {
  return (
    <Frame broad>
      <Found />
    </Frame>
  );
}
