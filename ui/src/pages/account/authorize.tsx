// A program, such as a webmail, sent the person here to log in. Nothing is told to it without the
// button, and the server checks where it leads.
import { useState } from "preact/hooks";
import { authorize, type Question } from "../../api/openid";
import { set_asker } from "../../api/proof";
import { t } from "../../i18n/words";
import { Button, Notice, Trouble } from "../../parts/basics";
import { EntryFrame } from "../../parts/entry_frame";
import { ask_in_dialog, ProofDialog } from "../../parts/proof_dialog";
import { query } from "../../router";
import { session } from "../../state";

function host_of(uri: string): string {
  try {
    return new URL(uri).host;
  } catch {
    return "";
  }
}

export function AuthorizePage() {
  const [error, set_error] = useState<unknown>(undefined);
  const asked = Object.fromEntries(query.value) as unknown as Question;
  const host = host_of(asked.redirect_uri ?? "");
  set_asker(ask_in_dialog);
  if (!asked.client_id || host === "") {
    return (
      <EntryFrame title={t("failed")}>
        <Notice tone="danger">{t("authorize.bad")}</Notice>
      </EntryFrame>
    );
  }
  async function agree() {
    set_error(undefined);
    try {
      const { redirect } = await authorize(asked);
      location.assign(redirect);
    } catch (failure) {
      set_error(failure);
    }
  }
  return (
    <EntryFrame title={t("authorize.title", { name: asked.client_id })} text={t("authorize.text")}>
      <Trouble error={error} />
      <dl class="facts">
        <dt>{t("nav.logged_in")}</dt>
        <dd>{session.value?.email}</dd>
      </dl>
      <Button class="main wide" work={agree}>
        {t("authorize.button")}
      </Button>
      <p class="soft small break">{t("authorize.to", { host })}</p>
      <ProofDialog />
    </EntryFrame>
  );
}
