// A new password, with the current one.
import { useState } from "preact/hooks";
import { change_password } from "../../api/account";
import { read_registration } from "../../api/journeys";
import { t } from "../../i18n/words";
import { Card, Head, Notice } from "../../parts/basics";
import { Form, KnownUser, PasswordField } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { find_session, session } from "../../state";

export function PasswordPage() {
  const [done, set_done] = useState(false);
  const { value: rules } = useLoaded(read_registration);
  const shortest = rules?.shortest_password ?? 8;
  return (
    <>
      <Head title={t("nav.password")}>{t("password.text")}</Head>
      {done && (
        <div role="status">
          <Notice tone="ok">{t("password.changed")}</Notice>
        </div>
      )}
      <Card>
        <Form
          button={t("password.button")}
          send={async (values, form) => {
            set_done(false);
            await change_password(session.value?.id ?? 0, values.current_password ?? "", values.password ?? "");
            form.reset();
            set_done(true);
            await find_session();
          }}
        >
          <KnownUser email={session.value?.email} />
          <PasswordField name="current_password" label={t("password.current")} autocomplete="current-password" />
          <PasswordField
            name="password"
            label={t("password.new")}
            hint={t("password.hint", { n: shortest })}
            autocomplete="new-password"
            minLength={shortest}
          />
        </Form>
      </Card>
    </>
  );
}
