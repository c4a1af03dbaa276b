// "Confirm that it is you": before something that only the owner may do, when the last proof is some
// time ago. The request that needed it is sent again by the client (api/client.ts).
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { read_factors } from "../api/factors";
import { prove_by_factor, prove_by_passkey, prove_by_password } from "../api/sessions";
import { has_passkeys } from "../api/webauthn";
import { t } from "../i18n/words";
import { find_session, session } from "../state";
import { Button, Trouble } from "./basics";
import { Dialog } from "./dialog";
import { CodeField, Form, KnownUser, PasswordField } from "./form";

type Answer = (proven: boolean) => void;
const asked = signal<Answer | undefined>(undefined);

export function ask_in_dialog(): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value = resolve;
  });
}

type Way = "password" | "totp" | "passkey";

function Ways() {
  const [way, set_way] = useState<Way>("password");
  const [others, set_others] = useState<Way[]>([]);
  const [error, set_error] = useState<unknown>(undefined);
  useEffect(() => {
    read_factors().then(
      (factors) => {
        const found: Way[] = [];
        if (factors.passkeys > 0 && has_passkeys()) {
          found.push("passkey");
        }
        if (factors.totp) {
          found.push("totp");
        }
        set_others(found);
        // Where the role needs a second factor, the password proves too little.
        if (factors.required && session.value?.login.strength === "single_factor") {
          set_way(found.at(-1) ?? "password");
        }
      },
      () => {},
    );
  }, []);

  async function done() {
    await find_session();
    answer(true);
  }
  async function by_passkey() {
    set_error(undefined);
    try {
      await prove_by_passkey();
      await done();
    } catch (failure) {
      set_error(failure);
    }
  }
  const rest = [...new Set<Way>(["password", ...others])].filter((other) => other !== way);
  return (
    <>
      <Trouble error={error} />
      {way === "password" && (
        <Form
          button={t("proof.button")}
          wide
          send={async (values) => {
            await prove_by_password(values.password ?? "");
            await done();
          }}
        >
          <KnownUser email={session.value?.email} />
          <PasswordField name="password" label={t("password")} autocomplete="current-password" autofocus />
        </Form>
      )}
      {way === "totp" && (
        <Form
          button={t("proof.button")}
          wide
          send={async (values) => {
            await prove_by_factor({ factor: "totp", code: values.code ?? "" });
            await done();
          }}
        >
          <CodeField name="code" label={t("factor.totp.code")} hint={t("factor.totp.hint")} inputmode="numeric" autofocus />
        </Form>
      )}
      {way === "passkey" && (
        <Button class="main wide" work={by_passkey}>
          {t("proof.passkey")}
        </Button>
      )}
      <div class="row">
        {rest.map((other) =>
          other === "passkey" ? (
            <Button key={other} work={by_passkey}>
              {t("proof.passkey")}
            </Button>
          ) : (
            <button key={other} type="button" onClick={() => set_way(other)}>
              {t(other === "totp" ? "proof.totp" : "proof.password")}
            </button>
          ),
        )}
        <button type="button" class="quiet" onClick={() => answer(false)}>
          {t("cancel")}
        </button>
      </div>
    </>
  );
}

function answer(proven: boolean) {
  const resolve = asked.value;
  asked.value = undefined;
  resolve?.(proven);
}

export function ProofDialog() {
  if (!asked.value) {
    return null;
  }
  return (
    <Dialog title={t("proof.title")} close={() => answer(false)}>
      <p class="soft">{t("proof.text")}</p>
      <Ways />
    </Dialog>
  );
}
