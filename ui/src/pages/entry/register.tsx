// A new account: an address here, a password, and an address elsewhere that gets the confirmation
// and, later, what the person needs when a password is lost.
import { useState } from "preact/hooks";
import { read_registration, register } from "../../api/journeys";
import type { Result } from "../../api/client";
import { language, t } from "../../i18n/words";
import { Notice, Trouble, Waiting } from "../../parts/basics";
import { EntryFrame } from "../../parts/entry_frame";
import { AddressField, address_of, Field, Form, PasswordField } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";

export function RegisterPage() {
  const { value, error } = useLoaded(read_registration);
  const [sent, set_sent] = useState<Result<typeof register> | undefined>(undefined);
  const back = (
    <p class="small">
      {t("register.have_account")} <a href="/login">{t("login.title")}</a>
    </p>
  );
  if (sent) {
    return (
      <EntryFrame title={t("register.sent.title")} others={back}>
        <p>{t("register.sent.text", { email: sent.email, address: sent.recovery_address })}</p>
        <p class="soft small">{t("mail.nothing_came")}</p>
      </EntryFrame>
    );
  }
  const open = value?.domains ?? [];
  if (value && open.length === 0) {
    return (
      <EntryFrame title={t("register.title")} others={back}>
        <Notice>{t("register.closed")}</Notice>
      </EntryFrame>
    );
  }
  return (
    <EntryFrame title={t("register.title")} text={t("register.text")} others={back}>
      <Trouble error={error} />
      {!value && !error && <Waiting />}
      {value && (
        <Form
          button={t("register.button")}
          wide
          send={async (values) => {
            set_sent(
              await register({
                email: address_of(values, "email"),
                password: values.password ?? "",
                recovery_address: (values.recovery_address ?? "").trim(),
                language: language.value,
              }),
            );
          }}
        >
          <AddressField
            name="email"
            label={t("register.address")}
            hint={open.some((one) => one.approval) ? t("register.approval") : undefined}
            domains={open.map((one) => one.domain)}
          />
          <PasswordField
            name="password"
            label={t("password")}
            hint={t("password.hint", { n: value.shortest_password })}
            autocomplete="new-password"
            minLength={value.shortest_password}
          />
          <Field
            name="recovery_address"
            type="email"
            label={t("register.recovery")}
            hint={t("register.recovery.hint")}
            autocomplete="email"
            autocapitalize="none"
            required
          />
        </Form>
      )}
    </EntryFrame>
  );
}
