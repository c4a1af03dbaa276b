// The way in: a password, or the word of an outside provider, then a second factor where the account
// has one; or a passkey alone.
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { read_registration } from "../../api/journeys";
import { begin_outside_login, finish_outside_login, read_outside_login } from "../../api/outside_login";
import { finish_login, has_session, type LoginStep, log_in, log_in_with_passkey } from "../../api/sessions";
import { get_credential, has_passkeys } from "../../api/webauthn";
import { t } from "../../i18n/words";
import { Button, Notice, Trouble, Waiting } from "../../parts/basics";
import { EntryFrame } from "../../parts/entry_frame";
import { CodeField, Field, Form, PasswordField } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { go, is_own_page, keep_destination, parts, query, take_destination, take_outside_answer } from "../../router";
import { find_session, was_ended } from "../../state";

async function enter(to = query.value.get("to")) {
  await find_session();
  was_ended.value = false;
  go(is_own_page(to) ? to : "/account", { replace: true });
}

// Nobody needs to be told that they pressed "cancel" in the browser's own dialog.
const is_cancelled = (error: unknown) => error instanceof Problem && error.code === "passkey_refused";

export function LoginPage() {
  return parts.value[1] === "outside" ? <OutsidePage /> : <OwnPage />;
}

function OwnPage() {
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
  const { value: outside } = useLoaded(read_outside_login);

  async function by_passkey() {
    set_error(undefined);
    try {
      await log_in_with_passkey();
      await enter();
    } catch (failure) {
      set_error(is_cancelled(failure) ? new Problem(0, { code: "passkey_refused", detail: t("passkey.refused") }) : failure);
    }
  }

  async function by_provider() {
    set_error(undefined);
    try {
      const { redirect } = await begin_outside_login();
      keep_destination(query.value.get("to"));
      location.assign(redirect);
    } catch (failure) {
      set_error(failure);
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
          {outside?.available && (
            <Button class="wide" work={by_provider}>
              {t("login.outside", { name: outside.name })}
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

// Where the outside provider sends the browser back to.
function OutsidePage() {
  const [answer] = useState(take_outside_answer);
  const [destination] = useState(take_destination);
  const [half, set_half] = useState<LoginStep | undefined>(undefined);
  const { error } = useLoaded(async () => {
    if (answer.refused) {
      throw new Problem(0, { code: "outside_cancelled", detail: t("outside.cancelled") });
    }
    const step = await finish_outside_login(answer);
    if (step.second_factor_required) {
      set_half(step);
    } else {
      await enter(destination);
    }
  });
  if (half) {
    return <SecondStep half={half} again={() => go("/login")} destination={destination} />;
  }
  return (
    <EntryFrame
      title={t(error ? "outside.failed" : "outside.title")}
      others={
        error ? (
          <p class="small">
            <a href="/login">{t("to_login")}</a>
          </p>
        ) : undefined
      }
    >
      {error ? <Trouble error={error} /> : <Waiting />}
    </EntryFrame>
  );
}

type Way = "totp" | "passkey" | "recovery_code";
const kTitles = { totp: "factor.totp.title", passkey: "factor.passkey.title", recovery_code: "factor.code.title" } as const;
const kTexts = { totp: "factor.totp.text", passkey: "factor.passkey.text", recovery_code: "factor.code.text" } as const;

function SecondStep({ half, again, destination }: { half: LoginStep; again: () => void; destination?: string | null }) {
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
      await enter(destination);
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
            await enter(destination);
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
