// What my account is, how full the mailbox is, and what would make the account safer.
import { read_account, read_usage } from "../../api/account";
import { read_factors } from "../../api/factors";
import { date, size, t } from "../../i18n/words";
import { Address, Badge, Card, Head, Meter, Notice, Trouble, Waiting } from "../../parts/basics";
import { useLoaded } from "../../parts/loaded";
import { session } from "../../state";

function Mailbox({ id }: { id: number }) {
  const { value, error } = useLoaded(() => read_usage(id), [id]);
  const share = value && value.quota > 0 ? value.used / value.quota : 0;
  const tone = share >= 0.95 ? "danger" : share >= 0.8 ? "warn" : "";
  return (
    <Card title={t("overview.mailbox")}>
      <Trouble error={error} />
      {!value && !error && <Waiting />}
      {value && (
        <div class="stack tight">
          {value.quota > 0 ? (
            <>
              <Meter value={share} tone={tone} label={t("overview.mailbox")} />
              <p>{t("overview.used_of", { used: size(value.used), quota: size(value.quota) })}</p>
              {tone !== "" && <p class="small soft">{t("overview.nearly_full")}</p>}
            </>
          ) : (
            <p>{t("overview.used", { used: size(value.used) })}</p>
          )}
        </div>
      )}
      <p class="small">
        <a href="/account/mail">{t("overview.set_up")}</a>
      </p>
    </Card>
  );
}

function Safety() {
  const { value: factors, error } = useLoaded(read_factors);
  const { value: account } = useLoaded(read_account);
  return (
    <Card title={t("overview.safety")}>
      <Trouble error={error} />
      {factors && account && (
        <ul class="things">
          <li>
            <span class="what">
              <a href="/account/factors">{t("nav.factors")}</a>
            </span>
            {factors.second_factor ? <Badge tone="ok">{t("on")}</Badge> : <Badge tone={factors.required ? "danger" : "warn"}>{t("off")}</Badge>}
          </li>
          <li>
            <span class="what">
              <a href="/account/recovery">{t("nav.recovery")}</a>
              {account.recovery_address && <span class="soft small break">
                  {" "}
                  <Address of={account.recovery_address} />
                </span>}
            </span>
            {account.recovery_address ? <Badge tone="ok">{t("set")}</Badge> : <Badge tone="warn">{t("missing")}</Badge>}
          </li>
          {factors.second_factor && (
            <li>
              <span class="what">
                <a href="/account/factors">{t("factors.codes")}</a>
              </span>
              <Badge tone={factors.recovery_codes_left > 2 ? "ok" : "warn"}>{t("factors.codes.left", { n: factors.recovery_codes_left })}</Badge>
            </li>
          )}
        </ul>
      )}
    </Card>
  );
}

export function OverviewPage() {
  const who = session.value;
  const { value: account, error } = useLoaded(read_account);
  if (!who) {
    return null;
  }
  return (
    <>
      <Head title={t("overview.title")}>
        <Address of={who.email} />
      </Head>
      <Trouble error={error} />
      {account && account.recovery_address === "" && !account.recovery_change && (
        <Notice tone="warn">
          <p>{t("overview.no_recovery")}</p>
          <p class="small">
            <a href="/account/recovery">{t("overview.add_recovery")}</a>
          </p>
        </Notice>
      )}
      <div class="cards">
        <Mailbox id={who.id} />
        <Safety />
      </div>
      <Card title={t("overview.account")}>
        <dl class="facts">
          <dt>{t("email")}</dt>
          <dd>
            <Address of={who.email} />
          </dd>
          <dt>{t("user.username")}</dt>
          <dd>{who.username}</dd>
          <dt>{t("user.role")}</dt>
          <dd>{t(who.role === "admin" ? "role.admin" : who.role === "domain-admin" ? "role.domain-admin" : "role.user")}</dd>
          <dt>{t("user.since")}</dt>
          <dd>{date(who.created)}</dd>
        </dl>
      </Card>
    </>
  );
}
