// An address elsewhere, which gets the mail when the password is lost. A change is confirmed by both
// addresses.
import { useState } from "preact/hooks";
import { read_account, set_recovery_address } from "../../api/account";
import { date_time, t } from "../../i18n/words";
import { Badge, Card, Head, Notice, Trouble, Waiting } from "../../parts/basics";
import { Field, Form, PasswordField } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";

export function RecoveryPage() {
  const { value: account, error, again } = useLoaded(read_account);
  const [removing, set_removing] = useState(false);
  const change = account?.recovery_change;
  return (
    <>
      <Head title={t("nav.recovery")}>{t("recovery.text")}</Head>
      <Trouble error={error} />
      {!account && !error && <Waiting />}
      {account && (
        <>
          <Card title={t("recovery.now")} action={account.recovery_address ? <Badge tone="ok">{t("set")}</Badge> : <Badge tone="warn">{t("missing")}</Badge>}>
            <p class="break">{account.recovery_address || t("recovery.none")}</p>
            {change && (
              <Notice>
                <p>{change.address ? t("recovery.changing", { address: change.address }) : t("recovery.removing")}</p>
                <ul class="steps small">
                  {change.address && (
                    <li>
                      <span class={`dot ${change.new_confirmed ? "ok" : "warn busy"}`} />
                      {t(change.new_confirmed ? "recovery.new.confirmed" : "recovery.new.waits", { address: change.address })}
                    </li>
                  )}
                  {account.recovery_address && (
                    <li>
                      <span class={`dot ${change.old_confirmed ? "ok" : "warn busy"}`} />
                      {t(change.old_confirmed ? "recovery.new.confirmed" : "recovery.new.waits", { address: account.recovery_address })}
                    </li>
                  )}
                </ul>
                <p class="small soft">{t("recovery.until", { when: date_time(change.expires) })}</p>
              </Notice>
            )}
          </Card>
          <Card title={t(account.recovery_address ? "recovery.change" : "recovery.add")} help={t("recovery.change.text")}>
            <Form
              key={removing ? "remove" : "change"}
              button={t(removing ? "recovery.remove.button" : "recovery.button")}
              danger={removing}
              aside={
                account.recovery_address && (
                  <button type="button" class="quiet" onClick={() => set_removing(!removing)}>
                    {t(removing ? "cancel" : "recovery.remove")}
                  </button>
                )
              }
              send={async (values, form) => {
                await set_recovery_address(removing ? "" : (values.address ?? "").trim(), values.current_password ?? "");
                form.reset();
                set_removing(false);
                await again();
              }}
            >
              {!removing && <Field name="address" type="email" label={t("recovery.address")} autocomplete="email" autocapitalize="none" required />}
              <PasswordField name="current_password" label={t("password.current")} autocomplete="current-password" />
            </Form>
          </Card>
        </>
      )}
    </>
  );
}
