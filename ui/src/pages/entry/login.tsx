// The way in: a password, then a second factor where the account has one; or a passkey alone.
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { read_registration } from "../../api/journeys";
import { finish_login, has_session, type LoginStep, log_in, log_in_with_passkey } from "../../api/sessions";
import { get_credential, has_passkeys } from "../../api/webauthn";
import { t } from "../../i18n/words";
import { Button, Notice, Trouble } from "../../parts/basics";
import { EntryFrame } from "../../parts/entry_frame";
import { CodeField, Field, Form, PasswordField } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { go, is_own_page, query } from "../../router";
import { find_session, was_ended } from "../../state";

async function enter() {
  await find_session();
  was_ended.value = false;
  const to = query.value.get("to");
  go(is_own_page(to) ? to : "/account", { replace: true });
}

// Nobody needs to be told that they pressed "cancel" in the browser's own dialog.
const is_cancelled = (error: unknown) => error instanceof Problem && error.code === "passkey_refused";

export function LoginPage() {
  // Who is logged in already needs no login.
  useEffect(() => {
    if (!was_ended.value) {
      has_session().then((logged_in) => (logged_in ? enter() : undefined), () => {});
    }
  }, []);
  const [half, set_half] = useState<LoginStep | undefined>(undefined);
  if (half?.ticket) {
    return <SecondStep half={half} again={() => set_half(undefined)} />;
  }
  return <FirstStep next={set_half} />;
}

function FirstStep({ next }: { next: (half: LoginStep) => void }) {
  const [error, set_error] = useState<unknown>(undefined);
  const { value: registration } = useLoaded(read_registration);

  async function by_passkey() {
    set_error(undefined);
    try {
      await log_in_with_passkey();
      await enter();
    } catch (failure) {
      set_error(is_cancelled(failure) ? new Problem(0, { code: "passkey_refused", detail: t("passkey.refused") }) : failure);
    }
  }

  return (
    <EntryFrame
      title={t("login.title")}
      text={t("login.text")}
      others={
        <>
          {has_passkeys() && (
            <Button class="wide" work={by_passkey}>
              {t("login.passkey")}
            </Button>
          )}
          <p class="small">
            <a href="/reset">{t("login.forgotten")}</a>
          </p>
          {registration && registration.domains.length > 0 && (
            <p class="small">
              {t("login.no_account")} <a href="/register">{t("login.register")}</a>
            </p>
          )}
        </>
      }
    >
      {was_ended.value && <Notice tone="warn">{t("login.ended")}</Notice>}
      <Trouble error={error} />
      <Form
        button={t("login.button")}
        wide
        send={async (values) => {
          set_error(undefined);
          const step = await log_in((values.email ?? "").trim(), values.password ?? "");
          if (step.second_factor_required) {
            next(step);
          } else {
            await enter();
          }
        }}
      >
        <Field name="email" type="email" label={t("email")} autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus />
        <PasswordField name="password" label={t("password")} autocomplete="current-password" />
      </Form>
    </EntryFrame>
  );
}

type Way = "totp" | "passkey" | "recovery_code";
const kTitles = { totp: "factor.totp.title", passkey: "factor.passkey.title", recovery_code: "factor.code.title" } as const;
const kTexts = { totp: "factor.totp.text", passkey: "factor.passkey.text", recovery_code: "factor.code.text" } as const;

function SecondStep({ half, again }: { half: LoginStep; again: () => void }) {
  const offered = (half.factors ?? []) as Way[];
  const usable = offered.filter((way) => way !== "passkey" || has_passkeys());
  const [way, set_way] = useState<Way>(usable[0] ?? "recovery_code");
  const [error, set_error] = useState<unknown>(undefined);
  const ticket = half.ticket ?? "";

  async function by_passkey() {
    set_error(undefined);
    try {
      const passkey = await get_credential(half.passkey);
      await finish_login(ticket, { factor: "passkey", passkey });
      await enter();
    } catch (failure) {
      set_error(is_cancelled(failure) ? new Problem(0, { code: "passkey_refused", detail: t("passkey.refused") }) : failure);
    }
  }

  return (
    <EntryFrame
      title={t(kTitles[way])}
      text={t(kTexts[way])}
      others={
        <>
          {usable
            .filter((other) => other !== way)
            .map((other) => (
              <button
                key={other}
                type="button"
                class="wide"
                onClick={() => {
                  set_error(undefined);
                  set_way(other);
                }}
              >
                {t(`factor.instead.${other}`)}
              </button>
            ))}
          <button type="button" class="quiet" onClick={again}>
            {t("login.again")}
          </button>
        </>
      }
    >
      {way === "passkey" ? (
        <>
          <Trouble error={error} />
          <Button class="main wide" work={by_passkey}>
            {t("factor.passkey.button")}
          </Button>
        </>
      ) : (
        <Form
          key={way}
          button={t("login.button")}
          wide
          send={async (values) => {
            await finish_login(ticket, { factor: way, code: (values.code ?? "").replaceAll(" ", "") });
            await enter();
          }}
        >
          {way === "totp" ? (
            <CodeField name="code" label={t("factor.totp.code")} inputmode="numeric" maxLength={9} autofocus />
          ) : (
            <CodeField name="code" label={t("factor.code.code")} class="code long" autocomplete="off" autofocus />
          )}
        </Form>
      )}
    </EntryFrame>
  );
}
