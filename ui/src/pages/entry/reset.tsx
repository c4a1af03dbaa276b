// A lost password: the mail with the link goes to the recovery address. Nobody learns here whether
// an account exists.
import { useState } from "preact/hooks";
import { ask_for_reset } from "../../api/journeys";
import { language, t } from "../../i18n/words";
import { EntryFrame } from "../../parts/entry_frame";
import { Field, Form } from "../../parts/form";
import { LinkPage } from "./link";

const has_token = () => new URLSearchParams(location.hash.slice(1)).has("token");

export function ResetPage() {
  const [by_link] = useState(has_token);
  return by_link ? <LinkPage /> : <AskPage />;
}

function AskPage() {
  const [sent, set_sent] = useState("");
  const back = (
    <p class="small">
      <a href="/login">{t("to_login")}</a>
    </p>
  );
  if (sent) {
    return (
      <EntryFrame title={t("reset.sent.title")} others={back}>
        <p class="break">{t("reset.sent.text", { email: sent })}</p>
        <p class="soft small">{t("reset.sent.more")}</p>
      </EntryFrame>
    );
  }
  return (
    <EntryFrame title={t("reset.title")} text={t("reset.text")} others={back}>
      <Form
        button={t("reset.button")}
        wide
        send={async (values) => {
          const email = (values.email ?? "").trim();
          await ask_for_reset(email, language.value);
          set_sent(email);
        }}
      >
        <Field name="email" type="email" label={t("email")} autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus />
      </Form>
    </EntryFrame>
  );
}
