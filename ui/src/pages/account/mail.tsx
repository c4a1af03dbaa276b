// How a mail program is set up: for one device with a QR code or a profile that carries a new app
// password, or by hand.
import { useState } from "preact/hooks";
import { read_mail_settings, set_up_device } from "../../api/app_passwords";
import type { Result } from "../../api/client";
import { read_factors } from "../../api/factors";
import { date_time, t } from "../../i18n/words";
import { Card, Copy, Head, Notice, Qr, Secret, Trouble, Waiting } from "../../parts/basics";
import { Field, Form } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { session } from "../../state";

type Device = Result<typeof set_up_device>;

function Ready({ device, again }: { device: Device; again: () => void }) {
  return (
    <Card title={t("device.ready", { name: device.name })} help={t("device.once")}>
      <div class="beside">
        <Qr path={device.thunderbird_qr.path} size={device.thunderbird_qr.size} label={t("device.android.qr")} />
        <div class="stack tight">
          <h3>{t("device.android")}</h3>
          <p>{t("device.android.text")}</p>
        </div>
      </div>
      <hr />
      <div class="beside">
        <Qr path={device.profile_qr.path} size={device.profile_qr.size} label={t("device.apple.qr")} />
        <div class="stack tight">
          <h3>{t("device.apple")}</h3>
          <p>{t("device.apple.text")}</p>
          <p>
            <a href={device.profile_url}>{t("device.apple.here")}</a>
          </p>
          <p class="soft small">{t("device.apple.until", { when: date_time(device.profile_expires) })}</p>
        </div>
      </div>
      <hr />
      <div class="stack tight">
        <h3>{t("device.other")}</h3>
        <p>{t("device.other.text", { email: session.value?.email ?? "" })}</p>
        <Secret text={device.password} name={t("app.password")} />
      </div>
      <div class="row">
        <button type="button" onClick={again}>
          {t("device.another")}
        </button>
        <a href="/account/app-passwords">{t("device.all")}</a>
      </div>
    </Card>
  );
}

function Servers({ by_app_password }: { by_app_password: boolean }) {
  const domain = session.value?.domain ?? "";
  const { value, error } = useLoaded(() => read_mail_settings(domain), [domain]);
  return (
    <Card title={t("servers.title")} help={t("servers.text")}>
      <Trouble error={error} />
      {!value && !error && <Waiting />}
      {value && (
        <dl class="facts">
          <dt>{t("servers.user")}</dt>
          <dd>{session.value?.email}</dd>
          <dt>{t("servers.password")}</dt>
          <dd>{by_app_password ? t("servers.password.app") : t("servers.password.own")}</dd>
          <dt>{t("servers.server")}</dt>
          <dd class="row">
            {value.server} <Copy text={value.server} />
          </dd>
          <dt>{t("servers.imap")}</dt>
          <dd>{t("servers.port", { port: value.imap_tls })}</dd>
          <dt>{t("servers.smtp")}</dt>
          <dd>{t("servers.port", { port: value.smtp_tls })}</dd>
          <dt>{t("servers.pop3")}</dt>
          <dd>{t("servers.port", { port: value.pop3_tls })}</dd>
          <dt>{t("servers.sieve")}</dt>
          <dd>{t("servers.starttls", { port: value.sieve })}</dd>
        </dl>
      )}
    </Card>
  );
}

export function MailPage() {
  const [device, set_device] = useState<Device | undefined>(undefined);
  const { value: factors } = useLoaded(read_factors);
  const by_app_password = factors?.second_factor ?? false;
  return (
    <>
      <Head title={t("nav.mail")}>{t("mail.text")}</Head>
      {by_app_password && <Notice>{t("mail.app_password_needed")}</Notice>}
      {device ? (
        <Ready device={device} again={() => set_device(undefined)} />
      ) : (
        <Card title={t("device.title")} help={t("device.text")}>
          <Form
            button={t("device.button")}
            send={async (values) => {
              set_device(await set_up_device((values.name ?? "").trim()));
            }}
          >
            <Field name="name" label={t("device.name")} hint={t("device.name.hint")} required maxLength={64} />
          </Form>
        </Card>
      )}
      <Servers by_app_password={by_app_password} />
    </>
  );
}
